//! Iris: payouts, and the money that a merchant puts in for them.

use paywarden_domain::json::JsonObject;
use paywarden_domain::money::Currency;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};

use crate::callback::Malformed;
use crate::heard::Heard;
use crate::reader::Reader;

/// Reads a notification whose signature verified. `reference_no` is Iris' own id; the merchant's is there when the payout was
/// ordered through BI-SNAP. A payout that was completed can fail yet, when the bank returns it.
pub(super) fn read(body: &Reader<'_>, received_at: Timestamp) -> Result<Heard, Malformed> {
    let Some(id) = body.find_text("reference_no")? else {
        let event = body.find_text("status")?.unwrap_or_else(|| "nameless".to_owned());
        return Ok(Heard::other(&event, "it is of no payout"));
    };
    let word = body.text("status")?;
    let status = match word.as_str() {
        "completed" => Some(Status::Completed),
        "failed" | "rejected" => Some(Status::Failed),
        "queued" | "processed" | "approved" => Some(Status::Processing),
        _ => None,
    };
    Ok(Heard::report(Report {
        reference: body.find_text("partner_reference_no")?,
        provider_transaction_id: Some(id),
        happening: status.map_or(Happening::Unknown { word }, |status| Happening::Status { status }),
        occurred_at: body.first_time(&["updated_at"], received_at)?,
        untimed: false,
        money: Some(body.money("amount", Currency::IDR)?),
        method: Some(Method::BankTransfer),
        attributes: JsonObject::default(),
        code: body.find_text("error_code")?,
        message: body.find_words("error_message")?,
        submissions: Vec::new(),
        payment_reference: None,
        id_on_statements: None,
    }))
}
