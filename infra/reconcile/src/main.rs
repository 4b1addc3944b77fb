//! Holds a ledger file against a statement file, by the engine of the platform. `cargo xtask reconcile` builds and runs it.
//!
//! Both files are read twice: once into fixed-width rows, which are matched in two threads, and once more to write each
//! row's outcome. So memory holds 56 bytes a row and no text.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to people")]
#![allow(clippy::disallowed_methods, reason = "a command line times itself")]

mod input;
mod matching;
mod output;
mod statement;
mod summary;
mod synthetic;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::reconciliation::{BookSide, Rules};
use paywarden_domain::statement::Format;
use paywarden_domain::time::Day;

use crate::input::{SideFile, Unusable};
use crate::statement::canonical;
use crate::summary::Summary;

#[derive(Parser)]
#[command(name = "reconcile", about = "Reconciles a ledger with a statement")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Gives every row of both files its outcome
    Run(Options),
    /// Writes a ledger and a statement with known troubles
    Generate(synthetic::Options),
}

#[derive(clap::Args)]
struct Options {
    /// The ledger, a CSV file with the columns transaction_id, reference, provider_transaction_id, payment_reference,
    /// kind, direction, amount, currency, occurred_at, status
    #[arg(long)]
    ledger: PathBuf,
    /// The statement, a CSV file; in the format paywarden with the columns reference, provider_transaction_id, kind, direction, amount, currency,
    /// booked_at, settlement_id, status
    #[arg(long)]
    statement: PathBuf,
    /// The statement's format: paywarden, xendit, adyen or columns. What is not paywarden is brought into that form as
    /// canonical-statement.csv beside the outcomes, whose lines count in it
    #[arg(long, default_value = "paywarden", value_parser = Format::parse)]
    format: Format,
    /// A JSON file that says where the members of a row stand, with the format columns; as `columns` of `POST
    /// /reconciliation/statements`
    #[arg(long)]
    columns: Option<PathBuf>,
    /// The rules, a JSON file with tolerance_minor, tolerance_basis_points, lag_days, zone (of whose
    /// clocks the days are), provider_type (whose ids they are; that of the format, if it is one's own); any of them may be
    /// left out
    #[arg(long)]
    rules: Option<PathBuf>,
    /// The day by which the statement is complete; without it, that of its last row
    #[arg(long)]
    as_of: Option<String>,
    /// Where outcomes.csv and summary.json go
    #[arg(long)]
    out: PathBuf,
}

#[cfg(test)]
mod tests;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(options) => run(&options).map(|summary| println!("{summary}")),
        Command::Generate(options) => synthetic::generate(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            // What the caller gave cannot be used; everything else is ours.
            ExitCode::from(if error.is::<Unusable>() { 2 } else { 1 })
        }
    }
}

/// Reconciles two files and answers the summary.
fn run(options: &Options) -> anyhow::Result<String> {
    let started = Instant::now();
    let rules = rules(options)?;
    std::fs::create_dir_all(&options.out)?;
    let progress = MultiProgress::new();
    let ledger = SideFile::new(BookSide::Ledger, &options.ledger);
    let statement = canonical(&options.statement, options.format, options.columns.as_deref(), &options.out)?;
    let statement = SideFile::new(BookSide::Statement, &statement);
    let (ours, theirs) = both(
        || ledger.read(&rules, &bar(&progress, "reading the ledger")),
        || statement.read(&rules, &bar(&progress, "reading the statement")),
    )?;
    let as_of = match &options.as_of {
        Some(day) => parse_day(day)?,
        None => rules.day_of(theirs.last_second),
    };
    let mut summary = Summary::of_inputs(&ours, &theirs);
    let verdicts = matching::run(ours, theirs, &rules, as_of)?;
    let (part, end) = (options.out.join("outcomes.csv"), options.out.join("outcomes.statement"));
    let (ours, theirs) = both(
        || output::write(&ledger, &verdicts.ledger, &part, true, &bar(&progress, "writing its outcomes")),
        || {
            output::write(
                &statement,
                &verdicts.statement,
                &end,
                false,
                &bar(&progress, "writing its outcomes"),
            )
        },
    )?;
    output::append(&part, &end)?;
    summary.add(BookSide::Ledger, &ours);
    summary.add(BookSide::Statement, &theirs);
    let text = summary.finish(started);
    std::fs::write(options.out.join("summary.json"), format!("{text}\n"))?;
    Ok(text)
}

/// Two things at the same time.
fn both<A: Send, B: Send>(
    one: impl FnOnce() -> anyhow::Result<A> + Send,
    other: impl FnOnce() -> anyhow::Result<B> + Send,
) -> anyhow::Result<(A, B)> {
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        let other = other.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended early")));
        Ok((one?, other?))
    })
}

fn rules(options: &Options) -> anyhow::Result<Rules> {
    let own = (options.format == Format::Xendit).then_some(ProviderType::Xendit);
    let Some(path) = &options.rules else {
        return Ok(Rules { provider_type: own, ..Rules::default() });
    };
    let unusable = |reason: String| Unusable { file: path.display().to_string(), line: 1, reason };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let rules: Rules = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    Ok(Rules { provider_type: rules.provider_type.or(own), ..rules })
}

fn parse_day(text: &str) -> anyhow::Result<i32> {
    let unusable = || Unusable {
        file: "--as-of".to_owned(),
        line: 1,
        reason: "expected a day as YYYY-MM-DD".to_owned(),
    };
    Ok(Day::parse(text).map_err(|_| unusable())?.number())
}

fn bar(progress: &MultiProgress, name: &'static str) -> ProgressBar {
    let bar = progress.add(ProgressBar::new(0).with_message(name));
    if let Ok(style) = ProgressStyle::with_template("{msg:24} {bar:40} {bytes}/{total_bytes} {eta}") {
        bar.set_style(style);
    }
    bar
}
