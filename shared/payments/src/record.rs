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
use paywarden_store::transactions::{Expected, TransactionsBinder, Write};

use crate::{binding, newly_bound};

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
        let transaction = draft.clone().into_transaction(merchant, self.clock.now(), correlation_id);
        let write = Write {
            transaction: &transaction,
            expected: Expected::Absent,
            bind: binding(&transaction),
            first_occurrence: first.as_ref().filter(|first| first.occurrences < draft.occurrence),
        };
        match self.transactions.write(write).await {
            Ok(()) => return Ok(Recorded::Created(Box::new(transaction))),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        match self.transactions.find(&transaction.id).await? {
            Some(existing) => self.record_over(existing, draft.clone(), correlation_id).await,
            None => Err(self.bound_elsewhere(&transaction).await?),
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
        draft: Draft,
        correlation_id: &str,
    ) -> Result<Recorded, RecordError> {
        match draft.over(&existing, self.clock.now(), correlation_id) {
            Recording::Same => Ok(Recorded::Known(Box::new(existing))),
            Recording::Conflict => Err(RecordError::ReferenceConflict),
            Recording::Filled(filled) => {
                let write = Write {
                    transaction: &filled,
                    expected: Expected::Version(existing.version),
                    bind: newly_bound(&existing, &filled),
                    first_occurrence: None,
                };
                match self.transactions.write(write).await {
                    Err(StoreError::Conflict) => return Err(self.bound_elsewhere(&filled).await?),
                    written => written?,
                }
                Ok(Recorded::Known(filled))
            }
        }
    }

    /// The record is as it was expected and still could not be written: its provider's id may belong to another one.
    async fn bound_elsewhere(&self, transaction: &Transaction) -> Result<RecordError, StoreError> {
        let Some(binding) = binding(transaction) else {
            return Ok(StoreError::Conflict.into());
        };
        Ok(match self.transactions.find_bound(binding).await? {
            Some(other) if other != transaction.id => RecordError::ProviderTransactionConflict,
            _ => StoreError::Conflict.into(),
        })
    }
}
