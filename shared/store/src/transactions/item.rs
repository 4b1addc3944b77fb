//! The record as an item: what is absent is left out, free-form JSON is kept as text so that numbers keep their
//! digits, and the amount is text for the same reason.

use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::{Currency, Money, parse_decimal};
use paywarden_domain::provider::fees::{Charges, FeeRefund, Rounding, RoundingMode};
use paywarden_domain::time::{Timestamp, Zone};
use paywarden_domain::transaction::attempt::Attempt;
use paywarden_domain::transaction::decision::Decisions;
use paywarden_domain::transaction::held::HeldReport;
use paywarden_domain::transaction::learned::Learned;
use paywarden_domain::transaction::refund::Refunds;
use paywarden_domain::transaction::state::StatusReports;
use paywarden_domain::transaction::submission::Submissions;
use paywarden_domain::transaction::{MerchantFields, ProviderBinding, Transaction, UnpaidReason};
use paywarden_domain::vocabulary::Method;
use serde::{Deserialize, Serialize};

use crate::transactions::keys::IndexKeys;

#[derive(Serialize, Deserialize)]
pub(crate) struct TransactionItem {
    pub(crate) id: TransactionId,
    merchant_id: MerchantId,
    reference: String,
    occurrence: u32,
    occurrences: u32,
    method: Method,
    amount: String,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    provider: Option<ProviderBinding>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    provider_transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    payments_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    customers_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    bank_accounts_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    mandates_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    payment_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    submission_batch_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    payment_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    metadata: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    attributes: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    is_referenced: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    is_unpriced: bool,
    /// Attempts beside each other, as one text: JSON text, as attributes are. Most records are of one only, which the
    /// record's own members tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    attempts: Option<String>,
    /// JSON text, as attributes are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    learned: Option<String>,
    /// Fee, VAT, rounding mode and scale, version of the configuration, and whether they come back if not as is customary, as one text: a map of them would lift the plain
    /// record over the kilobyte that a write unit covers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    charges: Option<String>,
    #[serde(skip_serializing_if = "Refunds::is_empty", default)]
    refunds: Refunds,
    zone: Zone,
    reports: StatusReports,
    #[serde(skip_serializing_if = "Submissions::is_empty", default)]
    submissions: Submissions,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    unpaid: Option<UnpaidReason>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    held: Vec<HeldReport>,
    #[serde(skip_serializing_if = "Decisions::is_empty", default)]
    decisions: Decisions,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    updated_at: Option<Timestamp>,
    status_changed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    expired_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    fingerprint: Option<String>,
    shard: u16,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    correlation_id: Option<String>,
    list_pk: String,
    created_sk: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    charged_sk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    held_sk: Option<String>,
    status_sk: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    provider_sk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    expiry_pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    expiry_sk: Option<String>,
}

impl From<&Transaction> for TransactionItem {
    #[expect(clippy::too_many_lines, reason = "a field a line")]
    fn from(transaction: &Transaction) -> Self {
        let keys = IndexKeys::of(transaction);
        let fields = transaction.merchant_fields.clone();
        Self {
            id: transaction.id.clone(),
            merchant_id: transaction.merchant_id.clone(),
            reference: transaction.reference.clone(),
            occurrence: transaction.occurrence,
            occurrences: transaction.occurrences,
            method: transaction.method,
            amount: transaction.money.amount_text(),
            currency: transaction.money.currency(),
            provider: transaction.provider.clone(),
            provider_transaction_id: transaction.provider_transaction_id.clone(),
            payments_id: fields.payments_id,
            customers_id: fields.customers_id,
            bank_accounts_id: fields.bank_accounts_id,
            mandates_id: fields.mandates_id,
            payment_reference: fields.payment_reference,
            submission_batch_reference: fields.submission_batch_reference,
            payment_data: json_text(&fields.payment_data),
            metadata: json_text(&fields.metadata),
            destination: fields.destination,
            attributes: json_text(&transaction.said_attributes),
            is_referenced: transaction.is_referenced,
            is_unpriced: transaction.is_unpriced,
            attempts: attempts_text(&transaction.attempts),
            learned: learned_text(&transaction.learned),
            charges: transaction.charges.as_ref().map(charges_text),
            refunds: transaction.refunds.clone(),
            zone: transaction.zone.clone(),
            reports: transaction.reports.clone(),
            submissions: transaction.submissions.clone(),
            unpaid: transaction.unpaid.clone(),
            held: transaction.held.clone(),
            decisions: transaction.decisions.clone(),
            created_at: transaction.created_at,
            updated_at: transaction.updated_at,
            status_changed_at: transaction.status_changed_at,
            expired_at: transaction.expired_at,
            fingerprint: transaction.fingerprint.clone(),
            shard: transaction.shard,
            version: transaction.version,
            correlation_id: transaction.correlation_id.clone(),
            list_pk: keys.list_pk,
            created_sk: keys.created_sk,
            charged_sk: keys.charged_sk,
            held_sk: keys.held_sk,
            status_sk: keys.status_sk,
            provider_sk: keys.provider_sk,
            expiry_pk: keys.expiry_pk,
            expiry_sk: keys.expiry_sk,
        }
    }
}

impl TransactionItem {
    /// The record; the error says what does not fit.
    pub(crate) fn into_transaction(self) -> Result<Transaction, &'static str> {
        let money =
            Money::parse_payment(&self.amount, self.currency).map_err(|_| "amount is not a payment's")?;
        Ok(Transaction {
            id: self.id,
            merchant_id: self.merchant_id,
            reference: self.reference,
            occurrence: self.occurrence,
            occurrences: self.occurrences,
            method: self.method,
            money,
            provider: self.provider,
            provider_transaction_id: self.provider_transaction_id,
            merchant_fields: MerchantFields {
                payments_id: self.payments_id,
                customers_id: self.customers_id,
                bank_accounts_id: self.bank_accounts_id,
                mandates_id: self.mandates_id,
                payment_reference: self.payment_reference,
                submission_batch_reference: self.submission_batch_reference,
                payment_data: json_object(self.payment_data.as_deref())?,
                metadata: json_object(self.metadata.as_deref())?,
                destination: self.destination,
            },
            said_attributes: json_object(self.attributes.as_deref())?,
            is_referenced: self.is_referenced,
            is_unpriced: self.is_unpriced,
            attempts: attempts(self.attempts.as_deref())?,
            learned: learned(self.learned.as_deref())?,
            charges: self.charges.as_deref().map(|text| charges(text).ok_or("charges")).transpose()?,
            refunds: self.refunds,
            zone: self.zone,
            reports: self.reports,
            submissions: self.submissions,
            unpaid: self.unpaid,
            held: self.held,
            decisions: self.decisions,
            created_at: self.created_at,
            updated_at: self.updated_at,
            status_changed_at: self.status_changed_at,
            expired_at: self.expired_at,
            fingerprint: self.fingerprint,
            shard: self.shard,
            version: self.version,
            correlation_id: self.correlation_id,
        })
    }
}

fn json_text(object: &JsonObject) -> Option<String> {
    (!object.is_empty()).then(|| object.to_text())
}

fn learned_text(learned: &Learned) -> Option<String> {
    // Maps of texts and JSON values always have a text.
    (!learned.is_empty()).then(|| serde_json::to_string(learned).unwrap_or_default())
}

fn attempts_text(attempts: &[Attempt]) -> Option<String> {
    (!attempts.is_empty()).then(|| serde_json::to_string(attempts).unwrap_or_default())
}

fn attempts(text: Option<&str>) -> Result<Vec<Attempt>, &'static str> {
    text.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(text).map_err(|_| "attempts"))
}

fn learned(text: Option<&str>) -> Result<Learned, &'static str> {
    text.map_or_else(
        || Ok(Learned::default()),
        |text| serde_json::from_str(text).map_err(|_| "learned details"),
    )
}

fn charges_text(charges: &Charges) -> String {
    let Charges { fee, tax, rounding, fee_refund, configuration } = charges;
    let text = format!("{fee} {tax} {} {} {configuration}", rounding.mode, rounding.scale);
    if *fee_refund == FeeRefund::CUSTOMARY { text } else { format!("{text} {fee_refund}") }
}

fn charges(text: &str) -> Option<Charges> {
    let mut parts = text.split(' ');
    let [fee, tax, mode, scale, configuration] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let fee_refund = parts.next().map_or(Ok(FeeRefund::CUSTOMARY), FeeRefund::parse).ok()?;
    if parts.next().is_some() {
        return None;
    }
    Some(Charges {
        fee: parse_decimal(fee).ok()?,
        tax: parse_decimal(tax).ok()?,
        rounding: Rounding { mode: RoundingMode::parse(mode).ok()?, scale: scale.parse().ok()? },
        fee_refund,
        configuration: configuration.parse().ok()?,
    })
}

fn json_object(text: Option<&str>) -> Result<JsonObject, &'static str> {
    text.map_or_else(|| Some(JsonObject::default()), JsonObject::from_text)
        .ok_or("free-form data is not an object")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_read_as_they_were_written_and_as_they_were_before_they_could_be_kept() {
        let old = charges("4500 495 DOWN 0 3").unwrap();
        assert_eq!(old.fee_refund, FeeRefund::CUSTOMARY);
        assert_eq!(charges_text(&old), "4500 495 DOWN 0 3");
        for fee_refund in FeeRefund::ALL {
            let kept = Charges { fee_refund: *fee_refund, ..old.clone() };
            assert_eq!(charges(&charges_text(&kept)), Some(kept));
        }
        for bad in ["", "4500 495 DOWN 0", "4500 495 DOWN 0 3 SOMETIMES", "4500 495 DOWN 0 3 NEVER 1"] {
            assert_eq!(charges(bad), None, "{bad}");
        }
    }
}
