//! Lists as CSV (RFC 4180), for spreadsheets: the members of each row in columns, nested ones as JSON text.

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use paywarden_domain::spreadsheet::cell;
use serde::Serialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::problem::Problem;

/// The header that carries what `next_cursor` is in JSON.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// Whether a caller would rather have CSV than JSON, by its `Accept` header.
#[must_use]
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight_of = |wanted: &str| accept.split(',').find_map(|range| weight(range, wanted)).unwrap_or(0);
    let (csv, json) = (weight_of("text/csv"), weight_of("application/json"));
    csv > 0 && csv >= json
}

/// The weight of a media range in thousandths, if it is the wanted type.
fn weight(range: &str, wanted: &str) -> Option<u32> {
    let mut parts = range.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let Some(quality) = parts.find_map(|part| part.strip_prefix("q=")) else {
        return Some(1000);
    };
    let (whole, thousandths) = quality.split_once('.').unwrap_or((quality, ""));
    let thousandths = format!("{thousandths:0<3.3}").parse::<u32>().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(thousandths)
}

/// A table under construction.
pub struct Table {
    columns: &'static [&'static str],
    writer: csv::Writer<Vec<u8>>,
    rows: usize,
    bytes: usize,
}

impl Table {
    /// A table with these columns and no rows.
    ///
    /// # Errors
    /// [`Problem::internal`] when the header cannot be written.
    pub fn new(columns: &'static [&'static str]) -> Result<Self, Problem> {
        let mut table = Self { columns, writer: csv::Writer::from_writer(Vec::new()), rows: 0, bytes: 0 };
        table.write(columns.iter().map(|name| (*name).to_owned()).collect())?;
        Ok(table)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Problem::internal`] when it cannot be written.
    pub fn push<T: Serialize>(&mut self, row: &T) -> Result<(), Problem> {
        let row = serde_json::to_value(row).map_err(|error| Problem::internal(error.to_string()))?;
        let cells = self.columns.iter().map(|name| cell(row.get(*name).unwrap_or(&Value::Null))).collect();
        self.rows = self.rows.saturating_add(1);
        self.write(cells)
    }

    fn write(&mut self, cells: Vec<String>) -> Result<(), Problem> {
        // Quotes are not counted: the size only decides when enough is enough.
        let size = cells.iter().fold(cells.len(), |size, cell| size.saturating_add(cell.len()));
        self.bytes = self.bytes.saturating_add(size);
        self.writer.write_record(cells).map_err(|error| Problem::internal(error.to_string()))
    }

    /// Rows so far, the header aside.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes so far, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The answer, with the cursor of what follows.
    ///
    /// # Errors
    /// [`Problem::internal`] when the table cannot be finished.
    pub fn into_answer(self, next_cursor: Option<&str>) -> Result<Answer, Problem> {
        let internal = |error: &dyn std::error::Error| Problem::internal(error.to_string());
        let bytes = self.writer.into_inner().map_err(|error| internal(&error))?;
        let body = String::from_utf8(bytes).map_err(|error| internal(&error))?;
        let content_type = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type)]);
        if let Some(cursor) = next_cursor {
            headers.insert(NEXT_CURSOR, HeaderValue::from_str(cursor).map_err(|error| internal(&error))?);
        }
        Ok(Answer { status: StatusCode::OK, headers, body, changed: None })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_accept_header_decides() {
        let cases = [
            ("text/csv", true),
            ("TEXT/CSV", true),
            ("text/csv;q=0.9, */*;q=0.1", true),
            ("text/csv, application/json", true),
            ("application/json, text/csv;q=0.5", false),
            ("text/csv;q=0.5, application/json;q=0.4", true),
            ("text/csv;q=0", false),
            ("text/csv;q=nonsense", false),
            ("*/*", false),
            ("", false),
        ];
        for (accept, expected) in cases {
            let headers = HeaderMap::from_iter([(http::header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(is_wanted(&headers), expected, "{accept}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn cells_are_quoted_safe_against_formulas_and_exact() {
        let mut table = Table::new(&["text", "number", "nothing", "nested"]).unwrap();
        let rows = [
            json!({"text": "a, \"b\"\nc", "number": 500.25, "nothing": null, "nested": {"a": [1]}}),
            json!({"text": "=1+1", "number": -3, "nested": {}}),
        ];
        for row in &rows {
            table.push(row).unwrap();
        }
        assert_eq!(table.rows(), 2);
        let answer = table.into_answer(Some("next")).unwrap();
        assert_eq!(answer.headers["x-next-cursor"], "next");
        let expected =
            "text,number,nothing,nested\n\"a, \"\"b\"\"\nc\",500.25,,\"{\"\"a\"\":[1]}\"\n'=1+1,-3,,\n";
        assert_eq!(answer.body, expected);
        for text in ["=1", "+1", "-1", "@x", "\tx", "\rx"] {
            assert_eq!(cell(&json!(text)), format!("'{text}"));
        }
    }
}
