//! Parking: a report that fits nothing yet is listed, and waits under every key it carries until a record comes to have one of
//! them. What nobody ever asks for stays on the list, for a person to decide.
//!
//! It is handed over first: a message of its own says from then on that it waits, so that whoever is cut off while parking it,
//! or while applying it at last, knows that there is something to take off the list.

use paywarden_domain::id::MerchantId;
use paywarden_domain::transaction::apply::Origin;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::key::account_reference;
use paywarden_domain::transaction::report::Report;
use paywarden_store::StoreError;

use crate::apply::Applier;
use crate::locate::Fate;
use crate::{intake, notes};

impl Applier {
    /// Applies one report of a callback. One that fits nothing is handed over to wait.
    pub(crate) async fn take(
        &self,
        callback: &VerifiedCallback,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        let fate = self.apply_report(&callback.merchant_id, report, origin).await?;
        match fate {
            Fate::NoFit if callback.waits => self.park(callback, report, origin).await,
            Fate::NoFit => {
                intake::queue(&self.events, &callback.waiting(report)).await?;
                Ok(Fate::NoFit)
            }
            Fate::To { .. } if callback.waits => self.end_waiting(callback, report, fate).await,
            Fate::To { .. } => Ok(fate),
        }
    }

    /// Lists a report and lets it wait. What it waits for may have come before it was seen waiting, so it is applied once more.
    async fn park(
        &self,
        callback: &VerifiedCallback,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        let (listed, entry_id) = notes::of_unmatched(callback, report, None);
        self.timeline.append(&[listed]).await?;
        self.report_keys.park(callback, &entry_id, &report.keys(&callback.provider.id)).await?;
        match self.apply_report(&callback.merchant_id, report, origin).await? {
            Fate::NoFit => Ok(Fate::NoFit),
            found => self.end_waiting(callback, report, found).await,
        }
    }

    /// Notes on the list where a report went, and takes it from where it waited.
    async fn end_waiting(
        &self,
        callback: &VerifiedCallback,
        report: &Report,
        fate: Fate,
    ) -> Result<Fate, StoreError> {
        if let Fate::To { id, .. } = &fate {
            let (found, entry_id) = notes::of_unmatched(callback, report, Some(id));
            self.timeline.append(&[found]).await?;
            let keys = report.keys(&callback.provider.id);
            self.report_keys.remove(&callback.merchant_id, &entry_id, &keys).await?;
        }
        Ok(fate)
    }

    /// The reference of the order that is paid to the report's account number, where that can only be one.
    pub(crate) async fn reference_of_account(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Option<String>, StoreError> {
        let Some(number) = report.account_number() else {
            return Ok(None);
        };
        let mut records = Vec::new();
        for id in self.report_keys.of_account(merchant, &number).await? {
            records.extend(self.transactions.find_of(merchant, &id).await?);
        }
        Ok(account_reference(&records, report, &origin.provider.id).map(str::to_owned))
    }
}
