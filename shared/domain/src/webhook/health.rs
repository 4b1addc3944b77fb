//! How an endpoint does: what its attempts came to, and whether it is spared for a while.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::{Timestamp, days};
use crate::webhook::retry::RetrySchedule;

const HOUR_SECONDS: i64 = 3600;

/// Hours that are counted: a day, the current one included.
const HOURS: i64 = 24;

/// Failures one after the other that open the breaker.
const FAILURES: u32 = 5;

/// The share of an hour's attempts, in percent, that opens it if they fail, and how many they have to be.
const SHARE_PERCENT: u32 = 70;
const SHARE_OF: u32 = 10;

/// Days of nothing but failures after which an endpoint is switched off.
const FAILING_DAYS: i64 = 5;

/// The longest wait between two probes, in seconds.
const MAX_PROBE_WAIT_SECONDS: u32 = 3600;

/// Seconds for which an endpoint counts as slow that kept an attempt waiting, and how many of them are left when it is noted
/// anew.
const SLOW_SECONDS: i64 = 60;
const SLOW_ANEW_SECONDS: i64 = 30;

/// Attempts of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    pub succeeded: u32,
    pub failed: u32,
}

/// The breaker, while it is open: everything is parked, but for one probe after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub since: Timestamp,
    /// When the next probe is made.
    pub probe_at: Timestamp,
    /// Probes that failed.
    pub probes: u32,
}

/// How an endpoint does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Failures since the last success.
    #[serde(default)]
    pub consecutive_failures: u32,
    /// The first of them.
    #[serde(default)]
    pub failing_since: Option<Timestamp>,
    #[serde(default)]
    pub last_success_at: Option<Timestamp>,
    #[serde(default)]
    pub last_failure_at: Option<Timestamp>,
    /// By hours since 1970, of about a day.
    #[serde(default)]
    pub hours: BTreeMap<String, Tally>,
    #[serde(default)]
    pub open: Option<Open>,
    /// Until when it is told beside the others, because it lets attempts wait.
    #[serde(default)]
    pub slow_until: Option<Timestamp>,
}

/// Some attempts that ended alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub at: Timestamp,
    pub succeeded: u32,
    pub failed: u32,
}

impl Health {
    /// Whether a success changes nothing but counts.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.consecutive_failures == 0 && self.open.is_none()
    }

    /// Whether it has lately let an attempt wait for its answer.
    #[must_use]
    pub fn is_slow(&self, now: Timestamp) -> bool {
        self.slow_until.is_some_and(|until| now < until)
    }

    /// Whether an attempt that waits is news: nobody has noted one for a while.
    #[must_use]
    pub fn is_slow_anew(&self, now: Timestamp) -> bool {
        !self.is_slow(now.plus_seconds(SLOW_ANEW_SECONDS))
    }

    /// The same while an attempt waits for its answer.
    #[must_use]
    pub fn slow(mut self, now: Timestamp) -> Self {
        self.slow_until = Some(now.plus_seconds(SLOW_SECONDS));
        self
    }

    /// How it does after some attempts, of which a success is the last if there is one. A success closes the breaker; enough
    /// failures open it.
    #[must_use]
    pub fn after(mut self, ended: Ended, schedule: &RetrySchedule) -> Self {
        self.count(ended);
        if ended.succeeded > 0 {
            self.last_success_at = Some(ended.at);
            (self.consecutive_failures, self.failing_since, self.open) = (0, None, None);
            return self;
        }
        self.last_failure_at = Some(ended.at);
        self.failing_since = self.failing_since.or(Some(ended.at));
        self.consecutive_failures = self.consecutive_failures.saturating_add(ended.failed);
        if self.open.is_none() && self.is_too_bad(ended.at) {
            self.open = Some(Open { since: ended.at, probe_at: probe_at(ended.at, 0, schedule), probes: 0 });
        }
        self
    }

    /// The same behind a probe that failed.
    #[must_use]
    pub fn after_probe(mut self, at: Timestamp, schedule: &RetrySchedule) -> Self {
        self = self.after(Ended { at, succeeded: 0, failed: 1 }, schedule);
        self.open = self.open.map(|open| {
            let probes = open.probes.saturating_add(1);
            Open { probes, probe_at: probe_at(at, probes, schedule), ..open }
        });
        self
    }

    /// The same while a probe is under way, which has until then to end.
    #[must_use]
    pub fn probing(mut self, until: Timestamp) -> Self {
        self.open = self.open.map(|open| Open { probe_at: until, ..open });
        self
    }

    /// The same with nothing parked that a probe could be made of: the next delivery is the probe, and one more failure opens
    /// the breaker again.
    #[must_use]
    pub fn unproven(mut self) -> Self {
        self.open = None;
        self.consecutive_failures = self.consecutive_failures.max(FAILURES - 1);
        self
    }

    /// The same of an endpoint that is told nothing: a breaker has nothing to spare then, and whoever has it told again has
    /// all the days anew.
    #[must_use]
    pub fn at_rest(mut self) -> Self {
        (self.open, self.failing_since) = (None, None);
        self
    }

    /// Whether it has failed for so long that it is switched off. Failures few and far between are no such thing, so it has to
    /// be spared by now.
    #[must_use]
    pub fn is_given_up(&self, now: Timestamp) -> bool {
        let is_long_ago = |since: Timestamp| since.plus_seconds(days(FAILING_DAYS)) <= now;
        self.open.is_some() && self.failing_since.is_some_and(is_long_ago)
    }

    /// What came of the attempts of the last day.
    #[must_use]
    pub fn last_day(&self, now: Timestamp) -> Tally {
        let since = hour(now).saturating_sub(HOURS);
        let hours = self.hours.iter().filter(|(hour, _)| hour.parse().is_ok_and(|hour: i64| hour > since));
        hours.fold(Tally::default(), |sum, (_, tally)| Tally {
            succeeded: sum.succeeded.saturating_add(tally.succeeded),
            failed: sum.failed.saturating_add(tally.failed),
        })
    }

    /// Counts attempts that are not news: what they came to says nothing of how it does now.
    #[must_use]
    pub fn counting(mut self, ended: Ended) -> Self {
        self.count(ended);
        self
    }

    fn count(&mut self, ended: Ended) {
        let current = hour(ended.at);
        self.hours.retain(|hour, _| hour.parse().is_ok_and(|hour: i64| hour > current.saturating_sub(HOURS)));
        let tally = self.hours.entry(current.to_string()).or_default();
        tally.succeeded = tally.succeeded.saturating_add(ended.succeeded);
        tally.failed = tally.failed.saturating_add(ended.failed);
    }

    fn is_too_bad(&self, now: Timestamp) -> bool {
        let Tally { succeeded, failed } = self.hours.get(&hour(now).to_string()).copied().unwrap_or_default();
        let all = succeeded.saturating_add(failed);
        let is_mostly_bad =
            all >= SHARE_OF && failed.saturating_mul(100) >= all.saturating_mul(SHARE_PERCENT);
        self.consecutive_failures >= FAILURES || is_mostly_bad
    }
}

fn hour(at: Timestamp) -> i64 {
    at.as_seconds().div_euclid(HOUR_SECONDS)
}

/// When the probe behind `probes` failed ones is made: the waits of the schedule, none longer than an hour.
fn probe_at(now: Timestamp, probes: u32, schedule: &RetrySchedule) -> Timestamp {
    let index = usize::try_from(probes).unwrap_or(usize::MAX);
    let wait = schedule.waits().get(index).or(schedule.waits().last());
    now.plus_seconds(wait.copied().unwrap_or(MAX_PROBE_WAIT_SECONDS).min(MAX_PROBE_WAIT_SECONDS).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_763_600_400 + seconds).unwrap()
    }

    fn schedule() -> RetrySchedule {
        RetrySchedule::parse("5,300,7200").unwrap()
    }

    fn failed(health: Health, seconds: i64) -> Health {
        health.after(Ended { at: at(seconds), succeeded: 0, failed: 1 }, &schedule())
    }

    fn succeeded(health: Health, seconds: i64) -> Health {
        health.after(Ended { at: at(seconds), succeeded: 1, failed: 0 }, &schedule())
    }

    #[test]
    fn five_failures_open_the_breaker_and_a_success_closes_it() {
        let four = (0..4).fold(Health::default(), failed);
        assert_eq!((four.open, four.failing_since), (None, Some(at(0))));
        let five = failed(four, 4);
        assert_eq!(five.open, Some(Open { since: at(4), probe_at: at(9), probes: 0 }));
        let well = succeeded(five, 5);
        assert!(well.is_well());
        assert_eq!((well.last_success_at, well.last_failure_at), (Some(at(5)), Some(at(4))));
    }

    #[test]
    fn seven_of_ten_open_it_too() {
        let mut health = Health::default();
        for round in 0..3 {
            health = [1, 2].iter().fold(health, |health, second| failed(health, round * 10 + second));
            assert_eq!(health.open, None);
            health = succeeded(health, round * 10 + 4);
        }
        assert_eq!(health.last_day(at(60)), Tally { succeeded: 3, failed: 6 });
        assert!(failed(health.clone(), 40).open.is_some());
        assert_eq!(failed(health, 7200).open, None, "another hour");
    }

    #[test]
    fn probes_come_by_the_schedule_but_at_least_every_hour() {
        let mut health = (0..5).fold(Health::default(), failed);
        for (probed, next) in [(10, 310), (310, 3910), (4000, 7600)] {
            health = health.after_probe(at(probed), &schedule());
            assert_eq!(health.open.unwrap().probe_at, at(next));
        }
        assert_eq!(health.open.unwrap().since, at(4));
    }

    #[test]
    fn five_days_of_failures_are_enough() {
        let health = (0..5).fold(Health::default(), failed);
        assert!(!health.is_given_up(at(days(5) - 1)));
        assert!(health.is_given_up(at(days(5))));
        assert!(!succeeded(health, 6).is_given_up(at(days(6))));
        let seldom = failed(failed(Health::default(), 0), days(6));
        assert!(!seldom.is_given_up(at(days(6))), "two failures in six days");
    }

    #[test]
    fn what_is_unproven_is_spared_again_after_one_more_failure() {
        let unproven = (0..5).fold(Health::default(), failed).unproven();
        assert_eq!(unproven.open, None);
        assert!(failed(unproven, 7200).open.is_some());
        let mostly =
            Health { open: Some(Open { since: at(0), probe_at: at(5), probes: 0 }), ..Health::default() };
        assert!(failed(mostly.unproven(), 7200).open.is_some());
    }

    #[test]
    fn what_is_told_nothing_has_its_days_anew() {
        let health = (0..5).fold(Health::default(), failed).at_rest();
        assert_eq!((health.open, health.failing_since), (None, None));
        let health = failed(health, days(9));
        assert!(health.open.is_some() && !health.is_given_up(at(days(9))));
    }

    #[test]
    fn counts_that_are_no_news_change_nothing_else() {
        let four = (0..4).fold(Health::default(), failed);
        let counted = four.clone().counting(Ended { at: at(4), succeeded: 2, failed: 0 });
        assert_eq!(counted.last_day(at(5)), Tally { succeeded: 2, failed: 4 });
        assert_eq!(Health { hours: BTreeMap::new(), ..counted }, Health { hours: BTreeMap::new(), ..four });
    }

    #[test]
    fn who_lets_wait_is_slow_for_a_while_whatever_comes_of_it() {
        let slow = succeeded(failed(Health::default().slow(at(0)), 15), 16);
        assert!(Health::default().is_slow_anew(at(0)) && !Health::default().is_slow(at(0)));
        assert!(slow.is_slow(at(59)) && !slow.is_slow(at(60)));
        assert!(!slow.is_slow_anew(at(29)) && slow.is_slow_anew(at(30)));
    }

    #[test]
    fn counts_are_of_a_day() {
        let health = succeeded(failed(Health::default(), 0), 10);
        assert_eq!(health.last_day(at(23 * 3600)), Tally { succeeded: 1, failed: 1 });
        assert_eq!(health.last_day(at(25 * 3600)), Tally::default());
        assert_eq!(succeeded(health, 30 * 3600).hours.len(), 1);
    }
}
