//! Cursors: opaque page positions. A cursor is sealed with an HMAC over its content and the list it belongs to, so it
//! can be neither forged nor carried to another merchant, filter or order.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use paywarden_store::keys::{KeyRing, KeySource};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::query::QueryReader;

const PARAMETER: &str = "cursor";

/// Longest position, in bytes.
const MAX_POSITION_BYTES: usize = 512;

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
    pub async fn position(&self, query: &QueryReader<'_>, binding: &str) -> Result<Option<String>, Problem> {
        match query.single(PARAMETER)? {
            Some(cursor) => Ok(Some(self.open(binding, cursor).await?)),
            None => Ok(None),
        }
    }

    /// What an answer's `next_cursor` is: the cursor of the position behind the page, if there may be more.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn next(&self, binding: &str, position: Option<&str>) -> Result<Option<String>, Problem> {
        match position {
            Some(position) => Ok(Some(self.seal(binding, position).await?)),
            None => Ok(None),
        }
    }

    /// The cursor of `position` in the list that `binding` describes: key id, seal and position, base 64.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn seal(&self, binding: &str, position: &str) -> Result<String, Problem> {
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
    pub async fn open(&self, binding: &str, cursor: &str) -> Result<String, Problem> {
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

fn seal(key: &[u8], binding: &str, position: &str) -> Vec<u8> {
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(impossible) => unreachable!("HMAC takes keys of any length: {impossible}"),
    };
    for part in ["cursor/1", binding, position] {
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
    use std::collections::BTreeMap;

    use paywarden_store::keys::FixedKeySource;

    use super::*;

    fn cursors(active: &str, ids: &[&str]) -> Cursors {
        let keys = ids.iter().map(|id| ((*id).to_owned(), format!("key {id}").into_bytes()));
        Cursors::new(Arc::new(FixedKeySource(Arc::new(KeyRing::new(active, BTreeMap::from_iter(keys))))))
    }

    #[tokio::test]
    async fn a_cursor_opens_for_its_own_list_only() {
        let cursors = cursors("k1", &["k1"]);
        let cursor = cursors.seal("mer_a created desc", "2026.x#tra_1").await.unwrap();
        assert_eq!(cursors.open("mer_a created desc", &cursor).await.unwrap(), "2026.x#tra_1");
        assert_eq!(cursors.open("mer_b created desc", &cursor).await.unwrap_err().status(), 400);
    }

    #[tokio::test]
    async fn any_changed_character_is_refused() {
        let cursors = cursors("k1", &["k1"]);
        let cursor = cursors.seal("list", "position").await.unwrap();
        for index in 0..cursor.len() {
            for replacement in ["A", "z", "_"] {
                let mut changed = cursor.clone();
                changed.replace_range(index..=index, replacement);
                if changed != cursor {
                    assert!(cursors.open("list", &changed).await.is_err(), "{index} {replacement}");
                }
            }
        }
    }

    #[tokio::test]
    async fn an_older_key_still_opens_and_an_unknown_one_does_not() {
        let old = cursors("k1", &["k1"]).seal("list", "position").await.unwrap();
        assert!(cursors("k2", &["k1", "k2"]).open("list", &old).await.is_ok());
        assert!(cursors("k2", &["k2"]).open("list", &old).await.is_err());
        for nonsense in ["", "AAAA", "....", "é", &"A".repeat(5000)] {
            assert!(cursors("k1", &["k1"]).open("list", nonsense).await.is_err());
        }
    }
}
