//! How far a run is, by shard; kept up to date while it goes on.

use serde::Deserialize;

use super::link;
use super::run::{self, Run};
use super::summary::Sides;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

/// The states of a run that goes well, in their order.
const STEPS: [&str; 5] = ["QUEUED", "PARTITIONING", "MATCHING", "REDUCING", "COMPLETED"];

const COLUMNS: &[Column] = &[
    Column::new("What"),
    Column::new("State"),
    Column::amount("Open ledger rows"),
    Column::amount("Open statement rows"),
];

/// A run's shards as the API shows them.
#[derive(Deserialize)]
pub struct Progress {
    shards: u64,
    done: u64,
    /// Rows in all shards.
    rows: Sides<u64>,
    /// Rows that the shards which are done have left for the last step.
    open: Sides<u64>,
    by_shard: Vec<Shard>,
}

#[derive(Deserialize)]
struct Shard {
    shard: u64,
    done: bool,
    open: Option<Sides<u64>>,
}

/// Why it failed, or how far it is or was; nothing of a run that ended well, which has a summary.
pub fn part(visit: &Visit<'_>, run: &Run, progress: Option<&Progress>) -> Result<Html, Failure> {
    let mut parts = Vec::new();
    if let Some(failure) = &run.failure {
        parts.push(Notice::error(failure.clone()).html()?);
    }
    if run.is_under_way() || (progress.is_some() && !run.has_report()) {
        parts.push(table(visit, run, progress, run.is_under_way())?);
    }
    Ok(Html::join(parts))
}

/// The run, then its shards.
pub fn table(
    visit: &Visit<'_>,
    run: &Run,
    progress: Option<&Progress>,
    is_live: bool,
) -> Result<Html, Failure> {
    let mut rows = vec![whole(visit, run, progress)?];
    for shard in progress.iter().flat_map(|progress| &progress.by_shard) {
        rows.push(row(run, shard)?);
    }
    let mut table = Table::new("How far it is", COLUMNS, rows, "");
    table.is_live = is_live;
    Ok(table.html()?)
}

/// The run as a whole, with the way to look again without a script, or at what it came to.
fn whole(visit: &Visit<'_>, run: &Run, progress: Option<&Progress>) -> Result<Row, askama::Error> {
    let mut state = vec![run::state(&run.state)?];
    if let Some(step) = STEPS.iter().position(|step| *step == run.state) {
        state.push(cell::text(&format!("step {} of {}", step.saturating_add(1), STEPS.len()))?);
    }
    state.push(match progress {
        Some(progress) => {
            let said = format!("{} of {} shards are matched", progress.done, progress.shards);
            cell::progress(progress.done, progress.shards, &said)?
        }
        None => cell::text("its rows are not in shards yet")?,
    });
    state.push(cell::link(&link(visit, &run.id), "Look again")?);
    let open = |side: fn(&Sides<u64>) -> u64| {
        let open =
            progress.map(|progress| format!("{} so far, of {}", side(&progress.open), side(&progress.rows)));
        cell::maybe(open.as_deref())
    };
    let cells = vec![
        cell::text("The run")?,
        cell::stack(&state)?,
        open(|sides| sides.ledger)?,
        open(|sides| sides.statement)?,
    ];
    Ok(Row { key: run.id.clone(), version: run.version.to_string(), cells })
}

fn row(run: &Run, shard: &Shard) -> Result<Row, askama::Error> {
    let (tone, word) = if shard.done { (Tone::Good, "matched") } else { (Tone::Waiting, "not matched") };
    let open = |side: fn(&Sides<u64>) -> u64| {
        cell::maybe(shard.open.as_ref().map(|open| side(open).to_string()).as_deref())
    };
    let cells = vec![
        cell::text(&format!("Shard {}", shard.shard))?,
        cell::mark(tone, word)?,
        open(|sides| sides.ledger)?,
        open(|sides| sides.statement)?,
    ];
    Ok(Row { key: format!("{}-{}", run.id, shard.shard), version: word.to_owned(), cells })
}
