//! The payments under one reference, and which of them a report is about.
//!
//! A further try of an order is an attempt within its record. A further *success*, under another id than the payment that
//! the record is of, is a further payment: a fixed virtual account paid each month, a static QR, an order paid twice. It has
//! a record of its own, the next occurrence, or one that the merchant recorded ahead of it.
//!
//! | known under the reference | report | goes to |
//! |---|---|---|
//! | pending A | success of B | the same record, which is paid by B |
//! | paid by A | pending, refused or expired B | the same record, where it changes nothing |
//! | paid by A | success of B | a further occurrence, with all that was reported of B |
//! | paid by A, and B's success is held there: the order is of another amount | | a further occurrence: a payment of its own is no contradiction |
//! | paid by A, of which no amount was named | success of B, of the order's amount | the same record; A has a further occurrence ([`unpriced`](crate::transaction::unpriced)) |

use std::cmp::Reverse;

use crate::merchant::Merchant;
use crate::money::Money;
use crate::provider::Terms;
use crate::transaction::Transaction;
use crate::transaction::apply::{
    self, Applied, Origin, Verdict, apply, charge, contradicts, first_seen, learn,
};
use crate::transaction::attempt::Attempt;
use crate::transaction::decision::HeldId;
use crate::transaction::held::{HeldPayment, HeldReport};
use crate::transaction::report::{Report, TrustGrade};
use crate::transaction::unpriced::{exchanged, priced};
use crate::vocabulary::Status;

/// The records of a reference, as far as they were read.
#[derive(Debug, Clone, Copy)]
pub struct Family<'a> {
    /// The first one, which keeps the count.
    pub first: &'a Transaction,
    /// Further ones, in the order of their occurrence.
    pub others: &'a [Transaction],
    /// What the provider of the first one charges: its payment may get a record of its own.
    pub first_terms: &'a Terms,
}

/// What a report comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The records to write, all or none: new ones, and others each in the place of the version before.
    pub writes: Vec<Transaction>,
    /// The record that the report is about, as it is then.
    pub subject: Transaction,
    pub verdict: Verdict,
}

/// Decides what a report comes to. `home` is the record that the provider's id of the payment leads to, if it leads to one.
#[must_use]
pub fn decide(
    merchant: &Merchant,
    family: Family<'_>,
    home: Option<&Transaction>,
    report: &Report,
    origin: &Origin,
) -> Decision {
    let home = home.unwrap_or_else(|| family.home_of(report, origin));
    let decision = is_further(home, report, origin)
        .then(|| further(merchant, family, home, report, origin))
        .flatten()
        .unwrap_or_else(|| at_home(home, report, origin));
    rightly_placed(family, home, decision, origin)
}

/// What a report comes to on the record that it is about.
fn at_home(home: &Transaction, report: &Report, origin: &Origin) -> Decision {
    let Applied { next, verdict } = apply(home, report, origin);
    let next = next.map(|next| priced(next, &origin.terms));
    let subject = next.clone().unwrap_or_else(|| home.clone());
    if subject.money == home.money {
        return Decision { writes: next.into_iter().collect(), subject, verdict };
    }
    let (from, to) = (home.status(), subject.status());
    let (verdict, status_changed_at) = if from == to {
        (Verdict::Enriched, subject.status_changed_at)
    } else {
        (Verdict::StatusChanged { from, to }, origin.now)
    };
    let subject = Transaction { status_changed_at, ..subject };
    Decision { writes: vec![subject.clone()], subject, verdict }
}

/// The decision, with the order's record given to the payment that has the best claim to it.
fn rightly_placed(family: Family<'_>, home: &Transaction, decision: Decision, origin: &Origin) -> Decision {
    let written = |record: &Transaction| decision.writes.iter().find(|written| written.id == record.id);
    let now = |record: &Transaction| written(record).unwrap_or(record).clone();
    let first = now(family.first);
    if !first.is_unpriced {
        return decision;
    }
    let known = std::iter::once(home).chain(family.others).chain(&decision.writes);
    let others: Vec<Transaction> = known.filter(|record| record.id != first.id).map(now).collect();
    let Some(exchange) = exchanged(&first, &others, family.first_terms) else {
        return decision;
    };
    let changed = exchange.map(|(before, after)| {
        let is_changed = before.status() != after.status();
        let status_changed_at = if is_changed { origin.now } else { after.status_changed_at };
        let after = Transaction { status_changed_at, ..after };
        match written(&after) {
            Some(opened) if opened.version == 1 => after,
            // It has its next version already.
            Some(_) => {
                apply::written(Transaction { version: after.version.saturating_sub(1), ..after }, origin)
            }
            None => apply::written(after, origin),
        }
    });
    let Decision { mut writes, subject, verdict } = decision;
    writes.retain(|record| changed.iter().all(|changed| changed.id != record.id));
    let payment_of = |record: &Transaction| {
        (record.provider.as_ref().map(|one| one.id.clone()), record.provider_transaction_id.clone())
    };
    let is_of_it = |record: &&Transaction| payment_of(record) == payment_of(&subject);
    let subject = changed.iter().find(is_of_it).cloned().unwrap_or(subject);
    writes.extend(changed);
    Decision { writes, subject, verdict }
}

/// A success that is held on a record for another amount, though the record turned out to be of another payment: it is a
/// payment of its own, and to be applied as one.
#[must_use]
pub fn released(record: &Transaction) -> Option<HeldPayment> {
    let undecided =
        record.held.iter().filter(|held| record.decisions.find(&HeldId::of_report(held)).is_none());
    let held = undecided.filter_map(|held| held.payment.as_deref());
    let mut own = held.filter(|payment| {
        let origin = payment.origin(record);
        is_further(record, &payment.report, &origin)
    });
    own.next().cloned()
}

impl HeldPayment {
    /// Where it came from. Terms are the caller's to fill in.
    fn origin(&self, record: &Transaction) -> Origin {
        Origin {
            provider: self.provider.clone(),
            terms: Terms::default(),
            grade: self.grade,
            now: record.updated_at.unwrap_or(record.created_at),
            correlation_id: String::new(),
        }
    }
}

impl<'a> Family<'a> {
    /// The record of a report whose payment was never heard of: the first one. Reports that name no payment are about one
    /// that knows them already, else about the first that is not paid.
    fn home_of(self, report: &Report, origin: &Origin) -> &'a Transaction {
        let named = report.provider_transaction_id.is_some();
        let mut records = std::iter::once(self.first).chain(self.others).filter(|_| !named);
        let knows = |record: &&Transaction| apply(record, report, origin).next.is_none();
        let is_unpaid = |record: &&Transaction| record.charged_at().is_none();
        let found = records.clone().find(knows).or_else(|| records.find(is_unpaid));
        found.unwrap_or(self.first)
    }

    /// A record that was opened ahead, for this money, and is of no payment yet.
    fn recorded_ahead(self, money: Money) -> Option<&'a Transaction> {
        self.others.iter().find(|record| {
            record.takes(money) && !record.attempts().iter().any(|attempt| attempt.is_payment(record.method))
        })
    }
}

/// Whether a report says that money moved in another payment than the one that its record is of.
fn is_further(home: &Transaction, report: &Report, origin: &Origin) -> bool {
    let moved = report.status().is_some_and(|status| status.is_success() || status == Status::Reversed);
    let Some(payment) = report.provider_transaction_id.as_deref() else {
        return false;
    };
    moved
        && origin.grade != TrustGrade::None
        && home.is_of_another_payment(&origin.provider.id, payment)
        && !home.dismisses(&origin.provider.id, payment, report.money)
}

/// A further payment on a record of its own, with what was reported of it before. `None` when not enough is known of it to
/// open one.
fn further(
    merchant: &Merchant,
    family: Family<'_>,
    home: &Transaction,
    report: &Report,
    origin: &Origin,
) -> Option<Decision> {
    let payment = report.provider_transaction_id.as_deref()?;
    let mut left = home.clone();
    let before = left.take_attempt(&origin.provider.id, payment);
    let held = left.take_held_of(&origin.provider.id, payment);
    let mut writes = Vec::new();
    let (subject, verdict) = match family.recorded_ahead(report.money.unwrap_or(home.money)) {
        Some(ahead) => {
            let Applied { next, verdict } = apply(ahead, report, origin);
            (with_what_was_held(joined(next?, before, origin), held, origin), verdict)
        }
        None => {
            let opened = first_seen(merchant, &home.reference, Some(family.first), report, origin)?;
            let count = opened.occurrence;
            if left.id == family.first.id {
                left.occurrences = count;
            } else {
                let counted = Transaction { occurrences: count, ..family.first.clone() };
                writes.push(with_next_version(counted));
            }
            (with_what_was_held(joined(opened, before, origin), held, origin), Verdict::Created)
        }
    };
    if left != *home {
        writes.push(with_next_version(left));
    }
    writes.push(subject.clone());
    Some(Decision { writes, subject, verdict })
}

/// The record with what was reported of its payment before it had one of its own.
fn joined(mut record: Transaction, before: Option<Attempt>, origin: &Origin) -> Transaction {
    if let Some(before) = before {
        record.join(before);
        charge(&mut record, &origin.terms);
    }
    record
}

/// The record with what contradicted another one and is of its own payment: a part that went back, a refusal, a time that is
/// earlier. What contradicts this one too waits here.
fn with_what_was_held(mut record: Transaction, held: Vec<HeldReport>, origin: &Origin) -> Transaction {
    for held in held {
        match held.payment.as_deref().map(|payment| &payment.report) {
            Some(report) if !contradicts(&record, report) => learn(&mut record, report, origin),
            _ => record.hold(held),
        }
    }
    priced(record, &origin.terms)
}

/// A change that nobody outside sees.
fn with_next_version(record: Transaction) -> Transaction {
    Transaction { version: record.version.saturating_add(1), ..record }
}

/// The record that answers for the reference: by what the records mean, not by when they came. The success with the latest
/// provider time, else what is open, else the failure with the latest provider time. Of two of one time it is the one whose
/// id comes first, so that the order in which they came says nothing here either.
#[must_use]
pub fn answering(records: &[Transaction]) -> Option<&Transaction> {
    records.iter().max_by_key(|record| {
        let status = record.status();
        let weight = if status.is_success() { 2_u8 } else { u8::from(status.is_open()) };
        let provider = record.provider.as_ref().map(|bound| &bound.id);
        let id = (provider, record.provider_transaction_id.as_deref(), Reverse(record.occurrence));
        (weight, record.status_told_at(), Reverse(id))
    })
}
