//! Whether a report can become a part of a record. What providers send has the bounds of what merchants post: a key that a table
//! refuses would stop everything that waits behind it, and a reference that no path can name would never be found.

use paywarden_domain::bounds::{
    ATTRIBUTE_CHARACTERS, MESSAGE_CHARACTERS, PAYMENT_REFERENCE_CHARACTERS, PROVIDER_ID_CHARACTERS,
    WORD_CHARACTERS, is_last4, is_text,
};
use paywarden_domain::json::JsonObject;
use paywarden_domain::transaction::reference::{MAX_REFERENCE_CHARACTERS, is_reference};
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::transaction::submission::Submission;

use crate::callback::Malformed;
use crate::reader::beyond_bounds;

/// Judges the texts of a report.
///
/// # Errors
/// [`Malformed`] naming the first that no record could hold.
pub(crate) fn admit(report: &Report) -> Result<(), Malformed> {
    if report.reference.as_deref().is_some_and(|text| !is_reference(text)) {
        return Err(too_much("reference", MAX_REFERENCE_CHARACTERS));
    }
    let texts = [
        ("provider_transaction_id", &report.provider_transaction_id, PROVIDER_ID_CHARACTERS),
        ("id", &report.id_on_statements, PROVIDER_ID_CHARACTERS),
        ("code", &report.code, WORD_CHARACTERS),
        ("message", &report.message, MESSAGE_CHARACTERS),
        ("payment_reference", &report.payment_reference, PAYMENT_REFERENCE_CHARACTERS),
    ];
    for (name, text, max) in texts {
        bounded(name, text.as_deref(), max)?;
    }
    happening(&report.happening)?;
    attributes(&report.attributes)?;
    report.submissions.iter().try_for_each(submission)
}

fn bounded(name: &str, text: Option<&str>, max: usize) -> Result<(), Malformed> {
    if text.is_some_and(|text| !is_text(text, max)) { Err(too_much(name, max)) } else { Ok(()) }
}

fn too_much(name: &str, max: usize) -> Malformed {
    beyond_bounds(name, &format!("expected 1 to {max} printable characters"))
}

fn happening(happening: &Happening) -> Result<(), Malformed> {
    match happening {
        Happening::Status { .. } | Happening::Voided => Ok(()),
        Happening::PartialRefund { refunds } => refunds
            .iter()
            .try_for_each(|refund| bounded("refund id", Some(&refund.id), PROVIDER_ID_CHARACTERS)),
        Happening::Unknown { word } => bounded("status", Some(word), WORD_CHARACTERS),
    }
}

fn attributes(attributes: &JsonObject) -> Result<(), Malformed> {
    for key in attributes.keys() {
        bounded("attributes", Some(key), WORD_CHARACTERS)?;
        let Some(text) = attributes.text(key) else {
            return Err(beyond_bounds(key, "expected a text"));
        };
        // A detail that is there and empty tells nothing and harms nobody.
        bounded(key, Some(text).filter(|text| !text.is_empty()), ATTRIBUTE_CHARACTERS)?;
        if key.ends_with("last4") && !is_last4(text) {
            return Err(beyond_bounds(key, "expected four digits"));
        }
    }
    Ok(())
}

fn submission(submission: &Submission) -> Result<(), Malformed> {
    let (code, message) = match submission {
        Submission::Eft { code, message, .. } => (code, Some(message)),
        Submission::DebiCheck { status, message, .. } => (status, message.as_ref()),
    };
    bounded("submissions.code", Some(code), WORD_CHARACTERS)?;
    bounded("submissions.message", message.map(String::as_str), MESSAGE_CHARACTERS)
}
