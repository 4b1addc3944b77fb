//! Recording what merchants say, before or after the provider says it.

use std::sync::Arc;

use paywarden_domain::id::{ProviderId, TransactionId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::sequence;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::draft::{Draft, Recording};
use paywarden_domain::transaction::{ProviderBinding, Transaction};
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::{Bind, Binding, TransactionsBinder, Write};

/// Times a write is decided anew because somebody else was first.
const ATTEMPTS: usize = 4;

/// Records transactions.
pub struct Recorder {
    providers: Providers,
    transactions: TransactionsBinder,
    clock: Arc<dyn Clock>,
}

/// What a merchant wants recorded.
#[derive(Debug, Clone)]
pub struct PaymentOrder {
    /// The transaction, its provider left open.
    pub draft: Draft,
    /// The provider that the merchant names, if it names one.
    pub provider_id: Option<ProviderId>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is there now.
    Created(Box<Transaction>),
    /// It was there already; the merchant's fields are filled in now if they were not.
    Known(Box<Transaction>),
}

/// Why it was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The merchant has no such provider.
    #[error("expected the id of one of your providers")]
    UnknownProvider,
    /// The reference stands for something else.
    #[error(
        "this transaction_reference was recorded with other content; a further payment under it needs the next occurrence"
    )]
    ReferenceConflict,
    /// The provider's id stands for something else.
    #[error("this provider_transaction_id belongs to another transaction")]
    ProviderTransactionConflict,
    /// An occurrence was left out.
    #[error("expected at most {}: the reference has {known} so far", known.saturating_add(1))]
    OccurrenceAhead {
        /// How many there are.
        known: u32,
    },
    /// Others kept being first.
    #[error("the record kept changing")]
    Busy,
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Recorder {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            providers: stores.providers()?,
            transactions: stores.transactions_binder()?,
            clock: stores.clock(),
        })
    }

    /// Records one transaction. The same again is known; a record that a provider's report opened is filled in.
    ///
    /// # Errors
    /// [`RecordError`]; nothing was written then.
    pub async fn record(
        &self,
        merchant: &Merchant,
        order: PaymentOrder,
        correlation_id: &str,
    ) -> Result<Recorded, RecordError> {
        let draft = self.with_provider(merchant, order).await?;
        for _ in 0..ATTEMPTS {
            match self.try_once(merchant, &draft, correlation_id).await {
                // Somebody else wrote between reading and writing: read and decide again.
                Err(RecordError::Store(StoreError::Conflict)) => {}
                decided => return decided,
            }
        }
        Err(RecordError::Busy)
    }

    /// Looks up the provider that the merchant names; without a name, the first of the sequence is assumed.
    async fn with_provider(&self, merchant: &Merchant, order: PaymentOrder) -> Result<Draft, RecordError> {
        let mut draft = order.draft;
        if let Some(id) = &order.provider_id {
            let stored = self.providers.find_of(&merchant.id, id).await?;
            draft.provider = Some(stored.ok_or(RecordError::UnknownProvider)?.provider.binding());
        } else {
            let providers = self.providers.list_cached(&merchant.id).await?;
            let first = sequence::first(&providers, draft.method.service(), draft.money);
            draft.assumed_provider =
                first.map(|provider| ProviderBinding { assumed: true, ..provider.binding() });
        }
        Ok(draft)
    }

    /// Writes first and reads only when the record is there already: the common case costs one write and no read.
    async fn try_once(
        &self,
        merchant: &Merchant,
        draft: &Draft,
        correlation_id: &str,
    ) -> Result<Recorded, RecordError> {
        let first = self.find_first_occurrence(merchant, draft).await?;
        let opened = draft.clone().into_transaction(merchant, self.clock.now(), correlation_id);
        let counted = first.filter(|first| first.occurrences < draft.occurrence).map(|first| Transaction {
            occurrences: draft.occurrence,
            version: first.version.saturating_add(1),
            ..first
        });
        let records: Vec<Transaction> = std::iter::once(opened.clone()).chain(counted).collect();
        match self
            .transactions
            .write(Write { records: &records, binds: bind(draft, &opened).as_slice() })
            .await
        {
            Ok(()) => return Ok(Recorded::Created(Box::new(opened))),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        match self.transactions.find(&opened.id).await? {
            Some(existing) => self.record_over(existing, draft, correlation_id).await,
            None => Err(self.bound_elsewhere(draft, &opened).await?),
        }
    }

    /// The first occurrence, when a further one is to be opened: it keeps the count.
    async fn find_first_occurrence(
        &self,
        merchant: &Merchant,
        draft: &Draft,
    ) -> Result<Option<Transaction>, RecordError> {
        if draft.occurrence == 1 {
            return Ok(None);
        }
        let first = self.transactions.find(&TransactionId::of(&merchant.id, &draft.reference, 1)).await?;
        let known = first.as_ref().map_or(0, |first| first.occurrences);
        if draft.occurrence > known.saturating_add(1) {
            return Err(RecordError::OccurrenceAhead { known });
        }
        Ok(first)
    }

    async fn record_over(
        &self,
        existing: Transaction,
        draft: &Draft,
        correlation_id: &str,
    ) -> Result<Recorded, RecordError> {
        let known = match draft.clone().over(&existing, self.clock.now(), correlation_id) {
            Recording::Conflict => return Err(RecordError::ReferenceConflict),
            Recording::Same => Box::new(existing),
            Recording::Filled(filled) => {
                let records = std::slice::from_ref(&*filled);
                match self.transactions.write(Write { records, binds: bind(draft, &filled).as_slice() }).await
                {
                    Err(StoreError::Conflict) => self.fill_beside(&existing, draft, correlation_id).await?,
                    Err(error) => return Err(error.into()),
                    Ok(()) => filled,
                }
            }
        };
        // Of a further occurrence the merchant speaks for that one alone.
        if known.occurrence == 1 {
            self.fill_further(&known, draft).await?;
        }
        Ok(Recorded::Known(known))
    }

    /// The record could not take the payment that the merchant names: it may be a further one of the same order already, which
    /// has its own record.
    async fn fill_beside(
        &self,
        existing: &Transaction,
        draft: &Draft,
        correlation_id: &str,
    ) -> Result<Box<Transaction>, RecordError> {
        let refused = self.bound_elsewhere(draft, existing).await?;
        let is_bound = refused == RecordError::ProviderTransactionConflict;
        let Some(bind) = bind(draft, existing).filter(|_| is_bound) else {
            return Err(refused);
        };
        let bound = match self.transactions.find_bound(bind.binding).await? {
            Some(id) => self.transactions.find_of(&existing.merchant_id, &id).await?,
            None => None,
        };
        if bound.is_none_or(|bound| bound.reference != existing.reference) {
            return Err(refused);
        }
        let filled = draft.clone().over_payment_elsewhere(existing, self.clock.now(), correlation_id);
        self.transactions.replace(&filled).await?;
        Ok(Box::new(filled))
    }

    /// What the merchant says of an order holds for every payment of it that a provider reported. Asking again fills in what
    /// a cut left out.
    async fn fill_further(&self, first: &Transaction, draft: &Draft) -> Result<(), StoreError> {
        let further = 2..=first.occurrences;
        for record in self.transactions.occurrences(&first.merchant_id, &first.reference, further).await? {
            if let Some(filled) = draft.over_further(&record) {
                self.transactions.replace(&filled).await?;
            }
        }
        Ok(())
    }

    /// The record is as it was expected and still could not be written: its provider's id may belong to another one.
    async fn bound_elsewhere(&self, draft: &Draft, record: &Transaction) -> Result<RecordError, StoreError> {
        let Some(bind) = bind(draft, record) else {
            return Ok(StoreError::Conflict.into());
        };
        Ok(match self.transactions.find_bound(bind.binding).await? {
            Some(other) if other != record.id => RecordError::ProviderTransactionConflict,
            _ => StoreError::Conflict.into(),
        })
    }
}

/// The provider's id of the payment, if the merchant knows it: the record is found by it from now on.
fn bind<'a>(draft: &'a Draft, record: &'a Transaction) -> Option<Bind<'a>> {
    let binding = Binding {
        provider: &draft.provider.as_ref()?.id,
        payment: draft.provider_transaction_id.as_deref()?,
    };
    Some(Bind { binding, merchant: &record.merchant_id, to: &record.id, from: None })
}
