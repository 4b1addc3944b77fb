//! One report: find its record, let the domain decide, write once. Whoever is outrun by another writer reads again and
//! decides again.

use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{Origin, Placement, Verdict, apply as decide, first_seen, place};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::Report;
use paywarden_store::StoreError;
use paywarden_store::transactions::{Binding, Expected, Write};

use crate::apply::Applier;
use crate::{binding, newly_bound};

/// Times a report is decided anew because somebody else wrote in between. Beyond it the queue delivers it again later.
const ATTEMPTS: usize = 5;

/// What became of a report.
pub(crate) enum Fate {
    /// It was applied to this record, or changed nothing of it.
    To { id: TransactionId, verdict: Verdict },
    /// It fits no transaction and does not tell enough to open one.
    NoFit,
}

impl Fate {
    /// One line per report, with what an engineer asks first: which payment, what was said, what came of it.
    pub(crate) fn log(&self, report: &Report, callback: &VerifiedCallback) {
        let merchant_id = callback.merchant_id.as_str();
        let provider_id = callback.provider.id.as_str();
        let reported = report.status().map_or("none", |status| status.as_str());
        match self {
            Self::To { id, verdict } => {
                let transaction_id = id.as_str();
                let verdict = format!("{verdict:?}");
                tracing::info!(merchant_id, provider_id, transaction_id, reported, verdict, "report applied");
            }
            Self::NoFit => {
                tracing::warn!(
                    merchant_id,
                    provider_id,
                    reported,
                    metric = "report_unmatched",
                    "report fits no transaction"
                );
            }
        }
    }
}

/// Where a report belongs.
enum Target {
    Existing(Box<Transaction>),
    /// A record to be opened under the reference.
    New {
        reference: String,
        family: Option<Box<Family>>,
    },
    Nowhere,
}

/// The payments that a reference has already.
struct Family {
    first: Transaction,
    latest: Transaction,
}

impl Applier {
    /// Applies one report.
    pub(crate) async fn apply_report(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        for _ in 0..ATTEMPTS {
            let target = self.locate(merchant, report, origin).await?;
            match self.write(merchant, target, report, origin).await {
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn locate(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Target, StoreError> {
        if let Some(transaction) = self.find_bound(report, origin).await? {
            return Ok(Target::Existing(Box::new(transaction)));
        }
        let Some(reference) = report.reference.clone() else {
            return Ok(Target::Nowhere);
        };
        let Some(first) = self.transactions.find(&TransactionId::of(merchant, &reference, 1)).await? else {
            return Ok(Target::New { reference, family: None });
        };
        let latest = match first.occurrences {
            0 | 1 => first.clone(),
            count => self
                .transactions
                .find(&TransactionId::of(merchant, &reference, count))
                .await?
                .unwrap_or(first.clone()),
        };
        Ok(match place(&latest, &origin.provider.id, report) {
            Placement::Latest => Target::Existing(Box::new(latest)),
            Placement::Next { .. } => {
                Target::New { reference, family: Some(Box::new(Family { first, latest })) }
            }
        })
    }

    /// The record that the provider's id of the payment was bound to before.
    async fn find_bound(&self, report: &Report, origin: &Origin) -> Result<Option<Transaction>, StoreError> {
        let Some(payment) = report.provider_transaction_id.as_deref() else {
            return Ok(None);
        };
        match self.transactions.find_bound(Binding { provider: &origin.provider.id, payment }).await? {
            Some(id) => self.transactions.find(&id).await,
            None => Ok(None),
        }
    }

    async fn write(
        &self,
        merchant: &MerchantId,
        target: Target,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        match target {
            Target::Existing(current) => self.write_existing(&current, report, origin).await,
            Target::New { reference, family } => {
                self.open(merchant, &reference, family.as_deref(), report, origin).await
            }
            Target::Nowhere => Ok(Fate::NoFit),
        }
    }

    async fn write_existing(
        &self,
        current: &Transaction,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        let applied = decide(current, report, origin);
        if let Some(next) = &applied.next {
            let write = Write {
                transaction: next,
                expected: Expected::Version(current.version),
                bind: newly_bound(current, next),
                first_occurrence: None,
            };
            self.transactions.write(write).await?;
        }
        Ok(Fate::To { id: current.id.clone(), verdict: applied.verdict })
    }

    async fn open(
        &self,
        merchant: &MerchantId,
        reference: &str,
        family: Option<&Family>,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        let merchant = self.merchants.get(merchant).await?;
        let latest = family.map(|family| &family.latest);
        let Some(opened) = first_seen(&merchant, reference, latest, report, origin) else {
            return Ok(Fate::NoFit);
        };
        let write = Write {
            transaction: &opened,
            expected: Expected::Absent,
            bind: binding(&opened),
            first_occurrence: family.map(|family| &family.first),
        };
        self.transactions.write(write).await?;
        Ok(Fate::To { id: opened.id, verdict: Verdict::Created })
    }
}
