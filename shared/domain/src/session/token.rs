//! Refresh tokens: 256 random bits. The first half is the session's for its whole life, and the row is found by a hash of it; the
//! second half is another one after every use. So who comes with the first half and another second one has held a token of this
//! session, and a stranger who knows its id can do nothing to it.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::entropy::{Entropy, random_bytes};
use crate::id::SessionId;

/// What a refresh token begins with, so that a leaked one is recognised.
const PREFIX: &str = "pwr_";

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The half that stays.
    session: [u8; 16],
    /// The half of this use.
    turn: [u8; 16],
}

impl RefreshToken {
    /// The first token of a new session.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self { session: random_bytes(entropy), turn: random_bytes(entropy) }
    }

    /// Reads a token; nothing if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let (session, turn) = bytes.split_first_chunk::<16>()?;
        Some(Self { session: *session, turn: turn.try_into().ok()? })
    }

    /// The token as its holder has it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&self.bytes()))
    }

    /// The session that it is of.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        SessionId::derived("session/1", &[&self.session])
    }

    /// The hash to keep, in hexadecimal. There is nothing to guess, so a fast one is enough.
    #[must_use]
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.bytes()))
    }

    /// The token that follows this one, the same every time under the same key: who asks again because an answer was lost gets
    /// the answer that was lost. Nobody without the key can tell it from a random one.
    #[must_use]
    pub fn next(&self, key: &[u8]) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(b"refresh-token/1");
        mac.update(&self.bytes());
        let turn = *mac.finalize().into_bytes().first_chunk::<16>()?;
        Some(Self { session: self.session, turn })
    }

    fn bytes(&self) -> Vec<u8> {
        [self.session, self.turn].concat()
    }
}

/// Never the token itself, wherever one is printed.
impl fmt::Debug for RefreshToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RefreshToken({})", self.session_id())
    }
}
