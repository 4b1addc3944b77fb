//! Two simulated weeks with outages, and the rules one by one.

use std::ops::Range;

use paywarden_domain::actor::Actor;
use paywarden_domain::provider::monitor::{
    Company, Excuse, Memory, Minutes, StatusDecision, Tally, Thresholds, Voice, Voices, minute_of,
};
use paywarden_domain::provider::{ProviderStatus, ProviderType, Standing};
use paywarden_domain::time::Timestamp;
use paywarden_testing::builders;

const DAY: i64 = 24 * 60;

/// One check of a provider that is watched alone.
fn step(
    memory: &Memory,
    standing: &Standing,
    news: &Minutes,
    now: Timestamp,
) -> (Memory, Option<StatusDecision>) {
    memory.take_in(standing, news, now).decide(standing, Company::Unknown, &Thresholds::default(), now)
}

/// Payments a minute by hour of the day (UTC): a quiet night and a busy day.
const RHYTHM: [u32; 24] = [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 6, 6, 6, 5, 5, 4, 4, 3, 2, 2, 1, 1, 0];

/// The same random numbers in every run.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).checked_rem(bound).unwrap_or(0)
    }
}

/// What goes wrong, from one minute until before another.
#[derive(Clone, Copy)]
enum Trouble {
    /// Nine in ten payments fail.
    Failing(i64, i64),
    /// Merchants record payments, and nothing is heard of them.
    Silent(i64, i64),
    /// Nobody buys anything.
    Holiday(i64, i64),
    /// Somebody tries stolen cards, two in each minute.
    CardTesting(i64, i64),
}

impl Trouble {
    fn at(troubles: &[Self], minute: i64) -> Option<&Self> {
        troubles.iter().find(|trouble| {
            let (Self::Failing(from, until)
            | Self::Silent(from, until)
            | Self::Holiday(from, until)
            | Self::CardTesting(from, until)) = trouble;
            (*from..*until).contains(&minute)
        })
    }
}

/// A provider that is monitored.
#[derive(Clone)]
struct Simulation {
    start: i64,
    dice: Dice,
    memory: Memory,
    standing: Standing,
    thresholds: Thresholds,
    /// Minute and status of each change.
    changes: Vec<(i64, ProviderStatus)>,
}

impl Simulation {
    fn new() -> Self {
        let start = builders::at("2026-11-02T00:00:00Z");
        Self {
            start: minute_of(start),
            dice: Dice(7),
            memory: Memory::default(),
            standing: Standing::new(Actor::Operator, start),
            thresholds: Thresholds::default(),
            changes: Vec::new(),
        }
    }

    fn run(self, minutes: i64, usual_failures: u64, troubles: &[Trouble]) -> Self {
        self.go_on(0..minutes, usual_failures, troubles)
    }

    fn go_on(mut self, minutes: Range<i64>, usual_failures: u64, troubles: &[Trouble]) -> Self {
        for minute in minutes {
            self.hear(minute, usual_failures, troubles);
            self.conclude(minute, Company::Unknown);
        }
        self
    }

    /// The same while another provider of the merchant is heard.
    fn go_on_heard(mut self, minutes: Range<i64>, troubles: &[Trouble]) -> Self {
        for minute in minutes {
            self.hear(minute, 30, troubles);
            self.conclude(minute, Company::Heard);
        }
        self
    }

    /// The moment in which what happened in a minute is looked at.
    fn after(&self, minute: i64) -> Timestamp {
        Timestamp::from_seconds((self.start + minute + 1) * 60 + 5).unwrap()
    }

    fn hear(&mut self, minute: i64, usual_failures: u64, troubles: &[Trouble]) {
        let news = Minutes::from([(self.start + minute, self.traffic(minute, usual_failures, troubles))]);
        self.memory = self.memory.take_in(&self.standing, &news, self.after(minute));
    }

    fn conclude(&mut self, minute: i64, company: Company) {
        let now = self.after(minute);
        let (memory, decision) = self.memory.decide(&self.standing, company, &self.thresholds, now);
        self.memory = memory;
        if let Some(decision) = decision {
            self.standing = decision.standing(now);
            self.changes.push((minute, decision.status));
        }
    }

    /// Payments come in bursts around the hour's rhythm. While the provider is out of routing, one in five still goes to
    /// it: those of merchants who name it.
    fn traffic(&mut self, minute: i64, usual_failures: u64, troubles: &[Trouble]) -> Tally {
        let trouble = Trouble::at(troubles, minute);
        if matches!(trouble, Some(Trouble::Holiday(..))) {
            return Tally::default();
        }
        let usual = RHYTHM.get(usize::try_from(minute / 60 % 24).unwrap()).copied().unwrap();
        let mut payments = self.dice.below(u64::from(usual) * 2 + 1);
        if self.standing.status != ProviderStatus::Active {
            payments = (0..payments).filter(|_| self.dice.below(5) == 0).count() as u64;
        }
        let small = |number: u64| u32::try_from(number).unwrap();
        if matches!(trouble, Some(Trouble::Silent(..))) {
            return Tally { used: small(payments), ..Tally::default() };
        }
        let failures = if matches!(trouble, Some(Trouble::Failing(..))) { 900 } else { usual_failures };
        let failed = (0..payments).filter(|_| self.dice.below(1000) < failures).count() as u64;
        let stolen = if matches!(trouble, Some(Trouble::CardTesting(..))) { 2 } else { 0 };
        Tally {
            received: small(payments + stolen),
            used: small(payments + stolen),
            succeeded: small(payments - failed),
            failed: small(failed + stolen),
            ..Tally::default()
        }
    }
}

#[test]
fn two_quiet_weeks_change_nothing() {
    for usual_failures in [0, 20, 300, 700] {
        let simulation = Simulation::new().run(14 * DAY, usual_failures, &[]);
        assert_eq!(simulation.changes, [], "{usual_failures} in a thousand fail");
    }
}

#[test]
fn an_outage_of_two_weeks_traffic_is_seen_at_once_and_ends_without_flapping() {
    let (from, until) = (9 * DAY + 11 * 60, 9 * DAY + 14 * 60);
    let simulation = Simulation::new().run(14 * DAY, 30, &[Trouble::Failing(from, until)]);
    let changes = &simulation.changes;
    let (first, status) = changes.first().copied().unwrap();
    assert_eq!(status, ProviderStatus::Maintenance);
    assert!((from..from + 15).contains(&first), "noticed {} minutes late", first - from);
    let (last, status) = changes.last().copied().unwrap();
    assert_eq!(status, ProviderStatus::Active);
    assert!((until..until + 60).contains(&last), "ended {} minutes late", last - until);
    // In and out, and at most a few probes while it lasts.
    assert!(changes.len() <= 6, "{changes:?}");
}

#[test]
fn silence_at_noon_is_an_outage_and_silence_at_night_is_not() {
    let (from, until) = (9 * DAY + 11 * 60, 9 * DAY + 13 * 60);
    let simulation = Simulation::new().run(14 * DAY, 30, &[Trouble::Silent(from, until)]);
    let changes = &simulation.changes;
    let (first, status) = changes.first().copied().unwrap();
    assert_eq!(status, ProviderStatus::Maintenance);
    assert!((from + 10..from + 25).contains(&first), "noticed after {} minutes", first - from);
    assert_eq!(changes.last().unwrap().1, ProviderStatus::Active);
    assert!(changes.len() <= 6, "{changes:?}");
    assert!(changes.iter().all(|(minute, _)| (from..until + 120).contains(minute)), "{changes:?}");
}

#[test]
fn stolen_cards_that_are_tried_out_are_no_outage_at_any_hour() {
    let known = Simulation::new().run(9 * DAY, 30, &[]);
    for hour in 0..24 {
        let from = 9 * DAY + hour * 60;
        let testing = [Trouble::CardTesting(from, from + 90)];
        let simulation = known.clone().go_on(9 * DAY..from + 180, 30, &testing);
        assert_eq!(simulation.changes, [], "from {hour}:00 on");
    }
}

#[test]
fn a_holiday_of_two_days_is_no_outage() {
    let simulation = Simulation::new().run(14 * DAY, 30, &[Trouble::Holiday(9 * DAY, 11 * DAY)]);
    assert_eq!(simulation.changes, []);
}

/// The tenth day of providers that are known, each of a merchant and with a trouble of its own, that are watched together.
/// Answers who was taken out.
fn taken_out(known: &Simulation, watched: &[(&str, ProviderType, Trouble)]) -> Vec<usize> {
    let mut all: Vec<_> = (7..)
        .zip(watched)
        .map(|(seed, (merchant, provider_type, trouble))| {
            let provider = builders::provider(&builders::merchant(merchant), *provider_type);
            (provider, [*trouble], Simulation { dice: Dice(seed), ..known.clone() })
        })
        .collect();
    for minute in 9 * DAY..10 * DAY {
        let mut voices = Voices::default();
        for (provider, troubles, simulation) in &mut all {
            simulation.hear(minute, 30, troubles);
            let voice = simulation.memory.voice(
                &simulation.standing,
                &Thresholds::default(),
                simulation.after(minute),
            );
            voice.into_iter().for_each(|voice| voices.add(provider, voice));
        }
        for (provider, _, simulation) in &mut all {
            simulation.conclude(minute, voices.company_of(provider));
        }
    }
    let changed = all.iter().enumerate().filter(|(_, (_, _, simulation))| !simulation.changes.is_empty());
    changed.map(|(place, _)| place).collect()
}

#[test]
fn who_is_silent_alone_has_a_fault_and_who_is_silent_with_all_others_has_none() {
    use ProviderType::{Brick, Midtrans, Xendit};
    let (from, until) = (9 * DAY + 11 * 60, 9 * DAY + 13 * 60);
    let (silent, holiday, well) =
        (Trouble::Silent(from, until), Trouble::Holiday(from, until), Trouble::Silent(0, 0));
    let known = Simulation::new().run(9 * DAY, 30, &[]);
    let six = [("A", Xendit), ("B", Midtrans), ("C", Brick), ("D", Xendit), ("E", Midtrans), ("F", Brick)];
    let all = |trouble: Trouble| six.map(|(merchant, provider_type)| (merchant, provider_type, trouble));
    assert!(taken_out(&known, &all(silent)).is_empty(), "no callback reaches us");
    let of_xendit = six.map(|(merchant, of)| (merchant, of, if of == Xendit { silent } else { well }));
    assert_eq!(taken_out(&known, &of_xendit), [0, 3], "one of several providers is down");
    let one = [("A", Xendit, silent), ("A", Midtrans, well)];
    assert_eq!(taken_out(&known, &one), [0], "one of a merchant's providers is down");
    let no_calls = [("A", Xendit, holiday), ("A", Midtrans, well)];
    assert_eq!(taken_out(&known, &no_calls), [0], "nobody can pay with it, others go on");
    assert!(taken_out(&known, &[("A", Xendit, holiday), ("A", Midtrans, holiday)]).is_empty(), "a holiday");
}

#[test]
fn who_is_out_of_routing_is_no_company_in_silence() {
    let known = well_known();
    let late = known.after(9 * DAY + 14 * 60);
    for status in [ProviderStatus::Maintenance, ProviderStatus::Inactive] {
        let out = Standing { status, ..known.standing.clone() };
        assert_eq!(known.memory.voice(&out, &Thresholds::default(), late), None, "{status}");
    }
    assert_eq!(known.memory.voice(&known.standing, &Thresholds::default(), late), Some(Voice::Silent));
}

#[test]
fn an_excuse_ends_with_what_it_excused() {
    let known = well_known();
    let late = known.after(9 * DAY + 14 * 60);
    let (excused, decision) =
        known.memory.decide(&known.standing, Company::Silent, &Thresholds::default(), late);
    assert_eq!((excused.excused, decision), (Some(Excuse::AllSilent), None));
    let pinned = Standing { pinned: true, ..known.standing.clone() };
    assert_eq!(excused.decide(&pinned, Company::Silent, &Thresholds::default(), late).0.excused, None);
}

#[test]
fn who_calls_and_is_refused_is_not_silent() {
    let mut simulation = well_known();
    for minute in 9 * DAY + 12 * 60..9 * DAY + 14 * 60 {
        let news = Tally { used: 5, refused: 1, ..Tally::default() };
        let news = Minutes::from([(simulation.start + minute, news)]);
        let now = simulation.after(minute);
        simulation.memory = simulation.memory.take_in(&simulation.standing, &news, now);
        simulation.conclude(minute, Company::Unknown);
    }
    assert_eq!(simulation.changes, []);
    assert_eq!(simulation.memory.excused, Some(Excuse::Refused));
}

/// A memory that knows a provider well, at noon of the tenth day.
fn well_known() -> Simulation {
    Simulation::new().run(9 * DAY + 12 * 60, 30, &[])
}

fn minutes_of_failure(mut simulation: Simulation, count: i64) -> Vec<StatusDecision> {
    let mut decisions = Vec::new();
    let noon = simulation.start + 9 * DAY + 12 * 60;
    for minute in noon..noon + count {
        let tally = Tally { received: 6, failed: 6, ..Tally::default() };
        let now = Timestamp::from_seconds((minute + 1) * 60 + 5).unwrap();
        let (memory, decision) =
            step(&simulation.memory, &simulation.standing, &Minutes::from([(minute, tally)]), now);
        simulation.memory = memory;
        if let Some(decision) = decision {
            simulation.standing = decision.standing(now);
            decisions.push(decision);
        }
    }
    decisions
}

#[test]
fn what_fails_is_taken_out_once_and_says_by_which_numbers() {
    let decisions = minutes_of_failure(well_known(), 60);
    let [decision] = decisions.as_slice() else { unreachable!("{decisions:?}") };
    assert_eq!(decision.status, ProviderStatus::Maintenance);
    assert!(decision.reason.contains("failed; usual is"), "{}", decision.reason);
    assert!(
        decision.numbers["failed_per_mille"].as_u64() > decision.numbers["limit_failed_per_mille"].as_u64()
    );
}

/// The thresholds are the merchant's: what is trouble to one is not to another.
#[test]
fn trouble_begins_where_the_merchant_says() {
    let usual = Thresholds::default();
    let failing = [Trouble::Failing(9 * DAY + 12 * 60, 9 * DAY + 14 * 60)];
    let silent = [Trouble::Silent(9 * DAY + 12 * 60, 9 * DAY + 14 * 60)];
    let cases = [
        (usual, &failing, true),
        (Thresholds { least_outcomes: 1000, ..usual }, &failing, false),
        (usual, &silent, true),
        (Thresholds { silent_minutes: 180, ..usual }, &silent, false),
        (Thresholds { missing_callbacks: 1000, ..usual }, &silent, false),
    ];
    for (thresholds, troubles, taken_out) in cases {
        let simulation = Simulation { thresholds, ..well_known() };
        let simulation = simulation.go_on_heard(9 * DAY + 12 * 60..9 * DAY + 14 * 60, troubles);
        assert_eq!(!simulation.changes.is_empty(), taken_out, "{thresholds:?}");
    }
}

#[test]
fn a_pin_a_persons_maintenance_and_inactivity_are_left_alone() {
    let pinned = Standing { pinned: true, ..well_known().standing };
    let by_hand = Standing { status: ProviderStatus::Maintenance, ..well_known().standing };
    let inactive = Standing { status: ProviderStatus::Inactive, by: Actor::Automation, ..pinned.clone() };
    for standing in [pinned, by_hand, Standing { pinned: false, ..inactive }] {
        let simulation = Simulation { standing: standing.clone(), ..well_known() };
        assert_eq!(minutes_of_failure(simulation, 120), [], "{standing:?}");
    }
}

#[test]
fn refused_callbacks_count_for_nothing() {
    let simulation = well_known();
    let mut memory = simulation.memory.clone();
    let noon = simulation.start + 9 * DAY + 12 * 60;
    for minute in noon..noon + 60 {
        let tally = Tally { received: 5, succeeded: 5, refused: 1_000_000, ..Tally::default() };
        let now = Timestamp::from_seconds((minute + 1) * 60).unwrap();
        let (next, decision) = step(&memory, &simulation.standing, &Minutes::from([(minute, tally)]), now);
        memory = next;
        assert_eq!(decision, None);
    }
}

#[test]
fn a_new_provider_is_not_judged_before_it_is_known() {
    let start = builders::at("2026-11-02T12:00:00Z");
    let (mut memory, standing) = (Memory::default(), Standing::new(Actor::Operator, start));
    for minute in minute_of(start)..minute_of(start) + 120 {
        let tally = Tally { received: 1, failed: 1, ..Tally::default() };
        let now = Timestamp::from_seconds((minute + 1) * 60).unwrap();
        let (next, decision) = step(&memory, &standing, &Minutes::from([(minute, tally)]), now);
        memory = next;
        assert_eq!(decision, None);
    }
}

#[test]
fn no_news_leaves_the_memory_as_it_was_so_that_idle_costs_nothing() {
    let (memory, standing) =
        (Memory::default(), Standing::new(Actor::Operator, builders::at("2026-11-02T12:00:00Z")));
    let (next, decision) = step(&memory, &standing, &Minutes::new(), builders::at("2026-11-09T12:00:00Z"));
    assert_eq!((next, decision), (memory, None));
}
