//! Details that providers' reports bring along: wallets, account names, what a bank statement will show. Two reports
//! may tell the same detail differently, and they may come in any order, so each is kept with its time and the earliest
//! word stands. What the merchant itself said is kept apart and always wins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::JsonObject;
use crate::time::Timestamp;
use crate::transaction::report::Report;

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
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id_on_statements: Option<Told>,
}

impl Learned {
    /// What one report tells.
    fn of(report: &Report) -> Self {
        let told = |value: &Value| Told { at: report.occurred_at, value: value.clone() };
        let text = |text: &Option<String>| text.as_ref().map(|text| told(&Value::String(text.clone())));
        let attributes = report
            .attributes
            .keys()
            .map(|key| (key.to_owned(), told(&report.attributes.get(key).cloned().unwrap_or_default())));
        Self {
            attributes: attributes.collect(),
            payment_reference: text(&report.payment_reference),
            id_on_statements: text(&report.id_on_statements),
        }
    }

    /// Adds what a report tells. Adding it again changes nothing.
    pub fn add(&mut self, report: &Report) {
        self.merge(&Self::of(report));
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
        for (own, others) in [
            (&mut self.payment_reference, &other.payment_reference),
            (&mut self.id_on_statements, &other.id_on_statements),
        ] {
            *own = match (own.take(), others.clone()) {
                (Some(own), Some(others)) => Some(own.earlier(others)),
                (own, others) => own.or(others),
            };
        }
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

    /// The provider's id of the payment as its statements show it, where that is another one than it is known by.
    #[must_use]
    pub fn id_on_statements(&self) -> Option<&str> {
        self.id_on_statements.as_ref()?.value.as_str()
    }

    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
