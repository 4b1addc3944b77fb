//! Callbacks as a provider would send them, proved with the credentials that it shares with us: for sample data, and to try out
//! what was configured.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use paywarden_domain::provider::{PATH_TOKEN, ProviderType};
use paywarden_domain::time::{Timestamp, Zone};
use paywarden_domain::webhook::signature::SigningSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use crate::credentials::Credentials;

/// A callback that is ready to be sent. Its headers and its path are as secret as the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCallback {
    pub headers: HeaderMap,
    /// What stands behind the provider in its address.
    pub path_token: Option<String>,
    pub body: String,
}

/// Why nobody but the provider can sign its callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotSign {
    /// It signs with a key that it shares with nobody.
    #[error("the provider signs with a private key that it alone has")]
    PrivateKey,
    /// What it would be signed with is missing, or cannot be used.
    #[error("the credential {0} is missing, or cannot be used")]
    Credential(&'static str),
}

/// Signs a body as a provider of this type does at `at`.
///
/// # Errors
/// [`CannotSign`].
pub fn sign(
    provider_type: ProviderType,
    credentials: &Credentials,
    mut body: Value,
    at: Timestamp,
) -> Result<SignedCallback, CannotSign> {
    let credential = |key: &'static str| credentials.get(key).ok_or(CannotSign::Credential(key));
    let mut path_token = None;
    let headers = match provider_type {
        ProviderType::Xendit => vec![("x-callback-token", credential("callback_token")?.to_owned())],
        ProviderType::Midtrans => {
            let key = credential("server_key")?;
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            let signed = format!("{}{}{}{key}", text("order_id"), text("status_code"), text("gross_amount"));
            let signature = json!(HEXLOWER.encode(&Sha512::digest(signed)));
            if let Value::Object(members) = &mut body {
                members.insert("signature_key".to_owned(), signature);
            }
            Vec::new()
        }
        ProviderType::Brick => {
            path_token = Some(credential(PATH_TOKEN)?.to_owned());
            Vec::new()
        }
        ProviderType::Snap => return Err(CannotSign::PrivateKey),
        ProviderType::DebitOrder => by_bureau(credential("signing_key")?, &body, at)?,
        ProviderType::Generic => by_standard_webhooks(credential("signing_secret")?, &body, at)?,
    };
    let json = ("content-type", "application/json".to_owned());
    let headers = headers.into_iter().chain([json]).filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
    });
    Ok(SignedCallback { headers: headers.collect(), path_token, body: body.to_string() })
}

fn by_bureau(key: &str, body: &Value, at: Timestamp) -> Result<Vec<(&'static str, String)>, CannotSign> {
    let timestamp = at.as_seconds().to_string();
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    let mut mac = mac.map_err(|_| CannotSign::Credential("signing_key"))?;
    mac.update(format!("{timestamp}.{body}").as_bytes());
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    Ok(vec![("x-bureau-timestamp", timestamp), ("x-bureau-signature", signature)])
}

fn by_standard_webhooks(
    secret: &str,
    body: &Value,
    at: Timestamp,
) -> Result<Vec<(&'static str, String)>, CannotSign> {
    let secret = SigningSecret::parse(secret).map_err(|_| CannotSign::Credential("signing_secret"))?;
    let (id, timestamp) = (format!("msg_{}", at.as_micros()), at.as_seconds());
    let signature = secret.sign(&id, timestamp, body.to_string().as_bytes());
    Ok(vec![
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ])
}

/// What a provider of this type reports of a small payment under `reference` that was made at `at`: 10,000 rupiah, or 100 rand.
#[must_use]
pub fn sample(provider_type: ProviderType, reference: &str, at: Timestamp) -> Value {
    match provider_type {
        ProviderType::Xendit => {
            json!({"event": "qr.payment", "id": format!("qrpy_{reference}"), "amount": 10000,
            "created": at, "status": "COMPLETED", "qr_code": {"external_id": reference}})
        }
        ProviderType::Midtrans => json!({"order_id": reference, "transaction_id": format!("mid-{reference}"),
            "transaction_status": "settlement", "status_code": "200", "fraud_status": "accept", "gross_amount": "10000.00",
            "currency": "IDR", "payment_type": "qris", "transaction_time": clock(at, "Asia/Jakarta"),
            "settlement_time": clock(at, "Asia/Jakarta")}),
        ProviderType::Brick => {
            json!({"data": {"id": format!("QR_{reference}"), "referenceId": reference, "amount": 10000,
            "status": "PAID", "createdAt": at, "paidAt": at}})
        }
        ProviderType::Snap => {
            json!({"originalPartnerReferenceNo": reference, "originalReferenceNo": format!("snap-{reference}"),
            "latestTransactionStatus": "00", "amount": {"value": "10000.00", "currency": "IDR"}})
        }
        ProviderType::DebitOrder => {
            json!({"reference": reference, "collection_id": format!("col-{reference}"),
            "type": "DEBICHECK", "amount": "100.00", "status": "PAID", "action_date": clock(at, "Africa/Johannesburg")})
        }
        ProviderType::Generic => json!({"transaction_reference": reference,
            "provider_transaction_id": format!("gen-{reference}"), "status": "PAID", "occurred_at": at, "amount": "10000",
            "currency": "IDR", "method": "QRIS"}),
    }
}

/// `YYYY-MM-DD HH:mm:ss` on the clocks of a zone.
fn clock(at: Timestamp, zone: &str) -> String {
    Zone::parse(zone).map_or_else(|_| at.to_string(), |zone| zone.clock_text(at))
}

#[cfg(test)]
mod tests {
    use paywarden_domain::transaction::report::TrustGrade;
    use paywarden_domain::vocabulary::Status;

    use super::*;
    use crate::{Callback, adapter, hear};

    fn examples(provider_type: ProviderType) -> Credentials {
        let fields = adapter(provider_type).profile().fields.iter();
        let values = fields.map(|field| (field.key.to_owned(), field.example.to_owned()));
        Credentials::new(values.collect()).with(PATH_TOKEN, "a path token".to_owned())
    }

    #[test]
    fn what_is_signed_is_believed_and_read_by_every_adapter_that_shares_a_secret() {
        let at = Timestamp::parse("2026-11-20T08:00:00Z").unwrap();
        for provider_type in ProviderType::ALL {
            let (adapter, credentials) = (adapter(*provider_type), examples(*provider_type));
            let body = sample(*provider_type, "TEST-1", at);
            let signed = match sign(*provider_type, &credentials, body, at) {
                Err(CannotSign::PrivateKey) if *provider_type == ProviderType::Snap => continue,
                signed => signed.unwrap(),
            };
            let callback = Callback {
                headers: &signed.headers,
                path: "",
                path_token: signed.path_token.as_deref(),
                body: signed.body.as_bytes(),
                received_at: at,
            };
            assert_ne!(adapter.verify(&callback, &credentials).unwrap(), TrustGrade::None, "{provider_type}");
            let others = Credentials::default();
            assert!(adapter.verify(&callback, &others).is_err(), "{provider_type}");
            let report = hear(adapter, &callback).unwrap().reports.remove(0);
            assert_eq!(report.reference.as_deref(), Some("TEST-1"), "{provider_type}");
            assert_eq!((report.status(), report.occurred_at), (Some(Status::Paid), at), "{provider_type}");
            assert!(report.money.is_some() && report.provider_transaction_id.is_some(), "{provider_type}");
        }
    }

    #[test]
    fn a_sample_of_a_bank_is_read_too() {
        let at = Timestamp::parse("2026-11-20T08:00:00Z").unwrap();
        let body = sample(ProviderType::Snap, "TEST-1", at).to_string();
        let headers = HeaderMap::new();
        let callback = Callback {
            headers: &headers,
            path: "",
            path_token: None,
            body: body.as_bytes(),
            received_at: at,
        };
        let report = hear(adapter(ProviderType::Snap), &callback).unwrap().reports.remove(0);
        assert_eq!((report.reference.as_deref(), report.status()), (Some("TEST-1"), Some(Status::Paid)));
    }
}
