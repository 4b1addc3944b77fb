//! The record as the status API shows it: camel case, times with an offset, attributes by method.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::id::{ID_BODY_LENGTH, TransactionId};
use crate::time::Zone;
use crate::transaction::Transaction;
use crate::vocabulary::{Direction, Method};

/// A transaction in the status API. Send Money has no `expiredAt`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusAnswer {
    id: String,
    external_id: String,
    amount: Number,
    status: &'static str,
    attributes: Map<String, Value>,
    created_at: String,
    paid_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_at: Option<Option<String>>,
    metadata: Value,
}

impl StatusAnswer {
    /// Writes `transaction` for a merchant in `zone`. Attributes that are not known yet are null.
    #[must_use]
    pub fn new(transaction: &Transaction, zone: &Zone) -> Self {
        let attributes = transaction.attributes();
        let attribute = |key: &&str| {
            let value = attributes.get(key).cloned().unwrap_or(Value::Null);
            ((*key).to_owned(), value)
        };
        let expires = transaction.expires_or_expired_at().map(|moment| zone.offset_text(moment));
        Self {
            id: status_id(transaction.method, &transaction.id),
            external_id: transaction.reference.clone(),
            amount: transaction.settled().amount_number(),
            status: transaction.status().as_str(),
            attributes: transaction.method.attribute_keys().iter().map(attribute).collect(),
            created_at: zone.offset_text(transaction.created_at),
            paid_at: transaction.charged_at().map(|moment| zone.offset_text(moment)),
            expired_at: (transaction.direction() == Direction::Receive).then_some(expires),
            metadata: transaction.merchant_fields.metadata.to_value(),
        }
    }
}

/// The status API's id of a transaction: its 26 characters behind the method's prefix.
#[must_use]
pub fn status_id(method: Method, id: &TransactionId) -> String {
    format!("{}{}", method.status_id_prefix(), id.body())
}

/// An id as the status API takes it: which transaction, and which prefix the caller believes it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusId {
    pub transaction_id: TransactionId,
    prefix: String,
}

impl StatusId {
    /// Reads `QR_…`, `EW_…`, `VA_…`, `CC_…`, `DO_…`, `SM_…` or `tra_…`. `None` when it is none of them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let split = text.len().checked_sub(ID_BODY_LENGTH)?;
        let (prefix, body) = (text.get(..split)?, text.get(split..)?);
        let known = prefix == TransactionId::PREFIX
            || Method::ALL.iter().any(|method| method.status_id_prefix() == prefix);
        let transaction_id = TransactionId::parse(&format!("{}{body}", TransactionId::PREFIX)).ok()?;
        known.then(|| Self { transaction_id, prefix: prefix.to_owned() })
    }

    /// Whether the prefix fits a transaction of this method.
    #[must_use]
    pub fn fits(&self, method: Method) -> bool {
        self.prefix == TransactionId::PREFIX || self.prefix == method.status_id_prefix()
    }
}
