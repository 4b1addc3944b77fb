//! Many payments on one reference in one batch: their records are opened in one write, with one count on the first record.
//! A crowd that pays one code is written ten at a time, and the processes that apply it meet a tenth as often.
//!
//! Only what is simple is done together: successes of payments that were never heard of. All else of the lane is applied
//! one after the other, behind them.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::provider::Terms;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::Origin;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::crowd::{Arrival, Crowd, open_together};
use paywarden_domain::transaction::family::Family;
use paywarden_domain::transaction::report::Report;
use paywarden_store::StoreError;
use paywarden_store::transactions::{Bind, Binding, Write};
use tracing::Span;

use crate::apply::{Applier, reference};
use crate::crowd::Tries;
use crate::locate::Fate;

/// Payments that are written at once: two items each, of the hundred that an atomic write may have, and the first record.
const AT_ONCE: usize = 49;

/// What became of reports of a callback, by their number in it.
pub(crate) type Fates = BTreeMap<usize, Result<Fate, StoreError>>;

/// A report of a payment, and where it stands in the lane.
struct Candidate<'a> {
    callback: usize,
    number: usize,
    report: &'a Report,
    payment: &'a str,
    origin: Origin,
}

impl Candidate<'_> {
    fn binding(&self) -> Binding<'_> {
        Binding { provider: &self.origin.provider.id, payment: self.payment }
    }
}

impl Applier {
    /// Opens records for further payments of the lane's reference. Answers what became of their reports, by the number of their
    /// callback; of all others nothing became yet.
    pub(crate) async fn open_together(&self, lane: &[(VerifiedCallback, Span)]) -> BTreeMap<usize, Fates> {
        // Whatever fails here fails again, or not, when each is applied by itself.
        let candidates = self.candidates(lane).await.unwrap_or_default();
        let opened = match lane.first() {
            Some((callback, _)) if candidates.len() > 1 => self.opened(callback, &candidates).await,
            _ => return BTreeMap::new(),
        };
        let mut fates = BTreeMap::<usize, Fates>::new();
        for (index, candidate) in candidates.iter().enumerate() {
            let fate = match &opened {
                Ok(opened) => opened.get(&index).map(|id| Ok(Fate::opened(id))),
                Err(StoreError::Conflict) => Some(Err(StoreError::Conflict)),
                Err(_) => None,
            };
            let of_callback = fates.entry(candidate.callback).or_default();
            of_callback.extend(fate.map(|fate| (candidate.number, fate)));
        }
        fates
    }

    /// Reports of the lane's reference that name a payment, each payment once.
    async fn candidates<'a>(
        &self,
        lane: &'a [(VerifiedCallback, Span)],
    ) -> Result<Vec<Candidate<'a>>, StoreError> {
        let of_lane = lane.first().and_then(|(callback, _)| reference(callback));
        let (mut candidates, mut seen) = (Vec::new(), BTreeSet::new());
        // What waits has to be taken off its list as well.
        let unlisted = lane.iter().enumerate().filter(|(_, (callback, _))| !callback.waits);
        for (index, (callback, _)) in unlisted {
            let origin = self.origin(callback).await?;
            for (number, report) in callback.reports.iter().enumerate() {
                let named = report.provider_transaction_id.as_deref();
                let Some(payment) = named.filter(|_| report.reference.as_deref() == of_lane) else {
                    continue;
                };
                if seen.insert((&callback.provider.id, payment)) {
                    let origin = origin.clone();
                    candidates.push(Candidate { callback: index, number, report, payment, origin });
                }
            }
        }
        candidates.truncate(AT_ONCE);
        Ok(candidates)
    }

    /// The records that were opened, by the number of the candidate. Who is outrun reads and decides again.
    async fn opened(
        &self,
        callback: &VerifiedCallback,
        candidates: &[Candidate<'_>],
    ) -> Result<BTreeMap<usize, TransactionId>, StoreError> {
        let reference = reference(callback).unwrap_or_default();
        let mut tries = Tries::new(&self.entropy);
        loop {
            match self.try_together(&callback.merchant_id, reference, candidates).await {
                Err(StoreError::Conflict) if tries.again().await => {}
                other => return other,
            }
        }
    }

    async fn try_together(
        &self,
        merchant: &MerchantId,
        reference: &str,
        candidates: &[Candidate<'_>],
    ) -> Result<BTreeMap<usize, TransactionId>, StoreError> {
        let Some(first) = self.transactions.find(&TransactionId::of(merchant, reference, 1)).await? else {
            return Ok(BTreeMap::new());
        };
        let unheard = self.unheard_of(candidates).await?;
        let others = self.latest(&first).await?;
        let arrivals: Vec<Arrival<'_>> = unheard
            .iter()
            .map(|(_, candidate)| Arrival { report: candidate.report, origin: &candidate.origin })
            .collect();
        let merchant = self.merchants.get(merchant).await?;
        // Where the first record's payment would move, nothing is decided together.
        let first_terms = &Terms::default();
        let family = Family { first: &first, others: &others, first_terms };
        let Some(crowd) = open_together(&merchant, family, &arrivals) else {
            return Ok(BTreeMap::new());
        };
        let opened = crowd.opened.iter();
        let opened: Vec<_> = opened.filter_map(|(at, record)| Some((unheard.get(*at)?, record))).collect();
        self.write_together(&crowd, &opened).await?;
        Ok(opened.iter().map(|((number, _), record)| (*number, record.id.clone())).collect())
    }

    /// Those whose payments were never heard of.
    async fn unheard_of<'a, 'c>(
        &self,
        candidates: &'a [Candidate<'c>],
    ) -> Result<Vec<(usize, &'a Candidate<'c>)>, StoreError> {
        let bound = candidates.iter().map(|candidate| self.transactions.find_bound(candidate.binding()));
        let bound = try_join_all(bound).await?;
        let numbered = candidates.iter().enumerate().zip(bound);
        Ok(numbered.filter(|(_, bound)| bound.is_none()).map(|(candidate, _)| candidate).collect())
    }

    async fn write_together(
        &self,
        crowd: &Crowd,
        opened: &[(&(usize, &Candidate<'_>), &Transaction)],
    ) -> Result<(), StoreError> {
        let further = opened.iter().map(|(_, record)| (*record).clone());
        let records: Vec<Transaction> = std::iter::once(crowd.first.clone()).chain(further).collect();
        let binds = opened.iter().map(|((_, candidate), record)| Bind {
            binding: candidate.binding(),
            merchant: &record.merchant_id,
            to: &record.id,
            from: None,
        });
        let binds: Vec<Bind<'_>> = binds.collect();
        self.transactions.write(Write { records: &records, binds: &binds }).await
    }
}
