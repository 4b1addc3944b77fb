//! The merchant: the owner of every transaction, provider, client and endpoint.

mod settings;

use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, TransactionId};
use crate::time::{Timestamp, Zone};

pub use settings::{Settings, StuckLimits};

/// A merchant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merchant {
    pub id: MerchantId,
    /// Its name, for people.
    pub name: String,
    /// The zone in which its times are written and its days begin. A record keeps the one that it was recorded under.
    pub zone: Zone,
    /// Index partitions its transactions are spread over: 1 serves about 1,000 writes a second.
    /// Raising it affects new items only; readers always ask all of them, so it never shrinks.
    pub shard_count: u16,
    /// The last raise, while writers may not all know of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub raise: Option<Raise>,
    #[serde(default)]
    pub settings: Settings,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated_at: Option<Timestamp>,
    /// 1 at creation, one more with each change.
    #[serde(default = "first_version")]
    pub version: u64,
}

/// The version of a row that was written before there were any.
const fn first_version() -> u64 {
    1
}

/// A raise of the shard count. Readers ask the new partitions at once; writers use them only when every process must
/// have heard of them, so that nothing is written where somebody does not look yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raise {
    pub from: u16,
    /// When writers begin to use the new one.
    pub effective_at: Timestamp,
}

impl Raise {
    /// Seconds from a raise to its first use: twice as long as a process believes a merchant's settings.
    pub const DELAY_SECONDS: i64 = 120;
}

/// Most partitions of one merchant: a list asks all of them.
pub const MAX_SHARDS: u16 = 64;

impl Merchant {
    /// A merchant as it begins.
    #[must_use]
    pub fn new(id: MerchantId, name: String, zone: Zone, now: Timestamp) -> Self {
        Self {
            id,
            name,
            zone,
            shard_count: 1,
            raise: None,
            settings: Settings::default(),
            created_at: now,
            updated_at: None,
            version: first_version(),
        }
    }

    /// The same merchant, one version on.
    #[must_use]
    pub fn changed(self, now: Timestamp) -> Self {
        Self { version: self.version.saturating_add(1), updated_at: Some(now), ..self }
    }

    /// The index partition in which a transaction that is new at `now` is listed. The id is a hash, so any part of it
    /// spreads evenly.
    #[must_use]
    pub fn shard_of(&self, id: &TransactionId, now: Timestamp) -> u16 {
        let sum =
            id.body().bytes().fold(0_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
        let count = match &self.raise {
            Some(raise) if now < raise.effective_at => raise.from,
            _ => self.shard_count,
        };
        sum.checked_rem(count).unwrap_or(0)
    }

    /// The same merchant with more partitions. `None` when `count` is not more, or too many.
    #[must_use]
    pub fn with_shards(&self, count: u16, now: Timestamp) -> Option<Self> {
        let raise = Raise { from: self.shard_count, effective_at: now.plus_seconds(Raise::DELAY_SECONDS) };
        let more = (self.shard_count.saturating_add(1)..=MAX_SHARDS).contains(&count);
        more.then(|| Self { shard_count: count, raise: Some(raise), ..self.clone() }.changed(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant(shard_count: u16) -> Merchant {
        let (id, now) = (MerchantId::derived("test", &[b"merchant"]), Timestamp::from_seconds(0).unwrap());
        Merchant { shard_count, ..Merchant::new(id, "Kopi".to_owned(), Zone::UTC, now) }
    }

    fn shards_at(merchant: &Merchant, seconds: i64) -> std::collections::BTreeSet<u16> {
        let now = Timestamp::from_seconds(seconds).unwrap();
        let ids = (0..200_u32).map(|number| TransactionId::of(&merchant.id, &number.to_string(), 1));
        ids.map(|id| merchant.shard_of(&id, now)).collect()
    }

    #[test]
    fn a_raise_takes_effect_when_every_process_has_heard_of_it() {
        let raised = merchant(1).with_shards(4, Timestamp::from_seconds(1000).unwrap()).unwrap();
        assert_eq!(raised.shard_count, 4, "readers ask all of them at once");
        assert_eq!(shards_at(&raised, 1000 + Raise::DELAY_SECONDS - 1).len(), 1);
        assert_eq!(shards_at(&raised, 1000 + Raise::DELAY_SECONDS).len(), 4);
    }

    #[test]
    fn partitions_only_become_more_and_not_too_many() {
        let now = Timestamp::from_seconds(0).unwrap();
        for count in [0, 3, 4, MAX_SHARDS + 1] {
            assert!(merchant(4).with_shards(count, now).is_none(), "{count}");
        }
    }
}
