//! Every sample in `events/providers` is verified and parsed, and compared with what it says to expect; then the same
//! samples, cut and twisted at random, and bytes of no meaning, must not make any adapter panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use proptest::prelude::*;
use serde_json::{Value, json};

use paywarden_providers::{Callback, Credentials, Heard, MAX_STORED_BYTES, adapter, hear, stored_body};

/// A callback that was written down, and what is to be made of it.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) provider_type: ProviderType,
    pub(crate) received_at: Timestamp,
    pub(crate) path_token: Option<String>,
    pub(crate) credentials: Credentials,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) expect: Value,
}

impl Sample {
    fn read(path: &Path, provider_type: ProviderType) -> Self {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let headers = value["headers"].as_object().unwrap().iter().map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value.as_str().unwrap()).unwrap())
        });
        Self {
            name: path.display().to_string(),
            provider_type,
            received_at: Timestamp::parse(value["received_at"].as_str().unwrap()).unwrap(),
            path_token: value["path_token"].as_str().map(str::to_owned),
            credentials: serde_json::from_value(value["credentials"].clone()).unwrap(),
            headers: headers.collect(),
            body: value["body"].as_str().unwrap().as_bytes().to_vec(),
            expect: value["expect"].clone(),
        }
    }

    fn callback(&self) -> Callback<'_> {
        self.callback_with(&self.body)
    }

    /// What it reports, if it is believed and can be read.
    pub(crate) fn accepted(&self) -> Option<Vec<Report>> {
        let adapter = adapter(self.provider_type);
        adapter.verify(&self.callback(), &self.credentials).ok()?;
        hear(adapter, &self.callback()).ok().map(|heard| heard.reports)
    }

    fn callback_with<'a>(&'a self, body: &'a [u8]) -> Callback<'a> {
        let received_at = self.received_at;
        Callback {
            headers: &self.headers,
            path: "/v1/callbacks/prv_example",
            path_token: self.path_token.as_deref(),
            body,
            received_at,
        }
    }
}

/// All samples, by type and name.
pub(crate) fn samples() -> Vec<Sample> {
    static ALL: LazyLock<Vec<Sample>> = LazyLock::new(read_all);
    ALL.clone()
}

fn read_all() -> Vec<Sample> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/providers"));
    let mut samples = Vec::new();
    for provider_type in ProviderType::ALL {
        let mut files: Vec<PathBuf> = fs::read_dir(root.join(provider_type.as_str()))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        samples.extend(files.iter().map(|path| Sample::read(path, *provider_type)));
    }
    samples
}

fn refund(refund: &Refund) -> Value {
    json!({"id": refund.id, "at": refund.at, "amount": refund.money.amount_text()})
}

/// What a sample may say to expect of a report, read off the report.
fn summary(report: &Report) -> Value {
    json!({
        "reference": report.reference,
        "provider_transaction_id": report.provider_transaction_id,
        "status": report.status(),
        "unknown": match &report.happening {
            Happening::Unknown { word } => Some(word),
            _ => None,
        },
        "refunds": match &report.happening {
            Happening::PartialRefund { refunds } => Some(refunds.iter().map(refund).collect::<Vec<_>>()),
            _ => None,
        },
        "voided": report.happening == Happening::Voided,
        "occurred_at": report.occurred_at,
        "amount": report.money.map(|money| money.amount_text()),
        "currency": report.money.map(|money| money.currency()),
        "method": report.method,
        "attributes": report.attributes,
        "code": report.code,
        "message": report.message,
        "payment_reference": report.payment_reference,
        "id_on_statements": report.id_on_statements,
        "submissions": report.submissions.len(),
    })
}

#[test]
fn every_sample_is_judged_and_read_as_it_says() {
    for sample in samples() {
        let adapter = adapter(sample.provider_type);
        let verdict = match adapter.verify(&sample.callback(), &sample.credentials) {
            Ok(grade) => grade.to_string(),
            Err(refusal) => refusal.to_string(),
        };
        assert_eq!(verdict, sample.expect["verify"].as_str().unwrap(), "{}", sample.name);
        match hear(adapter, &sample.callback()) {
            Ok(heard) => compare(&sample, &heard),
            Err(malformed) => assert_eq!(
                Some(malformed.field.as_str()),
                sample.expect["malformed"].as_str(),
                "{}",
                sample.name
            ),
        }
    }
}

fn compare(sample: &Sample, Heard { reports, unbooked }: &Heard) {
    // A callback that is refused is not read, so its sample does not say what it would report.
    let Some(expected) = sample.expect["reports"].as_array() else {
        assert!(sample.expect["malformed"].is_null(), "{} was expected to be malformed", sample.name);
        return;
    };
    assert_eq!(reports.len(), expected.len(), "{}", sample.name);
    let events: Vec<Value> = unbooked.iter().map(|unbooked| json!(unbooked.event)).collect();
    let other = sample.expect["unbooked"].as_array().cloned().unwrap_or_default();
    assert_eq!(events, other, "{}: {unbooked:?}", sample.name);
    for (report, expected) in reports.iter().zip(expected) {
        let summary = summary(report);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&summary[name], value, "{}: {name}", sample.name);
        }
    }
}

#[test]
fn every_type_has_samples_of_each_kind_of_trouble() {
    for provider_type in ProviderType::ALL {
        let of_type: Vec<Sample> =
            samples().into_iter().filter(|sample| sample.provider_type == *provider_type).collect();
        let any = |check: fn(&Value) -> bool| of_type.iter().any(|sample| check(&sample.expect));
        let replayed = of_type.iter().any(|sample| sample.name.ends_with("replayed.json"));
        assert!(replayed, "{provider_type}: replayed");
        assert!(any(|expect| expect["reports"][0]["status"].is_string()), "{provider_type}: good");
        assert!(any(|expect| expect["verify"] == "wrong_signature"), "{provider_type}: tampered");
        assert!(any(|expect| !expect["malformed"].is_null()), "{provider_type}: malformed");
        assert!(any(|expect| !expect["reports"][0]["unknown"].is_null()), "{provider_type}: unknown status");
    }
}

#[test]
fn what_is_stored_holds_no_secret() {
    for sample in samples() {
        let stored = stored_body(adapter(sample.provider_type), &sample.body);
        for field in adapter(sample.provider_type).profile().fields.iter().filter(|field| field.secret) {
            if let Some(secret) = sample.credentials.get(field.key) {
                assert!(!stored.contains(secret), "{}", sample.name);
            }
        }
    }
}

fn survives(sample: &Sample, body: &[u8]) {
    let adapter = adapter(sample.provider_type);
    let callback = sample.callback_with(body);
    let _ = adapter.verify(&callback, &sample.credentials);
    drop(hear(adapter, &callback));
    assert!(stored_body(adapter, body).len() <= MAX_STORED_BYTES + 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bytes_of_no_meaning_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        for sample in samples() {
            survives(&sample, &bytes);
        }
    }

    #[test]
    fn cut_and_twisted_samples_are_survived(
        at in any::<prop::sample::Index>(),
        replacement in prop::collection::vec(any::<u8>(), 0..8),
        cut in any::<bool>(),
    ) {
        for sample in samples() {
            let at = at.index(sample.body.len().max(1));
            let mut body = sample.body.clone();
            if cut {
                body.truncate(at);
            } else {
                let end = (at + replacement.len()).min(body.len());
                body.splice(at..end, replacement.iter().copied());
            }
            survives(&sample, &body);
        }
    }
}
