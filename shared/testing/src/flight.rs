//! Distance: tables in the process answer at once and one after the other, which no table in the world does. At a distance each
//! operation takes its time, and while an atomic write is under way nobody else writes its items.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// The attributes that keys are made of, by name.
const KEYS: [&str; 3] = ["id", "pk", "sk"];

/// How far away the tables are, and which items are being written.
#[derive(Debug, Default)]
pub struct Flights {
    distance: Mutex<Duration>,
    written: Mutex<BTreeSet<String>>,
}

/// An operation that is under way. When it is dropped, others may write its items.
pub(crate) struct Flight<'a> {
    flights: &'a Flights,
    items: BTreeSet<String>,
}

impl Flights {
    /// From now on each operation takes so long, and an atomic one as long again.
    pub fn set_distance(&self, distance: Duration) {
        *lock(&self.distance) = distance;
    }

    pub(crate) fn distance(&self) -> Duration {
        *lock(&self.distance)
    }

    /// Begins an operation, unless one of its items is being written, whose place among its actions is answered then.
    pub(crate) fn begin(&self, operation: &str, request: &Value) -> Result<Flight<'_>, usize> {
        let items = written_items(request);
        let mut written = lock(&self.written);
        if let Some(place) = items.iter().position(|item| written.contains(item)) {
            return Err(place);
        }
        // What writes one item does so in no time.
        let items = if operation == "TransactWriteItems" { items } else { Vec::new() };
        written.extend(items.iter().cloned());
        Ok(Flight { flights: self, items: items.into_iter().collect() })
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        lock(&self.flights.written).retain(|item| !self.items.contains(item));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an operation writes, by table and key, in the order of its actions.
pub(crate) fn written_items(request: &Value) -> Vec<String> {
    match request["TransactItems"].as_array() {
        Some(actions) => {
            let action =
                |action: &Value| action.as_object().and_then(|kinds| kinds.values().next()).map(item);
            actions.iter().filter_map(action).collect()
        }
        None if request["Item"].is_object() || request["UpdateExpression"].is_string() => vec![item(request)],
        None => Vec::new(),
    }
}

fn item(write: &Value) -> String {
    let of = if write["Item"].is_object() { &write["Item"] } else { &write["Key"] };
    let keys = KEYS.map(|name| of[name].to_string());
    format!("{} {}", write["TableName"], keys.join(" "))
}
