//! A map of columns, for files of anybody's making: one field of the form for each member of the API's, under the same name.

use paywarden_api_client::Refusal;
use serde_json::{Map, Value, json};

use crate::view::form::{Field, or_none, words};
use crate::visit::Visit;

/// Where the members of a row stand: the member, and what it is called.
const NAMES: &[(&str, &str)] = &[
    ("columns.fields.booked_at", "Column of the day or time of booking"),
    ("columns.fields.time", "Column of the time of day, if it is another"),
    ("columns.fields.amount", "Column of the amount"),
    ("columns.fields.debit", "Or: column of what went out"),
    ("columns.fields.credit", "Or: column of what came in"),
    ("columns.fields.fee", "Column of the fee"),
    ("columns.fields.tax", "Column of the tax"),
    ("columns.fields.net", "Column of what is left of the amount"),
    ("columns.fields.reference", "Column of the order id"),
    ("columns.fields.provider_transaction_id", "Column of the provider's id"),
    ("columns.fields.settlement_id", "Column of the settlement's id"),
    ("columns.fields.currency", "Column of the currency"),
    ("columns.fields.direction", "Column of the direction"),
    ("columns.fields.kind", "Column of the type"),
    ("columns.fields.status", "Column of the status"),
];

/// How things are written, as text.
const WRITTEN: &[&str] = &[
    "columns.separator",
    "columns.decimal_sign",
    "columns.zone",
    "columns.time_format",
    "columns.currency",
    "columns.sign",
    "columns.charges",
];

/// The fields of the map.
pub fn fields(visit: &Visit<'_>) -> Vec<Field> {
    let sign = words(["positive_is_credit", "positive_is_debit", "all_credit", "all_debit"]);
    let charges = words(["positive_is_taken", "negative_is_taken"]);
    let mut fields: Vec<Field> = NAMES.iter().map(|(name, label)| Field::text(*name, *label)).collect();
    if let Some(booked_at) = fields.first_mut() {
        *booked_at = booked_at.clone().required();
    }
    fields.extend([
        Field::text("columns.zone", "Zone of times without an offset").required().value(visit.zone().name()),
        Field::text("columns.time_format", "How times are written")
            .placeholder("%d/%m/%Y %H:%M")
            .help("As strptime has it; empty for 2026-11-20, 2026-11-20 14:00:00 and RFC 3339"),
        Field::text("columns.separator", "Separator of columns").placeholder(",").help("The word tab for a tab"),
        Field::text("columns.decimal_sign", "Decimal sign").placeholder("."),
        Field::text("columns.skip_lines", "Lines above the header").placeholder("0"),
        Field::text("columns.currency", "Currency, where no column tells it").placeholder("IDR"),
        Field::text("columns.exponent", "Digits of the part, where amounts are whole numbers of the smallest unit")
            .help("A number, or the word currency for as many as each currency has; empty for amounts as people write them"),
        Field::choice("columns.sign", "What a sign means", or_none("As usual: positive is credit", sign)),
        Field::choice("columns.charges", "How a fee that is taken is written", or_none("As usual: positive", charges)),
        Field::area("columns.values", "What the words in them mean")
            .help("As JSON, such as {\"direction\": {\"CR\": \"credit\", \"DB\": \"debit\"}}; may be empty"),
    ]);
    fields
}

/// The map as the API takes it.
///
/// # Errors
/// [`Refusal`] at the field whose JSON is none.
pub fn read(visit: &Visit<'_>) -> Result<Value, Box<Refusal>> {
    let mut columns = Map::new();
    let names = NAMES.iter().filter_map(|(name, _)| {
        Some((name.strip_prefix("columns.fields.")?.to_owned(), json!(visit.form.get(name)?)))
    });
    let names: Map<String, Value> = names.collect();
    for name in WRITTEN {
        columns.extend(visit.form.get(name).map(|text| (member(name), json!(text))));
    }
    if visit.form.get("columns.separator") == Some("tab") {
        columns.insert("separator".to_owned(), json!("\t"));
    }
    for name in ["columns.skip_lines", "columns.exponent"] {
        columns.extend(visit.form.get(name).map(|text| (member(name), number(text))));
    }
    if let Some(text) = visit.form.get("columns.values") {
        let words: Value = serde_json::from_str(text).map_err(|error| Box::new(no_json(&error)))?;
        columns.insert("values".to_owned(), words);
    }
    columns.insert("fields".to_owned(), Value::Object(names));
    Ok(Value::Object(columns))
}

fn member(name: &str) -> String {
    name.strip_prefix("columns.").unwrap_or(name).to_owned()
}

/// A whole number; what is none is for the API to refuse, or is a word.
fn number(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

fn no_json(error: &serde_json::Error) -> Refusal {
    Refusal {
        status: 400,
        code: "invalid_parameter".to_owned(),
        message: format!("expected JSON: {error}"),
        parameter: Some("columns.values".to_owned()),
        request_id: String::new(),
    }
}
