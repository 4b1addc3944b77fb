//! Applying what providers reported: the reports of a callback one after the other, then what came and what was made of
//! it onto the timeline. When something fails in between, the rest is done all the same; the callback comes again and changes
//! nothing twice. Reports that others have outrun come again by themselves, in a while.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::apply::Origin;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::queue::Queue;
use paywarden_store::report_keys::ReportKeys;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::TransactionsBinder;
use tracing::{Instrument, Span};

use crate::together::Fates;
use crate::{crowd, notes};

/// What callbacks meet in: those of one reference write the same first record, and are better applied one after the other.
#[must_use]
pub fn lane(callback: &VerifiedCallback) -> Option<String> {
    Some(format!("{}#{}", callback.merchant_id, reference(callback)?))
}

/// The reference that a callback is in the lane of.
pub(crate) fn reference(callback: &VerifiedCallback) -> Option<&str> {
    callback.reports.iter().find_map(|report| report.reference.as_deref())
}

/// Applies callbacks.
pub struct Applier {
    pub(crate) merchants: Merchants,
    pub(crate) providers: Providers,
    pub(crate) transactions: TransactionsBinder,
    pub(crate) report_keys: ReportKeys,
    pub(crate) timeline: Timeline,
    pub(crate) events: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Applier {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            providers: stores.providers()?,
            transactions: stores.transactions_binder()?,
            report_keys: stores.report_keys()?,
            timeline: stores.timeline()?,
            events: stores.transaction_events()?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }

    /// Applies the callbacks of a lane, each in its span: further payments together, then what is left one after the other.
    /// Answers for each of them, in their order.
    pub async fn apply_lane(&self, lane: Vec<(VerifiedCallback, Span)>) -> Vec<Result<(), StoreError>> {
        let mut fates = self.open_together(&lane).await;
        let mut answers = Vec::new();
        for (number, (callback, span)) in lane.into_iter().enumerate() {
            let fates = fates.remove(&number).unwrap_or_default();
            answers.push(self.apply_rest(callback, fates).instrument(span).await);
        }
        answers
    }

    /// Applies a callback.
    ///
    /// # Errors
    /// [`StoreError`]; applying it again goes on where it failed.
    pub async fn apply(&self, callback: VerifiedCallback) -> Result<(), StoreError> {
        self.apply_rest(callback, Fates::default()).await
    }

    /// Applies those reports of a callback that nothing became of yet.
    async fn apply_rest(&self, callback: VerifiedCallback, mut fates: Fates) -> Result<(), StoreError> {
        let origin = self.origin(&callback).await?;
        let (mut notes, mut failure, mut outrun) = (Vec::new(), None, Vec::new());
        for (number, report) in callback.reports.iter().enumerate() {
            let fate = match fates.remove(&number) {
                Some(fate) => fate,
                None => self.take(&callback, report, &origin).await,
            };
            match fate {
                Ok(fate) => {
                    fate.log(report, &callback);
                    notes.extend(notes::of_report(&callback, report, &fate));
                }
                Err(StoreError::Conflict) => outrun.push(report.clone()),
                // The others of the batch are not to blame.
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if callback.reports.is_empty() {
            notes.push(notes::of_no_payment(&callback));
        }
        self.timeline.append(&notes).await?;
        if !outrun.is_empty() {
            crowd::put_off(&self.events, self.entropy.as_ref(), &callback, outrun).await?;
        }
        failure.map_or(Ok(()), Err)
    }

    pub(crate) async fn origin(&self, callback: &VerifiedCallback) -> Result<Origin, StoreError> {
        // What it charges: as it is configured when the payment succeeds.
        let provider = self.providers.find_of(&callback.merchant_id, &callback.provider.id).await?;
        Ok(Origin {
            provider: callback.provider.clone(),
            terms: provider.map(|stored| stored.provider.terms()).unwrap_or_default(),
            grade: callback.grade,
            now: self.clock.now(),
            correlation_id: callback.correlation_id.clone(),
        })
    }
}
