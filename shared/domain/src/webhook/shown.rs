//! How an endpoint does, as the API shows it.

use serde_json::{Value, json};

use crate::time::{Timestamp, Zone};
use crate::webhook::Health;
use crate::webhook::health::Tally;

impl Health {
    /// How it does at `now`, with as many deliveries parked.
    #[must_use]
    pub fn to_json(&self, parked: u64, now: Timestamp, zone: &Zone) -> Value {
        let clock = |at: Option<Timestamp>| at.map(|at| zone.clock_text(at));
        let day = self.last_day(now);
        json!({
            "last_success_at": clock(self.last_success_at),
            "last_failure_at": clock(self.last_failure_at),
            "failing_since": clock(self.failing_since),
            "consecutive_failures": self.consecutive_failures,
            "attempts_last_day": attempts(day),
            "succeeded_last_day": day.succeeded,
            "success_share_last_day": share(day),
            "breaker": if self.open.is_some() { "OPEN" } else { "CLOSED" },
            "next_probe_at": clock(self.open.map(|open| open.probe_at)),
            "parked": parked,
        })
    }
}

fn attempts(tally: Tally) -> u64 {
    u64::from(tally.succeeded).saturating_add(tally.failed.into())
}

/// Successes among the attempts, to four decimals, rounded down: what is not all is not shown as all.
fn share(tally: Tally) -> Option<String> {
    let parts = u64::from(tally.succeeded).saturating_mul(10_000).checked_div(attempts(tally))?;
    Some(format!("{}.{:04}", parts / 10_000, parts % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::health::Open;

    #[test]
    fn shares_are_rounded_down_and_there_are_none_of_nothing() {
        let of = |succeeded, failed| share(Tally { succeeded, failed });
        assert_eq!(of(0, 0), None);
        assert_eq!((of(2, 1).as_deref(), of(197, 3).as_deref()), (Some("0.6666"), Some("0.9850")));
        assert_eq!((of(99_999, 1).as_deref(), of(7, 0).as_deref()), (Some("0.9999"), Some("1.0000")));
    }

    #[test]
    fn an_open_breaker_says_when_it_probes() {
        let (now, zone) = (Timestamp::from_seconds(1_763_600_400).unwrap(), Zone::UTC);
        let shown = Health::default().to_json(0, now, &zone);
        assert_eq!((&shown["breaker"], &shown["next_probe_at"]), (&json!("CLOSED"), &json!(null)));
        let open = Open { since: now, probe_at: now.plus_seconds(60), probes: 0 };
        let shown = Health { open: Some(open), ..Health::default() }.to_json(3, now, &zone);
        assert_eq!((&shown["breaker"], &shown["parked"]), (&json!("OPEN"), &json!(3)));
        assert_eq!(shown["next_probe_at"], zone.clock_text(now.plus_seconds(60)));
    }
}
