//! Totals, ledger and records say the same, to the last cent.

use paywarden_domain::ledger::rows;
use paywarden_domain::totals::{Totals, contribution, merge};
use serde_json::{Value, json};

use crate::party::Party;
use crate::world::World;

pub(super) async fn check(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for party in &world.parties {
        wrong.extend(totals(world, party).await);
        wrong.extend(ledger(world, party).await);
    }
    wrong
}

async fn totals(world: &World, party: &Party) -> Option<String> {
    let mut recounted = Totals::new();
    for record in world.records(party).await {
        merge(&mut recounted, contribution(&record));
    }
    for sums in recounted.values_mut() {
        (sums.debit, sums.credit) = (sums.debit.normalize(), sums.credit.normalize());
    }
    let running = world.running_totals(party).await;
    (running != recounted).then(|| format!("totals of {}: {running:?}, recounted: {recounted:?}", party.name))
}

async fn ledger(world: &World, party: &Party) -> Option<String> {
    let expected = world.records(party).await;
    let expected = in_order(expected.iter().flat_map(rows).map(|row| json!(row)).collect());
    let written = in_order(world.ledger(party));
    (written != expected).then(|| {
        let texts = [&written, &expected].map(|rows| json!(rows).to_string());
        format!("ledger of {}\n  written:  {}\n  recounted: {}", party.name, texts[0], texts[1])
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
