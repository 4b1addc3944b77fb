//! Cells that a spreadsheet takes for what they are. One that begins like a formula would be run by whoever opens the
//! table (OWASP, CSV injection); an apostrophe before it makes it a text. Every table that leaves the system is written
//! with [`harmless`] and, where it comes back, read with [`original`].

use std::borrow::Cow;

use serde_json::Value;

/// What a formula begins with, and what a spreadsheet passes over before one. The wide forms are those of East Asian
/// keyboards, which some spreadsheets read as the narrow ones.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The text as a cell that no spreadsheet runs. Numbers are not for it: an amount with a minus stays a number.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if begins_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A JSON value as a cell; nested ones as their text, and nothing where there is nothing.
#[must_use]
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text).into_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// [`harmless`] of a cell that need not be text.
#[must_use]
pub fn harmless_bytes(cell: &[u8]) -> Cow<'_, [u8]> {
    // Most cells begin with a letter or a digit.
    if cell.first().is_none_or(u8::is_ascii_alphanumeric) {
        return Cow::Borrowed(cell);
    }
    match std::str::from_utf8(cell).map(harmless) {
        Ok(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        Ok(Cow::Borrowed(_)) | Err(_) => Cow::Borrowed(cell),
    }
}

/// The text that [`harmless`] made a cell of.
#[must_use]
pub fn original(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| begins_like_formula(text)).unwrap_or(cell)
}

/// [`original`] of a cell that need not be text.
#[must_use]
pub fn original_bytes(cell: &[u8]) -> &[u8] {
    if cell.first() != Some(&b'\'') {
        return cell;
    }
    std::str::from_utf8(cell).map_or(cell, |cell| original(cell).as_bytes())
}

/// Apostrophes before the beginning count as part of it: one is added and one taken away, so that each text comes back.
fn begins_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(BEGINNINGS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_a_text() {
        for text in ["=1+1", "+62", "-5x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x", "'=1"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "INV-1", "a=b", "'tis", "1,5", " =1"] {
            assert_eq!(harmless(text), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@\t\r\n＝a-]{0,6}") {
            let cell = harmless(&text);
            prop_assert_eq!(original(&cell), &text);
            prop_assert_eq!(harmless_bytes(text.as_bytes()), cell.as_bytes());
            prop_assert_eq!(original_bytes(cell.as_bytes()), text.as_bytes());
            prop_assert!(!cell.starts_with(BEGINNINGS));
        }
    }
}
