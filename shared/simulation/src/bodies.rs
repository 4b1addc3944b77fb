//! Callbacks as their providers write and prove them.

use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderName, HeaderValue};
use paywarden_domain::time::{Timestamp, Zone};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_domain::webhook::signature::SigningSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::party::Keys;
use crate::words::{Callback, Omission, Said, Speaker, Word};

/// What is sent.
pub struct Sent {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Sent {
    /// A callback as it is sent at `now`.
    #[must_use]
    pub fn of(callback: &Callback, keys: &Keys, now: Timestamp) -> Self {
        let first = || callback.words.first().expect("a callback says something");
        match callback.speaker {
            Speaker::Xendit => Self::new(&xendit(first()), &[("x-callback-token", keys.xendit.clone())]),
            Speaker::Midtrans => Self::new(&midtrans(first(), keys), &[]),
            Speaker::Generic => generic(&callback.words, keys, now),
        }
    }

    fn new(body: &Value, headers: &[(&'static str, String)]) -> Self {
        let header = |(name, value): &(&'static str, String)| {
            let value = HeaderValue::from_str(value).expect("tokens and signatures are printable");
            (HeaderName::from_static(name), value)
        };
        Self { headers: headers.iter().map(header).collect(), body: body.to_string().into_bytes() }
    }
}

fn xendit(word: &Word) -> Value {
    let event = match word.said {
        Said::Paid => "payment.capture",
        Said::Failed => "payment.failure",
        Said::Expired => "payment.expiry",
        Said::Refund => return xendit_refund(word),
        _ => "payment.pending",
    };
    let channel = if word.method == Method::Qris { "QRIS" } else { "BCA_VIRTUAL_ACCOUNT" };
    json!({"event": event, "data": {
        "payment_id": word.payment,
        "reference_id": word.reference,
        "request_amount": word.amount,
        "currency": "IDR",
        "channel_code": channel,
        "created": word.at,
        "updated": word.at,
    }})
}

fn xendit_refund(word: &Word) -> Value {
    json!({"event": "refund.succeeded", "data": {
        "id": refund_key(word, 1),
        "payment_id": word.payment,
        "amount": REFUND_AMOUNT,
        "currency": "IDR",
        "status": "SUCCEEDED",
        "created": word.at,
    }})
}

/// What goes back at a time.
const REFUND_AMOUNT: u32 = 2_500;

/// A refund's id tells when it was.
fn refund_key(word: &Word, number: u32) -> String {
    format!("{}-refund-{}-{number}", word.payment.as_deref().unwrap_or_default(), word.at.as_seconds())
}

fn midtrans(word: &Word, keys: &Keys) -> Value {
    let (status, code) = match word.said {
        Said::Pending => ("pending", "201"),
        Said::Processing => ("authorize", "200"),
        Said::Paid => ("settlement", "200"),
        Said::Failed => ("failure", "202"),
        Said::Expired => ("expire", "407"),
        Said::Voided => ("cancel", "200"),
        Said::Reversed => ("refund", "200"),
        Said::Refund => ("partial_refund", "200"),
        Said::Odd => ("levitated", "200"),
    };
    let amount = format!("{}.00", word.amount);
    let signed = format!("{}{code}{amount}{}", word.reference, keys.midtrans);
    let at = jakarta().clock_text(word.at);
    let kind = if word.method == Method::Qris { "qris" } else { "bank_transfer" };
    let mut body = json!({
        "order_id": word.reference,
        "transaction_id": word.payment,
        "transaction_status": status,
        "status_code": code,
        "status_message": format!("midtrans says {status}"),
        "gross_amount": amount,
        "currency": "IDR",
        "payment_type": kind,
        "transaction_time": at,
        "signature_key": HEXLOWER.encode(&Sha512::digest(signed)),
    });
    if matches!(word.said, Said::Refund | Said::Reversed) {
        body["refunds"] =
            json!([{"refund_key": refund_key(word, 1), "refund_amount": "2500.00", "created_at": at}]);
    }
    body
}

fn jakarta() -> Zone {
    Zone::parse("Asia/Jakarta").expect("a zone")
}

fn generic(words: &[Word], keys: &Keys, now: Timestamp) -> Sent {
    let events: Vec<Value> = words.iter().map(generic_event).collect();
    let body = json!({"events": events});
    let secret = SigningSecret::parse(&keys.generic).expect("the merchant's key is a secret");
    let (id, seconds) = ("msg_1", now.as_seconds());
    let signature = secret.sign(id, seconds, body.to_string().as_bytes());
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    Sent::new(&body, &headers)
}

fn generic_event(word: &Word) -> Value {
    let status = match word.said {
        Said::Pending => Status::Pending.as_str(),
        Said::Processing => Status::Processing.as_str(),
        Said::Paid => word.method.success_status().as_str(),
        Said::Failed | Said::Voided => Status::Failed.as_str(),
        Said::Expired => Status::Expired.as_str(),
        Said::Reversed | Said::Refund => Status::Reversed.as_str(),
        Said::Odd => "LEVITATED",
    };
    let mut event = json!({
        "transaction_reference": word.reference,
        "provider_transaction_id": word.payment,
        "status": status,
        "occurred_at": word.at,
        "amount": word.amount,
        "currency": "IDR",
        "method": word.method,
        "message": format!("generic says {status}"),
    });
    let omitted: &[&str] = match word.omits {
        Omission::Nothing => &[],
        Omission::Reference => &["transaction_reference"],
        Omission::Substance => &["amount", "currency", "method"],
    };
    if let Some(members) = event.as_object_mut() {
        members.retain(|name, _| !omitted.contains(&name.as_str()));
    }
    event
}
