//! Drafts: what a merchant posts to record a transaction, already checked field by field.

use serde_json::json;

use crate::id::{MerchantId, TransactionId};
use crate::json::JsonObject;
use crate::merchant::Merchant;
use crate::money::Money;
use crate::time::Timestamp;
use crate::transaction::decision::Decisions;
use crate::transaction::learned::Learned;
use crate::transaction::refund::Refunds;
use crate::transaction::state::StatusReports;
use crate::transaction::submission::Submissions;
use crate::transaction::{MerchantFields, ProviderBinding, Transaction};
use crate::vocabulary::Method;

/// A transaction to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The merchant's order id.
    pub reference: String,
    /// Which payment under it; more than 1 opens the next one.
    pub occurrence: u32,
    /// How it is paid.
    pub method: Method,
    pub money: Money,
    /// Who carries it, if the merchant says so.
    pub provider: Option<ProviderBinding>,
    /// Who is assumed to carry it if the merchant does not: no part of what was said.
    pub assumed_provider: Option<ProviderBinding>,
    /// The provider's own id of the payment, if the merchant knows it already.
    pub provider_transaction_id: Option<String>,
    /// What else the merchant says.
    pub merchant_fields: MerchantFields,
    pub attributes: JsonObject,
    /// When it has to be paid by.
    pub expired_at: Option<Timestamp>,
    /// When it was made, if not now.
    pub created_at: Option<Timestamp>,
}

/// What recording a draft over an existing record comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// The same content was recorded before.
    Same,
    /// The provider had spoken first; the merchant's fields are filled in.
    Filled(Box<Transaction>),
    /// The reference is taken by something else.
    Conflict,
}

impl Draft {
    /// The id it will have.
    #[must_use]
    pub fn id(&self, merchant: &MerchantId) -> TransactionId {
        TransactionId::of(merchant, &self.reference, self.occurrence)
    }

    /// The new record, written at `now`.
    #[must_use]
    pub fn into_transaction(self, merchant: &Merchant, now: Timestamp, correlation_id: &str) -> Transaction {
        let created_at = self.created_at.unwrap_or(now);
        let id = self.id(&merchant.id);
        Transaction {
            shard: merchant.shard_of(&id, now),
            id,
            merchant_id: merchant.id.clone(),
            fingerprint: Some(self.fingerprint()),
            occurrences: self.occurrence,
            reference: self.reference,
            occurrence: self.occurrence,
            method: self.method,
            money: self.money,
            provider: self.provider.or(self.assumed_provider),
            provider_transaction_id: self.provider_transaction_id,
            merchant_fields: self.merchant_fields,
            said_attributes: self.attributes,
            attempts: Vec::new(),
            is_referenced: false,
            is_unpriced: false,
            learned: Learned::default(),
            charges: None,
            refunds: Refunds::default(),
            zone: merchant.zone.clone(),
            reports: StatusReports::default(),
            submissions: Submissions::default(),
            unpaid: None,
            held: Vec::new(),
            decisions: Decisions::default(),
            created_at,
            updated_at: None,
            // When we learned of it, not when it was made: whoever polls for what changed would miss it.
            status_changed_at: now,
            expired_at: self.expired_at,
            version: 1,
            correlation_id: Some(correlation_id.to_owned()),
        }
    }

    /// Decides what recording it over `existing` comes to.
    ///
    /// A record that a merchant posted answers the same content again and refuses any other. A record first seen from
    /// a provider has no fingerprint: the merchant's post fills in what the merchant owns, unless amount, currency or
    /// method say that these are two orders. A provider that it names and that has not spoken is one more attempt.
    #[must_use]
    pub fn over(self, existing: &Transaction, now: Timestamp, correlation_id: &str) -> Recording {
        match &existing.fingerprint {
            Some(fingerprint) if *fingerprint == self.fingerprint() => Recording::Same,
            Some(_) => Recording::Conflict,
            None if self.contradicts(existing) => Recording::Conflict,
            None => Recording::Filled(Box::new(self.fill(existing, now, correlation_id))),
        }
    }

    fn contradicts(&self, existing: &Transaction) -> bool {
        self.money != existing.money || self.method != existing.method
    }

    /// The record filled in, of a draft that names a payment which has a record of its own under the same reference.
    #[must_use]
    pub fn over_payment_elsewhere(
        self,
        existing: &Transaction,
        now: Timestamp,
        correlation_id: &str,
    ) -> Transaction {
        let fingerprint = self.fingerprint();
        let without = Self { provider: None, provider_transaction_id: None, ..self };
        Transaction { fingerprint: Some(fingerprint), ..without.fill(existing, now, correlation_id) }
    }

    fn fill(self, existing: &Transaction, now: Timestamp, correlation_id: &str) -> Transaction {
        let mut filled = existing.clone();
        let fingerprint = self.fingerprint();
        if let Some(provider) = self.provider {
            filled.expect_attempt(provider, self.provider_transaction_id);
        }
        let was = existing.status();
        let status_changed_at = if filled.status() == was { existing.status_changed_at } else { now };
        Transaction {
            fingerprint: Some(fingerprint),
            said_attributes: self.attributes,
            merchant_fields: self.merchant_fields,
            status_changed_at,
            expired_at: self.expired_at.or(existing.expired_at),
            updated_at: Some(now),
            version: existing.version.saturating_add(1),
            correlation_id: Some(correlation_id.to_owned()),
            ..filled
        }
    }

    /// A further payment of the order, as a provider reported it, with what the merchant says of the order. `None` when it
    /// has that already, or words of its own.
    #[must_use]
    pub fn over_further(&self, further: &Transaction) -> Option<Transaction> {
        let mut next = Transaction {
            said_attributes: self.attributes.clone(),
            merchant_fields: self.merchant_fields.clone(),
            expired_at: self.expired_at.or(further.expired_at),
            ..further.clone()
        };
        if further.fingerprint.is_some() || next == *further {
            return None;
        }
        next.version = further.version.saturating_add(1);
        Some(next)
    }

    /// SHA-256, in hexadecimal, of everything the merchant said.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::Digest;
        let fields = &self.merchant_fields;
        let mut content = json!([
            self.reference,
            self.occurrence,
            self.method,
            self.money,
            self.provider.as_ref().map(|binding| &binding.id),
            self.provider_transaction_id,
            fields.payments_id,
            fields.customers_id,
            fields.bank_accounts_id,
            fields.mandates_id,
            fields.payment_reference,
            fields.submission_batch_reference,
            fields.payment_data,
            fields.metadata,
            fields.destination,
            self.attributes,
            self.expired_at,
            self.created_at,
        ]);
        // The order in which a caller writes members says nothing.
        content.sort_all_objects();
        data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(content.to_string()))
    }
}
