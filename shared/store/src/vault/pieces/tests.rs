//! With a key that hides nothing, and seals nothing twice to the same.

use std::sync::atomic::{AtomicU64, Ordering};

use paywarden_domain::id::{MerchantId, ProviderId};

use super::*;

#[derive(Default)]
struct OpenKey(AtomicU64);

#[async_trait]
impl Encrypter for OpenKey {
    async fn encrypt(&self, context: &Context, plaintext: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        assert!(plaintext.len() <= LIMIT, "{} bytes", plaintext.len());
        let head = format!("{} {}", self.0.fetch_add(1, Ordering::SeqCst), context.to_text());
        Ok([head.as_bytes(), b"\n", &plaintext].concat())
    }
}

#[async_trait]
impl Decrypter for OpenKey {
    async fn decrypt(&self, context: &Context, ciphertext: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let space = ciphertext.iter().position(|byte| *byte == b' ').unwrap();
        let plaintext = ciphertext[space + 1..].strip_prefix(format!("{}\n", context.to_text()).as_bytes());
        Ok(plaintext.ok_or_else(|| failed("another context"))?.to_vec())
    }
}

fn context() -> Context {
    Context::provider(&MerchantId::derived("test", &[b"m"]), &ProviderId::derived("test", &[b"p"]))
}

async fn opened(key: &OpenKey, pieces: &[&str]) -> Result<String, StoreError> {
    open(key, &context(), &pieces.join(".")).await
}

#[tokio::test]
async fn secrets_of_every_length_come_back() {
    let key = OpenKey::default();
    let cases =
        [(0, 1), (1, 1), (4095, 1), (4096, 1), (4097, 2), (2 * PIECE, 2), (2 * PIECE + 1, 3), (99_999, 26)];
    for (length, pieces) in cases {
        let secret = "abcdefg".chars().cycle().take(length).collect::<String>();
        let sealed = seal(&key, &context(), &secret).await.unwrap();
        assert_eq!(sealed.split('.').count(), pieces, "{length}");
        assert_eq!(open(&key, &context(), &sealed).await.unwrap(), secret, "{length}");
    }
}

#[tokio::test]
async fn a_letter_may_be_cut_in_two() {
    let key = OpenKey::default();
    for shift in ["", "x", "xx"] {
        let secret = format!("{shift}{}", "€".repeat(3000));
        let sealed = seal(&key, &context(), &secret).await.unwrap();
        assert_eq!(open(&key, &context(), &sealed).await.unwrap(), secret);
    }
}

#[tokio::test]
async fn pieces_are_all_there_in_their_order_and_of_one_sealing() {
    let key = OpenKey::default();
    let secret = "s".repeat(3 * PIECE);
    let one = seal(&key, &context(), &secret).await.unwrap();
    let two = seal(&key, &context(), &secret).await.unwrap();
    let (one, two): (Vec<_>, Vec<_>) = (one.split('.').collect(), two.split('.').collect());
    assert_eq!(opened(&key, &one).await.unwrap(), secret);
    for wrong in [
        vec![one[0], one[1]],
        vec![one[1], one[2]],
        vec![one[0], one[2], one[1]],
        vec![one[0], one[1], one[1]],
        vec![one[0], one[1], one[2], one[2]],
        vec![two[0], one[1], one[2]],
        vec![one[0], one[1], two[2]],
    ] {
        assert_eq!(opened(&key, &wrong).await, Err(failed("pieces that do not belong together")));
    }
}

#[tokio::test]
async fn what_is_no_base_64_is_not_opened() {
    assert_eq!(opened(&OpenKey::default(), &["!"]).await, Err(failed("not base 64")));
}
