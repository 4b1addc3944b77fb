//! What a run comes to, as JSON.

use std::collections::BTreeMap;
use std::time::Instant;

use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::digest::MultisetDigest;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::reconciliation::{BookSide, Outcome};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::input::SideRows;
use crate::output::Written;

type Totals = BTreeMap<(Currency, Kind), i128>;

/// A summary under construction.
pub struct Summary {
    rows: BTreeMap<BookSide, u32>,
    totals: BTreeMap<BookSide, Totals>,
    outcomes: Map<String, Value>,
    sums: Map<String, Value>,
    conserved: bool,
    digest: MultisetDigest,
}

impl Summary {
    /// What went in.
    pub fn of_inputs(ledger: &SideRows, statement: &SideRows) -> Self {
        let sides = [(BookSide::Ledger, ledger), (BookSide::Statement, statement)];
        Self {
            rows: sides.iter().map(|(origin, side)| (*origin, side.count)).collect(),
            totals: sides.iter().map(|(origin, side)| (*origin, side.totals.sorted())).collect(),
            outcomes: Map::new(),
            sums: Map::new(),
            conserved: true,
            digest: MultisetDigest::default(),
        }
    }

    /// What came out of one side.
    pub fn add(&mut self, origin: BookSide, written: &Written) {
        let counts = written.counts.sorted().into_iter();
        let counts = counts
            .filter_map(|(outcome, count)| Some((outcome.to_string(), json!(u64::try_from(count).ok()?))));
        self.outcomes.insert(origin.to_string(), Value::Object(counts.collect()));
        self.sums.insert(origin.to_string(), sums(written));
        self.conserved &= self.is_conserved(origin, written);
        self.digest.merge(&written.digest);
    }

    /// Every row that went in came out once, and so did every minor unit, by currency and kind.
    fn is_conserved(&self, origin: BookSide, written: &Written) -> bool {
        let rows: i128 = written.counts.sorted().into_values().sum();
        let mut totals = Totals::new();
        for ((currency, kind, _), minor) in written.sums.sorted() {
            let sum = totals.entry((currency, kind)).or_default();
            *sum = sum.saturating_add(minor);
        }
        self.rows.get(&origin).copied().map(i128::from) == Some(rows)
            && self.totals.get(&origin) == Some(&totals)
    }

    /// The summary as text.
    pub fn finish(self, started: Instant) -> String {
        let rows: Map<String, Value> =
            self.rows.iter().map(|(origin, count)| (origin.to_string(), json!(count))).collect();
        let summary = json!({
            "rows": rows,
            "outcomes": self.outcomes,
            "sums": self.sums,
            "conserved": self.conserved,
            "result_sha256": self.digest.finish(),
            "seconds": seconds(started),
            "peak_memory_bytes": peak_memory_bytes(),
        });
        serde_json::to_string_pretty(&summary).unwrap_or_default()
    }
}

/// Amounts by currency, kind and outcome.
fn sums(written: &Written) -> Value {
    let mut currencies: BTreeMap<String, BTreeMap<String, BTreeMap<Outcome, String>>> = BTreeMap::new();
    for ((currency, kind, outcome), minor) in written.sums.sorted() {
        let amount = Decimal::try_from_i128_with_scale(minor, currency.exponent()).unwrap_or_default();
        let kinds = currencies.entry(currency.to_string()).or_default();
        kinds.entry(kind.to_string()).or_default().insert(outcome, amount.normalize().to_string());
    }
    json!(currencies)
}

/// Seconds with milliseconds, as text that is a number.
fn seconds(started: Instant) -> Value {
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// The most memory this process had at once, where the system tells.
fn peak_memory_bytes() -> Value {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    kilobytes.map_or(Value::Null, |kilobytes| json!(kilobytes.saturating_mul(1024)))
}
