//! Submission entries: what the bank said about a debit order, step by step. They merge as a set, in time order.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::time::{Timestamp, Zone};

/// One entry. The two kinds of debit order are reported in two shapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Submission {
    /// DebiCheck: a status with an optional message.
    DebiCheck {
        timestamp: Timestamp,
        /// The status, as the bureau calls it.
        status: String,
        message: Option<String>,
        bank_code: u32,
    },
    /// EFT: a code with its message.
    Eft {
        date: Timestamp,
        /// The code, leading zeros included.
        code: String,
        message: String,
    },
}

impl Submission {
    /// The entry as the transactions API shows it: DebiCheck in UTC with milliseconds, EFT on the merchant's clocks.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        match self {
            Self::DebiCheck { timestamp, status, message, bank_code } => json!({
                "status": status,
                "message": message,
                "bank_code": bank_code,
                "timestamp": timestamp.to_rfc3339_millis(),
            }),
            Self::Eft { date, code, message } => json!({
                "date": zone.clock_text(*date),
                "code": code,
                "message": message,
            }),
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::DebiCheck { timestamp, .. } => *timestamp,
            Self::Eft { date, .. } => *date,
        }
    }

    /// The entry as of `otherwise`, if its own time can't be.
    pub(crate) fn bound(&mut self, can_be: impl Fn(Timestamp) -> bool, otherwise: Timestamp) {
        let (Self::DebiCheck { timestamp: at, .. } | Self::Eft { date: at, .. }) = self;
        if !can_be(*at) {
            *at = otherwise;
        }
    }
}

/// A bounded set of entries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Submissions(BTreeSet<Submission>);

impl Submissions {
    /// Entries kept per record; beyond it the oldest go, whatever order they came in.
    pub const LIMIT: usize = 50;

    /// Adds entries; one that is there already changes nothing.
    pub fn merge(&mut self, entries: &[Submission]) {
        self.0.extend(entries.iter().cloned());
        while self.0.len() > Self::LIMIT {
            let oldest = self.0.iter().min_by_key(|entry| (entry.at(), (*entry).clone())).cloned();
            let Some(oldest) = oldest else { return };
            self.0.remove(&oldest);
        }
    }

    /// The entries, oldest first.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Submission> {
        let mut entries: Vec<_> = self.0.iter().collect();
        entries.sort_by_key(|entry| entry.at());
        entries
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(second: i64) -> Submission {
        Submission::Eft {
            date: Timestamp::from_seconds(second).unwrap(),
            code: format!("{second:06}"),
            message: "ACCEPTED".to_owned(),
        }
    }

    #[test]
    fn merging_is_independent_of_order_even_at_the_limit() {
        let entries: Vec<_> = (0..80).map(entry).collect();
        let (mut forward, mut backward) = (Submissions::default(), Submissions::default());
        for one in &entries {
            forward.merge(std::slice::from_ref(one));
        }
        for one in entries.iter().rev() {
            backward.merge(&[one.clone(), one.clone()]);
        }
        assert_eq!(forward, backward);
        assert_eq!(forward.in_order().len(), Submissions::LIMIT);
        assert_eq!(forward.in_order().first(), Some(&&entry(30)));
    }

    #[test]
    fn the_two_shapes_of_the_transactions_api() {
        let debicheck = Submission::DebiCheck {
            timestamp: Timestamp::parse("2025-01-20T03:30:03.737Z").unwrap(),
            status: "PAID".to_owned(),
            message: None,
            bank_code: 0,
        };
        let expected = json!({"status": "PAID", "message": null, "bank_code": 0, "timestamp": "2025-01-20T03:30:03.737Z"});
        assert_eq!(debicheck.to_json(&Zone::UTC), expected);
        let eft = Submission::Eft {
            date: Timestamp::parse("2025-04-07T05:35:02Z").unwrap(),
            code: "000080".to_owned(),
            message: "** WARNING ONLY".to_owned(),
        };
        let expected = json!({"date": "2025-04-07 07:35:02", "code": "000080", "message": "** WARNING ONLY"});
        assert_eq!(eft.to_json(&Zone::parse("Africa/Johannesburg").unwrap()), expected);
    }
}
