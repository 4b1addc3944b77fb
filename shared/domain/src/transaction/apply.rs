//! What one report does to a record. Pure: the caller reads the record, asks here, and writes once.
//!
//! Reports come late, twice and out of order, so nothing here asks what came before. A record gathers what was reported
//! (a set of times by status, the earliest details, the latest reason) and its state is read off that; see
//! [`state`](crate::transaction::state). For example, a virtual account with a time to pay of one day:
//!
//! | report, as it arrives | what is known then | status | verdict |
//! |---|---|---|---|
//! | PAID at 10:05 | PAID 10:05 | PAID | status changed |
//! | PENDING at 10:00, late | PENDING 10:00, PAID 10:05 | PAID | ignored: outweighed, but kept |
//! | PAID at 10:05, again | the same | PAID | ignored: already known, nothing is written |
//! | PAID at 10:05 of another amount | the same, and the report held | PAID | held: a person decides |

use crate::id::TransactionId;
use crate::merchant::Merchant;
use crate::provider::Terms;
use crate::time::Timestamp;
use crate::transaction::decision::{Decisions, HeldId, Ruling};
use crate::transaction::held::HeldReport;
use crate::transaction::learned::Learned;
use crate::transaction::refund::Refunds;
use crate::transaction::report::{Happening, Report, TrustGrade};
use crate::transaction::state::{Mark, StatusReports};
use crate::transaction::submission::Submissions;
use crate::transaction::{MerchantFields, ProviderBinding, Transaction};
use crate::vocabulary::Status;

/// Where a report and the write it causes come from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The provider that sent it.
    pub provider: ProviderBinding,
    pub terms: Terms,
    /// How far it can be believed.
    pub grade: TrustGrade,
    /// When we apply it.
    pub now: Timestamp,
    /// The id that follows the callback to the webhook.
    pub correlation_id: String,
}

/// The outcome of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The record to write; none when there is nothing to write.
    pub next: Option<Transaction>,
    pub verdict: Verdict,
}

/// What a report did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It opened the record.
    Created,
    /// The status changed.
    StatusChanged { from: Status, to: Status },
    /// The status stays, the record learned details.
    Enriched,
    /// It changed no state, for this reason.
    Ignored(IgnoredReason),
    /// Amount or currency contradict the record: nothing moved, a person decides.
    Held,
}

/// Why a report changed no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredReason {
    /// The same was reported before.
    AlreadyKnown,
    /// What is known outweighs it.
    Outweighed,
    /// The provider's word is not known.
    UnknownStatus,
    /// Part of the money went back, but it is not told how much.
    PartialRefund,
    /// Nobody vouched for it, and it would have ended the payment.
    Untrusted,
    /// A person decided that its amount is none of this payment.
    Dismissed,
}

impl IgnoredReason {
    /// The stable code, for logs and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyKnown => "already_known",
            Self::Outweighed => "outweighed",
            Self::UnknownStatus => "unknown_status",
            Self::PartialRefund => "partial_refund",
            Self::Untrusted => "untrusted",
            Self::Dismissed => "dismissed",
        }
    }

    /// The reason in words, for the timeline.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::AlreadyKnown => "the same was reported before",
            Self::Outweighed => "what is already known outweighs it",
            Self::UnknownStatus => "the provider's status is not known, and nothing is guessed from it",
            Self::PartialRefund => "a partial refund that does not say how much went back",
            Self::Untrusted => "nobody vouches for the callback, so it can't end a payment",
            Self::Dismissed => "somebody decided that this amount is none of this payment",
        }
    }
}

/// Opens the record of a payment that nobody announced, or of a further payment under the reference of `first`.
///
/// `None` when the report does not tell enough: a status, a method and an amount are needed, and somebody who vouches
/// for it. What a further payment leaves out is taken to be as of the first.
#[must_use]
pub fn first_seen(
    merchant: &Merchant,
    reference: &str,
    first: Option<&Transaction>,
    report: &Report,
    origin: &Origin,
) -> Option<Transaction> {
    let method = report.method.or(first.map(|first| first.method))?;
    let money = report.money.or(first.map(|first| first.money))?;
    if origin.grade == TrustGrade::None || report.mark().is_none() {
        return None;
    }
    let occurrence = first.map_or(1, |first| first.occurrences.saturating_add(1));
    let id = TransactionId::of(&merchant.id, reference, occurrence);
    let mut opened = Transaction {
        shard: merchant.shard_of(&id, origin.now),
        id,
        merchant_id: merchant.id.clone(),
        reference: reference.to_owned(),
        occurrence,
        occurrences: occurrence,
        method,
        money,
        provider: None,
        provider_transaction_id: None,
        attempts: Vec::new(),
        is_referenced: false,
        is_unpriced: false,
        merchant_fields: first.map_or_else(MerchantFields::default, |first| first.merchant_fields.clone()),
        said_attributes: first.map(|one| one.said_attributes.clone()).unwrap_or_default(),
        learned: Learned::default(),
        charges: None,
        refunds: Refunds::default(),
        zone: merchant.zone.clone(),
        reports: StatusReports::default(),
        submissions: Submissions::default(),
        unpaid: None,
        held: Vec::new(),
        decisions: Decisions::default(),
        created_at: origin.now,
        updated_at: None,
        status_changed_at: origin.now,
        expired_at: first.and_then(|first| first.expired_at),
        fingerprint: None,
        version: 1,
        correlation_id: Some(origin.correlation_id.clone()),
    };
    learn(&mut opened, report, origin);
    Some(opened)
}

/// Applies a report to a record.
#[must_use]
pub fn apply(current: &Transaction, report: &Report, origin: &Origin) -> Applied {
    if let Some(reason) = reason_to_ignore(report, origin.grade) {
        return Applied { next: None, verdict: Verdict::Ignored(reason) };
    }
    // Before anything is learned: a report about other money may be about another payment altogether.
    if contradicts(current, report) || has_no_room(current, report) {
        return hold(current, report, origin);
    }
    let mut next = current.clone();
    learn(&mut next, report, origin);
    // The comparison is the guard against repetition: no list of reports that were handled has to be kept.
    if next == *current {
        return Applied { next: None, verdict: Verdict::Ignored(IgnoredReason::AlreadyKnown) };
    }
    let verdict = verdict(current, &next, report);
    if current.status() != next.status() {
        next.status_changed_at = origin.now;
    }
    Applied { next: Some(written(next, origin)), verdict }
}

/// Ends a record whose time to pay has run out, as of that time. `None` when it is not open or not due: somebody may
/// have paid since it was looked for. A record for which a success is held is not ended: money may have come.
#[must_use]
pub fn expire(current: &Transaction, now: Timestamp) -> Option<Transaction> {
    let due = current.expired_at.filter(|due| *due <= now && current.can_expire())?;
    let mut next = current.clone();
    let mut attempts = next.attempts();
    for attempt in &mut attempts {
        if attempt.reports.status(next.method).is_open() {
            attempt.reports.add(Mark::TimedOut, due);
        }
    }
    next.set_attempts(attempts);
    Some(Transaction {
        status_changed_at: now,
        updated_at: Some(now),
        version: current.version.saturating_add(1),
        correlation_id: None,
        ..next
    })
}

fn reason_to_ignore(report: &Report, grade: TrustGrade) -> Option<IgnoredReason> {
    match &report.happening {
        Happening::Unknown { .. } => Some(IgnoredReason::UnknownStatus),
        Happening::PartialRefund { refunds } if refunds.is_empty() || grade == TrustGrade::None => {
            Some(IgnoredReason::PartialRefund)
        }
        Happening::PartialRefund { .. } => None,
        // Anybody could have sent it. That a payment is on its way may be believed; that it ended may not.
        Happening::Status { status } if grade == TrustGrade::None && !status.is_open() => {
            Some(IgnoredReason::Untrusted)
        }
        Happening::Voided if grade == TrustGrade::None => Some(IgnoredReason::Untrusted),
        Happening::Status { .. } | Happening::Voided => None,
    }
}

/// Whether a report is about other money than the record.
pub(crate) fn contradicts(current: &Transaction, report: &Report) -> bool {
    report.money.is_some_and(|money| !current.takes(money))
}

/// Whether a report tells of more refunds than a record keeps.
fn has_no_room(current: &Transaction, report: &Report) -> bool {
    matches!(&report.happening, Happening::PartialRefund { refunds } if !current.refunds.has_room_for(refunds))
}

/// Flags a contradicting report on the record. The latest ones are kept, whatever order they come in.
fn hold(current: &Transaction, report: &Report, origin: &Origin) -> Applied {
    let mut next = current.clone();
    let held = HeldReport::of(report, origin);
    let decided = current.decisions.find(&HeldId::of_report(&held)).map(|decision| decision.ruling);
    next.hold(held);
    let next = (next != *current).then(|| {
        let changed_at =
            if next.status() == current.status() { current.status_changed_at } else { origin.now };
        written(Transaction { status_changed_at: changed_at, ..next }, origin)
    });
    let verdict = match decided {
        Some(Ruling::Dismissed) => Verdict::Ignored(IgnoredReason::Dismissed),
        Some(Ruling::Accepted) | None => Verdict::Held,
    };
    Applied { next, verdict }
}

/// Everything a record takes from a report. Adding the same report again changes nothing.
pub(crate) fn learn(transaction: &mut Transaction, report: &Report, origin: &Origin) {
    transaction.attempt(&origin.provider, report);
    charge(transaction, &origin.terms);
}

/// Charges a success. Charges are those of the moment at which it is learned first: a tariff that changes later changes no
/// payment.
pub(crate) fn charge(transaction: &mut Transaction, terms: &Terms) {
    if transaction.charges.is_none() && transaction.charged_at().is_some() {
        transaction.charges = terms.charge(transaction.method.service(), transaction.money);
    }
}

fn verdict(current: &Transaction, next: &Transaction, report: &Report) -> Verdict {
    let (from, to) = (current.status(), next.status());
    let surplus = |one: &Transaction| one.booked_refunds().1.len();
    if from != to {
        Verdict::StatusChanged { from, to }
    } else if surplus(next) > surplus(current) {
        Verdict::Held
    } else if report.status().is_some_and(|status| status != to) {
        Verdict::Ignored(IgnoredReason::Outweighed)
    } else {
        Verdict::Enriched
    }
}

pub(crate) fn written(next: Transaction, origin: &Origin) -> Transaction {
    Transaction {
        updated_at: Some(origin.now),
        version: next.version.saturating_add(1),
        correlation_id: Some(origin.correlation_id.clone()),
        ..next
    }
}
