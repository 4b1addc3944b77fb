//! What a world has left behind once it has come to rest, read once for everybody who looks at it.

use std::collections::BTreeMap;

use paywarden_domain::counts::Counts;
use paywarden_domain::id::EndpointId;
use paywarden_domain::provider::Provider;
use paywarden_domain::reconciliation::exception::Exception;
use paywarden_domain::reconciliation::run::Run;
use paywarden_domain::time::Day;
use paywarden_domain::totals::Totals;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::webhook::replay::Selection;
use paywarden_domain::webhook::{Delivery, EventType};
use paywarden_reconciliation::finish::report_key;
use paywarden_store::webhooks::DeliveryQuery;
use paywarden_testing::{NEWER_MEMBER, TestStage};
use paywarden_webhooks::news::News;
use serde_json::{Map, Value, json};

use crate::party::{Address, Party};
use crate::receivers::Post;
use crate::words::Speaker;
use crate::world::World;

/// Tables whose items are somebody's.
const TABLES: [&str; 10] = [
    "TransactionsTable",
    "ProviderReferencesTable",
    "ReportKeysTable",
    "TimelineTable",
    "TotalsTable",
    "LedgerTable",
    "WebhooksTable",
    "ProvidersTable",
    "ProviderHealthTable",
    "ReconciliationTable",
];

/// More findings than a run of a world has.
const FINDINGS: u16 = 500;

/// Everything that is left.
pub struct Remains {
    /// Items by table, without the types that the wire writes before each value.
    pub items: Vec<(&'static str, Value)>,
    /// The records of each party, by reference.
    families: Vec<BTreeMap<String, Vec<Transaction>>>,
    /// The running totals of each party.
    totals: Vec<Totals>,
    /// The running counts of each party.
    counts: Vec<Counts>,
    deliveries: BTreeMap<String, Delivery>,
    pub posts: Vec<Post>,
    /// Files, by their keys.
    pub files: Vec<(String, String)>,
    /// All runs of reconciliation.
    pub runs: Vec<Run>,
    /// Those that compared everything when it had come to rest.
    pub closed: Vec<Closed>,
    pub providers: Vec<Provider>,
}

/// A run that compared everything.
pub struct Closed {
    pub party: usize,
    pub speaker: Speaker,
    pub run: Run,
    /// The rows of its report.
    pub rows: Vec<Value>,
    /// What it found.
    pub found: Vec<Exception>,
}

impl Remains {
    /// Reads everything.
    pub async fn of(world: &World) -> Self {
        let items: Vec<(&'static str, Value)> = TABLES
            .into_iter()
            .flat_map(|table| {
                world.stage.items(table).into_iter().map(move |item| (table, plain_item(&item)))
            })
            .collect();
        let (mut families, mut totals, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for party in &world.parties {
            let mut records = BTreeMap::new();
            for reference in world.scenario.references() {
                let family = world.stage.transactions().family_of(&party.merchant.id, reference).await;
                records.insert(reference.to_owned(), family.expect("records can be read"));
            }
            families.push(records);
            let (from, until) = (day("2026-11-01"), day("2026-12-31"));
            let sums = world.stage.totals().list(&party.merchant.id, 1, from, until).await;
            totals.push(sums.expect("totals can be read"));
            let (from, until) = (day("2026-01-01"), day("2026-12-31"));
            let standing = world.stage.totals().counts(&party.merchant.id, 1, from, until).await;
            counts.push(standing.expect("counts can be read"));
        }
        let mut deliveries = BTreeMap::new();
        for address in world.parties.iter().flat_map(|party| &party.addresses) {
            let of_it = deliveries_to(&world.stage, &address.id).await;
            deliveries.extend(of_it.into_iter().map(|delivery| (delivery.id.to_string(), delivery)));
        }
        let files = files(&world.stage);
        let mut runs = Vec::new();
        for party in &world.parties {
            runs.extend(world.runs(party.place).await);
        }
        let closed = closed(world, &runs).await;
        let providers = world.stage.providers().all().await.expect("providers can be read");
        let posts = world.receivers.posts();
        Self { items, families, totals, counts, deliveries, posts, files, runs, closed, providers }
    }

    /// The items of one table.
    pub fn items_of(&self, table: &'static str) -> impl Iterator<Item = &Value> {
        self.items.iter().filter(move |(of, _)| *of == table).map(|(_, item)| item)
    }

    /// The records of a party under a reference, the first one first.
    #[must_use]
    pub fn family(&self, party: &Party, reference: &str) -> &[Transaction] {
        self.families[party.place].get(reference).map(Vec::as_slice).unwrap_or_default()
    }

    /// All records of a party.
    pub fn records(&self, party: &Party) -> impl Iterator<Item = &Transaction> {
        self.families[party.place].values().flatten()
    }

    /// The running totals of a party.
    #[must_use]
    pub fn totals(&self, party: &Party) -> &Totals {
        &self.totals[party.place]
    }

    /// The running counts of a party.
    #[must_use]
    pub fn counts(&self, party: &Party) -> &Counts {
        &self.counts[party.place]
    }

    /// The rows of a party in the ledger table.
    pub fn ledger(&self, party: &Party) -> impl Iterator<Item = &Value> {
        self.items_of("LedgerTable").filter(|row| row["merchant_id"] == party.merchant.id.as_str())
    }

    /// A delivery, if it was planned.
    #[must_use]
    pub fn delivery(&self, id: &str) -> Option<&Delivery> {
        self.deliveries.get(id)
    }

    /// Whether an endpoint was switched off.
    #[must_use]
    pub fn is_disabled(&self, address: &Address) -> bool {
        let sort = format!("endpoint#{}", address.id);
        self.items_of("WebhooksTable").any(|item| item["sk"] == sort.as_str() && item["status"] == "DISABLED")
    }

    /// What was frozen of the last version of a record that an endpoint was to be told of.
    #[must_use]
    pub fn last_told(&self, world: &World, address: &Address, record: &Transaction) -> Option<Value> {
        let wants = |event: EventType| address.manner.events.contains(&event);
        let news = world.told.changes.iter().rev().filter_map(News::news);
        let mut of_it = news.filter(|news| news.subject == record.id.as_str() && wants(news.event));
        let last = of_it.next()?;
        let delivery = self.delivery(address.delivery_of(&last).as_str())?;
        serde_json::from_str(&delivery.body).ok()
    }
}

fn files(stage: &TestStage) -> Vec<(String, String)> {
    let keys = stage.objects.keys().into_iter();
    keys.map(|key| (key.clone(), stage.objects.text(&key).unwrap_or_default())).collect()
}

/// The runs that compared everything, with what they came to.
async fn closed(world: &World, runs: &[Run]) -> Vec<Closed> {
    let mut closed = Vec::new();
    for (party, speaker, id) in world.office.iter().flat_map(|office| &office.closing) {
        let run = runs.iter().find(|run| run.id == *id).expect("a run that was begun is there").clone();
        let found = world.stage.reconciliation().findings(id, None, None, FINDINGS).await;
        let found = found.expect("findings can be read").exceptions;
        let report = world.stage.objects.text(&report_key(&run)).unwrap_or_default();
        closed.push(Closed { party: *party, speaker: *speaker, rows: rows(&report), run, found });
    }
    closed
}

/// The rows of a file, each with its members by column.
fn rows(file: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| json!(row.expect("a report can be read"))).collect()
}

/// All deliveries to an endpoint.
async fn deliveries_to(stage: &TestStage, endpoint: &EndpointId) -> Vec<Delivery> {
    let (selection, mut after, mut all) = (Selection::default(), None, Vec::new());
    loop {
        let after_it = after.as_ref();
        let query = DeliveryQuery {
            endpoint,
            selection: &selection,
            newest_first: false,
            limit: 100,
            after: after_it,
        };
        let page = stage.deliveries().list(&query).await.expect("deliveries can be read");
        all.extend(page.deliveries.into_iter().map(|found| found.delivery));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// An item without the types that the wire writes before each value, and without what this version does not know.
fn plain_item(item: &Value) -> Value {
    let members = item.as_object().into_iter().flatten().filter(|(name, _)| *name != NEWER_MEMBER);
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
