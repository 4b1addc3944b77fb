//! Secrets of any length, sealed in pieces that KMS can take: it encrypts 4,096 bytes at once.
//!
//! A secret that fits is sealed as it is. A longer one is cut; each piece begins with a line that says which of how many it
//! is and, behind the first, the hash of what the first was sealed to. So pieces of two sealings do not fit together, none
//! can be left out or moved, and the context of each says no more than whose the secret is.

use async_trait::async_trait;
use data_encoding::{BASE64, HEXLOWER};
use futures::future::try_join_all;
use sha2::{Digest, Sha256};

use super::{Context, unusable};
use crate::StoreError;

/// The most that KMS encrypts at once, in bytes.
pub const LIMIT: usize = 4096;

/// What a piece holds of the secret, in bytes; its line needs less than what is left.
const PIECE: usize = LIMIT - 128;

/// Stands between pieces; no letter of base 64.
const SEPARATOR: char = '.';

/// One call of a key.
#[async_trait]
pub trait Decrypter: Send + Sync {
    /// What [`Encrypter::encrypt`] was given under the same context.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when the context is another one.
    async fn decrypt(&self, context: &Context, ciphertext: Vec<u8>) -> Result<Vec<u8>, StoreError>;
}

/// One call of a key.
#[async_trait]
pub trait Encrypter: Send + Sync {
    /// Encrypts [`LIMIT`] bytes at most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when there are more.
    async fn encrypt(&self, context: &Context, plaintext: Vec<u8>) -> Result<Vec<u8>, StoreError>;
}

/// Seals a secret; the answer is text to store.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn seal(encrypter: &dyn Encrypter, context: &Context, secret: &str) -> Result<String, StoreError> {
    if secret.len() <= LIMIT {
        let ciphertext = encrypter.encrypt(context, secret.as_bytes().to_vec()).await?;
        return Ok(BASE64.encode(&ciphertext));
    }
    let parts: Vec<&[u8]> = secret.as_bytes().chunks(PIECE).collect();
    let (mut sealed, mut first) = (String::new(), String::new());
    for (place, part) in parts.iter().enumerate() {
        let piece = [line(place, parts.len(), &first).as_bytes(), part].concat();
        let ciphertext = encrypter.encrypt(context, piece).await?;
        if place == 0 {
            first = hash(&ciphertext);
        } else {
            sealed.push(SEPARATOR);
        }
        sealed.push_str(&BASE64.encode(&ciphertext));
    }
    Ok(sealed)
}

/// Opens what [`seal`] answered.
///
/// # Errors
/// [`StoreError::Unavailable`], also when the context is another one or the pieces do not belong together.
pub async fn open(decrypter: &dyn Decrypter, context: &Context, sealed: &str) -> Result<String, StoreError> {
    let decoded = sealed.split(SEPARATOR).map(|piece| BASE64.decode(piece.as_bytes()));
    let ciphertexts = decoded.collect::<Result<Vec<_>, _>>().map_err(|_| failed("not base 64"))?;
    let first = ciphertexts.first().map(|ciphertext| hash(ciphertext)).unwrap_or_default();
    let opened = ciphertexts.into_iter().map(|ciphertext| decrypter.decrypt(context, ciphertext));
    let opened = try_join_all(opened).await?;
    let secret = match <[Vec<u8>; 1]>::try_from(opened) {
        Ok([whole]) => whole,
        Err(pieces) => join(&pieces, &first)?,
    };
    String::from_utf8(secret).map_err(|_| failed("not text"))
}

fn join(pieces: &[Vec<u8>], first: &str) -> Result<Vec<u8>, StoreError> {
    let mut secret = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        let line = line(place, pieces.len(), if place == 0 { "" } else { first });
        let part = piece.strip_prefix(line.as_bytes());
        secret.extend(part.ok_or_else(|| failed("pieces that do not belong together"))?);
    }
    Ok(secret)
}

/// What a piece begins with.
fn line(place: usize, count: usize, first: &str) -> String {
    format!("{}/{count} {first}\n", place.saturating_add(1))
}

fn hash(ciphertext: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(ciphertext))
}

fn failed(detail: &str) -> StoreError {
    unusable("Decrypt", detail)
}

#[cfg(test)]
mod tests;
