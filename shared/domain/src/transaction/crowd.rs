//! Many payments on one reference at once: a code that a hall full of people pays. Each opens a record of its own, and
//! the first record counts them all: once for all of them, where one after the other would write it as often as somebody paid.

use crate::merchant::Merchant;
use crate::transaction::Transaction;
use crate::transaction::apply::{Origin, Verdict};
use crate::transaction::family::{Decision, Family, decide};
use crate::transaction::report::Report;

/// A report of a payment that was never heard of, and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub report: &'a Report,
    pub origin: &'a Origin,
}

/// What payments come to that are decided together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowd {
    /// The first record with all of them counted, in the place of the version before it.
    pub first: Transaction,
    /// The records that were opened, each with the number of its arrival.
    pub opened: Vec<(usize, Transaction)>,
}

/// Opens records for the arrivals that open one and change nothing else but the count: those are as if they were decided one
/// after the other. The rest is left alone. All arrivals are of different payments. `None` when there is no crowd.
#[must_use]
pub fn open_together(merchant: &Merchant, family: Family<'_>, arrivals: &[Arrival<'_>]) -> Option<Crowd> {
    let (mut first, mut others, mut opened) = (family.first.clone(), family.others.to_vec(), Vec::new());
    for (number, arrival) in arrivals.iter().enumerate() {
        let family = Family { first: &first, others: &others, ..family };
        let decision = decide(merchant, family, None, arrival.report, arrival.origin);
        if let Some(record) = only_opened(&first, decision) {
            first.occurrences = record.occurrence;
            others.push(record.clone());
            opened.push((number, record));
        }
    }
    first.version = first.version.saturating_add(1);
    (opened.len() > 1).then_some(Crowd { first, opened })
}

/// The record that a decision opens, when the first one changes by the count alone.
fn only_opened(first: &Transaction, decision: Decision) -> Option<Transaction> {
    let Decision { writes, subject, verdict } = decision;
    let counted = Transaction {
        occurrences: subject.occurrence,
        version: first.version.saturating_add(1),
        ..first.clone()
    };
    let is_alone = verdict == Verdict::Created && writes == [counted, subject.clone()];
    is_alone.then_some(subject)
}
