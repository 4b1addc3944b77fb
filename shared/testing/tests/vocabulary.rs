//! The words of the API document are the code's: a word that only one of them knows fails by name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what these helpers unwrap, the test made")]

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::audit::Outcome as AuditOutcome;
use paywarden_domain::ledger::{EntryType, Side};
use paywarden_domain::provider::change::ChangeKind;
use paywarden_domain::provider::fees::{Fee, FeeRefund, RoundingMode};
use paywarden_domain::provider::{Connection, ProviderStatus, ProviderType};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Action, ExceptionStatus};
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::reconciliation::run::{RunState, Trigger};
use paywarden_domain::statement::{ChargeSign, Format, SettledStatus, SignConvention, StatementStatus};
use paywarden_domain::timeline::EntryKind;
use paywarden_domain::transaction::decision::Ruling;
use paywarden_domain::vocabulary::{Direction, Method, Service, Status, StatusGroup};
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_domain::webhook::replay::ReplayState;
use paywarden_domain::webhook::{AttemptError, DeliveryStatus, EndpointStatus, EventType, SignatureScheme};
use paywarden_testing::document;
use rust_decimal::Decimal;

/// Words that are private to one endpoint and come in its query: its own tests ask the endpoint for them.
const ASKED_OF_FUNCTIONS: &[&str] = &[
    "paths//transactions/get/parameters/order/schema",
    "paths//reconciliation/get/parameters/group_by/schema",
    "paths//webhook-endpoints/{id}/deliveries/get/parameters/http_class/schema",
    "components/schemas/LookupKind",
];

/// Of RFC 6749, section 5.2, which says them all, and one of RFC 7009, section 2.2.1.
const OAUTH_ERRORS: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_token_type",
    "invalid_scope",
];

/// What a token is asked for with; the token endpoint's own tests ask it for each.
const GRANT_TYPES: &[&str] =
    &["client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"];

/// What a held thing is; the shape of the answer says them in place.
const HELD_KINDS: &[&str] = &["amount", "refund"];

/// Where words stand in the document, and whose they are.
const WORDS: &[(&str, &[&str])] = &[
    ("components/schemas/Role", Role::WORDS),
    ("components/schemas/ScopeName", Scope::WORDS),
    ("components/schemas/AuditOutcome", AuditOutcome::WORDS),
    ("components/schemas/OutcomePeriod/properties/period", &["hour", "day", "week"]),
    ("components/schemas/ProviderTestOutcome/properties/verdict", &["taken", "refused", "unreadable"]),
    (
        "components/schemas/ExpectedRecord/properties/outcome",
        &["created", "status_changed", "enriched", "ignored", "held"],
    ),
    ("components/schemas/Direction", Direction::WORDS),
    ("components/schemas/Method", Method::WORDS),
    ("components/schemas/Status", Status::WORDS),
    ("components/schemas/StatusGroup", StatusGroup::WORDS),
    ("components/schemas/Service", Service::WORDS),
    ("components/schemas/ProviderStatus", ProviderStatus::WORDS),
    ("components/schemas/ProviderTypeName", ProviderType::WORDS),
    ("components/schemas/Connection", Connection::WORDS),
    ("components/schemas/Rounding/properties/mode", RoundingMode::WORDS),
    ("components/schemas/FeeRefund", FeeRefund::WORDS),
    ("components/schemas/ProviderHistoryEntry/properties/kind", ChangeKind::WORDS),
    ("components/schemas/EventType", EventType::WORDS),
    ("components/schemas/WebhookEndpointStatus", EndpointStatus::WORDS),
    ("components/schemas/WebhookDisabledReason", DisabledReason::WORDS),
    ("components/schemas/SignatureScheme", SignatureScheme::WORDS),
    ("components/schemas/WebhookBreaker", &["CLOSED", "OPEN"]),
    ("components/schemas/WebhookDeliveryStatus", DeliveryStatus::WORDS),
    ("components/schemas/WebhookAttemptError", AttemptError::WORDS),
    ("components/schemas/EndedStatus", &["DELIVERED", "FAILED"]),
    ("components/schemas/WebhookReplay/properties/state", ReplayState::WORDS),
    ("components/schemas/LogEntry/properties/kind", EntryKind::WORDS),
    ("components/schemas/HeldRuling", Ruling::WORDS),
    ("components/schemas/HeldReport/properties/kind", HELD_KINDS),
    ("components/schemas/FinanceRow/properties/transaction_type", EntryType::WORDS),
    ("components/schemas/FinanceRow/properties/direction", Side::WORDS),
    ("components/schemas/StatementFormat", Format::WORDS),
    ("components/schemas/Statement/properties/status", StatementStatus::WORDS),
    ("components/schemas/StatementTotal/properties/kind", Kind::WORDS),
    ("components/schemas/StatementTotal/properties/direction", Side::WORDS),
    ("components/schemas/StatementColumns/properties/sign", SignConvention::WORDS),
    ("components/schemas/StatementColumns/properties/charges", ChargeSign::WORDS),
    ("components/schemas/DirectionByWord/additionalProperties", Side::WORDS),
    ("components/schemas/KindByWord/additionalProperties", Kind::WORDS),
    ("components/schemas/StatusByWord/additionalProperties", SettledStatus::WORDS),
    ("components/schemas/RunState", RunState::WORDS),
    ("components/schemas/Run/properties/trigger", Trigger::WORDS),
    ("components/schemas/Outcome", Outcome::WORDS),
    ("components/schemas/ExceptionStatus", ExceptionStatus::WORDS),
    ("components/schemas/DecisionAction", Action::WORDS),
    ("components/schemas/OAuthError/properties/error", OAUTH_ERRORS),
    (
        "paths//oauth/token/post/requestBody/content/application/x-www-form-urlencoded/schema/properties/grant_type",
        GRANT_TYPES,
    ),
];

type Words = BTreeSet<String>;

fn words(words: impl IntoIterator<Item = impl Into<String>>) -> Words {
    words.into_iter().map(Into::into).collect()
}

/// The `type` member is written by serde, so it has no list: one fee of each kind says its word.
fn fee_types() -> Words {
    let (value, currency) = (Decimal::ONE, None);
    let (flat, percentage) = (Fee::Flat { value, currency }, Fee::Percentage { value });
    let word = |fee: &Fee| match fee {
        Fee::Flat { .. } | Fee::Percentage { .. } => serde_json::to_value(fee).unwrap()["type"].clone(),
    };
    [flat, percentage].iter().map(|fee| word(fee).as_str().unwrap().to_owned()).collect()
}

fn known() -> BTreeMap<String, Words> {
    let listed = WORDS.iter().map(|(place, known)| ((*place).to_owned(), words(known.iter().copied())));
    let attributes = Method::ALL.iter().flat_map(|method| method.attribute_keys().iter().copied());
    let made = [
        ("components/schemas/Attributes/propertyNames", words(attributes)),
        ("components/schemas/NewFee/properties/type", fee_types()),
        ("components/schemas/Fee/properties/type", fee_types()),
    ];
    listed.chain(made.into_iter().map(|(place, words)| (place.to_owned(), words))).collect()
}

#[test]
fn every_set_of_words_in_the_document_is_the_codes() {
    let mut known = known();
    for described in document::enums() {
        if ASKED_OF_FUNCTIONS.contains(&described.place.as_str()) {
            continue;
        }
        let known = known.remove(&described.place);
        let known = known.unwrap_or_else(|| panic!("whose words are those at {}?", described.place));
        let described_words = words(described.words);
        let differing: Vec<_> = described_words.symmetric_difference(&known).collect();
        assert!(
            differing.is_empty(),
            "{}: only one of document and code knows {differing:?}",
            described.place
        );
    }
    assert!(known.is_empty(), "the document has no words at {:?}", known.keys().collect::<Vec<_>>());
}

#[test]
fn the_documents_scopes_are_those_of_tokens() {
    assert_eq!(words(document::security_scopes()), words(Scope::WORDS.iter().copied()));
}
