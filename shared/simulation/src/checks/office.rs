//! The office: every run has ended; in the report of one that compares everything each row of both sides is once; what it found is
//! on the list of what is open, unless somebody has dealt with it; and a provider that a person wants to be left alone is.

use std::collections::BTreeMap;

use paywarden_domain::provider::Standing;
use paywarden_domain::reconciliation::exception::{Exception, ExceptionStatus};
use paywarden_domain::reconciliation::run::{Run, RunState};
use serde_json::Value;

use crate::office::{Office, Paper};
use crate::remains::{Closed, Remains};
use crate::world::World;

/// What tells a row from others. What kind of row it is, reports say as statements do, and the ledger in its own words.
const ROW: [&str; 3] = ["reference", "direction", "amount"];

/// How often something is there.
type Counted = BTreeMap<String, i64>;

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let Some(office) = &world.office else {
        return Vec::new();
    };
    let mut wrong: Vec<String> = remains.runs.iter().filter(|run| !run.state.is_final()).map(left).collect();
    for closed in &remains.closed {
        if !matches!(closed.run.state, RunState::Completed | RunState::CompletedWithRejects) {
            wrong.push(format!("{} is {}: {:?}", closed.run.id, closed.run.state, closed.run.failure));
            continue;
        }
        wrong.extend(unconserved(closed, "ledger", ledger(world, remains, closed)));
        wrong.extend(unconserved(closed, "statement", statements(office, closed)));
        wrong.extend(unlisted(closed));
    }
    wrong.extend(uncompared(world, office, remains));
    wrong.extend(unpinned(office, remains));
    wrong
}

/// Where a provider has left statements, there has to be a run of everything: a lost statement must not pass for none.
fn uncompared(world: &World, office: &Office, remains: &Remains) -> Vec<String> {
    let left = world.parties.iter().flat_map(|party| office.drawn.iter().map(move |paper| (party, paper)));
    let is_compared = |place: usize, paper: &Paper| {
        remains.closed.iter().any(|closed| closed.party == place && closed.speaker == paper.speaker)
    };
    let lost = left.filter(|(party, paper)| !is_compared(party.place, paper));
    lost.map(|(party, paper)| format!("{} of {} is compared with nothing", paper.name, party.name)).collect()
}

fn left(run: &Run) -> String {
    format!("{} is {} for ever", run.id, run.state)
}

/// The rows of one side that a report has too often or not often enough.
fn unconserved(closed: &Closed, side: &str, mut expected: Counted) -> Option<String> {
    for row in closed.rows.iter().filter(|row| row["side"] == side) {
        let text = ROW.map(|name| row[name].as_str().unwrap_or_default()).join(" ");
        *expected.entry(text).or_default() -= 1;
    }
    expected.retain(|_, count| *count != 0);
    (!expected.is_empty()).then(|| format!("{}: {side} rows are not there once: {expected:?}", closed.run.id))
}

fn ledger(world: &World, remains: &Remains, closed: &Closed) -> Counted {
    let rows = remains.ledger(&world.parties[closed.party]);
    let theirs = rows.filter(|row| row["provider"]["id"] == closed.run.scope.provider_id.as_str());
    let texts = theirs.flat_map(|row| {
        let movements = row["movements"].as_array().into_iter().flatten();
        movements.map(|movement| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            [&row["reference"], &movement["side"], &movement["amount"]].map(text).join(" ")
        })
    });
    counted(texts)
}

fn statements(office: &Office, closed: &Closed) -> Counted {
    let papers = office.drawn.iter().filter(|paper| paper.speaker == closed.speaker);
    let text = |line: &str| {
        let columns: Vec<&str> = line.split(',').collect();
        [0, 3, 4].map(|place| columns[place]).join(" ")
    };
    counted(papers.flat_map(Paper::rows).map(text))
}

fn counted(texts: impl Iterator<Item = String>) -> Counted {
    let mut counted = Counted::new();
    texts.for_each(|text| *counted.entry(text).or_default() += 1);
    counted
}

/// What a run found is open until somebody has said something of it.
fn unlisted(closed: &Closed) -> Vec<String> {
    let is_lost = |found: &&Exception| found.status == ExceptionStatus::AutoCleared;
    closed
        .found
        .iter()
        .filter(is_lost)
        .map(|found| format!("{} is {} and {} found it", found.id, found.status, closed.run.id))
        .collect()
}

/// Whoever wanted a provider to be left alone finds it as it was.
fn unpinned(office: &Office, remains: &Remains) -> Vec<String> {
    let is_kept = |standing: &Standing| standing.pinned && standing.reason == Office::PINNED_FOR;
    let pinned = remains.providers.iter().filter(|provider| office.pinned.contains(&provider.id));
    let moved = pinned.filter(|provider| !is_kept(&provider.standing));
    moved.map(|provider| format!("{} was to be left alone: {:?}", provider.id, provider.standing)).collect()
}
