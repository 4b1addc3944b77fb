//! Deciding: a person accepts or dismisses what is held on a record.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::provider::Terms;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::decision::{HeldId, NotDecided, Ruling, Wish};
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::{Bind, Binding, TransactionsBinder, Write};

/// Times a decision is made anew because somebody else wrote in between.
const ATTEMPTS: usize = 4;

/// Decides about held reports.
pub struct HeldDecider {
    transactions: TransactionsBinder,
    providers: Providers,
    clock: Arc<dyn Clock>,
}

/// What somebody decides.
#[derive(Debug, Clone)]
pub struct HeldDecision<'a> {
    pub held: HeldId,
    pub ruling: Ruling,
    pub reason: &'a str,
    pub by: Actor,
    pub correlation_id: &'a str,
}

/// Why nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The merchant has no such transaction.
    #[error("no such transaction")]
    NotThere,
    /// It cannot be decided so.
    #[error(transparent)]
    NotDecided(#[from] NotDecided),
    /// What is held is of a payment that has a record of its own.
    #[error("the payment that it reports belongs to another transaction")]
    PaymentOfAnother,
    /// A table failed, or others kept writing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl HeldDecider {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            transactions: stores.transactions_binder()?,
            providers: stores.providers()?,
            clock: stores.clock(),
        })
    }

    /// Decides; answers the record as it is then. Deciding the same again changes nothing.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn decide(
        &self,
        merchant: &MerchantId,
        id: &TransactionId,
        decision: &HeldDecision<'_>,
    ) -> Result<Transaction, DecideError> {
        for _ in 0..ATTEMPTS {
            match self.try_once(merchant, id, decision).await {
                // Somebody else wrote between reading and writing: read and decide again.
                Err(DecideError::Store(StoreError::Conflict)) => {}
                decided => return decided,
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn try_once(
        &self,
        merchant: &MerchantId,
        id: &TransactionId,
        decision: &HeldDecision<'_>,
    ) -> Result<Transaction, DecideError> {
        let current = self.transactions.find_of(merchant, id).await?.ok_or(DecideError::NotThere)?;
        let wish = Wish {
            held: decision.held.clone(),
            ruling: decision.ruling,
            reason: decision.reason,
            by: decision.by.clone(),
            now: self.clock.now(),
            correlation_id: decision.correlation_id,
            terms: &self.terms(&current, &decision.held).await?,
        };
        let Some(next) = current.decide(&wish)? else {
            return Ok(current);
        };
        self.write(&current, &next).await?;
        Ok(next)
    }

    /// What the provider that reported it charges now.
    async fn terms(&self, record: &Transaction, held: &HeldId) -> Result<Terms, StoreError> {
        let Some(provider) = record.provider_of_held(held) else {
            return Ok(Terms::default());
        };
        let stored = self.providers.find_of(&record.merchant_id, &provider.id).await?;
        Ok(stored.map(|stored| stored.provider.terms()).unwrap_or_default())
    }

    /// With the payments that are the record's from now on: whatever else is reported of them finds it.
    async fn write(&self, current: &Transaction, next: &Transaction) -> Result<(), DecideError> {
        let (known, attempts) = (current.attempts(), next.attempts());
        let named = attempts.iter().filter_map(|attempt| {
            let provider = &attempt.provider.as_ref()?.id;
            Some(Binding { provider, payment: attempt.provider_transaction_id.as_deref()? })
        });
        let is_new = |one: &Binding<'_>| !known.iter().any(|old| old.is(one.provider, Some(one.payment)));
        let bindings: Vec<Binding<'_>> = named.filter(is_new).collect();
        for binding in &bindings {
            if self.transactions.find_bound(*binding).await?.is_some_and(|bound| bound != next.id) {
                return Err(DecideError::PaymentOfAnother);
            }
        }
        let bind = |binding| Bind { binding, merchant: &next.merchant_id, to: &next.id, from: None };
        let binds: Vec<Bind<'_>> = bindings.into_iter().map(bind).collect();
        Ok(self.transactions.write(Write { records: std::slice::from_ref(next), binds: &binds }).await?)
    }
}
