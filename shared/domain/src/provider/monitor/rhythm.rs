//! Silence, against a provider's own rhythm: how many callbacks each hour of the day usually brings. A night without
//! any is usual for most; a noon is not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Thresholds;

/// Days that an hour of the day must have been watched.
const KNOWN_DAYS: u32 = 3;
/// Days after which an hour's average moves by a seventh of what is new.
const MEMORY_DAYS: u32 = 7;
/// Hours that a silence is followed back; by then it has long been noticed.
const MOST_MINUTES: i64 = 48 * 60;
/// Hours that are closed in one step after a long pause.
const MOST_HOURS: i64 = 48;

/// One hour of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Hour {
    /// Callbacks in thousandths, on average.
    milli: u64,
    days: u32,
}

/// What each hour of the day (UTC) usually brings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rhythm {
    hours: BTreeMap<u8, Hour>,
    /// Callbacks of hours (since 1970) that are not closed yet.
    open: BTreeMap<i64, u32>,
    /// The first hour that is not closed yet.
    closed_until: Option<i64>,
}

/// A time without a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Silence {
    minutes: i64,
    expected_milli: u64,
}

impl Silence {
    /// Whether it is not usual: more callbacks are missing than chance explains.
    pub(super) fn is_long(self, thresholds: &Thresholds) -> bool {
        self.minutes >= thresholds.silent_minutes() && self.expected_milli >= thresholds.missing_milli()
    }

    pub(super) fn reason(self) -> String {
        format!(
            "no callback for {} minutes, in which about {} are usual",
            self.minutes,
            self.expected_milli / 1000
        )
    }

    pub(super) fn numbers(self) -> Value {
        json!({"silent_minutes": self.minutes, "usual_callbacks": self.expected_milli / 1000})
    }
}

impl Rhythm {
    pub(super) fn count(&mut self, minute: i64, received: u32) {
        let hour = self.open.entry(minute.div_euclid(60)).or_default();
        *hour = hour.saturating_add(received);
    }

    /// Takes the hours that are over into the averages, those without callbacks too; `usual` is false while the
    /// provider is in trouble, when there is nothing to learn.
    pub(super) fn close_hours(&mut self, present: i64, usual: bool) {
        let present_hour = present.div_euclid(60);
        let first = self.closed_until.or_else(|| self.open.keys().next().copied());
        let Some(first) = first else { return };
        for hour in first.max(present_hour.saturating_sub(MOST_HOURS))..present_hour {
            let received = self.open.remove(&hour).unwrap_or_default();
            if usual {
                self.learn(hour, received);
            }
        }
        self.open.retain(|hour, _| *hour >= present_hour);
        self.closed_until = Some(present_hour);
    }

    fn learn(&mut self, hour: i64, received: u32) {
        let average = self.hours.entry(hour_of_day(hour)).or_default();
        let weight = u64::from(average.days.saturating_add(1).min(MEMORY_DAYS));
        let news = u64::from(received).saturating_mul(1000);
        let kept = average.milli.saturating_mul(weight.saturating_sub(1));
        average.milli = kept.saturating_add(news).checked_div(weight).unwrap_or(news);
        average.days = average.days.saturating_add(1);
    }

    /// The silence since the last callback, or since `since` if that is later; none while it is not known what is usual.
    pub(super) fn silence(&self, last_received: Option<i64>, since: i64, present: i64) -> Option<Silence> {
        let from = last_received?.max(since).max(present.saturating_sub(MOST_MINUTES));
        let minutes = present.saturating_sub(from);
        let expected_milli = self.expected_milli(from.saturating_add(1), present)?;
        Some(Silence { minutes, expected_milli })
    }

    /// Callbacks, in thousandths, that the minutes from `from` until before `until` usually bring; none while that is not
    /// known.
    pub(super) fn expected_milli(&self, from: i64, until: i64) -> Option<u64> {
        let mut expected_milli: u64 = 0;
        for minute in from..until {
            let hour = self.hours.get(&hour_of_day(minute.div_euclid(60)))?;
            if hour.days < KNOWN_DAYS {
                return None;
            }
            expected_milli = expected_milli.saturating_add(hour.milli / 60);
        }
        Some(expected_milli)
    }
}

fn hour_of_day(hour: i64) -> u8 {
    u8::try_from(hour.rem_euclid(24)).unwrap_or_default()
}
