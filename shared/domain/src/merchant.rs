//! The merchant: the owner of every transaction, provider, client and endpoint.

use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, TransactionId};
use crate::time::{Timestamp, Zone};

/// A merchant's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// Its name, for people.
    pub name: String,
    /// The zone in which its times are written and its days begin.
    pub zone: Zone,
    /// Index partitions its transactions are spread over: 1 serves about 1,000 writes a second.
    /// Raising it affects new items only; readers always ask all of them, so it never shrinks.
    pub shard_count: u16,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Merchant {
    /// The index partition in which a new transaction is listed. The id is a hash, so any part of it spreads evenly.
    #[must_use]
    pub fn shard_of(&self, id: &TransactionId) -> u16 {
        let sum =
            id.body().bytes().fold(0_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
        sum.checked_rem(self.shard_count).unwrap_or(0)
    }
}
