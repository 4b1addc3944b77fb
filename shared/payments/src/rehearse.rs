//! Rehearsing a callback: judged, read and decided on as one that comes in, without writing anything.

use std::sync::Arc;

use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::Verdict;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_providers::sign::{CannotSign, SignedCallback, sample, sign};
use paywarden_providers::{Acknowledgement, Callback, Malformed, Refusal, Unbooked, adapter, hear};
use paywarden_store::StoreError;
use paywarden_store::providers::StoredProvider;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::vault::Opener;

use crate::apply::Applier;
use crate::receive::{key_chain, verified};

/// Rehearses callbacks.
pub struct Rehearser {
    applier: Applier,
    opener: Arc<dyn Opener>,
    clock: Arc<dyn Clock>,
}

/// What would become of a callback.
pub struct Rehearsal {
    /// How far it is believed.
    pub grade: TrustGrade,
    /// What the provider would be told.
    pub acknowledgement: Acknowledgement,
    /// What it reports, and what that would come to.
    pub expected: Vec<Expected>,
    /// What it tells besides, which is not booked.
    pub unbooked: Vec<Unbooked>,
}

/// What would become of a report.
pub struct Expected {
    pub report: Report,
    /// The record that it would be applied to. None where it fits no record and does not tell enough to open one: it would wait.
    pub record: Option<ExpectedRecord>,
}

/// What would become of a record.
pub struct ExpectedRecord {
    /// As it is; none where it would be opened.
    pub before: Option<Transaction>,
    pub after: Transaction,
    pub verdict: Verdict,
}

/// Why a callback would not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RehearseError {
    /// It does not prove where it comes from.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    #[error(transparent)]
    Unsigned(#[from] CannotSign),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Rehearser {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { applier: Applier::of(stores)?, opener: stores.opener(), clock: stores.clock() })
    }

    /// What the time is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A payment under `reference` as the provider would report it, signed with the credentials that are configured.
    ///
    /// # Errors
    /// [`SampleError`].
    pub async fn sample(
        &self,
        stored: &StoredProvider,
        reference: &str,
    ) -> Result<SignedCallback, SampleError> {
        let chain = key_chain(self.opener.as_ref(), stored).await?;
        let (kind, now) = (stored.provider.provider_type, self.clock.now());
        Ok(sign(kind, &chain.current, sample(kind, reference, now), now)?)
    }

    /// What would become of a callback of the provider.
    ///
    /// # Errors
    /// [`RehearseError`].
    pub async fn rehearse(
        &self,
        stored: &StoredProvider,
        callback: &Callback<'_>,
        correlation_id: &str,
    ) -> Result<Rehearsal, RehearseError> {
        let adapter = adapter(stored.provider.provider_type);
        let chain = key_chain(self.opener.as_ref(), stored).await?;
        let grade = chain.verify(adapter, callback)?;
        let heard = hear(adapter, callback)?;
        let acknowledgement = adapter.acknowledgement(callback, &heard.reports);
        let message = verified(&stored.provider, callback, correlation_id, grade, &heard.reports);
        let expected = self.expected(&message).await?;
        Ok(Rehearsal { grade, acknowledgement, expected, unbooked: heard.unbooked })
    }

    async fn expected(&self, callback: &VerifiedCallback) -> Result<Vec<Expected>, StoreError> {
        let (origin, mut expected) = (self.applier.origin(callback).await?, Vec::new());
        for report in &callback.reports {
            let found = self.applier.look(&callback.merchant_id, report, &origin).await?;
            let record = found.map(|(known, decision)| ExpectedRecord {
                before: known.record(&decision.subject.id).cloned(),
                after: decision.subject,
                verdict: decision.verdict,
            });
            expected.push(Expected { report: report.clone(), record });
        }
        Ok(expected)
    }
}
