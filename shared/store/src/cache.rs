//! A small cache for rows that rarely change, so that a busy process reads them twice a minute and not per request.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use paywarden_domain::time::Timestamp;

/// Entries beyond which a cache starts over.
const CAPACITY: usize = 512;

/// Values that are believed for a while.
pub(crate) struct Cache<K, V> {
    lifetime_seconds: i64,
    entries: Mutex<HashMap<K, (Timestamp, V)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub(crate) fn new(lifetime_seconds: i64) -> Self {
        Self { lifetime_seconds, entries: Mutex::new(HashMap::new()) }
    }

    pub(crate) fn find(&self, key: &K, now: Timestamp) -> Option<V> {
        let entries = self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (until, value) = entries.get(key)?;
        (*until > now).then(|| value.clone())
    }

    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) {
        let mut entries = self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(key, (now.plus_seconds(self.lifetime_seconds), value));
    }
}
