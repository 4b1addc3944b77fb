//! What is kept of a callback's body: bounded, without what proves its origin, personal data masked.

use serde_json::Value;

use crate::registry::{Adapter, Profile};

/// Most bytes kept of one body.
pub const MAX_STORED_BYTES: usize = 16 * 1024;

/// Characters of masked data that stay readable, so that people can tell two accounts apart.
const READABLE: usize = 4;

/// The text to keep of a body. One that is no JSON object is kept as text only when it holds nothing to protect:
/// where a member cannot be found, it cannot be masked.
#[must_use]
pub fn stored_body(adapter: &dyn Adapter, body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            protect(adapter.profile(), &mut value);
            value.to_string()
        }
        Err(_) => {
            let text = String::from_utf8_lossy(body).into_owned();
            let Profile { secret_members, personal_members, .. } = adapter.profile();
            let protected = secret_members.iter().chain(*personal_members);
            if protected.into_iter().any(|member| text.contains(member)) {
                format!("({} bytes that are no JSON and may hold secrets; not kept)", body.len())
            } else {
                text
            }
        }
    };
    truncated(text)
}

fn protect(profile: &Profile, value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if profile.secret_members.contains(&name.as_str()) {
                    *member = Value::String("(removed)".to_owned());
                } else if profile.personal_members.contains(&name.as_str()) {
                    mask(member);
                } else {
                    protect(profile, member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| protect(profile, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a text read from a stored body was masked there, so that it is not what the provider said.
#[must_use]
pub fn is_masked(text: &str) -> bool {
    text.contains('*') || text == "(masked)" || text == "(removed)"
}

fn mask(value: &mut Value) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(_) | Value::Array(_) => "(masked)".to_owned(),
        Value::Null | Value::Bool(_) => return,
    };
    let hidden = text.chars().count().saturating_sub(READABLE).max(text.chars().count().min(READABLE));
    let masked =
        text.chars().enumerate().map(|(index, character)| if index < hidden { '*' } else { character });
    *value = Value::String(masked.collect());
}

fn truncated(mut text: String) -> String {
    if text.len() > MAX_STORED_BYTES {
        let mut end = MAX_STORED_BYTES;
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use paywarden_domain::provider::ProviderType;

    use super::*;
    use crate::registry::adapter;

    #[test]
    fn secrets_go_and_personal_data_is_masked_at_any_depth() {
        let midtrans = adapter(ProviderType::Midtrans);
        let body =
            br#"{"signature_key": "abc", "va_numbers": [{"bank": "bca", "va_number": "812785002530231"}]}"#;
        let stored = stored_body(midtrans, body);
        assert!(!stored.contains("abc"), "{stored}");
        assert!(!stored.contains("81278500253") && stored.contains("0231"), "{stored}");
    }

    #[test]
    fn what_cannot_be_protected_is_not_kept() {
        let midtrans = adapter(ProviderType::Midtrans);
        assert!(!stored_body(midtrans, b"signature_key=abc&x").contains("abc"));
        assert_eq!(stored_body(midtrans, b"hello"), "hello");
        assert!(stored_body(midtrans, "é".repeat(20_000).as_bytes()).len() <= MAX_STORED_BYTES + 3);
    }
}
