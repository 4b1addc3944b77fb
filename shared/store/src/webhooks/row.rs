//! A delivery as an item. Its ids are its key, and its body is compressed.

use paywarden_domain::time::{Timestamp, days};
use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::DeliveryKey;
use serde::{Deserialize, Serialize};

use super::attempted::Attempted;
use super::body;
use super::due::Due;
use crate::StoreError;
use crate::dynamo::{Item, from_item, key2, to_item};

/// How long a delivery can be looked at.
const RETENTION_DAYS: i64 = 30;

/// What the key says, by the names of the delivery's members.
const IN_KEY: [(&str, &str); 2] = [("pk", "endpoint_id"), ("sk", "id")];

#[derive(Serialize)]
struct Planned<'a> {
    pk: &'a str,
    sk: &'a str,
    #[serde(flatten)]
    delivery: &'a Delivery,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_sk: Option<String>,
    expires_at: i64,
}

#[derive(Deserialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) delivery: Delivery,
    #[serde(default)]
    due_sk: Option<String>,
    #[serde(default)]
    book: Vec<Attempted>,
}

/// A delivery and the attempts at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedDelivery {
    pub delivery: Delivery,
    /// In their order.
    pub book: Vec<Attempted>,
}

impl Row {
    pub(super) fn read(table: &str, mut item: Item) -> Result<Self, StoreError> {
        for (key, member) in IN_KEY {
            let value = item.get(key).cloned();
            item.extend(value.map(|value| (member.to_owned(), value)));
        }
        let key = item.get("sk").and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
        from_item(table, body::unpack(table, &key, item)?)
    }

    /// Its place in the due index, if it has one there.
    pub(super) fn due(&self) -> Option<Due> {
        let at = Due::time(self.due_sk.as_deref()?)?;
        Some(Due { key: self.delivery.key(), at })
    }
}

impl From<Row> for BookedDelivery {
    fn from(row: Row) -> Self {
        Self { delivery: row.delivery, book: row.book }
    }
}

/// The item of a new delivery, with its place in the index, if it has one.
pub(super) fn item(
    table: &str,
    delivery: &Delivery,
    place: Option<(String, String)>,
) -> Result<Item, StoreError> {
    let (due_pk, due_sk) = place.unzip();
    let planned = Planned {
        pk: delivery.endpoint_id.as_str(),
        sk: delivery.id.as_str(),
        delivery,
        due_pk,
        due_sk,
        expires_at: expires_at(delivery.created_at),
    };
    let mut item = to_item(table, &planned)?;
    item.retain(|name, value| !value.is_null() && IN_KEY.iter().all(|(_, member)| name != member));
    Ok(body::pack(item))
}

pub(super) fn expires_at(created_at: Timestamp) -> i64 {
    created_at.plus_seconds(days(RETENTION_DAYS)).as_seconds()
}

pub(super) fn key(of: &DeliveryKey) -> Item {
    key2(("pk", of.endpoint_id.as_str()), ("sk", of.delivery_id.as_str()))
}
