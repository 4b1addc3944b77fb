//! Against the real store code on an in-process DynamoDB.

use aws_lambda_events::event::sqs::SqsMessage;
use paywarden_domain::id::TransactionId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::Status;
use paywarden_store::transactions::Binding;
use paywarden_testing::{TestStage, builders, events};

use super::*;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps {
            merchants: stage.merchants(),
            providers: stage.providers(),
            transactions: stage.transactions(),
            timeline: stage.timeline(),
            clock: stage.clock(),
        };
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = builders::provider(&merchant, ProviderType::Xendit);
        Self { stage, deps, merchant, provider }
    }

    fn callback(&self, reports: &[Report]) -> VerifiedCallback {
        VerifiedCallback {
            merchant_id: self.merchant.id.clone(),
            provider: self.provider.binding(),
            grade: TrustGrade::Signed,
            received_at: self.stage.clock().now(),
            correlation_id: "corr-1".to_owned(),
            reports: reports.to_vec(),
            raw_body: "{\"raw\": true}".to_owned(),
        }
    }

    /// Handles the callbacks as one batch and answers how many messages came back.
    async fn handle(&self, callbacks: &[VerifiedCallback]) -> usize {
        let records = callbacks.iter().enumerate().map(|(index, callback)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("m{index}"));
            message.body = Some(serde_json::json!(callback).to_string());
            message
        });
        let mut event = SqsEvent::default();
        event.records = records.collect();
        handle(&self.deps, event).await.batch_item_failures.len()
    }

    async fn report(&self, reports: &[Report]) {
        assert_eq!(self.handle(&[self.callback(reports)]).await, 0);
    }

    async fn find(&self, reference: &str, occurrence: u32) -> Option<Transaction> {
        let id = TransactionId::of(&self.merchant.id, reference, occurrence);
        self.deps.transactions.find(&id).await.unwrap()
    }

    async fn record(&self) -> Transaction {
        self.find("INV0045", 1).await.unwrap()
    }

    async fn timeline(&self, subject: &Subject) -> Vec<Entry> {
        self.deps.timeline.list(subject, 100, None).await.unwrap().entries
    }

    async fn kinds(&self) -> Vec<EntryKind> {
        let subject = Subject::Transaction(TransactionId::of(&self.merchant.id, "INV0045", 1));
        self.timeline(&subject).await.iter().map(|entry| entry.kind).collect()
    }
}

fn paid() -> Report {
    builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z")
}

fn of_payment(id: &str) -> Report {
    Report { provider_transaction_id: Some(id.to_owned()), ..paid() }
}

#[tokio::test]
async fn a_report_moves_the_record_and_leaves_its_raw_message() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    fixture.report(&[paid()]).await;
    let record = fixture.record().await;
    assert_eq!((record.status(), record.version), (Status::Paid, 2));
    assert_eq!(record.charged_at(), Some(builders::at("2026-11-20T07:55:00Z")));
    assert_eq!(record.correlation_id.as_deref(), Some("corr-1"));
    let entries = fixture.timeline(&Subject::Transaction(record.id)).await;
    let [entry] = entries.try_into().unwrap();
    assert_eq!(
        (entry.kind, entry.summary.as_str()),
        (EntryKind::ProviderMessage, "xendit reports PAID, 10000 IDR")
    );
    assert_eq!(entry.detail["body"], "{\"raw\": true}");
}

#[tokio::test]
async fn the_same_message_again_changes_nothing_and_is_said_once() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    fixture.report(&[of_payment("pay_1")]).await;
    let first = fixture.record().await;
    for _ in 0..3 {
        fixture.report(&[of_payment("pay_1")]).await;
    }
    assert_eq!(fixture.record().await, first);
    assert_eq!(fixture.kinds().await, [EntryKind::ProviderMessage, EntryKind::ReportIgnored]);
}

#[tokio::test]
async fn reports_out_of_order_end_in_the_same_state() {
    let late = || builders::report("INV0045", Status::Pending, "2026-11-20T07:50:00Z");
    let mut states = Vec::new();
    for order in [[late(), paid()], [paid(), late()]] {
        let fixture = Fixture::new().await;
        fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
        for report in order {
            fixture.report(&[report]).await;
        }
        let record = fixture.record().await;
        states.push((record.status(), record.reports.clone(), record.charged_at()));
    }
    assert_eq!(states[0], states[1]);
    assert_eq!(states[0].0, Status::Paid);
}

#[tokio::test]
async fn two_messages_at_the_same_time_both_count() {
    let fixture = Fixture::new().await;
    let pending = builders::report("INV0045", Status::Pending, "2026-11-20T07:50:00Z");
    let callbacks = [pending, paid()].map(|report| fixture.callback(&[report]));
    assert_eq!(fixture.handle(&callbacks).await, 0);
    let record = fixture.record().await;
    assert_eq!(record.status(), Status::Paid);
    assert_eq!(record.reports.first(Status::Pending), Some(builders::at("2026-11-20T07:50:00Z")));
    assert_eq!(fixture.stage.count("TransactionsTable"), 1);
}

#[tokio::test]
async fn a_payment_nobody_announced_opens_its_record() {
    let fixture = Fixture::new().await;
    fixture.report(&[of_payment("pay_1")]).await;
    let record = fixture.record().await;
    assert_eq!((record.status(), record.version, record.fingerprint.is_none()), (Status::Paid, 1, true));
    let binding = Binding { provider: &fixture.provider.id, payment: "pay_1" };
    assert_eq!(fixture.deps.transactions.find_bound(binding).await.unwrap(), Some(record.id));
}

#[tokio::test]
async fn another_payment_under_the_reference_opens_the_next_occurrence() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    for payment in ["pay_1", "pay_2", "pay_3", "pay_2", "pay_1"] {
        fixture.report(&[of_payment(payment)]).await;
    }
    let first = fixture.record().await;
    assert_eq!(first.occurrences, 3);
    for (occurrence, payment) in [(1, "pay_1"), (2, "pay_2"), (3, "pay_3")] {
        let record = fixture.find("INV0045", occurrence).await.unwrap();
        assert_eq!(record.provider_transaction_id.as_deref(), Some(payment));
        assert_eq!(record.status(), Status::Paid);
    }
    assert_eq!(fixture.stage.count("TransactionsTable"), 3);
}

#[tokio::test]
async fn a_report_by_the_providers_id_alone_finds_its_record() {
    let fixture = Fixture::new().await;
    fixture.report(&[of_payment("pay_1")]).await;
    let reversed = Report {
        reference: None,
        money: None,
        method: None,
        happening: Happening::Status { status: Status::Reversed },
        ..of_payment("pay_1")
    };
    fixture.report(&[reversed]).await;
    assert_eq!(fixture.record().await.status(), Status::Reversed);
}

#[tokio::test]
async fn what_fits_no_transaction_is_kept_by_provider_and_day() {
    let fixture = Fixture::new().await;
    let nowhere = Report { reference: None, ..of_payment("pay_unknown") };
    let too_little =
        Report { method: None, ..builders::report("INV9", Status::Paid, "2026-11-20T07:55:00Z") };
    fixture.report(&[nowhere, too_little]).await;
    fixture.stage.clock.advance_seconds(1);
    fixture.report(&[]).await;
    assert_eq!(fixture.stage.count("TransactionsTable"), 0);
    let subject = Subject::unmatched(&fixture.provider.id, fixture.stage.clock().now());
    let summaries: Vec<_> = fixture.timeline(&subject).await.into_iter().map(|entry| entry.summary).collect();
    assert_eq!(summaries.len(), 3, "{summaries:?}");
    assert!(summaries.contains(&"xendit sent a message about no payment".to_owned()), "{summaries:?}");
}

#[tokio::test]
async fn held_and_ignored_reports_say_why() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let odd = Report { money: Some(builders::money("9999", "IDR")), ..paid() };
    let unknown = Report { happening: Happening::Unknown { word: "ODD".to_owned() }, ..paid() };
    fixture.report(&[odd, unknown]).await;
    let record = fixture.record().await;
    assert_eq!((record.status(), record.held.len()), (Status::Pending, 1));
    let mut kinds = fixture.kinds().await;
    kinds.sort();
    let expected = [
        EntryKind::ReportIgnored,
        EntryKind::ReportHeld,
        EntryKind::ProviderMessage,
        EntryKind::ProviderMessage,
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_table_that_does_not_answer_sends_the_message_back() {
    let mut fixture = Fixture::new().await;
    fixture.deps.transactions =
        Transactions::new(&fixture.stage.dynamo, "NoSuchTable".to_owned(), "NoSuchTable".to_owned());
    assert_eq!(fixture.handle(&[fixture.callback(&[paid()])]).await, 1);
}

#[tokio::test]
async fn samples_are_handled() {
    let failures = |case: &str| usize::from(case == "unreadable");
    for (case, event) in events::parsed::<SqsEvent>("apply-transaction-events") {
        let fixture = Fixture::new().await;
        let response = handle(&fixture.deps, event).await;
        assert_eq!(response.batch_item_failures.len(), failures(&case), "{case}");
        assert_eq!(fixture.stage.count("TransactionsTable"), 1 - failures(&case), "{case}");
    }
}
