//! What can be seen of a merchant's payments: under a reference, in the books, and by whoever is told of them.
//!
//! Ids, occurrence numbers, versions and our own times tell when and how often something was written, and which merchant it is;
//! they are left out. Everything that is left has to be the same whatever the order of what was said.

use std::collections::BTreeMap;

use paywarden_domain::time::Day;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::family::answering;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::status_answer::StatusAnswer;
use paywarden_domain::webhook::Delivery;
use serde_json::{Map, Value, json};

use crate::party::Party;
use crate::world::World;

/// Members of the shapes of the API and of ledger rows that say when, how often and whose.
const LEFT_OUT: [&str; 14] = [
    "id",
    "occurrence",
    "version",
    "created_at",
    "createdAt",
    "updated_at",
    "status_changed_at",
    "provider_id",
    "transaction_id",
    "merchant_id",
    "shard",
    "pk",
    "sk",
    "correlation_id",
];

/// What is left of a JSON value without what is left out, at any depth.
#[must_use]
pub fn lasting(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), lasting(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(lasting).collect(),
        other => other.clone(),
    }
}

/// Values in the order of their text: a set.
fn as_set(mut values: Vec<Value>) -> Value {
    values.sort_by_key(Value::to_string);
    Value::Array(values)
}

impl World {
    /// The records under a reference, the first one first.
    pub async fn family(&self, party: &Party, reference: &str) -> Vec<Transaction> {
        let family = self.stage.transactions().family_of(&party.merchant.id, reference).await;
        family.expect("records can be read")
    }

    /// All records of a merchant.
    pub async fn records(&self, party: &Party) -> Vec<Transaction> {
        let mut records = Vec::new();
        for reference in self.scenario.references() {
            records.extend(self.family(party, reference).await);
        }
        records
    }

    /// Everything that can be seen of a merchant's payments, each view under its name.
    pub async fn views(&self, party: &Party) -> BTreeMap<String, Value> {
        let mut views = BTreeMap::new();
        for reference in self.scenario.references() {
            let family = self.family(party, reference).await;
            let records = family.iter().map(|one| shown(party, one)).collect();
            views.insert(format!("records of {reference}"), as_set(records));
            let answer = answering(&family);
            views.insert(format!("record/{reference}"), json!(answer.map(|one| shown(party, one))));
            let status = answer.map(|one| lasting(&json!(StatusAnswer::new(one, &party.merchant.zone))));
            views.insert(format!("status of {reference}"), json!(status));
        }
        views.insert("ledger".to_owned(), as_set(self.ledger(party).iter().map(lasting).collect()));
        views.insert("totals".to_owned(), self.totals(party).await);
        views.insert("last webhooks".to_owned(), self.last_webhooks(party).await);
        views
    }

    /// The merchant's rows in the ledger table.
    #[must_use]
    pub fn ledger(&self, party: &Party) -> Vec<Value> {
        let rows = self.stage.items("LedgerTable").into_iter().map(|item| plain_item(&item));
        rows.filter(|row| row["merchant_id"] == party.merchant.id.as_str()).collect()
    }

    async fn totals(&self, party: &Party) -> Value {
        let mut lines = Vec::new();
        for (key, sums) in self.running_totals(party).await {
            let provider = key.provider.as_ref().map(|id| party.name_of(id));
            lines.push(json!([
                key.day.to_string(),
                key.currency.to_string(),
                provider,
                key.method,
                key.status,
                sums.debit.normalize().to_string(),
                sums.credit.normalize().to_string(),
                sums.count
            ]));
        }
        as_set(lines)
    }

    /// The running totals of a merchant.
    pub async fn running_totals(&self, party: &Party) -> paywarden_domain::totals::Totals {
        let day = |text| Day::parse(text).expect("a day");
        let (from, until) = (day("2026-11-01"), day("2026-12-31"));
        let totals = self.stage.totals().list(&party.merchant.id, 1, from, until).await;
        totals.expect("totals can be read")
    }

    /// What whoever wants to hear everything was told last of each record.
    async fn last_webhooks(&self, party: &Party) -> Value {
        let mut told = Vec::new();
        if let Some(address) = party.addresses.first() {
            for record in self.records(party).await {
                let last = self.last_delivery(address, &record).await.map(|one| body_of(&one));
                told.push(last.map_or(Value::Null, |body| lasting(&body)));
            }
        }
        as_set(told)
    }
}

/// What was frozen to be sent.
#[must_use]
pub fn body_of(delivery: &Delivery) -> Value {
    serde_json::from_str(&delivery.body).unwrap_or_default()
}

/// A record as the API shows it, with what its movements are of.
fn shown(party: &Party, record: &Transaction) -> Value {
    let shown = lasting(&json!(TransactionRecord::new(record, &party.merchant.zone)));
    json!({"record": shown, "payment": record.provider_transaction_id})
}

/// An item without the types that the wire writes before each value.
#[must_use]
pub fn plain_item(item: &Value) -> Value {
    let members = item.as_object().into_iter().flatten();
    Value::Object(members.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
}

fn plain(typed: &Value) -> Value {
    let Some((kind, value)) = typed.as_object().and_then(|members| members.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(digits)) => serde_json::from_str(digits).unwrap_or_default(),
        ("M", value) => plain_item(value),
        ("L", Value::Array(items)) => items.iter().map(plain).collect(),
        (_, value) => value.clone(),
    }
}
