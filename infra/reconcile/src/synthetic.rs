//! A ledger and a statement with known troubles, the same for the same seed.
//!
//! Each payment has a Transfer, a Fee and a Tax on both sides, unless it is in trouble; one in a thousand is in each kind of
//! trouble. The statement is in another order than the ledger. What each row should come to is written beside them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use paywarden_domain::reconciliation::{BookSide, Outcome};

/// What to write.
#[derive(Args)]
pub struct Options {
    /// Payments; three rows each on each side
    #[arg(long)]
    pub payments: u64,
    /// Another seed, other payments
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Payments in a hundred thousand that are in each kind of trouble
    #[arg(long, default_value_t = 100)]
    pub rate: u64,
    /// Where ledger.csv, statement.csv, and truth.csv go
    #[arg(long)]
    pub out: PathBuf,
}

/// What is the matter with a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    MissingExternal,
    Pending,
    MissingInternal,
    AmountOver,
    AmountUnder,
    FeeOver,
    FeeUnder,
    FeeMissing,
    Rounding,
    TaxVariance,
    Currency,
    Direction,
    Status,
    DuplicateInternal,
    DuplicateExternal,
    Ambiguous,
    Late,
    ParseError,
    ByProviderId,
    ByBankStatement,
    Payout,
    PayoutIncomplete,
    PaidTwice,
    SettledOnce,
}

const TROUBLES: [Trouble; 24] = [
    Trouble::MissingExternal,
    Trouble::Pending,
    Trouble::MissingInternal,
    Trouble::AmountOver,
    Trouble::AmountUnder,
    Trouble::FeeOver,
    Trouble::FeeUnder,
    Trouble::FeeMissing,
    Trouble::Rounding,
    Trouble::TaxVariance,
    Trouble::Currency,
    Trouble::Direction,
    Trouble::Status,
    Trouble::DuplicateInternal,
    Trouble::DuplicateExternal,
    Trouble::Ambiguous,
    Trouble::Late,
    Trouble::ParseError,
    Trouble::ByProviderId,
    Trouble::ByBankStatement,
    Trouble::Payout,
    Trouble::PayoutIncomplete,
    Trouble::PaidTwice,
    Trouble::SettledOnce,
];

/// The day by which the statement is complete.
#[cfg(test)]
pub const AS_OF: &str = "2026-11-20";

/// A line of a file and what it should come to.
pub struct KnownLine {
    pub text: String,
    pub outcome: Outcome,
}

/// A payment's lines.
#[derive(Default)]
pub struct Lines {
    pub ledger: Vec<KnownLine>,
    pub statement: Vec<KnownLine>,
}

/// Writes the three files.
pub fn generate(options: &Options) -> anyhow::Result<()> {
    std::fs::create_dir_all(&options.out)?;
    let mut truth = create(&options.out, "truth.csv", "side,line,outcome")?;
    let mut ledger = create(&options.out, "ledger.csv", &header(BookSide::Ledger))?;
    let mut line = 2_u64;
    for number in 0..options.payments {
        for row in payment(options, number).ledger {
            writeln!(ledger, "{}", row.text)?;
            writeln!(truth, "ledger,{line},{}", row.outcome)?;
            line = line.saturating_add(1);
        }
    }
    let mut statement = create(&options.out, "statement.csv", &header(BookSide::Statement))?;
    line = 2;
    for place in 0..options.payments {
        for row in payment(options, elsewhere(place, options.payments)).statement {
            writeln!(statement, "{}", row.text)?;
            writeln!(truth, "statement,{line},{}", row.outcome)?;
            line = line.saturating_add(1);
        }
    }
    ledger.flush()?;
    statement.flush()?;
    truth.flush()?;
    Ok(())
}

fn header(side: BookSide) -> String {
    side.header().collect::<Vec<_>>().join(",")
}

fn create(folder: &Path, name: &str, header: &str) -> anyhow::Result<BufWriter<File>> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(folder.join(name))?);
    writeln!(file, "{header}")?;
    Ok(file)
}

/// A place in another order: a step that has no divisor in common with the count visits every place once.
fn elsewhere(place: u64, count: u64) -> u64 {
    const STEP: u128 = 2_147_483_647;
    let place = (u128::from(place) * STEP + 7).checked_rem(u128::from(count)).unwrap_or(0);
    u64::try_from(place).unwrap_or(0)
}

/// A number that looks random and is the same for the same payment.
fn random(options: &Options, number: u64, what: u64) -> u64 {
    let mut mixed =
        options.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ what;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn trouble(options: &Options, number: u64) -> Trouble {
    let rate = options.rate.max(1);
    let place = random(options, number, 1).checked_rem(100_000).unwrap_or(0) / rate;
    usize::try_from(place).ok().and_then(|place| TROUBLES.get(place)).copied().unwrap_or(Trouble::None)
}

/// The lines of the `number`-th payment.
pub fn payment(options: &Options, number: u64) -> Lines {
    let account = Account::of(options, number);
    let mut lines = account.plain();
    account.disturb(trouble(options, number), &mut lines);
    lines
}

/// What a payment's lines are made of.
struct Account {
    number: u64,
    amount: u64,
    fee: u64,
    tax: u64,
    day: u64,
}

impl Account {
    fn of(options: &Options, number: u64) -> Self {
        let amount = random(options, number, 2).checked_rem(9_000_000).unwrap_or(0).saturating_add(20_000);
        let fee = amount / 100;
        let day = random(options, number, 3).checked_rem(10).unwrap_or(0).saturating_add(1);
        Self { number, amount, fee, tax: fee * 11 / 100, day }
    }

    fn ledger(&self, kind: &str, amount: u64, outcome: Outcome) -> KnownLine {
        self.ledger_as("a", "PAID", kind, direction(kind), &cents(amount), outcome)
    }

    fn ledger_as(
        &self,
        variant: &str,
        status: &str,
        kind: &str,
        direction: &str,
        amount: &str,
        outcome: Outcome,
    ) -> KnownLine {
        let Self { number, day, .. } = self;
        let text = format!(
            "tra_{number:012}{variant},INV-{number:012},pay_{number:012}{variant},BANK{number:010},{kind},{direction},\
             {amount},ZAR,2026-11-{day:02}T08:00:00+02:00,{status}"
        );
        KnownLine { text, outcome }
    }

    fn statement(&self, kind: &str, amount: u64, outcome: Outcome) -> KnownLine {
        let booked = format!("2026-11-{:02}T09:00:00+02:00", self.day);
        let reference = format!("INV-{:012}", self.number);
        let id = format!("pay_{:012}a", self.number);
        let parts = [&reference, &id, kind, direction(kind), &cents(amount), "ZAR", &booked, "", "SETTLED"];
        KnownLine { text: parts.join(","), outcome }
    }

    /// A payment that is well.
    fn plain(&self) -> Lines {
        let rows = [("Transfer", self.amount), ("Fee", self.fee), ("Tax", self.tax)];
        Lines {
            ledger: rows.iter().map(|(kind, amount)| self.ledger(kind, *amount, Outcome::Matched)).collect(),
            statement: rows
                .iter()
                .map(|(kind, amount)| self.statement(kind, *amount, Outcome::Matched))
                .collect(),
        }
    }

    /// Changes the lines as the trouble wants it.
    fn disturb(&self, trouble: Trouble, lines: &mut Lines) {
        match trouble {
            Trouble::None => {}
            Trouble::MissingExternal => missing(lines, Outcome::MissingExternal),
            Trouble::Pending => {
                replace_all(&mut lines.ledger, &self.date(), "2026-11-19T");
                missing(lines, Outcome::PendingSettlement);
            }
            Trouble::MissingInternal => {
                lines.ledger.clear();
                outcomes(&mut lines.statement, Outcome::MissingInternal);
            }
            Trouble::AmountOver => self.amount(lines, 0, self.amount + 1, Outcome::AmountOver),
            Trouble::AmountUnder => self.amount(lines, 0, self.amount - 1, Outcome::AmountUnder),
            Trouble::FeeOver => self.amount(lines, 1, self.fee + 100, Outcome::FeeOver),
            Trouble::FeeUnder => self.amount(lines, 1, self.fee - 100, Outcome::FeeUnder),
            Trouble::Rounding => self.amount(lines, 1, self.fee + 50, Outcome::Rounding),
            Trouble::TaxVariance => self.amount(lines, 2, self.tax + 100, Outcome::TaxVariance),
            Trouble::FeeMissing => fee_missing(lines),
            Trouble::Currency => self.text(lines, ",ZAR,", ",IDR,", Outcome::Currency),
            Trouble::Direction => self.text(lines, ",credit,", ",debit,", Outcome::Direction),
            Trouble::Status => self.text(lines, "SETTLED", "REVERSED", Outcome::Status),
            Trouble::Late => self.text(lines, &self.date(), "2026-11-18T", Outcome::Late),
            Trouble::DuplicateInternal => {
                lines.ledger.push(self.ledger("Transfer", self.amount, Outcome::DuplicateInternal));
            }
            Trouble::DuplicateExternal => {
                lines.statement.push(self.statement("Transfer", self.amount, Outcome::DuplicateExternal));
            }
            Trouble::Ambiguous => self.ambiguous(lines),
            Trouble::PaidTwice => self.paid_twice(lines),
            Trouble::SettledOnce => self.settled_once(lines),
            Trouble::ParseError => {
                self.text(lines, ",ZAR,", ",MARS,", Outcome::ParseError);
                outcome_at(&mut lines.ledger, 0, Outcome::MissingExternal);
            }
            Trouble::ByProviderId => {
                replace_all(&mut lines.statement, &format!("INV-{:012}", self.number), "");
            }
            Trouble::ByBankStatement => self.by_bank_statement(lines),
            Trouble::Payout => self.payout(lines, 0, Outcome::Matched, Outcome::Matched),
            Trouble::PayoutIncomplete => {
                self.payout(lines, 1, Outcome::GroupIncomplete, Outcome::UnexplainedResidual);
            }
        }
    }

    /// How its times begin.
    fn date(&self) -> String {
        format!("2026-11-{:02}T", self.day)
    }

    /// Another amount on the statement.
    fn amount(&self, lines: &mut Lines, place: usize, amount: u64, outcome: Outcome) {
        let kind = ["Transfer", "Fee", "Tax"].get(place).copied().unwrap_or("Tax");
        if let Some(line) = lines.statement.get_mut(place) {
            *line = self.statement(kind, amount, outcome);
        }
        outcome_at(&mut lines.ledger, place, outcome);
    }

    /// Another text in the statement's transfer.
    fn text(&self, lines: &mut Lines, from: &str, to: &str, outcome: Outcome) {
        replace_at(&mut lines.statement, 0, from, to);
        outcome_at(&mut lines.statement, 0, outcome);
        outcome_at(&mut lines.ledger, 0, outcome);
    }

    /// Two payments of other amounts than the two that the statement has under their reference, and does not tell apart.
    fn ambiguous(&self, lines: &mut Lines) {
        let second = self.amount * 2;
        lines.ledger.push(self.again("b", second, Outcome::Ambiguous));
        lines.statement.push(self.statement("Transfer", second - 1, Outcome::Ambiguous));
        self.amount(lines, 0, self.amount + 1, Outcome::Ambiguous);
        self.nameless(lines);
        // Beside a transfer that nobody can place, fee and tax still have their own counterparts.
    }

    /// The statement knows it by a number of the bank's.
    fn by_bank_statement(&self, lines: &mut Lines) {
        let reference = format!("INV-{:012},pay_{:012}a", self.number, self.number);
        replace_all(&mut lines.statement, &reference, &format!("BANK{:010},", self.number));
    }

    /// Two payments of one amount under one reference, and two lines that do not say which is which.
    fn paid_twice(&self, lines: &mut Lines) {
        lines.ledger.push(self.again("b", self.amount, Outcome::Matched));
        lines.statement.push(self.statement("Transfer", self.amount, Outcome::Matched));
        self.nameless(lines);
    }

    /// The same, and one line: the later payment is missing.
    fn settled_once(&self, lines: &mut Lines) {
        let mut later = self.again("b", self.amount, Outcome::MissingExternal);
        later.text = later.text.replace("T08:00:00", "T08:00:40");
        lines.ledger.insert(0, later);
        self.nameless(lines);
    }

    /// A further payment under the same reference.
    fn again(&self, variant: &str, amount: u64, outcome: Outcome) -> KnownLine {
        self.ledger_as(variant, "PAID", "Transfer", "credit", &cents(amount), outcome)
    }

    /// The statement does not tell the provider's id.
    fn nameless(&self, lines: &mut Lines) {
        replace_all(&mut lines.statement, &format!("pay_{:012}a", self.number), "");
    }

    /// One line for all of it, under the payout's id.
    fn payout(&self, lines: &mut Lines, too_much: u64, ours: Outcome, theirs: Outcome) {
        let sum = self.amount - self.fee - self.tax + too_much;
        let booked = format!("2026-11-{:02}T09:00:00+02:00", self.day);
        let id = format!("BANK{:010}", self.number);
        let parts = ["", "", "Transfer", "credit", &cents(sum), "ZAR", &booked, &id, "SETTLED"];
        lines.statement = vec![KnownLine { text: parts.join(","), outcome: theirs }];
        outcomes(&mut lines.ledger, ours);
    }
}

fn direction(kind: &str) -> &'static str {
    if kind == "Transfer" { "credit" } else { "debit" }
}

fn cents(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn outcomes(lines: &mut [KnownLine], outcome: Outcome) {
    lines.iter_mut().for_each(|line| line.outcome = outcome);
}

/// The statement has nothing of it.
fn missing(lines: &mut Lines, outcome: Outcome) {
    lines.statement.clear();
    outcomes(&mut lines.ledger, outcome);
}

/// The statement takes no fee.
fn fee_missing(lines: &mut Lines) {
    lines.statement.remove(1);
    outcome_at(&mut lines.ledger, 1, Outcome::FeeMissing);
}

fn outcome_at(lines: &mut [KnownLine], place: usize, outcome: Outcome) {
    if let Some(line) = lines.get_mut(place) {
        line.outcome = outcome;
    }
}

fn replace_all(lines: &mut [KnownLine], from: &str, to: &str) {
    lines.iter_mut().for_each(|line| line.text = line.text.replace(from, to));
}

fn replace_at(lines: &mut [KnownLine], place: usize, from: &str, to: &str) {
    if let Some(line) = lines.get_mut(place) {
        line.text = line.text.replace(from, to);
    }
}
