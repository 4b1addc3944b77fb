//! Payments whose amount nobody has named yet.
//!
//! A success without an amount is taken to be of the order's: what else should be paid? Later the provider may name another
//! one. Had it named that at first, the payment would have had a record of its own beside any other payment of the order. So
//! two rules make up for the order of arrival:
//!
//! - The order's record belongs to a payment that named the order's amount, before one that named none, before one that
//!   turned out to be of another amount: whichever came first, they change places.
//! - A further payment that named none is of the amount that its provider names later.

use std::cmp::Reverse;

use crate::id::ProviderId;
use crate::provider::Terms;
use crate::transaction::Transaction;
use crate::transaction::apply::charge;
use crate::transaction::attempt::Attempt;
use crate::transaction::decision::HeldId;
use crate::transaction::held::HeldReport;
use crate::transaction::report::TrustGrade;

/// How well founded it is that a payment is the order's, least first; of two that named another amount, the id decides.
type Claim<'a> = (Ground, Option<Reverse<(&'a ProviderId, &'a str)>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ground {
    /// Its provider named another amount, which is held.
    Contradicted,
    /// Its provider named no amount.
    Assumed,
    /// Its provider named the order's.
    Named,
}

/// Two records as they were and as they are, of which each has the other's payment now.
pub(crate) type Exchange = [(Transaction, Transaction); 2];

/// Gives the order's record to the payment that has the best claim to it, if that is another one than has it. `terms` are
/// those of the provider of the one that has it.
pub(crate) fn exchanged(first: &Transaction, others: &[Transaction], terms: &Terms) -> Option<Exchange> {
    let holder = payment_of(first).filter(|holder| holder.is_unpriced)?;
    let held = claim(first, &holder)?;
    let candidates = others.iter().filter(|other| other.money == first.money && other.fingerprint.is_none());
    let payments: Vec<_> = candidates.filter_map(|other| Some((other, payment_of(other)?))).collect();
    let claims =
        payments.iter().filter_map(|(other, payment)| Some((claim(other, payment)?, other, payment)));
    let (best, other, payment) = claims.max_by(|(one, ..), (another, ..)| one.cmp(another))?;
    (best > held).then(|| exchange(first, &holder, other, payment, terms))
}

/// A further payment that nobody recorded and that named no amount, with the one that its provider named otherwise, if that is
/// held on it. `terms` are those of its provider.
pub(crate) fn priced(record: Transaction, terms: &Terms) -> Transaction {
    let own = payment_of(&record).filter(|own| own.is_unpriced);
    let Some(own) = own.filter(|_| record.occurrence > 1 && record.fingerprint.is_none()) else {
        return record;
    };
    let mut amounts =
        record.held.iter().filter(|held| contradicts(&record, &own, held)).filter_map(HeldReport::money);
    let Some(money) = amounts.find(|money| money.currency() == record.money.currency()) else {
        return record;
    };
    let mut next = Transaction { money, charges: None, ..record };
    let (reports, others): (Vec<_>, Vec<_>) = std::mem::take(&mut next.held)
        .into_iter()
        .partition(|held| held.money() == Some(money) && contradicts(&next, &own, held));
    next.held = others;
    for payment in reports.into_iter().filter_map(|held| held.payment) {
        next.attempt(&payment.provider, &payment.report);
    }
    charge(&mut next, terms);
    next
}

/// The payment that a record is of.
fn payment_of(record: &Transaction) -> Option<Attempt> {
    let payment = record.provider_transaction_id.as_deref();
    let provider = record.provider.as_ref()?;
    let own = record.attempts().into_iter().find(|attempt| attempt.is(&provider.id, payment));
    own.filter(|own| own.is_payment(record.method))
}

fn claim<'a>(record: &Transaction, payment: &'a Attempt) -> Option<Claim<'a>> {
    let id = (&payment.provider.as_ref()?.id, payment.provider_transaction_id.as_deref()?);
    let is_contradicted = record.held.iter().any(|held| contradicts(record, payment, held));
    Some(match (payment.is_unpriced, is_contradicted) {
        (false, _) => (Ground::Named, None),
        (true, false) => (Ground::Assumed, None),
        (true, true) => (Ground::Contradicted, Some(Reverse(id))),
    })
}

/// Whether something held names another amount of the payment, and nobody has decided about it.
fn contradicts(record: &Transaction, payment: &Attempt, held: &HeldReport) -> bool {
    let (Some(provider), Some(id)) = (&payment.provider, payment.provider_transaction_id.as_deref()) else {
        return false;
    };
    let is_believed = held.payment.as_ref().is_some_and(|held| held.grade != TrustGrade::None);
    is_believed && held.is_of(&provider.id, id) && record.decisions.find(&HeldId::of_report(held)).is_none()
}

fn exchange(
    first: &Transaction,
    holder: &Attempt,
    other: &Transaction,
    payment: &Attempt,
    terms: &Terms,
) -> Exchange {
    let (mut new_first, mut new_other) = (first.clone(), other.clone());
    let (from_first, held_on_first) = taken(&mut new_first, holder);
    let (from_other, held_on_other) = taken(&mut new_other, payment);
    put(&mut new_first, from_other, held_on_other);
    put(&mut new_other, from_first, held_on_first);
    std::mem::swap(&mut new_first.charges, &mut new_other.charges);
    [(first.clone(), new_first), (other.clone(), priced(new_other, terms))]
}

/// Takes a payment off its record, with what is held of it.
fn taken(record: &mut Transaction, payment: &Attempt) -> (Option<Attempt>, Vec<HeldReport>) {
    let (Some(provider), Some(id)) = (&payment.provider, payment.provider_transaction_id.as_deref()) else {
        return (None, Vec::new());
    };
    (record.take_attempt(&provider.id, id), record.take_held_of(&provider.id, id))
}

fn put(record: &mut Transaction, payment: Option<Attempt>, held: Vec<HeldReport>) {
    payment.into_iter().for_each(|payment| record.join(payment));
    held.into_iter().for_each(|held| record.hold(held));
}
