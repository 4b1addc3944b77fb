//! How a provider does, with the numbers that monitoring judges it by.

use paywarden_api_client::ClientError;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::failure::Failure;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::time::span;
use crate::view::{cell, list, money::Amount};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[
    Column::new("Last"),
    Column::amount("Payments recorded"),
    Column::amount("Succeeded"),
    Column::amount("Failed"),
    Column::amount("Success"),
    Column::amount("Half succeeded within"),
    Column::amount("Callbacks"),
    Column::amount("Callbacks refused"),
];

#[derive(Deserialize)]
pub struct Outcomes {
    at: String,
    silent_minutes: Option<i64>,
    periods: Vec<Period>,
    monitoring: Monitoring,
}

#[derive(Deserialize)]
struct Period {
    period: String,
    payments_recorded: u64,
    succeeded: u64,
    failed: u64,
    /// From 0 to 1.
    success_share: Option<Amount>,
    median_seconds_to_success: Option<i64>,
    callbacks_received: u64,
    callbacks_refused: u64,
}

#[derive(Deserialize)]
struct Monitoring {
    judges: bool,
    failures: Failures,
    silence: Option<Silence>,
    silence_excused: Option<String>,
    checks_with_trouble: u64,
    checks_without_trouble: u64,
    checks_to_decide: u64,
    trips: u64,
}

#[derive(Deserialize)]
struct Failures {
    window_minutes: i64,
    outcomes: u64,
    failed: u64,
    failed_per_mille: u32,
    usual_failed_per_mille: u32,
    limit_failed_per_mille: u32,
}

#[derive(Deserialize)]
struct Silence {
    silent_minutes: i64,
    usual_callbacks: u64,
}

pub async fn read(visit: &Visit<'_>, id: &str) -> Result<Outcomes, ClientError> {
    visit.get(&format!("{}/outcomes", super::record::path(id))).await?.member("outcomes")
}

pub fn part(visit: &Visit<'_>, outcomes: Result<Outcomes, ClientError>) -> Result<Html, Failure> {
    list::part(outcomes, |outcomes| {
        let rows = outcomes.periods.iter().map(row).collect::<Result<_, _>>()?;
        let table = Table::new("What happened in the last hour, day and week", COLUMNS, rows, "").html()?;
        Ok(Html::join([table, judged(visit, &outcomes)?]))
    })
}

fn row(period: &Period) -> Result<Row, askama::Error> {
    let number = |number: u64| cell::text(&Amount(Decimal::from(number)).grouped());
    let share = period.success_share.map(|share| format!("{} %", percent(share.0)));
    let median = period.median_seconds_to_success.map(span);
    let refused = match period.callbacks_refused {
        0 => number(0)?,
        refused => cell::mark(Tone::Warning, &refused.to_string())?,
    };
    let cells = vec![
        cell::text(&period.period)?,
        number(period.payments_recorded)?,
        number(period.succeeded)?,
        number(period.failed)?,
        cell::maybe(share.as_deref())?,
        cell::maybe(median.as_deref())?,
        number(period.callbacks_received)?,
        refused,
    ];
    Ok(Row { key: period.period.clone(), cells, ..Row::default() })
}

/// A share as a percentage, with the digits it has.
fn percent(share: Decimal) -> Decimal {
    share.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(share).normalize()
}

/// Thousandths as a percentage.
fn per_mille(thousandths: u32) -> String {
    format!("{} %", Decimal::new(i64::from(thousandths), 1).normalize())
}

fn judged(visit: &Visit<'_>, outcomes: &Outcomes) -> Result<Html, askama::Error> {
    let monitoring = &outcomes.monitoring;
    let judges = match monitoring.judges {
        true => {
            "It judges: it takes the provider out of routing when there is trouble, and lets it in again."
        }
        false => "It does not judge: what a person decided holds.",
    };
    let called = match outcomes.silent_minutes {
        Some(minutes) => format!("{} ago", span(minutes.saturating_mul(60))),
        None => "never".to_owned(),
    };
    facts(&[
        ("Monitoring", cell::text(judges)?),
        ("Failures now", failures(&monitoring.failures)?),
        ("Silence", silence(monitoring)?),
        ("Last called back", cell::text(&called)?),
        ("Checks", cell::text(&checks(monitoring))?),
        ("Taken out without a good day in between", cell::text(&format!("{} times", monitoring.trips))?),
        ("As of", cell::time(&outcomes.at, visit.zone(), visit.now)?),
    ])
}

/// How many fail, how many usually do, and where trouble begins.
fn failures(now: &Failures) -> Result<Html, askama::Error> {
    let said = format!(
        "{} of {} in {} failed: {}; usually {}, trouble from {}",
        now.failed,
        now.outcomes,
        span(now.window_minutes.saturating_mul(60)),
        per_mille(now.failed_per_mille),
        per_mille(now.usual_failed_per_mille),
        per_mille(now.limit_failed_per_mille),
    );
    let is_trouble = now.outcomes > 0 && now.failed_per_mille >= now.limit_failed_per_mille;
    if is_trouble { cell::mark(Tone::Warning, &said) } else { cell::text(&said) }
}

fn silence(monitoring: &Monitoring) -> Result<Html, askama::Error> {
    let Some(silence) = &monitoring.silence else {
        return cell::text("Its rhythm is not known yet.");
    };
    let said = format!(
        "Silent for {}, a time that usually brings {} callbacks",
        span(silence.silent_minutes.saturating_mul(60)),
        silence.usual_callbacks,
    );
    match &monitoring.silence_excused {
        Some(why) => cell::stack(&[cell::text(&said)?, cell::text(&format!("Not held against it: {why}"))?]),
        None => cell::text(&said),
    }
}

fn checks(monitoring: &Monitoring) -> String {
    format!(
        "{} with trouble and {} without, running; {} decide",
        monitoring.checks_with_trouble, monitoring.checks_without_trouble, monitoring.checks_to_decide,
    )
}
