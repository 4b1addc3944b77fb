//! Valid domain values to change one thing of.

use paywarden_domain::access::Role;
use paywarden_domain::actor::Actor;
use paywarden_domain::client::Client;
use paywarden_domain::id::{
    ClientId, DeliveryId, EndpointId, ExceptionId, MerchantId, ProviderId, RunId, StatementId, TransactionId,
};
use paywarden_domain::json::JsonObject;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::principal::Principal;
use paywarden_domain::provider::fees::{Fee, Tariff, Tax};
use paywarden_domain::provider::{Connection, Provider, ProviderType, Tariffs};
use paywarden_domain::reconciliation::exception::{Exception, ExceptionRow, Finding};
use paywarden_domain::reconciliation::run::{Run, RunScope, RunState, Trigger};
use paywarden_domain::reconciliation::{Outcome, RowFields, Rules};
use paywarden_domain::secret;
use paywarden_domain::statement::{
    Format, ParseReport, READING_VERSION, Reading, Statement, StatementStatus,
};
use paywarden_domain::time::{Day, Timestamp, Zone};
use paywarden_domain::transaction::MerchantFields;
use paywarden_domain::transaction::apply::Origin;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use paywarden_domain::webhook::{Attempt, AttemptError, AttemptOutcome, Delivery, Endpoint, EventType};
use paywarden_lambda_kit::caller::Caller;
use rust_decimal::Decimal;

use crate::fakes::SeededEntropy;

/// The secret of every client that is made here, and in the sample events.
pub const CLIENT_SECRET: &str = "pws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A moment, from its RFC 3339 text.
#[must_use]
pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("the test names a time")
}

/// An amount of a currency.
#[must_use]
pub fn money(amount: &str, currency: &str) -> Money {
    let currency = Currency::parse(currency).expect("the test names a currency");
    Money::parse_payment(amount, currency).expect("the test names an amount")
}

/// A JSON object.
#[must_use]
pub fn object(value: serde_json::Value) -> JsonObject {
    JsonObject::from_text(&value.to_string()).expect("the test gives an object")
}

/// A merchant in Jakarta, the same for the same name; "Kopi Nusantara" is the one of the sample events.
#[must_use]
pub fn merchant(name: &str) -> Merchant {
    let (id, zone) = (MerchantId::derived("sample", &[name.as_bytes()]), Zone::parse("Asia/Jakarta"));
    Merchant::new(id, name.to_owned(), zone.expect("a zone"), at("2026-01-01T00:00:00Z"))
}

/// An active provider of the merchant, the same for the same type.
#[must_use]
pub fn provider(merchant: &Merchant, provider_type: ProviderType) -> Provider {
    let parts = [merchant.id.as_str().as_bytes(), provider_type.as_str().as_bytes()];
    Provider::new(
        ProviderId::derived("sample", &parts),
        merchant.id.clone(),
        (provider_type, Connection::Aggregator),
        provider_type.to_string(),
        Service::ALL.to_vec(),
        Actor::Operator,
        at("2026-01-01T00:00:00Z"),
    )
}

/// The same provider with a flat fee of 4,500 in the currency of the payment, and 11 % VAT.
#[must_use]
pub fn charging(provider: Provider) -> Provider {
    let fee = Fee::Flat { value: Decimal::from(4500), currency: None };
    let tax = Tax { percentage: Decimal::from(11), apply: true, rounding: None };
    let general = Tariff { fee: Some(fee), tax: Some(tax), fee_refund: None };
    let tariffs = Tariffs { general, ..Tariffs::default() };
    Provider { tariffs, ..provider }
}

/// A webhook endpoint of the merchant that is told of transactions; the sample events have its id.
#[must_use]
pub fn endpoint(merchant: &Merchant) -> Endpoint {
    let id = EndpointId::parse("whe_01kbv7m8q4x2t6n0r3w5y9z1d8").expect("an id");
    let url = "https://shop.example/hooks".to_owned();
    Endpoint::new(id, merchant.id.clone(), url, EventType::DEFAULT.to_vec(), at("2026-11-01T02:00:00Z"))
}

/// What an endpoint is told of its transaction of this number, which changed as many minutes after eight.
#[must_use]
pub fn delivery(endpoint: &Endpoint, number: u32) -> Delivery {
    let transaction = TransactionId::of(&endpoint.merchant_id, &format!("INV{number}"), 1);
    let happened = at("2026-11-20T08:00:00Z").plus_seconds(i64::from(number) * 60);
    let id = DeliveryId::of(&endpoint.id, transaction.as_str(), 1, happened);
    let of = (endpoint.id.clone(), endpoint.merchant_id.clone());
    let body = r#"{"transactions": []}"#.to_owned();
    Delivery {
        transaction_id: Some(transaction),
        version: Some(1),
        ..Delivery::new(id, of, EventType::TransactionUpdated, body, happened)
    }
}

/// An attempt that was answered with this status.
#[must_use]
pub fn failed_attempt(number: u32, http_status: u16) -> Attempt {
    let (error, http_status) = (AttemptError::HttpStatus, Some(http_status));
    Attempt {
        number,
        at: at("2026-11-20T08:00:00.25Z"),
        duration_ms: 12,
        outcome: AttemptOutcome::Failed { error, http_status, retry_after_seconds: None },
        signature: Some("v1,c2lnbmF0dXJl".to_owned()),
        response_excerpt: "try later".to_owned(),
    }
}

/// A client of the merchant with all scopes of a role, whose token is good until 2100.
#[must_use]
pub fn caller(merchant: &Merchant, role: Role) -> Caller {
    Caller {
        merchant_id: merchant.id.clone(),
        principal: Principal::Client(client_id(merchant, role)),
        role,
        scopes: role.scopes().to_vec(),
        zone: merchant.zone.clone(),
        expires_at: at("2100-01-01T00:00:00Z"),
    }
}

/// The id of the client behind [`caller`].
#[must_use]
pub fn client_id(merchant: &Merchant, role: Role) -> ClientId {
    ClientId::derived("sample", &[merchant.id.as_str().as_bytes(), role.as_str().as_bytes()])
}

/// The client behind [`caller`]; its secret is [`CLIENT_SECRET`].
#[must_use]
pub fn client(merchant: &Merchant, role: Role) -> Client {
    let id = client_id(merchant, role);
    let hash = secret::hash(CLIENT_SECRET, &SeededEntropy::new(1));
    Client::new(id, merchant.id.clone(), role.to_string(), role, hash, at("2026-01-01T00:00:00Z"))
}

/// A QRIS payment of 10,000 rupiah to be recorded under `reference`.
#[must_use]
pub fn draft(reference: &str) -> Draft {
    Draft {
        reference: reference.to_owned(),
        occurrence: 1,
        method: Method::Qris,
        money: money("10000", "IDR"),
        provider: None,
        assumed_provider: None,
        provider_transaction_id: None,
        merchant_fields: MerchantFields::default(),
        attributes: JsonObject::default(),
        expired_at: None,
        created_at: None,
    }
}

/// A report of a QRIS payment of 10,000 rupiah under `reference`.
#[must_use]
pub fn report(reference: &str, status: Status, occurred_at: &str) -> Report {
    Report {
        reference: Some(reference.to_owned()),
        provider_transaction_id: None,
        happening: Happening::Status { status },
        occurred_at: at(occurred_at),
        untimed: false,
        money: Some(money("10000", "IDR")),
        method: Some(Method::Qris),
        attributes: JsonObject::default(),
        code: None,
        message: None,
        submissions: Vec::new(),
        payment_reference: None,
        id_on_statements: None,
    }
}

/// A signed report's origin.
#[must_use]
pub fn origin(provider: &Provider, now: &str) -> Origin {
    Origin {
        provider: provider.binding(),
        terms: provider.terms(),
        grade: TrustGrade::Signed,
        now: at(now),
        correlation_id: "corr-1".to_owned(),
    }
}

/// A parsed statement of the provider with one row on 2026-11-20: that of the sample events.
#[must_use]
pub fn statement(provider: &Provider) -> Statement {
    let id = StatementId::derived("sample", &[b"statement"]);
    let of = (provider.merchant_id.clone(), provider.id.clone());
    let booked = at("2026-11-20T07:55:00Z");
    Statement {
        status: StatementStatus::Parsed,
        sha256: Some("00".repeat(32)),
        bytes: Some(100),
        report: Some(ParseReport {
            format: Format::Paywarden,
            version: READING_VERSION,
            lines: 1,
            rows: 1,
            errors: 0,
            problems: Vec::new(),
            checks: Vec::new(),
            first_booked_at: Some(booked),
            last_booked_at: Some(booked),
            totals: Vec::new(),
            file: None,
        }),
        read_at: Some(at("2026-11-20T08:00:00Z")),
        ..Statement::announced(id, of, Some(Reading::Paywarden), Actor::Operator, at("2026-11-20T08:00:00Z"))
    }
}

/// A queued run over a statement's day: that of the sample events.
#[must_use]
pub fn run(statement: &Statement) -> Run {
    let day = Day::parse("2026-11-20").expect("a day");
    let scope = RunScope {
        merchant_id: statement.merchant_id.clone(),
        provider_id: statement.provider_id.clone(),
        from: day,
        until: day,
        as_of: None,
        statement_ids: vec![statement.id.clone()],
        rules: Rules::default(),
        dry_run: false,
    };
    let id = RunId::derived("sample", &[b"run"]);
    Run::queued(id, scope, Trigger::Manual, Actor::Operator, at("2026-11-20T08:00:00Z"))
}

/// The run as somebody finds it later: in another state and one version on, whatever steps were between.
#[must_use]
pub fn run_in(run: &Run, state: RunState, at: Timestamp) -> Run {
    let finished_at = run.finished_at.or_else(|| state.is_final().then_some(at));
    Run { state, finished_at, version: run.version.saturating_add(1), ..run.clone() }
}

/// One of the exceptions that a run found: those of the sample events are 0 and 1.
#[must_use]
pub fn exception(run: &Run, number: u8, outcome: Outcome) -> Exception {
    let fields =
        RowFields { reference: "INV0045".to_owned(), amount: "10100".to_owned(), ..RowFields::default() };
    let row = ExceptionRow { line: 2, fields, ..ExceptionRow::default() };
    let of = (run.scope.merchant_id.clone(), run.scope.provider_id.clone(), run.id.clone());
    let detail = "the statement has 100 IDR more".to_owned();
    let finding = Finding { outcome, ledger: None, statement: Some(row), detail };
    let id = ExceptionId::derived("sample", &[b"exception", &[number]]);
    Exception::found(id, of, finding, at("2026-11-20T08:00:00Z"))
}
