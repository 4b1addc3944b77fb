//! Applying what providers reported: the reports of a callback one after the other, then what came and what was made of
//! it onto the timeline. When something fails in between, all of it is done again and changes nothing twice.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_domain::transaction::apply::Origin;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::TransactionsBinder;

use crate::notes;

/// Applies callbacks.
pub struct Applier {
    pub(crate) merchants: Merchants,
    pub(crate) providers: Providers,
    pub(crate) transactions: TransactionsBinder,
    timeline: Timeline,
    clock: Arc<dyn Clock>,
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
            timeline: stores.timeline()?,
            clock: stores.clock(),
        })
    }

    /// Applies a callback.
    ///
    /// # Errors
    /// [`StoreError`]; applying it again goes on where it failed.
    pub async fn apply(&self, callback: VerifiedCallback) -> Result<(), StoreError> {
        // What it charges: as it is configured when the payment succeeds.
        let provider = self.providers.find_of(&callback.merchant_id, &callback.provider.id).await?;
        let origin = Origin {
            provider: callback.provider.clone(),
            terms: provider.map(|stored| stored.provider.terms()).unwrap_or_default(),
            grade: callback.grade,
            now: self.clock.now(),
            correlation_id: callback.correlation_id.clone(),
        };
        let mut notes = Vec::new();
        for (index, report) in callback.reports.iter().enumerate() {
            let applied = self.apply_report(&callback.merchant_id, report, &origin).await?;
            applied.log(report, &callback);
            notes.extend(notes::of_report(&callback, index, report, &applied));
        }
        if callback.reports.is_empty() {
            notes.push(notes::of_no_payment(&callback));
        }
        self.timeline.append(&notes).await
    }
}
