//! Monitoring: when automation takes a provider out of routing, and when it lets it in again.
//!
//! Every minute [`Memory::take_in`] is told what happened since, and [`Memory::decide`] decides by two measures, both against
//! the provider's own past: the share of payments that fail, against what is usual for it ([`rates`]); and silence, against
//! the callbacks that its rhythm of the day leads one to expect ([`rhythm`]).
//!
//! Neither is blamed on a provider that has nothing to do with it. Failures count where successes are missing: stolen cards
//! that somebody tries out take none away. Silence counts where the provider had something to say, and is the only one who is
//! silent: else it is a merchant's holiday, or we who do not hear ([`company`]).
//!
//! | state | what leads out of it |
//! |---|---|
//! | ACTIVE | failures far above the usual, or silence, in several checks running → MAINTENANCE |
//! | MAINTENANCE by automation | traffic that is as usual again, in several checks running → ACTIVE |
//! | | nothing to judge by until the cool-down ends → ACTIVE as a probe; a probe that fails waits twice as long |
//! | pinned, MAINTENANCE by hand, INACTIVE | nothing here: only a person |
//!
//! So that it does not flap: both measures need a minimum of samples, leaving needs less than entering forbids, a check
//! must hold several times running, and no change follows another within [`REST_SECONDS`].
//!
//! Refused signatures count for nothing here: a stranger can send them.

mod company;
mod rates;
mod rhythm;
mod thresholds;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::provider::record::Stuck;
use crate::provider::waits::Waits;
use crate::provider::{ProviderStatus, Standing};
use crate::time::Timestamp;

pub use company::{Company, Excuse, Voice, Voices};
pub use rates::Rates;
pub use rhythm::Rhythm;
pub use thresholds::Thresholds;

/// Minutes that the failure rate looks back.
pub const WINDOW_MINUTES: i64 = 30;
/// No automatic change follows any change sooner than this.
pub const REST_SECONDS: i64 = 10 * 60;
/// Checks running that must find trouble.
const BAD_CHECKS: u32 = 3;
/// Checks running that must find all well.
const GOOD_CHECKS: u32 = 3;
/// Seconds until the first probe; each further one waits twice as long.
const COOL_DOWN_SECONDS: i64 = 30 * 60;
/// Most times the cool-down is doubled: eight hours.
const MAX_DOUBLINGS: u32 = 4;
/// Callbacks that we refused in a silence, from which on it is no silence: the credentials are wrong, or a stranger plays.
const REFUSED: u32 = 3;
/// Seconds without trouble after which the cool-down starts small again.
const FORGIVEN_SECONDS: i64 = 24 * 3600;

/// What happened to a provider in some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Callbacks that were verified.
    #[serde(default)]
    pub received: u32,
    /// Callbacks that were refused.
    #[serde(default)]
    pub refused: u32,
    /// Payments that were recorded for it.
    #[serde(default)]
    pub used: u32,
    #[serde(default)]
    pub succeeded: u32,
    /// Payments that it refused or undid.
    #[serde(default)]
    pub failed: u32,
    /// How long those that succeeded took from when they were recorded. Monitoring does not judge by it, nor remember it.
    #[serde(skip)]
    pub waits: Waits,
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.received = self.received.saturating_add(other.received);
        self.refused = self.refused.saturating_add(other.refused);
        self.used = self.used.saturating_add(other.used);
        self.succeeded = self.succeeded.saturating_add(other.succeeded);
        self.failed = self.failed.saturating_add(other.failed);
        self.waits.add(&other.waits);
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Payments that succeeded or failed.
    #[must_use]
    pub fn outcomes(&self) -> u32 {
        self.succeeded.saturating_add(self.failed)
    }

    /// Failures in a thousand outcomes.
    fn failed_per_mille(&self) -> u32 {
        self.failed.saturating_mul(1000).checked_div(self.outcomes()).unwrap_or(0)
    }
}

/// What happened, by minute (minutes since 1970).
pub type Minutes = BTreeMap<i64, Tally>;

/// What the monitoring remembers of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The last minute that has been taken in.
    pub seen_until: i64,
    /// What happened of late.
    window: Minutes,
    rates: Rates,
    rhythm: Rhythm,
    /// The last minute in which it called back.
    pub last_received: Option<i64>,
    /// Payments that were recorded since.
    #[serde(default)]
    used_since: u32,
    /// Callbacks that were refused since.
    #[serde(default)]
    refused_since: u32,
    /// Why its silence is not held against it, while it is silent. There is nothing to learn from such a time.
    #[serde(default)]
    pub excused: Option<Excuse>,
    bad_checks: u32,
    good_checks: u32,
    /// Times automation has taken it out without a good day in between.
    trips: u32,
    /// Payments that are stuck, as last counted.
    pub stuck: Option<Stuck>,
}

/// A change that the monitoring makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusDecision {
    pub status: ProviderStatus,
    pub reason: String,
    /// The numbers behind it.
    pub numbers: Value,
}

impl StatusDecision {
    /// The standing it leads to.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        Standing {
            status: self.status,
            pinned: false,
            by: Actor::Automation,
            at: now,
            reason: self.reason.clone(),
        }
    }
}

/// The minute that a moment is in.
#[must_use]
pub fn minute_of(moment: Timestamp) -> i64 {
    moment.as_seconds().div_euclid(60)
}

impl Memory {
    /// Takes in what happened in the minutes that are over: `news` holds minutes after [`Memory::seen_until`] and before the
    /// present one.
    #[must_use]
    pub fn take_in(&self, standing: &Standing, news: &Minutes, now: Timestamp) -> Self {
        let mut next = self.clone();
        let present = minute_of(now);
        let is_usual =
            standing.status == ProviderStatus::Active && next.bad_checks == 0 && next.excused.is_none();
        for (minute, tally) in news.range(next.seen_until.saturating_add(1)..present) {
            next.window.entry(*minute).or_default().add(tally);
            next.hear(*minute, tally);
            next.seen_until = *minute;
        }
        // What leaves the window had time to show whether it was trouble: only then it becomes part of what is usual.
        let kept = next.window.split_off(&present.saturating_sub(WINDOW_MINUTES));
        for tally in std::mem::replace(&mut next.window, kept).values().filter(|_| is_usual) {
            next.rates.learn(tally);
        }
        next.rhythm.close_hours(present, is_usual);
        next
    }

    /// What there is to do about a provider of this memory, which took in what happened, in the company of the others.
    #[must_use]
    pub fn decide(
        &self,
        standing: &Standing,
        company: Company,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> (Self, Option<StatusDecision>) {
        let mut next = self.clone();
        let decision = next.judge(standing, company, thresholds, now);
        if let Some(decision) = &decision {
            next.bad_checks = 0;
            next.good_checks = 0;
            if decision.status == ProviderStatus::Maintenance {
                next.trips = next.trips.saturating_add(1);
            }
        }
        (next, decision)
    }

    /// Whether it is heard of late, or silent beyond chance. Of who is out of routing silence is no wonder, and says nothing.
    #[must_use]
    pub fn voice(&self, standing: &Standing, thresholds: &Thresholds, now: Timestamp) -> Option<Voice> {
        let present = minute_of(now);
        let is_recent = |minute| present.saturating_sub(minute) < thresholds.silent_minutes();
        let is_heard = self.last_received.is_some_and(is_recent);
        if is_heard {
            return Some(Voice::Heard);
        }
        let silence = self.silence(standing, thresholds, present);
        silence.filter(|_| standing.status == ProviderStatus::Active).map(|_| Voice::Silent)
    }

    fn hear(&mut self, minute: i64, tally: &Tally) {
        if tally.received > 0 {
            self.last_received = Some(minute);
            self.rhythm.count(minute, tally.received);
            (self.used_since, self.refused_since) = (0, 0);
        } else {
            self.used_since = self.used_since.saturating_add(tally.used);
            self.refused_since = self.refused_since.saturating_add(tally.refused);
        }
    }

    fn silence(&self, standing: &Standing, thresholds: &Thresholds, present: i64) -> Option<rhythm::Silence> {
        let silence = self.rhythm.silence(self.last_received, minute_of(standing.at), present);
        silence.filter(|silence| silence.is_long(thresholds))
    }

    /// Why a silence says nothing of the provider, if it does not.
    fn excuse(&self, company: Company, thresholds: &Thresholds) -> Option<Excuse> {
        if self.refused_since >= REFUSED {
            return Some(Excuse::Refused);
        }
        if company == Company::Silent {
            return Some(Excuse::AllSilent);
        }
        let answers = self.rates.callbacks_milli(self.used_since);
        let had_nothing_to_say = answers.is_some_and(|milli| milli < thresholds.missing_milli());
        (had_nothing_to_say && company != Company::Heard).then_some(Excuse::NothingToSay)
    }

    fn judge(
        &mut self,
        standing: &Standing,
        company: Company,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Option<StatusDecision> {
        // Whoever is not judged needs no excuse.
        self.excused = None;
        if !standing.is_automatic() {
            self.bad_checks = 0;
            self.good_checks = 0;
            return None;
        }
        let rested = now.as_seconds().saturating_sub(standing.at.as_seconds()) >= REST_SECONDS;
        match standing.status {
            ProviderStatus::Active => {
                self.look_for_trouble(standing, company, thresholds, now).filter(|_| rested)
            }
            ProviderStatus::Maintenance | ProviderStatus::Inactive => {
                self.look_for_recovery(standing, thresholds, now).filter(|_| rested)
            }
        }
    }

    fn look_for_trouble(
        &mut self,
        standing: &Standing,
        company: Company,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Option<StatusDecision> {
        let (since, present) = (minute_of(standing.at), minute_of(now));
        let from = since.max(present.saturating_sub(rates::RECENT_MINUTES));
        let recent = self.between(from, present);
        let failing =
            self.rates.is_trouble(&recent, thresholds) && self.lacks_success(&recent, from, present);
        let silence = self.silence(standing, thresholds, present);
        self.excused = silence.and_then(|_| self.excuse(company, thresholds));
        let silence = silence.filter(|_| self.excused.is_none());
        let forgiven = now.as_seconds().saturating_sub(standing.at.as_seconds()) >= FORGIVEN_SECONDS;
        if !failing && silence.is_none() {
            self.bad_checks = 0;
            self.trips = if forgiven { 0 } else { self.trips };
            return None;
        }
        self.bad_checks = self.bad_checks.saturating_add(1);
        if self.bad_checks < BAD_CHECKS {
            return None;
        }
        let (reason, numbers) = match silence {
            Some(silence) if !failing => (silence.reason(), silence.numbers()),
            _ => (self.rates.reason(&recent), self.rates.numbers(&recent, thresholds)),
        };
        Some(StatusDecision { status: ProviderStatus::Maintenance, reason, numbers })
    }

    fn look_for_recovery(
        &mut self,
        standing: &Standing,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Option<StatusDecision> {
        let since = minute_of(standing.at).saturating_add(1);
        let present = minute_of(now);
        let recent = self.between(since.max(present.saturating_sub(rates::RECENT_MINUTES)), present);
        self.good_checks = if self.rates.is_well(&recent) { self.good_checks.saturating_add(1) } else { 0 };
        if self.good_checks >= GOOD_CHECKS {
            let reason = "traffic is as usual again".to_owned();
            let numbers = self.rates.numbers(&recent, thresholds);
            return Some(StatusDecision { status: ProviderStatus::Active, reason, numbers });
        }
        let waited = now.as_seconds().saturating_sub(standing.at.as_seconds());
        let cool_down = self.cool_down_seconds();
        let undecided = !self.rates.is_trouble(&recent, thresholds);
        (waited >= cool_down && undecided).then(|| StatusDecision {
            status: ProviderStatus::Active,
            reason: format!("a probe after {} minutes: too little came to judge by", cool_down / 60),
            numbers: json!({"waited_minutes": waited / 60, "trips": self.trips}),
        })
    }

    /// What it thinks, and from which numbers, as the API shows it. A provider that a person decided about is not judged.
    #[must_use]
    pub fn view(&self, standing: &Standing, thresholds: &Thresholds, now: Timestamp) -> Value {
        let (since, present) = (minute_of(standing.at), minute_of(now));
        let recent = self.between(since.max(present.saturating_sub(rates::RECENT_MINUTES)), present);
        let silence = self.rhythm.silence(self.last_received, since, present);
        json!({
            "judges": standing.is_automatic(),
            "failures": self.rates.numbers(&recent, thresholds),
            "silence": silence.map(rhythm::Silence::numbers),
            "silence_excused": self.excused,
            "checks_with_trouble": self.bad_checks,
            "checks_without_trouble": self.good_checks,
            "checks_to_decide": if standing.status == ProviderStatus::Active { BAD_CHECKS } else { GOOD_CHECKS },
            "trips": self.trips,
        })
    }

    /// Whether payments fail that would have succeeded at this time of the day. While that is not known, it is believed.
    fn lacks_success(&self, recent: &Tally, from: i64, until: i64) -> bool {
        let usual = self.rhythm.expected_milli(from, until);
        usual.and_then(|milli| self.rates.lacks_success(recent, milli)).unwrap_or(true)
    }

    fn between(&self, from: i64, until: i64) -> Tally {
        let mut sum = Tally::default();
        self.window.range(from..until.max(from)).for_each(|(_, tally)| sum.add(tally));
        sum
    }

    fn cool_down_seconds(&self) -> i64 {
        COOL_DOWN_SECONDS << self.trips.saturating_sub(1).min(MAX_DOUBLINGS)
    }
}
