//! The keys of the transactions table and its indexes.
//!
//! | index | partition | sort |
//! |---|---|---|
//! | by-created | merchant # direction # shard | created # id |
//! | by-charged (charged ones only) | merchant # direction # shard | charged # id |
//! | by-status | merchant # direction # shard | status # status changed # id |
//! | by-held (those only that wait for a person) | merchant # direction # shard | created # id |
//! | by-provider | merchant # direction # shard | provider # created # id |
//! | by-expiry (open ones that expire only) | expiry # shard of the id | expires # id |
//!
//! Times have a fixed width, so text order is time order, and every sort key ends in the id, so none stands twice.

use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::vocabulary::{Direction, Status};

use crate::transactions::Binding;

/// Partitions of the expiry index, over all merchants.
pub const EXPIRY_SHARDS: u8 = 4;

/// The partition of a merchant's lists: money that comes and money that goes are shown apart.
#[must_use]
pub fn list_partition(merchant: &MerchantId, direction: Direction, shard: u16) -> String {
    format!("{merchant}#{direction}#{shard}")
}

/// A moment and the id that tells two transactions of that moment apart.
#[must_use]
pub fn position(at: Timestamp, id: &TransactionId) -> String {
    format!("{at}#{id}")
}

/// What the sort keys of one status begin with.
#[must_use]
pub fn status_prefix(status: Status) -> String {
    format!("{status}#")
}

/// The partition of the expiry index.
#[must_use]
pub fn expiry_partition(shard: u8) -> String {
    format!("expiry#{shard}")
}

/// The key of a provider reference.
#[must_use]
pub fn binding(binding: Binding<'_>) -> String {
    format!("{}#{}", binding.provider, binding.payment)
}

/// The index keys of one record, absent where the index is sparse.
pub(crate) struct IndexKeys {
    pub(crate) list_pk: String,
    pub(crate) created_sk: String,
    pub(crate) charged_sk: Option<String>,
    pub(crate) held_sk: Option<String>,
    pub(crate) status_sk: String,
    pub(crate) provider_sk: Option<String>,
    pub(crate) expiry_pk: Option<String>,
    pub(crate) expiry_sk: Option<String>,
}

impl IndexKeys {
    pub(crate) fn of(transaction: &Transaction) -> Self {
        let id = &transaction.id;
        let expires = transaction.expired_at.filter(|_| transaction.can_expire());
        let created = position(transaction.created_at, id);
        Self {
            list_pk: list_partition(&transaction.merchant_id, transaction.direction(), transaction.shard),
            charged_sk: transaction.charged_at().map(|at| position(at, id)),
            held_sk: transaction.is_held().then(|| created.clone()),
            status_sk: format!(
                "{}{}",
                status_prefix(transaction.status()),
                position(transaction.status_changed_at, id)
            ),
            provider_sk: transaction.provider.as_ref().map(|provider| format!("{}#{created}", provider.id)),
            expiry_pk: expires.map(|_| expiry_partition(expiry_shard(id))),
            expiry_sk: expires.map(|at| position(at, id)),
            created_sk: created,
        }
    }
}

fn expiry_shard(id: &TransactionId) -> u8 {
    id.body().bytes().fold(0_u8, u8::wrapping_add) % EXPIRY_SHARDS
}
