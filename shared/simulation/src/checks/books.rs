//! Totals, counts, ledger and records say the same, to the last cent and the last payment.

use paywarden_domain::counts::counts_of;
use paywarden_domain::ledger::rows;
use paywarden_domain::totals::{Totals, contribution, merge};
use serde_json::{Value, json};

use crate::party::Party;
use crate::remains::Remains;
use crate::world::World;

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let wrong = world
        .parties
        .iter()
        .flat_map(|party| [totals(remains, party), counts(remains, party), ledger(remains, party)]);
    wrong.flatten().collect()
}

fn totals(remains: &Remains, party: &Party) -> Option<String> {
    let mut recounted = Totals::new();
    for record in remains.records(party) {
        merge(&mut recounted, contribution(record));
    }
    let running = remains.totals(party);
    (*running != recounted)
        .then(|| format!("totals of {}: {running:?}, recounted: {recounted:?}", party.name))
}

fn counts(remains: &Remains, party: &Party) -> Option<String> {
    let (running, recounted) = (remains.counts(party), counts_of(remains.records(party)));
    (*running != recounted)
        .then(|| format!("counts of {}: {running:?}, recounted: {recounted:?}", party.name))
}

fn ledger(remains: &Remains, party: &Party) -> Option<String> {
    let expected = in_order(remains.records(party).flat_map(rows).map(|row| json!(row)).collect());
    let written = in_order(remains.ledger(party).cloned().collect());
    (written != expected).then(|| {
        let texts = [&written, &expected].map(|rows| json!(rows).to_string());
        format!("ledger of {}\n  written:   {}\n  recounted: {}", party.name, texts[0], texts[1])
    })
}

/// Rows without their keys, and in one order.
fn in_order(mut rows: Vec<Value>) -> Vec<Value> {
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        row.remove("pk");
        row.remove("sk");
    }
    rows.iter_mut().for_each(Value::sort_all_objects);
    rows.sort_by_key(Value::to_string);
    rows
}
