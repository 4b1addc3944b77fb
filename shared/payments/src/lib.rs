#![doc = include_str!("../README.md")]

pub mod apply;
mod entries;
pub mod expire;
mod intake;
mod locate;
mod notes;
pub mod project;
pub mod reading;
pub mod receive;
pub mod record;
pub mod replay;

use paywarden_domain::transaction::Transaction;
use paywarden_store::transactions::Binding;

/// The provider's id of a payment, if it is known.
fn binding(transaction: &Transaction) -> Option<Binding<'_>> {
    let provider = &transaction.provider.as_ref()?.id;
    let payment = transaction.provider_transaction_id.as_deref()?;
    Some(Binding { provider, payment })
}

/// The provider's id of a payment that a write makes known: not when the record was bound to it before. A provider that
/// was only assumed gives way to the one that reports, and so does what the record is found by.
fn newly_bound<'a>(before: &Transaction, after: &'a Transaction) -> Option<Binding<'a>> {
    binding(after).filter(|bound| binding(before) != Some(*bound))
}
