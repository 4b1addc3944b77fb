//! The body: which deliveries, and whether they are only counted.

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::{DeliveryId, TransactionId};
use paywarden_domain::time::{Timestamp, Zone, days};
use paywarden_domain::webhook::replay::Selection;
use paywarden_domain::webhook::{DeliveryStatus, EventType};
use serde_json::Value;

/// What is asked for.
pub struct Asked {
    pub selection: Selection,
    /// Whether nothing is to be sent.
    pub dry_run: bool,
}

/// Reads the body; times without an offset are on the clocks of `zone`.
pub fn read(body: &Value, zone: &Zone, now: Timestamp) -> Result<Asked, InvalidField> {
    let fields = Fields::of(body)?;
    let selection = Selection {
        delivery_id: fields.parsed("delivery_id", DeliveryId::parse)?,
        transaction_id: fields.parsed("transaction_id", TransactionId::parse)?,
        status: fields.parsed("status", ended)?,
        event: fields.parsed("event", EventType::parse)?,
        http_class: fields.parsed("http_class", http_class)?,
        from: fields.parsed("from", |text| zone.filter_start(text))?,
        until: fields.parsed("until", |text| zone.filter_end(text))?,
    };
    let dry_run = fields.flag("dry_run")?.unwrap_or(false);
    fields.finish()?;
    check_range(&fields, &selection, now)?;
    Ok(Asked { selection, dry_run })
}

/// Of what is still to be attempted nothing is sent again.
fn ended(text: &str) -> Result<DeliveryStatus, &'static str> {
    match DeliveryStatus::parse(text) {
        Ok(status @ (DeliveryStatus::Delivered | DeliveryStatus::Failed)) => Ok(status),
        _ => Err("expected one of DELIVERED, FAILED: the others are not over"),
    }
}

fn http_class(text: &str) -> Result<u16, &'static str> {
    match text {
        "2xx" => Ok(2),
        "3xx" => Ok(3),
        "4xx" => Ok(4),
        "5xx" => Ok(5),
        _ => Err("expected one of 2xx, 3xx, 4xx, 5xx"),
    }
}

fn check_range(fields: &Fields<'_>, selection: &Selection, now: Timestamp) -> Result<(), InvalidField> {
    let Some(from) = selection.from else {
        if selection.delivery_id.is_none() && selection.transaction_id.is_none() {
            return Err(fields.refused("from", "is required without a delivery_id or a transaction_id"));
        }
        return Ok(());
    };
    let until = selection.until.map_or(now, |until| until.min(now));
    if from >= until {
        return Err(fields.refused("from", "expected a start in the past, and before until"));
    }
    if from.plus_seconds(days(Selection::MAX_DAYS)) < until {
        return Err(fields.refused("from", format!("expected at most {} days", Selection::MAX_DAYS)));
    }
    Ok(())
}
