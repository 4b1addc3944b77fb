//! Cursors: opaque page positions. A cursor is sealed with an HMAC over its content and the list it belongs to, so it
//! can be neither forged nor carried to another merchant, filter or order.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use paywarden_domain::id::MerchantId;
use paywarden_store::keys::{KeyRing, KeySource};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::query::QueryReader;

const PARAMETER: &str = "cursor";

/// Longest position, in bytes.
const MAX_POSITION_BYTES: usize = 512;

/// What a cursor belongs to: a version of a list, whose it is, and the filters that were given. Filters that were not given
/// leave no trace, so that a list may learn new ones without voiding the cursors that are out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    list: String,
    filters: BTreeMap<&'static str, Value>,
}

impl Listing {
    /// A list of a merchant, by its name and version such as `list-transactions/1`.
    #[must_use]
    pub fn new(list: &str, merchant: &MerchantId) -> Self {
        Self { list: format!("{list} {merchant}"), filters: BTreeMap::new() }
    }

    /// With a filter. What is null or empty counts as not given; the order of several values does not matter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        // Filters are words, ids and times; what could not be written would bind to nothing.
        let mut value = serde_json::to_value(value).unwrap_or_default();
        let given = match &mut value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(values) => {
                values.sort_by_key(Value::to_string);
                !values.is_empty()
            }
            _ => true,
        };
        if given {
            self.filters.insert(name, value);
        }
        self
    }

    fn text(&self) -> String {
        format!("{} {}", self.list, json!(self.filters))
    }
}

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Cursors {
    keys: Arc<dyn KeySource>,
}

impl Cursors {
    /// Cursors under these keys.
    #[must_use]
    pub fn new(keys: Arc<dyn KeySource>) -> Self {
        Self { keys }
    }

    /// The position to go on from, if the query has a cursor.
    ///
    /// # Errors
    /// 400 when the cursor was not made for the list that `binding` describes.
    pub async fn position(
        &self,
        query: &QueryReader<'_>,
        binding: &Listing,
    ) -> Result<Option<String>, Problem> {
        match query.single(PARAMETER)? {
            Some(cursor) => Ok(Some(self.open(binding, cursor).await?)),
            None => Ok(None),
        }
    }

    /// What an answer's `next_cursor` is: the cursor of the position behind the page, if there may be more.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn next(&self, binding: &Listing, position: Option<&str>) -> Result<Option<String>, Problem> {
        match position {
            Some(position) => Ok(Some(self.seal(binding, position).await?)),
            None => Ok(None),
        }
    }

    /// The cursor of `position` in the list that `binding` describes: key id, seal and position, base 64.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn seal(&self, binding: &Listing, position: &str) -> Result<String, Problem> {
        let ring = self.keys.keys(false).await?;
        let (id, key) =
            ring.active_key().ok_or_else(|| Problem::internal("the cursor key ring has no active key"))?;
        let seal = BASE64URL_NOPAD.encode(&seal(key, binding, position));
        Ok(BASE64URL_NOPAD.encode(format!("{id}.{seal}.{position}").as_bytes()))
    }

    /// The position that a cursor holds.
    ///
    /// # Errors
    /// 400 when it was not made for this list.
    pub async fn open(&self, binding: &Listing, cursor: &str) -> Result<String, Problem> {
        let decoded = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| refused())?;
        let text = String::from_utf8(decoded).map_err(|_| refused())?;
        let mut parts = text.splitn(3, '.');
        let (Some(id), Some(given), Some(position)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refused());
        };
        if position.len() > MAX_POSITION_BYTES {
            return Err(refused());
        }
        let ring = self.ring_with(id).await?;
        let key = ring.find(id).ok_or_else(refused)?;
        let given = BASE64URL_NOPAD.decode(given.as_bytes()).map_err(|_| refused())?;
        if bool::from(given.ct_eq(&seal(key, binding, position))) {
            Ok(position.to_owned())
        } else {
            Err(refused())
        }
    }

    /// A key that was made since this process last read its ring is worth a second look.
    async fn ring_with(&self, id: &str) -> Result<Arc<KeyRing>, Problem> {
        let ring = self.keys.keys(false).await?;
        if ring.find(id).is_some() { Ok(ring) } else { Ok(self.keys.keys(true).await?) }
    }
}

fn seal(key: &[u8], binding: &Listing, position: &str) -> Vec<u8> {
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(impossible) => unreachable!("HMAC takes keys of any length: {impossible}"),
    };
    for part in ["cursor/2", &binding.text(), position] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

fn refused() -> Problem {
    Problem::invalid(PARAMETER, "expected a cursor that this list gave with the same filters and order")
}

#[cfg(test)]
mod tests {
    use paywarden_store::keys::FixedKeySource;

    use super::*;

    fn cursors(active: &str, ids: &[&str]) -> Cursors {
        let keys = ids.iter().map(|id| ((*id).to_owned(), format!("key {id}").into_bytes()));
        Cursors::new(Arc::new(FixedKeySource(Arc::new(KeyRing::new(active, BTreeMap::from_iter(keys))))))
    }

    fn list(merchant: &str) -> Listing {
        Listing::new("list/1", &MerchantId::derived("test", &[merchant.as_bytes()]))
    }

    #[tokio::test]
    async fn a_cursor_opens_for_its_own_list_only() {
        let cursors = cursors("k1", &["k1"]);
        let own = list("a").with("status", &["PAID"]);
        let cursor = cursors.seal(&own, "2026.x#tra_1").await.unwrap();
        assert_eq!(cursors.open(&own, &cursor).await.unwrap(), "2026.x#tra_1");
        let others = [list("b").with("status", &["PAID"]), list("a"), list("a").with("status", &["FAILED"])];
        for other in others {
            assert_eq!(cursors.open(&other, &cursor).await.unwrap_err().status(), 400, "{other:?}");
        }
    }

    #[test]
    fn what_was_not_given_leaves_no_trace() {
        let none: Option<String> = None;
        let empty = list("a").with("new", &none).with("newer", &Vec::<String>::new()).with("newest", &false);
        assert_eq!(empty, list("a"));
        assert_eq!(list("a").with("s", &["B", "A"]), list("a").with("s", &["A", "B"]));
    }

    #[tokio::test]
    async fn any_changed_character_is_refused() {
        let cursors = cursors("k1", &["k1"]);
        let cursor = cursors.seal(&list("a"), "position").await.unwrap();
        for index in 0..cursor.len() {
            for replacement in ["A", "z", "_"] {
                let mut changed = cursor.clone();
                changed.replace_range(index..=index, replacement);
                if changed != cursor {
                    assert!(cursors.open(&list("a"), &changed).await.is_err(), "{index} {replacement}");
                }
            }
        }
    }

    #[tokio::test]
    async fn an_older_key_still_opens_and_an_unknown_one_does_not() {
        let old = cursors("k1", &["k1"]).seal(&list("a"), "position").await.unwrap();
        assert!(cursors("k2", &["k1", "k2"]).open(&list("a"), &old).await.is_ok());
        assert!(cursors("k2", &["k2"]).open(&list("a"), &old).await.is_err());
        for nonsense in ["", "AAAA", "....", "é", &"A".repeat(5000)] {
            assert!(cursors("k1", &["k1"]).open(&list("a"), nonsense).await.is_err());
        }
    }
}
