//! SNAP: banks that speak Indonesia's national open API for payments (Standar Nasional Open API Pembayaran).
//!
//! Facts from Bank Indonesia's standard and the banks' public documentation. Three notifications are read, each with a
//! service code that the acknowledgement repeats:
//!
//! | code | notification | told by | status |
//! |---|---|---|---|
//! | 25 | virtual account | `virtualAccountNo` | `additionalInfo.paymentFlagStatus`, two digits; without it, it means paid |
//! | 52 | QR paid | `latestTransactionStatus` | two digits |
//! | 56 | direct debit or wallet | the same, and `createdTime` or `finishedTime` | two digits |
//!
//! | digits | meaning |
//! |---|---|
//! | 00 | paid |
//! | 01, 03 | initiated, pending |
//! | 02 | under way |
//! | 04 | refunded; in part where `additionalInfo` says that less than the amount went back |
//! | 05 | cancelled, before or after it was paid |
//! | 06, 09 | failed, denied |
//! | 08 | expired |
//!
//! Banks leave out what they hold for optional: references, and amounts of what was not paid. Other services are not booked.
//!
//! `X-SIGNATURE` is base 64 of SHA256withRSA over `METHOD:path:hash:timestamp`, where the hash is the lower-case
//! hexadecimal SHA-256 of the body without the white space between its tokens, and the timestamp is `X-TIMESTAMP`.
//! `X-EXTERNAL-ID` is unique per day; we need no memory of it, because a report that comes twice changes nothing and
//! an old one is refused by its timestamp.
//!
//! Not read: the symmetric signature, whose access token we would have to issue; notifications of transfers, for which
//! the banks' documents differ.

mod notification;

use data_encoding::{BASE64, HEXLOWER};
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service};
use paywarden_domain::webhook::signature::TOLERANCE_SECONDS;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::callback::{Acknowledgement, Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, parse_object};
use crate::registry::{Adapter, Field, Profile};
use notification::{code_or_wallet, service, virtual_account};

pub(crate) struct Snap;

const FIELDS: &[Field] = &[Field {
    key: "public_key",
    label: "Bank's public key",
    required: true,
    secret: false,
    format: "an RSA public key of 2048 to 8192 bits in PEM form, -----BEGIN PUBLIC KEY-----",
    help: "The bank gives it out when the notification address is agreed",
    example: "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq…\n-----END PUBLIC KEY-----",
    accepts: is_public_key,
}];

/// What it is and asks for.
const PROFILE: Profile = Profile {
    provider_type: ProviderType::Snap,
    name: "Bank (SNAP)",
    connection: Connection::Direct,
    services: &[Service::VirtualAccount, Service::QrCodePayment, Service::EWallet],
    fields: FIELDS,
    needs_path_token: false,
    secret_members: &[],
    personal_members: &[
        "virtualAccountNo",
        "virtualAccountName",
        "virtualAccountEmail",
        "virtualAccountPhone",
        "customerNo",
        "customerNumber",
        "destinationNumber",
        "destinationAccountName",
    ],
};

impl Adapter for Snap {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        let key = credentials.get("public_key").and_then(public_key).ok_or(Refusal::UnusableCredentials)?;
        let signature = callback.header("x-signature").ok_or(Refusal::MissingSignature)?;
        let timestamp = callback.header("x-timestamp").ok_or(Refusal::MissingSignature)?;
        let signature = BASE64.decode(signature.as_bytes()).map_err(|_| Refusal::WrongSignature)?;
        let signed = text_to_sign(callback.path, callback.body, timestamp);
        key.verify(Pkcs1v15Sign::new::<rsa::sha2::Sha256>(), &Sha256::digest(signed), &signature)
            .map_err(|_| Refusal::WrongSignature)?;
        // What was signed can be trusted to say when.
        let sent_at = Timestamp::parse(timestamp).map_err(|_| Refusal::StaleTimestamp)?;
        let age = callback.received_at.as_seconds().saturating_sub(sent_at.as_seconds());
        if age.abs() <= TOLERANCE_SECONDS { Ok(TrustGrade::Signed) } else { Err(Refusal::StaleTimestamp) }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        let sent_at = callback.header("x-timestamp").and_then(|text| Timestamp::parse(text).ok());
        let told_at = sent_at.unwrap_or(callback.received_at);
        match service(&body) {
            Some(Method::VirtualAccount) => virtual_account(&body, told_at).map(Heard::report),
            Some(method) => code_or_wallet(&body, method, told_at),
            None => Ok(Heard::other("other service", "it is of no service that is booked")),
        }
    }

    fn acknowledgement(&self, callback: &Callback<'_>, _reports: &[Report]) -> Acknowledgement {
        let members = parse_object(callback.body).unwrap_or_default();
        let service = match service(&Reader::new(&members)) {
            Some(Method::VirtualAccount) => "25",
            Some(Method::EWallet) => "56",
            _ => "52",
        };
        let code = format!("200{service}00");
        Acknowledgement { status: 200, body: json!({"responseCode": code, "responseMessage": "Successful"}) }
    }
}

fn public_key(pem: &str) -> Option<RsaPublicKey> {
    RsaPublicKey::from_public_key_pem(pem.trim()).ok()
}

fn is_public_key(pem: &str) -> bool {
    use rsa::traits::PublicKeyParts;
    public_key(pem).is_some_and(|key| (256..=1024).contains(&key.size()))
}

/// What a bank signs of a notification to `path`.
pub(crate) fn text_to_sign(path: &str, body: &[u8], timestamp: &str) -> String {
    format!("POST:{path}:{}:{timestamp}", HEXLOWER.encode(&Sha256::digest(minified(body))))
}

/// The body without white space between tokens; text in quotes stays as it is.
fn minified(body: &[u8]) -> Vec<u8> {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        let kept = quoted || !byte.is_ascii_whitespace();
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        kept
    };
    body.iter().copied().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_tokens_goes() {
        let body = b"{ \"a b\" : \"c \\\" d\" ,\n\t\"e\": [1, 2 ] }";
        assert_eq!(minified(body), b"{\"a b\":\"c \\\" d\",\"e\":[1,2]}");
    }
}
