//! Records, as far as programs look into them. What is not named here is in the answer's JSON. Words are text: a client
//! that is older than its server still reads what it says.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};
use serde_json::Number;

/// A transaction.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Transaction {
    pub id: String,
    pub transaction_reference: String,
    /// Its amount, in the currency's major unit.
    #[serde(deserialize_with = "exact")]
    pub amount: Decimal,
    pub currency: String,
    /// Which way the money goes.
    pub direction: String,
    /// How it is paid.
    pub method: String,
    pub status: String,
    /// Its provider, once one is assumed or known.
    pub provider_id: Option<String>,
    pub version: u64,
}

/// A payment provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Provider {
    pub id: String,
    #[serde(rename = "type")]
    pub provider_type: String,
    /// What people call it.
    pub name: String,
    /// Where it calls back. A token in it is shown once, to whoever created the provider.
    pub callback_url: String,
    /// Counts its changes; what `If-Match` takes.
    pub version: u64,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

/// Reads an amount digit by digit.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let digits = Number::deserialize(deserializer)?.to_string();
    Decimal::from_str_exact(&digits).map_err(de::Error::custom)
}
