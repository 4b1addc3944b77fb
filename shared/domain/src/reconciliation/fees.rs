//! What providers took in fees and taxes, beside what was recorded of the same payments.
//!
//! A run counts each fee and each tax of its days: on the business day of the ledger's row, or on its own where no row of the ledger
//! answers to a statement's. Several runs may judge a day; the one that finished last counts for it. What was recorded is what the
//! provider's tariff came to when the payment succeeded.
//!
//! | of the ledger and the statement | counts as |
//! |---|---|
//! | fee of 70, and a fee of 75 | recorded 70, taken 75 |
//! | fee of 70, and the payment without one | recorded 70 |
//! | no fee, and a fee of 75 | taken 75, of no known service |
//! | fee of 70 of a payment that is not settled | unsettled 70 |
//! | fee of 70, and a statement that states no fees at all | not stated 70 |
//!
//! What comes back counts against it.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::row::{Kind, Row};
use super::{BookSide, Outcome};
use crate::id::RunId;
use crate::ledger::Side;
use crate::money::Currency;
use crate::time::{Day, Timestamp};
use crate::vocabulary::Service;

/// Fees, or taxes, that belong together. Amounts of a currency; what comes back is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChargeSums {
    /// What was recorded of payments that statements have.
    #[serde(with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub recorded: Decimal,
    /// What was recorded of payments that no statement has so far.
    #[serde(with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub unsettled: Decimal,
    /// What was recorded of payments whose statements state no such charge of any payment.
    #[serde(with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub not_stated: Decimal,
    /// What statements took.
    #[serde(with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub taken: Decimal,
    /// Whether any statement states such charges.
    pub is_stated: bool,
}

impl ChargeSums {
    /// By how much more was taken than was recorded, of what is stated; nothing where nothing is.
    #[must_use]
    pub fn difference(&self) -> Option<Decimal> {
        self.taken.checked_sub(self.recorded).filter(|_| self.is_stated)
    }

    /// Adds others. Only a corrupt row overflows; the sum stays as it is then.
    pub fn add(&mut self, other: &Self) {
        let plus = |own: Decimal, more| own.checked_add(more).unwrap_or(own);
        self.recorded = plus(self.recorded, other.recorded);
        self.unsettled = plus(self.unsettled, other.unsettled);
        self.not_stated = plus(self.not_stated, other.not_stated);
        self.taken = plus(self.taken, other.taken);
        self.is_stated |= other.is_stated;
    }

    /// The same where nothing is stated.
    fn unless_stated(self, is_stated: bool) -> Self {
        if is_stated {
            return Self { is_stated, ..self };
        }
        let nothing = Self { unsettled: self.unsettled, not_stated: self.not_stated, ..Self::default() };
        let mut sums = nothing;
        sums.add(&Self { not_stated: self.recorded, ..Self::default() });
        sums
    }
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeeKey {
    pub day: Day,
    /// Nothing of a statement's row that no row of the ledger answers to.
    pub service: Option<Service>,
    pub currency: Currency,
}

/// Fees and taxes of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FeeSums {
    pub fee: ChargeSums,
    pub tax: ChargeSums,
    /// Fees and taxes in which the sides differ: a pair is one.
    #[serde(skip_serializing_if = "is_none")]
    pub differing: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

impl FeeSums {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.fee.add(&other.fee);
        self.tax.add(&other.tax);
        self.differing = self.differing.saturating_add(other.differing);
    }
}

/// Outcomes of fees and taxes in which the sides differ, as exceptions have them.
pub const DIFFERING: [Outcome; 11] = [
    Outcome::FeeOver,
    Outcome::FeeUnder,
    Outcome::FeeMissing,
    Outcome::TaxVariance,
    Outcome::Rounding,
    Outcome::Currency,
    Outcome::Direction,
    Outcome::MissingInternal,
    Outcome::DuplicateInternal,
    Outcome::DuplicateExternal,
    Outcome::Ambiguous,
];

/// A row of a run's report, as far as it counts here.
#[derive(Debug, Clone, Copy)]
pub struct FeeRow<'a> {
    pub side: BookSide,
    pub row: &'a Row,
    pub outcome: Outcome,
    /// Whether it has a counterpart.
    pub is_paired: bool,
}

/// What a run counts, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeeSheet(BTreeMap<FeeKey, FeeSums>);

impl FeeSheet {
    /// Counts a row; transfers count nothing.
    pub fn add(&mut self, (day, service): (Day, Option<Service>), counted: FeeRow<'_>) {
        let FeeRow { side, row, outcome, is_paired } = counted;
        let of_kind: fn(&mut FeeSums) -> &mut ChargeSums = match row.kind() {
            Kind::Transfer => return,
            Kind::Fee => |sums| &mut sums.fee,
            Kind::Tax => |sums| &mut sums.tax,
        };
        let amount = Decimal::try_new(row.minor, row.currency.exponent()).unwrap_or_default();
        let amount = if row.side() == Side::Debit { amount } else { -amount };
        let sums = self.0.entry(FeeKey { day, service, currency: row.currency }).or_default();
        // Of a pair the statement's row is counted.
        let counts = side == BookSide::Statement || !is_paired;
        if counts && DIFFERING.contains(&outcome) {
            sums.differing = sums.differing.saturating_add(1);
        }
        of_kind(sums).add(&match (side, outcome) {
            (BookSide::Statement, _) => ChargeSums { taken: amount, ..ChargeSums::default() },
            (BookSide::Ledger, Outcome::PendingSettlement | Outcome::MissingExternal) => {
                ChargeSums { unsettled: amount, ..ChargeSums::default() }
            }
            (BookSide::Ledger, _) => ChargeSums { recorded: amount, ..ChargeSums::default() },
        });
    }

    /// What was counted, month by month of the run's days; a month in which nothing was has no lines. Of fees and of taxes it is
    /// said whether the run's statements state any.
    #[must_use]
    pub fn months(&self, run: &JudgedBy, fees_are_stated: bool, taxes_are_stated: bool) -> Vec<MonthSheet> {
        let sheet = |first: Day| {
            let own = self.0.iter().filter(|(key, _)| key.day.month() == first.month());
            let line = |(key, sums): (&FeeKey, &FeeSums)| FeeLine {
                day: key.day,
                service: key.service,
                currency: key.currency,
                sums: FeeSums {
                    fee: sums.fee.unless_stated(fees_are_stated),
                    tax: sums.tax.unless_stated(taxes_are_stated),
                    differing: sums.differing,
                },
            };
            MonthSheet { month: first.month(), judged_by: run.clone(), lines: own.map(line).collect() }
        };
        run.from.months_until(run.until).map(sheet).collect()
    }
}

/// The run that counted, and the days that it judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedBy {
    pub run_id: RunId,
    pub from: Day,
    pub until: Day,
    pub finished_at: Timestamp,
}

/// A line of what a run counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeLine {
    pub day: Day,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<Service>,
    pub currency: Currency,
    #[serde(flatten)]
    pub sums: FeeSums,
}

/// What a run counted of one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthSheet {
    /// `YYYY-MM`.
    pub month: String,
    #[serde(flatten)]
    pub judged_by: JudgedBy,
    pub lines: Vec<FeeLine>,
}

/// A provider's month, each day as the run has it that counts for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MonthCheck {
    /// Which run counts for a day. Days that no run judged are not in here.
    pub days: BTreeMap<Day, RunId>,
    pub sums: BTreeMap<(Option<Service>, Currency), FeeSums>,
    /// The runs that have exceptions behind what differs.
    pub differing_in: BTreeSet<RunId>,
}

impl MonthCheck {
    /// What the runs come to that judged days of one month.
    #[must_use]
    pub fn of(sheets: &[MonthSheet]) -> Self {
        let mut counting: BTreeMap<Day, &JudgedBy> = BTreeMap::new();
        for MonthSheet { month, judged_by, .. } in sheets {
            let days = std::iter::successors(Some(judged_by.from), |day| Some(day.plus_days(1)));
            let days = days.take_while(|day| *day <= judged_by.until).filter(|day| day.month() == *month);
            for day in days {
                let other = counting.entry(day).or_insert(judged_by);
                if (judged_by.finished_at, &judged_by.run_id) > (other.finished_at, &other.run_id) {
                    *other = judged_by;
                }
            }
        }
        let mut check = Self::default();
        for sheet in sheets {
            let counts = |line: &&FeeLine| {
                counting.get(&line.day).is_some_and(|judged_by| judged_by.run_id == sheet.judged_by.run_id)
            };
            for line in sheet.lines.iter().filter(counts) {
                check.sums.entry((line.service, line.currency)).or_default().add(&line.sums);
                check.differing_in.extend((line.sums.differing > 0).then(|| sheet.judged_by.run_id.clone()));
            }
        }
        check.days = counting.into_iter().map(|(day, judged_by)| (day, judged_by.run_id.clone())).collect();
        check
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconciliation::RowFields;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn run(name: &str, from: &str, until: &str, finished: i64) -> JudgedBy {
        JudgedBy {
            run_id: RunId::derived("test", &[name.as_bytes()]),
            from: day(from),
            until: day(until),
            finished_at: Timestamp::from_seconds(finished).unwrap(),
        }
    }

    /// Counts fees of the 20th, each as side, amount (below zero it came back) and outcome.
    fn sheet(rows: &[(BookSide, i64, Outcome)]) -> FeeSheet {
        let mut sheet = FeeSheet::default();
        for (side, amount, outcome) in rows {
            let text = amount.abs().to_string();
            let fields = RowFields {
                reference: "INV1",
                kind: "Fee",
                direction: if *amount < 0 { "credit" } else { "debit" },
                amount: &text,
                currency: "IDR",
                at: "2026-11-20T08:00:00Z",
                status: if *side == BookSide::Ledger { "PAID" } else { "SETTLED" },
                ..RowFields::default()
            };
            let row = Row::read(*side, &fields, 2).unwrap();
            let is_paired = matches!(outcome, Outcome::Matched | Outcome::FeeOver);
            let counted = FeeRow { side: *side, row: &row, outcome: *outcome, is_paired };
            sheet.add((day("2026-11-20"), Some(Service::QrCodePayment)), counted);
        }
        sheet
    }

    /// Recorded, unsettled, not stated and taken; how many differ; and the difference.
    fn outcome(sheet: &FeeSheet, is_stated: bool) -> ([i64; 4], u64, Option<i64>) {
        let months = sheet.months(&run("one", "2026-11-20", "2026-11-20", 0), is_stated, is_stated);
        let check = MonthCheck::of(&months);
        let sums = check.sums.values().next().copied().unwrap_or_default();
        let whole = |amount: Decimal| i64::try_from(amount).unwrap();
        let ChargeSums { recorded, unsettled, not_stated, taken, .. } = sums.fee;
        let amounts = [recorded, unsettled, not_stated, taken].map(whole);
        (amounts, sums.differing, sums.fee.difference().map(whole))
    }

    #[test]
    fn each_fee_counts_once_for_what_it_is() {
        use BookSide::{Ledger, Statement};
        type Rows = &'static [(BookSide, i64, Outcome)];
        let cases: [(Rows, [i64; 4], u64, i64); 6] = [
            (&[(Ledger, 70, Outcome::Matched), (Statement, 70, Outcome::Matched)], [70, 0, 0, 70], 0, 0),
            (&[(Ledger, 70, Outcome::FeeOver), (Statement, 75, Outcome::FeeOver)], [70, 0, 0, 75], 1, 5),
            (&[(Ledger, 70, Outcome::FeeMissing)], [70, 0, 0, 0], 1, -70),
            (&[(Statement, 75, Outcome::MissingInternal)], [0, 0, 0, 75], 1, 75),
            (&[(Ledger, 70, Outcome::PendingSettlement)], [0, 70, 0, 0], 0, 0),
            (&[(Ledger, -70, Outcome::Matched), (Statement, -70, Outcome::Matched)], [-70, 0, 0, -70], 0, 0),
        ];
        for (rows, amounts, differing, difference) in cases {
            assert_eq!(outcome(&sheet(rows), true), (amounts, differing, Some(difference)), "{rows:?}");
        }
        let unstated = sheet(&[(Ledger, 70, Outcome::FeeMissing), (Ledger, 7, Outcome::PendingSettlement)]);
        assert_eq!(outcome(&unstated, false), ([0, 7, 70, 0], 1, None), "nothing is guessed");
    }

    #[test]
    fn a_day_counts_as_the_run_has_it_that_finished_last() {
        let of = |amount: i64| sheet(&[(BookSide::Statement, amount, Outcome::MissingInternal)]);
        let first = of(1).months(&run("first", "2026-10-30", "2026-11-20", 10), true, true);
        assert_eq!(
            first.iter().map(|sheet| sheet.month.as_str()).collect::<Vec<_>>(),
            ["2026-10", "2026-11"]
        );
        let later = of(2).months(&run("later", "2026-11-20", "2026-12-01", 20), true, true);
        let other_days =
            FeeSheet::default().months(&run("other", "2026-11-21", "2026-11-21", 30), true, true);
        let november = [first[1].clone(), later[0].clone(), other_days[0].clone()];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let check = MonthCheck::of(&order.map(|index| november[index].clone()));
            let taken: Vec<_> = check.sums.values().map(|sums| sums.fee.taken).collect();
            assert_eq!(taken, [Decimal::TWO]);
            assert_eq!(check.days.len(), 30);
            let judged = |text| check.days[&day(text)].clone();
            assert_eq!(judged("2026-11-19"), november[0].judged_by.run_id);
            assert_eq!(judged("2026-11-20"), november[1].judged_by.run_id);
            assert_eq!(judged("2026-11-21"), november[2].judged_by.run_id);
        }
    }

    #[test]
    fn what_a_run_counted_is_read_back_as_it_was_written() {
        let sheet = sheet(&[(BookSide::Ledger, 70, Outcome::FeeMissing)]);
        for is_stated in [true, false] {
            let months = sheet.months(&run("one", "2026-11-20", "2026-11-20", 0), is_stated, true);
            let text = serde_json::to_string(&months).unwrap();
            assert_eq!(serde_json::from_str::<Vec<MonthSheet>>(&text).unwrap(), months, "{text}");
        }
    }
}
