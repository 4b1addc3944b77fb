//! Files of the ledger's days, which a merchant has written for it: one day, once, in one or more parts.

use serde::{Deserialize, Serialize};

use crate::id::MerchantId;
use crate::provider::settlement::ClockTime;
use crate::time::{Day, Timestamp, Zone};

/// Days that are looked at, so that none is left out when writing failed for a while.
const DAYS_BACK: i32 = 7;

/// What a merchant wants written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerExport {
    /// The time of day, on the merchant's clocks, from which on the file of the day before is written.
    pub at: ClockTime,
}

impl LedgerExport {
    /// The last seven days whose files are due by `now`, oldest first.
    #[must_use]
    pub fn due_days(self, zone: &Zone, now: Timestamp) -> Vec<Day> {
        let today = zone.day_of(now);
        let days = (0..=DAYS_BACK).rev().map(|back| today.plus_days(-1 - back));
        let due: Vec<Day> = days.filter(|day| self.is_due(*day, zone, now)).collect();
        let passed_over = due.len().saturating_sub(usize::try_from(DAYS_BACK).unwrap_or_default());
        due.into_iter().skip(passed_over).collect()
    }

    fn is_due(self, day: Day, zone: &Zone, now: Timestamp) -> bool {
        self.at.on(day.plus_days(1), zone).is_some_and(|moment| moment <= now)
    }
}

/// A day that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedDay {
    pub day: Day,
    /// Files that it is in, at least one.
    pub parts: u32,
    /// Rows in all of them.
    pub rows: u64,
    pub written_at: Timestamp,
}

/// Where a part of a merchant's day is; parts count from 1.
#[must_use]
pub fn part_key(merchant: &MerchantId, day: Day, part: u32) -> String {
    format!("exports/{merchant}/{}", part_name(day, part))
}

/// What a part is called.
#[must_use]
pub fn part_name(day: Day, part: u32) -> String {
    format!("ledger-{day}-{part}.csv")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: &str, zone: &str, now: &str) -> Vec<String> {
        let export = LedgerExport { at: ClockTime::parse(at).unwrap() };
        let days = export.due_days(&Zone::parse(zone).unwrap(), Timestamp::parse(now).unwrap());
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_day_is_due_when_it_has_ended_and_its_time_has_come() {
        let cases = [
            // Two in the night in Jakarta is 19:00 UTC of the day before.
            ("02:00", "Asia/Jakarta", "2026-11-20T18:59:59Z", "2026-11-19"),
            ("02:00", "Asia/Jakarta", "2026-11-20T19:00:00Z", "2026-11-20"),
            ("00:00", "Asia/Jakarta", "2026-11-20T17:00:00Z", "2026-11-20"),
            ("23:59", "Asia/Jakarta", "2026-11-20T16:58:00Z", "2026-11-18"),
            // Clocks skip from 02:00 to 03:00.
            ("02:30", "Europe/Amsterdam", "2026-03-29T01:29:00Z", "2026-03-27"),
            ("02:30", "Europe/Amsterdam", "2026-03-29T01:30:00Z", "2026-03-28"),
        ];
        for (at, zone, now, last) in cases {
            let days = due(at, zone, now);
            assert_eq!((days.len(), days.last().map(String::as_str)), (7, Some(last)), "{now}");
            assert!(days.is_sorted());
        }
    }
}
