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
