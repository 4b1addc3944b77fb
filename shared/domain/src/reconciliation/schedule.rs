//! When runs are due: at each provider's settlement time, for the day whose books have closed, and for days before it whose
//! statements came late or anew.

use crate::provider::settlement::Settlement;
use crate::time::{Day, Timestamp};

/// Closed days that are looked at, the last one included.
const DAYS: i32 = 8;

/// The days of a provider whose books have closed by `now`, newest first. A day on which the clocks skip the settlement time
/// closes when it would have been; one on which they show it twice, the first time.
#[must_use]
pub fn closed_days(settlement: &Settlement, now: Timestamp) -> Vec<Day> {
    let today = settlement.zone.day_of(now);
    let has_closed = |day: &Day| settlement.closes_at(*day).is_some_and(|moment| moment <= now);
    (0..=DAYS).map(|back| today.plus_days(0_i32.saturating_sub(back))).filter(has_closed).take(8).collect()
}

/// The first day of the window that a scheduled run for `day` judges: payments since then may be settled by it.
#[must_use]
pub fn first_day(settlement: &Settlement, day: Day) -> Day {
    day.minus_business_days(settlement.lag_days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::settlement::ClockTime;
    use crate::time::Zone;

    fn settlement(time: &str, zone: &str) -> Settlement {
        let (time, zone) = (ClockTime::parse(time).unwrap(), Zone::parse(zone).unwrap());
        Settlement { time, zone, lag_days: 2 }
    }

    fn last_closed(settlement: &Settlement, now: &str) -> String {
        closed_days(settlement, Timestamp::parse(now).unwrap())[0].to_string()
    }

    #[test]
    fn a_day_closes_at_the_settlement_time_on_the_providers_clocks() {
        let jakarta = settlement("23:00", "Asia/Jakarta");
        assert_eq!(last_closed(&jakarta, "2026-11-20T15:59:59Z"), "2026-11-19");
        assert_eq!(last_closed(&jakarta, "2026-11-20T16:00:00Z"), "2026-11-20");
        let days = closed_days(&jakarta, Timestamp::parse("2026-11-20T16:00:00Z").unwrap());
        assert_eq!((days.len(), days[7].to_string()), (8, "2026-11-13".to_owned()));
        assert_eq!(first_day(&jakarta, Day::parse("2026-11-23").unwrap()).to_string(), "2026-11-19");
    }

    #[test]
    fn days_of_summer_time_close_once() {
        // Clocks skip from 02:00 to 03:00, and show 02:00 to 03:00 twice.
        let amsterdam = settlement("02:30", "Europe/Amsterdam");
        assert_eq!(last_closed(&amsterdam, "2026-03-29T01:29:00Z"), "2026-03-28");
        assert_eq!(last_closed(&amsterdam, "2026-03-29T01:30:00Z"), "2026-03-29");
        assert_eq!(last_closed(&amsterdam, "2026-10-25T00:29:00Z"), "2026-10-24");
        assert_eq!(last_closed(&amsterdam, "2026-10-25T00:30:00Z"), "2026-10-25");
        assert_eq!(last_closed(&amsterdam, "2026-10-25T01:30:00Z"), "2026-10-25");
    }
}
