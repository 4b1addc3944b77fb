//! What can be seen of a merchant's payments: under a reference, in the books, and by whoever is told of them.
//!
//! Ids, occurrence numbers, versions and our own times tell when and how often something was written, and which merchant it is;
//! they are left out. Everything that is left has to be the same whatever the order of what was said.

use std::collections::BTreeMap;

use paywarden_domain::totals::{Sums, TotalsKey};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::family::answering;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::status_answer::StatusAnswer;
use paywarden_domain::vocabulary::{Method, Status};
use serde_json::{Map, Value, json};

use crate::party::Party;
use crate::remains::Remains;
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

/// Columns of a report that tell where its rows stood.
const PLACES: [&str; 4] = ["line", "counterpart_line", "statement_id", "counterpart_statement_id"];

/// Everything that can be seen of a merchant's payments, each view under its name.
#[must_use]
pub fn views(world: &World, remains: &Remains, party: &Party) -> BTreeMap<String, Value> {
    let mut views = BTreeMap::new();
    for reference in world.scenario.references() {
        let family = remains.family(party, reference);
        let records = family.iter().map(|one| shown(party, one)).collect();
        views.insert(format!("records of {reference}"), as_set(records));
        let answer = answering(family);
        views.insert(format!("record/{reference}"), json!(answer.map(|one| shown(party, one))));
        let status = answer.map(|one| lasting(&json!(StatusAnswer::new(one, &party.merchant.zone))));
        views.insert(format!("status of {reference}"), json!(status));
    }
    views.insert("ledger".to_owned(), as_set(remains.ledger(party).map(lasting).collect()));
    views.insert("totals".to_owned(), totals(remains, party));
    views.insert("counts".to_owned(), counts(remains, party));
    for closed in remains.closed.iter().filter(|closed| closed.party == party.place) {
        let name = format!("reconciliation with {:?}", closed.speaker);
        views.insert(name, as_set(closed.rows.iter().map(compared).collect()));
    }
    views.insert("last webhooks".to_owned(), last_webhooks(world, remains, party));
    views
}

/// A record as the API shows it, with the payment that it is of.
fn shown(party: &Party, record: &Transaction) -> Value {
    let shown = lasting(&json!(TransactionRecord::new(record, &party.merchant.zone)));
    json!({"record": shown, "payment": record.provider_transaction_id})
}

/// A row of a report without what tells where it stood, and whose it is.
fn compared(row: &Value) -> Value {
    let mut row = lasting(row);
    if let Some(members) = row.as_object_mut() {
        members.retain(|name, _| !PLACES.contains(&name.as_str()));
    }
    row
}

fn totals(remains: &Remains, party: &Party) -> Value {
    let line = |(key, sums): (&TotalsKey, &Sums)| {
        json!([
            key.day.to_string(),
            key.currency.to_string(),
            key.provider.as_ref().map(|id| party.name_of(id)),
            key.method,
            key.status,
            sums.debit.normalize().to_string(),
            sums.credit.normalize().to_string(),
            sums.fee.normalize().to_string(),
            sums.tax.normalize().to_string(),
            sums.count
        ])
    };
    as_set(remains.totals(party).iter().map(line).collect())
}

/// Counts of all days: what a provider tells first is created when that comes.
fn counts(remains: &Remains, party: &Party) -> Value {
    let mut counts: BTreeMap<(Option<String>, Method, Status), i64> = BTreeMap::new();
    for (key, own) in remains.counts(party) {
        let provider = key.provider.as_ref().map(|id| party.name_of(id).to_string());
        for (status, count) in own {
            *counts.entry((provider.clone(), key.method, *status)).or_default() += count;
        }
    }
    json!(counts.into_iter().collect::<Vec<_>>())
}

/// What whoever wants to hear everything was told last of each record.
fn last_webhooks(world: &World, remains: &Remains, party: &Party) -> Value {
    let told = party.addresses.first().into_iter().flat_map(|address| {
        remains.records(party).map(|record| remains.last_told(world, address, record).as_ref().map(lasting))
    });
    as_set(told.map(Option::unwrap_or_default).collect())
}

/// What is left of a JSON value without what is left out, at any depth.
fn lasting(value: &Value) -> Value {
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
