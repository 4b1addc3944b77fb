//! The record as the transactions API shows it: list, record by reference and webhooks all write this one shape.

use serde::Serialize;
use serde_json::{Number, Value};

use crate::lookup::{payment_method_id, status_lookup_id};
use crate::money::amount_number;
use crate::time::{Timestamp, Zone};
use crate::transaction::Transaction;

/// A transaction in the transactions API. The first eighteen members are the API's document; the rest follow it.
/// Times are `YYYY-MM-DD HH:mm:ss` on the merchant's clocks.
#[derive(Debug, Clone, Serialize)]
pub struct TransactionRecord {
    id: String,
    created_at: String,
    updated_at: Option<String>,
    charged_at: Option<String>,
    status_changed_at: String,
    payment_methods_id: String,
    payments_id: Option<String>,
    customers_id: Option<String>,
    bank_accounts_id: Option<String>,
    mandates_id: Option<String>,
    transaction_reference: String,
    payment_reference: Option<String>,
    submission_batch_reference: Option<String>,
    transaction_status_lookups_id: String,
    amount: Number,
    payment_data: Value,
    unpaid_reason: Option<String>,
    submission_data: Vec<Value>,
    currency: String,
    direction: &'static str,
    method: &'static str,
    status: &'static str,
    provider_id: Option<String>,
    provider_name: Option<String>,
    destination: Option<String>,
    attributes: Value,
    metadata: Value,
    fee: Option<Number>,
    tax: Option<Number>,
    paid_at: Option<String>,
    expired_at: Option<String>,
    occurrence: u32,
    held: bool,
    version: u64,
}

impl TransactionRecord {
    /// The members' names, in order.
    pub const MEMBERS: &'static [&'static str] = &[
        "id",
        "created_at",
        "updated_at",
        "charged_at",
        "status_changed_at",
        "payment_methods_id",
        "payments_id",
        "customers_id",
        "bank_accounts_id",
        "mandates_id",
        "transaction_reference",
        "payment_reference",
        "submission_batch_reference",
        "transaction_status_lookups_id",
        "amount",
        "payment_data",
        "unpaid_reason",
        "submission_data",
        "currency",
        "direction",
        "method",
        "status",
        "provider_id",
        "provider_name",
        "destination",
        "attributes",
        "metadata",
        "fee",
        "tax",
        "paid_at",
        "expired_at",
        "occurrence",
        "held",
        "version",
    ];

    /// Writes `transaction` for a merchant in `zone`.
    #[must_use]
    pub fn new(transaction: &Transaction, zone: &Zone) -> Self {
        let clock = |moment: Timestamp| zone.clock_text(moment);
        let fields = &transaction.merchant_fields;
        let charged_at = transaction.charged_at().map(clock);
        let charges = transaction.settled_charges();
        Self {
            id: transaction.id.to_string(),
            created_at: clock(transaction.created_at),
            updated_at: transaction.updated_at.map(clock),
            charged_at: charged_at.clone(),
            status_changed_at: clock(transaction.status_changed_at),
            payment_methods_id: payment_method_id(transaction.method).to_string(),
            payments_id: fields.payments_id.clone(),
            customers_id: fields.customers_id.clone(),
            bank_accounts_id: fields.bank_accounts_id.clone(),
            mandates_id: fields.mandates_id.clone(),
            transaction_reference: transaction.reference.clone(),
            payment_reference: transaction.payment_reference().map(str::to_owned),
            submission_batch_reference: fields.submission_batch_reference.clone(),
            transaction_status_lookups_id: status_lookup_id(transaction.status()).to_string(),
            amount: transaction.settled().amount_number(),
            payment_data: fields.payment_data.to_value(),
            unpaid_reason: transaction.unpaid_reason().map(str::to_owned),
            submission_data: transaction
                .submissions
                .in_order()
                .iter()
                .map(|entry| entry.to_json(zone))
                .collect(),
            currency: transaction.settled().currency().to_string(),
            direction: transaction.direction().as_str(),
            method: transaction.method.as_str(),
            status: transaction.status().as_str(),
            provider_id: transaction.provider.as_ref().map(|provider| provider.id.to_string()),
            provider_name: transaction.provider.as_ref().map(|provider| provider.name.clone()),
            destination: transaction.destination(),
            attributes: transaction.attributes().to_value(),
            metadata: fields.metadata.to_value(),
            fee: charges.map(|charges| amount_number(charges.fee)),
            tax: charges.map(|charges| amount_number(charges.tax)),
            paid_at: charged_at,
            expired_at: transaction.expires_or_expired_at().map(clock),
            occurrence: transaction.occurrence,
            held: transaction.is_held(),
            version: transaction.version,
        }
    }

    /// Whether a reader of the API would see a difference: version and time of change aside.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        let comparable = |record: &Self| {
            let record = Self { updated_at: None, version: 0, ..record.clone() };
            serde_json::to_string(&record).unwrap_or_default()
        };
        comparable(self) != comparable(other)
    }
}
