//! What a run came to: that no row was lost, what became of each, and what differs in money.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::reconciliation::Outcome;
use serde::Deserialize;

use super::run::Run;
use crate::failure::Failure;
use crate::pages::reconciliation::links;
use crate::view::cell;
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

/// Something of both sides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sides<T> {
    pub ledger: T,
    pub statement: T,
}

/// Amounts by currency, kind and outcome.
type Sums = BTreeMap<String, BTreeMap<String, BTreeMap<String, Amount>>>;

/// As far as the page reads it; all of it is behind "Summary as JSON".
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Rows that were judged.
    pub rows: Sides<u64>,
    /// Rows of other days that are nobody's counterpart.
    outside: Sides<u64>,
    outcomes: Sides<BTreeMap<String, u64>>,
    sums: Sides<Sums>,
    pub exceptions: Found,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Found {
    pub found: u64,
    listed: u64,
    carried_over: u64,
    cleared: u64,
}

/// What became of the rows of one side. Every row is in one of the four.
struct Account {
    judged: u64,
    matched: u64,
    pending: u64,
    open: u64,
    rejected: u64,
    outside: u64,
}

impl Account {
    fn of(judged: u64, outside: u64, outcomes: &BTreeMap<String, u64>) -> Self {
        let mut account = Self { judged, matched: 0, pending: 0, open: 0, rejected: 0, outside };
        for (outcome, count) in outcomes {
            let part = match Outcome::parse(outcome) {
                Ok(Outcome::Matched | Outcome::MatchedWithVariance) => &mut account.matched,
                Ok(Outcome::PendingSettlement) => &mut account.pending,
                Ok(Outcome::ParseError) => &mut account.rejected,
                // One that is newer than this console is for somebody to look at.
                _ => &mut account.open,
            };
            *part = part.saturating_add(*count);
        }
        account
    }

    fn sum(&self) -> u64 {
        [self.matched, self.pending, self.open, self.rejected].into_iter().fold(0, u64::saturating_add)
    }

    fn equation(&self) -> String {
        format!(
            "{} in = {} matched + {} pending + {} open + {} rejected",
            self.judged, self.matched, self.pending, self.open, self.rejected
        )
    }

    fn adds_up(&self) -> (Tone, String) {
        if self.sum() == self.judged {
            (Tone::Good, "no row is lost".to_owned())
        } else {
            (Tone::Bad, format!("the outcomes are {} rows", self.sum()))
        }
    }
}

const CONSERVATION: &[Column] = &[
    Column::new("Side"),
    Column::new("Rows of these days"),
    Column::new("Adds up"),
    Column::amount("Beside them, of other days"),
];
const OUTCOMES: &[Column] = &[
    Column::new("Outcome"),
    Column::new("For whom"),
    Column::amount("Ledger rows"),
    Column::amount("Statement rows"),
];
const SUMS: &[Column] = &[
    Column::new("Type"),
    Column::new("Outcome"),
    Column::amount("Ledger"),
    Column::amount("Statement"),
    Column::amount("Statement less ledger"),
];

/// All of it.
pub fn part(visit: &Visit<'_>, run: &Run, summary: &Summary) -> Result<Html, Failure> {
    Ok(Html::join([
        cell::heading("Nothing is lost")?,
        conservation(summary)?,
        cell::heading("Outcomes")?,
        outcomes(visit, run, summary)?,
        exceptions(visit, run, &summary.exceptions)?,
        cell::heading("Sums by outcome")?,
        sums(summary)?,
    ]))
}

fn conservation(summary: &Summary) -> Result<Html, Failure> {
    let (rows, outside, outcomes) = (&summary.rows, &summary.outside, &summary.outcomes);
    let sides = [
        ("Ledger", Account::of(rows.ledger, outside.ledger, &outcomes.ledger)),
        ("Statement", Account::of(rows.statement, outside.statement, &outcomes.statement)),
    ];
    let row = |(name, account): &(&str, Account)| {
        let (tone, word) = account.adds_up();
        let cells = vec![
            cell::text(name)?,
            cell::text(&account.equation())?,
            cell::mark(tone, &word)?,
            cell::text(&account.outside.to_string())?,
        ];
        Ok(Row { key: (*name).to_owned(), cells, ..Row::default() })
    };
    let rows = sides.iter().map(row).collect::<Result<_, askama::Error>>()?;
    Ok(Table::new("Row conservation", CONSERVATION, rows, "").html()?)
}

/// Each outcome with its rows; those that somebody has to look at lead to their exceptions.
fn outcomes(visit: &Visit<'_>, run: &Run, summary: &Summary) -> Result<Html, Failure> {
    let (ledger, statement) = (&summary.outcomes.ledger, &summary.outcomes.statement);
    let words: BTreeSet<&String> = ledger.keys().chain(statement.keys()).collect();
    let mut rows = Vec::new();
    for word in words {
        let is_exception = Outcome::parse(word).map_or(true, Outcome::is_exception);
        let asked = [("run_id", run.id.as_str()), ("outcome", word)];
        let name = match is_exception && !run.dry_run {
            true => cell::link(&links::to(visit, "/reconciliation/exceptions", &asked), word)?,
            false => cell::text(word)?,
        };
        let count =
            |side: &BTreeMap<String, u64>| cell::text(&side.get(word).copied().unwrap_or(0).to_string());
        let cells = vec![name, for_whom(word, is_exception)?, count(ledger)?, count(statement)?];
        rows.push(Row { key: word.clone(), cells, ..Row::default() });
    }
    Ok(Table::new("Outcomes", OUTCOMES, rows, "No row was judged.").html()?)
}

fn for_whom(word: &str, is_exception: bool) -> Result<Html, askama::Error> {
    match word {
        "PENDING_SETTLEMENT" => cell::mark(Tone::Waiting, "no exception: a statement may still bring it"),
        _ if is_exception => cell::mark(Tone::Warning, "somebody looks at it"),
        _ => cell::mark(Tone::Good, "nobody"),
    }
}

fn exceptions(visit: &Visit<'_>, run: &Run, found: &Found) -> Result<Html, Failure> {
    let said = format!(
        "{} exceptions were found and {} are listed; {} stand as they were decided before, and {} of an earlier run are not found \
         any more.",
        found.found, found.listed, found.carried_over, found.cleared
    );
    if run.dry_run {
        return Ok(cell::paragraph(&format!("{said} A dry run keeps none: they are in its report."))?);
    }
    let href = links::to(visit, "/reconciliation/exceptions", &[("run_id", &run.id)]);
    Ok(Html::join([
        cell::paragraph(&said)?,
        cell::actions(&[cell::button_link(&href, "Exceptions of this run")?])?,
    ]))
}

fn sums(summary: &Summary) -> Result<Html, Failure> {
    let mut amounts: BTreeMap<[&str; 3], Sides<Option<Amount>>> = BTreeMap::new();
    for (key, amount) in flat(&summary.sums.ledger) {
        amounts.entry(key).or_default().ledger = Some(amount);
    }
    for (key, amount) in flat(&summary.sums.statement) {
        amounts.entry(key).or_default().statement = Some(amount);
    }
    let rows = amounts.iter().map(|(key, sides)| sum(*key, sides)).collect::<Result<_, _>>()?;
    Ok(Table::new("Sums by outcome", SUMS, rows, "No money moved.").html()?)
}

/// Amounts with their currency, kind and outcome.
fn flat(sums: &Sums) -> impl Iterator<Item = ([&str; 3], Amount)> {
    sums.iter().flat_map(|(currency, kinds)| {
        kinds.iter().flat_map(move |(kind, outcomes)| {
            outcomes.iter().map(move |(outcome, amount)| ([currency.as_str(), kind, outcome], *amount))
        })
    })
}

fn sum([currency, kind, outcome]: [&str; 3], sides: &Sides<Option<Amount>>) -> Result<Row, askama::Error> {
    let money = |amount: Option<Amount>| match amount {
        Some(amount) => cell::money(amount, currency),
        None => cell::maybe(None),
    };
    let [ledger, statement] = [sides.ledger, sides.statement].map(|side| side.unwrap_or_default().0);
    let difference = statement.checked_sub(ledger).map(Amount);
    let shown = match difference {
        Some(difference) if !difference.0.is_zero() => {
            cell::mark(Tone::Warning, &format!("{} {currency}", difference.grouped()))?
        }
        difference => money(difference)?,
    };
    let cells =
        vec![cell::text(kind)?, cell::text(outcome)?, money(sides.ledger)?, money(sides.statement)?, shown];
    Ok(Row { key: format!("{currency}-{kind}-{outcome}"), cells, ..Row::default() })
}
