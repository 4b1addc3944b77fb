//! Credentials as people give them: every field that is missing, unknown or malformed is named.

use std::collections::BTreeMap;

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_providers::{Adapter, Credentials, check_credentials};

/// Longest value of one credential, in characters; a public key is the longest.
const CREDENTIAL_CHARACTERS: usize = 4096;
/// The values of `credentials`, by key; `null` takes a value away. `None` when the body does not speak of them.
///
/// # Errors
/// When a value is no text.
pub fn read(fields: &Fields<'_>) -> Result<Option<BTreeMap<String, Option<String>>>, InvalidField> {
    let Some(nested) = fields.nested("credentials")? else {
        return Ok(None);
    };
    let value = |key: &str| {
        let text = match nested.value(key) {
            None => None,
            Some(value) => {
                let text = value.as_str().filter(|text| text.chars().count() <= CREDENTIAL_CHARACTERS);
                let expected = format!("expected a text of at most {CREDENTIAL_CHARACTERS} characters");
                Some(text.ok_or_else(|| nested.refused(key, expected))?.trim().to_owned())
            }
        };
        Ok((key.to_owned(), text))
    };
    nested.names().map(value).collect::<Result<_, InvalidField>>().map(Some)
}

/// Checks credentials with the adapter that is to use them.
///
/// # Errors
/// Naming every field that is not what it should be.
pub fn check(adapter: &dyn Adapter, values: &BTreeMap<String, String>) -> Result<Credentials, InvalidField> {
    check_credentials(adapter, values).map_err(|problems| {
        let name = |key: &str| format!("credentials.{key}");
        let texts: Vec<String> =
            problems.iter().map(|one| format!("{}: {}", name(&one.key), one.problem)).collect();
        let first = problems.first().map_or_else(|| "credentials".to_owned(), |one| name(&one.key));
        InvalidField::new(first, texts.join("; "))
    })
}
