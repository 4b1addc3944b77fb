//! The body: which provider's file, how it is to be read, and perhaps the file itself.

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ProviderId;
use paywarden_domain::statement::{Columns, Format, MinorUnits, Reading, Statement};
use serde_json::Value;

/// Longest map of columns, in bytes of JSON.
const MAX_COLUMNS_BYTES: usize = 8 * 1024;

/// Most digits of a part that a map may say.
const MAX_EXPONENT: u32 = 6;

/// Most lines above a header.
const MAX_SKIPPED_LINES: u32 = 1_000;

/// Longest file that is given in the body, in bytes.
const MAX_CONTENT_BYTES: usize = 200 * 1024;

/// What is announced.
pub struct Announced {
    pub provider_id: ProviderId,
    pub reading: Option<Reading>,
    pub file_name: Option<String>,
    pub content: Option<String>,
}

/// Reads the body.
pub fn read(body: &Value) -> Result<Announced, InvalidField> {
    let fields = Fields::of(body)?;
    let announced = Announced {
        provider_id: fields.required("provider_id", ProviderId::parse)?,
        reading: reading(&fields)?,
        file_name: fields.text("file_name", Statement::FILE_NAME_CHARACTERS)?,
        content: content(&fields)?,
    };
    fields.finish()?;
    Ok(announced)
}

fn reading(fields: &Fields<'_>) -> Result<Option<Reading>, InvalidField> {
    let format = fields.parsed("format", Format::parse)?;
    let columns = fields.value("columns").map(|value| columns(fields, value)).transpose()?;
    match (format, columns) {
        (None | Some(Format::Columns), Some(columns)) => Ok(Some(Reading::Columns(Box::new(columns)))),
        (Some(Format::Columns), None) => Err(fields.refused("columns", "is required with this format")),
        (Some(_), Some(_)) => Err(fields.refused("columns", "expected none with this format")),
        (Some(format), None) => Ok(Reading::of_format(format)),
        (None, None) => Ok(None),
    }
}

fn columns(fields: &Fields<'_>, value: &Value) -> Result<Columns, InvalidField> {
    let refused = |expected: String| fields.refused("columns", expected);
    if value.to_string().len() > MAX_COLUMNS_BYTES {
        return Err(refused(format!("expected at most {MAX_COLUMNS_BYTES} bytes")));
    }
    let columns: Columns =
        serde_json::from_value(value.clone()).map_err(|error| refused(error.to_string()))?;
    let named = |name: &str, expected: &str| Err(fields.refused(name, expected));
    if !columns.separator.is_ascii() {
        return named("columns.separator", "expected one character of ASCII");
    }
    exponent(&columns).map_err(|expected| fields.refused("columns.exponent", expected))?;
    if columns.skip_lines > MAX_SKIPPED_LINES {
        return named("columns.skip_lines", "expected a whole number from 0 to 1000");
    }
    let of = &columns.fields;
    match (of.amount.is_empty(), &of.debit, &of.credit) {
        (false, None, None) | (true, Some(_), Some(_)) => {}
        _ => return named("columns.fields.amount", "expected a column, or both debit and credit instead"),
    }
    if of.booked_at.is_empty() {
        return named("columns.fields.booked_at", "is required");
    }
    if columns.currency.is_none() && columns.fields.currency.is_none() {
        return named(
            "columns.currency",
            "expected a currency, or a column that tells it in fields.currency",
        );
    }
    Ok(columns)
}

/// One exponent fits a file of one currency. Where a column tells the currency, each has its own.
fn exponent(columns: &Columns) -> Result<(), &'static str> {
    match &columns.exponent {
        Some(minor_units) if minor_units.greatest() > MAX_EXPONENT => {
            Err("expected whole numbers from 0 to 6")
        }
        Some(MinorUnits::Fixed(_)) if columns.fields.currency.is_some() => Err(
            "expected \"currency\" for the digits that ISO 4217 gives each row's currency, or an object such as {\"IDR\": 0} \
             that says those which differ, where a column tells the currency",
        ),
        _ => Ok(()),
    }
}

fn content(fields: &Fields<'_>) -> Result<Option<String>, InvalidField> {
    let Some(value) = fields.value("content") else {
        return Ok(None);
    };
    let text = value.as_str().filter(|text| (1..=MAX_CONTENT_BYTES).contains(&text.len()));
    let expected = format!("expected the file's text, 1 to {MAX_CONTENT_BYTES} bytes; upload a longer one");
    Ok(Some(text.ok_or_else(|| fields.refused("content", expected))?.to_owned()))
}
