//! Details that providers' reports bring along: wallets, account names, what a bank statement will show. Two reports
//! may tell the same detail differently, and they may come in any order, so each is kept with its time and the earliest
//! word stands. What the merchant itself said is kept apart and always wins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::JsonObject;
use crate::time::Timestamp;

/// A detail and when its provider says that it was so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    at: Timestamp,
    value: Value,
}

impl Told {
    /// The earlier word of the two; of one moment, the one whose text comes first, so that the order of arrival says
    /// nothing.
    fn earlier(self, other: Self) -> Self {
        let rank = |told: &Self| (told.at, told.value.to_string());
        if rank(&other) < rank(&self) { other } else { self }
    }
}

/// What the reports have told so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Learned {
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    attributes: BTreeMap<String, Told>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    payment_reference: Option<Told>,
}

impl Learned {
    /// Adds what a report of `at` tells. Adding it again changes nothing.
    pub fn add(&mut self, attributes: &JsonObject, payment_reference: Option<&str>, at: Timestamp) {
        for key in attributes.keys() {
            let value = attributes.get(key).cloned().unwrap_or_default();
            let told = Told { at, value };
            let kept = match self.attributes.remove(key) {
                Some(before) => before.earlier(told),
                None => told,
            };
            self.attributes.insert(key.to_owned(), kept);
        }
        if let Some(text) = payment_reference {
            let told = Told { at, value: Value::String(text.to_owned()) };
            self.payment_reference = Some(match self.payment_reference.take() {
                Some(before) => before.earlier(told),
                None => told,
            });
        }
    }

    /// Adds what others told.
    pub fn merge(&mut self, other: &Self) {
        for (key, told) in &other.attributes {
            let kept = match self.attributes.remove(key) {
                Some(before) => before.earlier(told.clone()),
                None => told.clone(),
            };
            self.attributes.insert(key.clone(), kept);
        }
        self.payment_reference = match (self.payment_reference.take(), other.payment_reference.clone()) {
            (Some(own), Some(others)) => Some(own.earlier(others)),
            (own, others) => own.or(others),
        };
    }

    /// `said`, with the attributes it lacks.
    #[must_use]
    pub fn complete(&self, said: &JsonObject) -> JsonObject {
        let told = self.attributes.iter().map(|(key, told)| (key.clone(), told.value.clone()));
        JsonObject::new(told.collect()).map_or_else(|_| said.clone(), |told| said.filled_from(&told))
    }

    /// What a bank statement will show.
    #[must_use]
    pub fn payment_reference(&self) -> Option<&str> {
        self.payment_reference.as_ref()?.value.as_str()
    }

    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
