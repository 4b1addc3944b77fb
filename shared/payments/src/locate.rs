//! One report: find what is known under its ids, let the domain decide, write once. Whoever is outrun by another writer reads
//! again and decides again.

use paywarden_domain::id::{MerchantId, ProviderId, TransactionId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::Terms;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{Origin, Verdict, first_seen};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::family::{Decision, Family, decide, released};
use paywarden_domain::transaction::held::HeldPayment;
use paywarden_domain::transaction::report::Report;
use paywarden_store::StoreError;
use paywarden_store::transactions::{Bind, Binding, Write};

use crate::apply::Applier;
use crate::crowd::Tries;

/// Records of a reference, besides the first, that are looked through for one that was opened ahead: the latest ones. A code
/// that is paid a thousand times is not read a thousand times for each.
const LATEST: u32 = 8;

/// Payments held on one record that are released at once.
const RELEASES: usize = 20;

/// What became of a report.
pub(crate) enum Fate {
    /// It was applied to this record, or changed nothing of it.
    To { id: TransactionId, verdict: Verdict },
    /// It fits no transaction and does not tell enough to open one. It waits.
    NoFit,
}

impl Fate {
    /// It opened this record.
    pub(crate) fn opened(id: &TransactionId) -> Self {
        Self::To { id: id.clone(), verdict: Verdict::Created }
    }

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
            Self::NoFit if !callback.waits => {
                tracing::info!(merchant_id, provider_id, reported, "report fits no transaction yet");
            }
            Self::NoFit => {
                tracing::warn!(
                    merchant_id,
                    provider_id,
                    reported,
                    metric = "report_unmatched",
                    "report fits no transaction, and waits"
                );
            }
        }
    }
}

/// What is known of a report's payment.
pub(crate) struct Known {
    /// The record that the provider's id of the payment leads to.
    home: Option<Transaction>,
    /// The records under its reference; none when nobody spoke of it yet.
    family: Option<Relatives>,
    reference: String,
}

/// The records under a reference, and what the provider of the first one charges, where that matters.
struct Relatives {
    first: Transaction,
    others: Vec<Transaction>,
    first_terms: Terms,
}

impl Applier {
    /// Applies one report, and what it releases.
    pub(crate) async fn apply_report(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Fate, StoreError> {
        let Some(mut subject) = self.applied(merchant, report, origin).await? else {
            return Ok(Fate::NoFit);
        };
        let fate = Fate::To { id: subject.0.id.clone(), verdict: subject.1 };
        for _ in 0..RELEASES {
            let Some(held) = released(&subject.0) else {
                break;
            };
            self.release(merchant, &held, origin).await?;
            let Some(now) = self.transactions.find(&subject.0.id).await? else {
                break;
            };
            subject.0 = now;
        }
        Ok(fate)
    }

    /// Applies a payment that was held on the record of another one.
    async fn release(
        &self,
        merchant: &MerchantId,
        held: &HeldPayment,
        cause: &Origin,
    ) -> Result<(), StoreError> {
        let origin = Origin {
            provider: held.provider.clone(),
            terms: self.terms_of(merchant, &held.provider.id).await?,
            grade: held.grade,
            now: cause.now,
            correlation_id: cause.correlation_id.clone(),
        };
        self.applied(merchant, &held.report, &origin).await.map(drop)
    }

    /// The record that a report was applied to, and what that came to.
    async fn applied(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Option<(Transaction, Verdict)>, StoreError> {
        let mut tries = Tries::new(&self.entropy);
        loop {
            match self.try_once(merchant, report, origin).await {
                Err(StoreError::Conflict) if tries.again().await => {}
                other => return other,
            }
        }
    }

    async fn try_once(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Option<(Transaction, Verdict)>, StoreError> {
        let Some((known, decision)) = self.look(merchant, report, origin).await? else {
            return Ok(None);
        };
        self.carry_out(&known, &decision, report, origin).await?;
        Ok(Some((decision.subject, decision.verdict)))
    }

    /// What a report would come to now, and from what that is known; nothing is written.
    pub(crate) async fn look(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Option<(Known, Decision)>, StoreError> {
        let Some(known) = self.locate(merchant, report, origin).await? else {
            return Ok(None);
        };
        let merchant = self.merchants.get(merchant).await?;
        let decision = known.decide(&merchant, report, origin);
        Ok(decision.map(|decision| (known, decision)))
    }

    async fn locate(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Option<Known>, StoreError> {
        let home = self.find_bound(merchant, report, origin).await?;
        if home.as_ref().is_some_and(|home| home.is_disowned_by(&origin.provider.id, report)) {
            return Ok(None);
        }
        let named = home.as_ref().map(|home| home.reference.clone()).or_else(|| report.reference.clone());
        let reference = match named {
            None => self.reference_of_account(merchant, report, origin).await?,
            named => named,
        };
        let Some(reference) = reference else {
            return Ok(None);
        };
        let first = match &home {
            Some(home) if home.occurrence == 1 => Some(home.clone()),
            _ => self.transactions.find(&TransactionId::of(merchant, &reference, 1)).await?,
        };
        let Some(first) = first else {
            return Ok(Some(Known { home, family: None, reference }));
        };
        let others = match &home {
            Some(home) if has_its_record(home, report, origin) && !first.is_unpriced => Vec::new(),
            _ => self.latest(&first).await?,
        };
        let first_terms = self.terms_of_first(&first).await?;
        Ok(Some(Known { home, family: Some(Relatives { first, others, first_terms }), reference }))
    }

    /// Read only for a payment that may have to leave the first record.
    async fn terms_of_first(&self, first: &Transaction) -> Result<Terms, StoreError> {
        match first.provider.as_ref().filter(|_| first.is_unpriced) {
            Some(provider) => self.terms_of(&first.merchant_id, &provider.id).await,
            None => Ok(Terms::default()),
        }
    }

    /// What a provider charges now.
    async fn terms_of(&self, merchant: &MerchantId, provider: &ProviderId) -> Result<Terms, StoreError> {
        let stored = self.providers.find_of(merchant, provider).await?;
        Ok(stored.map(|stored| stored.provider.terms()).unwrap_or_default())
    }

    /// The latest records under the reference of the first one, besides it.
    pub(crate) async fn latest(&self, first: &Transaction) -> Result<Vec<Transaction>, StoreError> {
        let from = first.occurrences.saturating_sub(LATEST).saturating_add(1).max(2);
        let latest = from..=first.occurrences;
        self.transactions.occurrences(&first.merchant_id, &first.reference, latest).await
    }

    /// The record that the provider's id of the payment was bound to before.
    async fn find_bound(
        &self,
        merchant: &MerchantId,
        report: &Report,
        origin: &Origin,
    ) -> Result<Option<Transaction>, StoreError> {
        let Some(payment) = report.provider_transaction_id.as_deref() else {
            return Ok(None);
        };
        match self.transactions.find_bound(Binding { provider: &origin.provider.id, payment }).await? {
            Some(id) => self.transactions.find_of(merchant, &id).await,
            None => Ok(None),
        }
    }

    async fn carry_out(
        &self,
        known: &Known,
        decision: &Decision,
        report: &Report,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let subject = &decision.subject;
        let payment = report.provider_transaction_id.as_deref();
        let binding = payment.map(|payment| Binding { provider: &origin.provider.id, payment });
        let from = known.home.as_ref().map(|home| &home.id);
        // What is held or ignored does not say whose payment it is.
        let is_of_it = |binding: &Binding<'_>| {
            subject.attempts().iter().any(|attempt| attempt.is(binding.provider, Some(binding.payment)))
        };
        let binding = binding.filter(is_of_it).filter(|_| from != Some(&subject.id));
        let bind =
            binding.map(|binding| Bind { binding, merchant: &subject.merchant_id, to: &subject.id, from });
        let mut binds: Vec<Bind<'_>> =
            decision.writes.iter().filter_map(|record| known.moved_to(record)).collect();
        binds.retain(|moved| Some(moved.binding) != binding);
        binds.extend(bind);
        self.transactions.write(Write { records: &decision.writes, binds: &binds }).await
    }
}

/// Whether the payment is what its record is of: who looks for no other record need not read any.
fn has_its_record(home: &Transaction, report: &Report, origin: &Origin) -> bool {
    let payment = report.provider_transaction_id.as_deref();
    payment.is_some_and(|payment| !home.is_of_another_payment(&origin.provider.id, payment))
}

impl Known {
    /// `None` when the report fits nothing and does not tell enough to open a record.
    fn decide(&self, merchant: &Merchant, report: &Report, origin: &Origin) -> Option<Decision> {
        let Some(Relatives { first, others, first_terms }) = &self.family else {
            let opened = first_seen(merchant, &self.reference, None, report, origin)?;
            return Some(Decision {
                writes: vec![opened.clone()],
                subject: opened,
                verdict: Verdict::Created,
            });
        };
        Some(decide(merchant, Family { first, others, first_terms }, self.home.as_ref(), report, origin))
    }

    /// A record as it is.
    pub(crate) fn record(&self, id: &TransactionId) -> Option<&Transaction> {
        let family = self.family.iter().flat_map(|family| family.others.iter().chain([&family.first]));
        self.home.iter().chain(family).find(|record| record.id == *id)
    }

    /// The payment that a record is of now, if another one had it.
    fn moved_to<'a>(&'a self, record: &'a Transaction) -> Option<Bind<'a>> {
        let provider = &record.provider.as_ref()?.id;
        let payment = record.provider_transaction_id.as_deref()?;
        let family = self.family.iter().flat_map(|family| family.others.iter().chain([&family.first]));
        let mut others = self.home.iter().chain(family).filter(|other| other.id != record.id);
        let had_it =
            others.find(|other| other.attempts().iter().any(|one| one.is(provider, Some(payment))))?;
        let binding = Binding { provider, payment };
        Some(Bind { binding, merchant: &record.merchant_id, to: &record.id, from: Some(&had_it.id) })
    }
}
