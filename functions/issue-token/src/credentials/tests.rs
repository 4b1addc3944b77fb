//! What a client library writes is what is read, and nothing added to it is passed over.

use proptest::prelude::*;

use super::*;

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("Basic {}", BASE64.encode(text.as_bytes()))).unwrap()
}

fn presented(id: &str, secret: &str) -> Option<Credentials> {
    basic(&header(&format!("{id}:{secret}")))
}

/// The ways of writing the form encoding: as URL libraries do, and with every byte escaped, in either case.
fn encodings(text: &str) -> [String; 3] {
    let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    [form_urlencoded::byte_serialize(text.as_bytes()).collect(), escaped.to_lowercase(), escaped]
}

/// Texts of every kind, and those of the characters that mean something on the way.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a:=&%+ ;,\"é]{0,12}"]
}

proptest! {
    #[test]
    fn what_is_encoded_comes_out_again(id in any_text(), secret in any_text()) {
        for encoded_id in encodings(&id) {
            for encoded_secret in encodings(&secret) {
                let read = presented(&encoded_id, &encoded_secret);
                let expected = Credentials { client_id: id.clone(), client_secret: secret.clone() };
                prop_assert_eq!(read, Some(expected), "{}:{}", encoded_id, encoded_secret);
            }
        }
    }

    #[test]
    fn nothing_before_or_behind_a_secret_is_passed_over(secret in any_text(), more in any_text()) {
        prop_assume!(!more.is_empty());
        let right: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        // As it is, unless it could turn the secret's own characters into an escape of the same ones.
        let plain = (!more.contains('%')).then(|| more.clone());
        for added in encodings(&more).into_iter().chain(plain) {
            for changed in [format!("{right}{added}"), format!("{added}{right}")] {
                let read = presented("cli_x", &changed);
                prop_assert_ne!(read.map(|read| read.client_secret), Some(secret.clone()), "{}", changed);
            }
        }
    }

    #[test]
    fn a_header_of_any_bytes_is_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(header) = HeaderValue::from_bytes(&bytes) {
            basic(&header);
        }
        basic(&header(&String::from_utf8_lossy(&bytes)));
    }
}

#[test]
fn headers_that_are_no_basic_credentials() {
    let encoded = BASE64.encode(b"id:secret");
    assert!(basic(&HeaderValue::from_str(&format!("bASIC  {encoded} ")).unwrap()).is_some());
    let no_text = BASE64.encode(b"id:\xff");
    let cases = [
        String::new(),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic={encoded}"),
        format!("Bearer {encoded}"),
        format!("Basic {encoded}{encoded}="),
        format!("Basic {}", BASE64.encode(b"no colon")),
        format!("Basic {no_text}"),
    ];
    for case in cases {
        assert_eq!(basic(&HeaderValue::from_str(&case).unwrap()), None, "{case}");
    }
}
