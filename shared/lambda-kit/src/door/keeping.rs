//! What a door keeps of those who come to change something: who they were, and the answer that they got.

use std::sync::Arc;

use paywarden_domain::audit::{AuditEntry, Outcome};
use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::AuditId;
use paywarden_domain::time::Clock;
use paywarden_store::audit::AuditTrail;
use paywarden_store::kept_answers::KeptAnswers;
use paywarden_store::stores::{InvalidVariable, Stores};

use super::once;
use crate::answer::Answer;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::request::ApiRequest;

/// What a door is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To see something.
    Showing,
    /// To change something: it is audited.
    Changing,
    /// To create something: it is audited, and takes an `Idempotency-Key`.
    Creating,
}

/// What a door works with.
pub struct Keeping {
    pub(super) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    trail: Option<AuditTrail>,
    answers: Option<KeptAnswers>,
}

impl Keeping {
    pub(super) fn of(stores: &Stores, purpose: Purpose) -> Result<Self, InvalidVariable> {
        let is_audited = purpose != Purpose::Showing;
        let is_kept = purpose == Purpose::Creating;
        Ok(Self {
            clock: stores.clock(),
            entropy: stores.entropy(),
            trail: is_audited.then(|| stores.audit_trail()).transpose()?,
            answers: is_kept.then(|| stores.kept_answers()).transpose()?,
        })
    }

    /// Does the work that a caller asks a function for, as a door of this purpose does it.
    pub(super) async fn keep(
        &self,
        function: &str,
        caller: &Caller,
        request: &ApiRequest,
        work: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        let Some(trail) = &self.trail else {
            return work.await;
        };
        let audited = audited(trail, self.entry(function, caller, request), work);
        let Some(answers) = &self.answers else {
            return audited.await;
        };
        match once::asked(function, caller, request)? {
            Some(asked) => once::once(answers, asked, audited).await,
            None => audited.await,
        }
    }

    fn entry(&self, function: &str, caller: &Caller, request: &ApiRequest) -> AuditEntry {
        let at = self.clock.now();
        AuditEntry {
            id: AuditId::mint(at, self.entropy.as_ref()),
            merchant_id: Some(caller.merchant_id.clone()),
            at,
            by: caller.actor(),
            identity: None,
            address: request.address,
            request_id: request.request_id.clone(),
            action: function.to_owned(),
            target: format!("{} {}", request.method, request.path),
            subject: request.path_parameters.get("id").cloned(),
            outcome: Outcome::Begun,
            status: None,
            error_code: None,
            before: None,
            after: None,
        }
    }
}

/// Does the work between two writes of its entry. What cannot be written down is not done; an outcome that cannot be written down
/// stays open, which the entry says.
async fn audited(
    trail: &AuditTrail,
    entry: AuditEntry,
    work: impl Future<Output = Result<Answer, Problem>>,
) -> Result<Answer, Problem> {
    trail.write(&entry).await?;
    let outcome = work.await;
    let ended = match &outcome {
        Ok(answer) => entry.ended(answer.status.as_u16(), None, answer.changed.as_ref()),
        Err(problem) => entry.ended(problem.status(), Some(problem.code()), None),
    };
    if let Err(error) = trail.write(&ended).await {
        Problem::from(error).log();
    }
    outcome
}
