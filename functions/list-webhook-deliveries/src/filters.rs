//! Which deliveries are wanted.

use paywarden_domain::id::TransactionId;
use paywarden_domain::time::Zone;
use paywarden_domain::webhook::replay::Selection;
use paywarden_domain::webhook::{DeliveryStatus, EventType};
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;

pub const PARAMETERS: &[&str] =
    &["status", "event", "transaction_id", "http_class", "from", "until", "limit", "cursor"];

/// Reads the filters.
pub fn read(query: &QueryReader<'_>, zone: &Zone) -> Result<Selection, Problem> {
    let (from, until) = query.moments("from", "until", zone)?;
    Ok(Selection {
        delivery_id: None,
        transaction_id: query.parsed("transaction_id", TransactionId::parse)?,
        status: query.word("status", DeliveryStatus::parse)?,
        event: query.word("event", EventType::parse)?,
        from,
        until,
        http_class: query.word("http_class", class)?,
    })
}

/// The first digit of the statuses of a class.
fn class(word: &str) -> Result<u16, &'static str> {
    match word {
        "2xx" => Ok(2),
        "3xx" => Ok(3),
        "4xx" => Ok(4),
        "5xx" => Ok(5),
        _ => Err("expected one of 2xx, 3xx, 4xx, 5xx"),
    }
}
