//! Reports that come before what they are about.

use std::collections::BTreeSet;
use std::sync::Arc;

use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::timeline::Subject;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_payments::record::PaymentOrder;
use paywarden_testing::builders;
use serde_json::json;

use crate::workshop::{Step, Workshop, of_payment, paid};

/// A payout's provider says nothing of how it is paid.
fn payout() -> Report {
    Report { method: None, money: None, ..paid() }
}

fn paid_to(number: &str, payment: &str) -> Report {
    Report {
        reference: None,
        method: Some(Method::VirtualAccount),
        attributes: builders::object(json!({"va_number": number})),
        ..of_payment(payment)
    }
}

/// An order to be paid to an account number.
fn with_account(reference: &str, number: &str) -> Draft {
    Draft {
        method: Method::VirtualAccount,
        attributes: builders::object(json!({"code": "BCA", "va_number": number})),
        ..builders::draft(reference)
    }
}

fn post(draft: Draft, provider: Option<&ProviderId>) -> Step {
    Step::Post(Box::new(PaymentOrder { draft, provider_id: provider.cloned() }))
}

impl Workshop {
    async fn recorded(&self, draft: Draft) {
        self.done(&post(draft, None)).await;
        self.done(&Step::Project).await;
        self.drain().await;
    }

    async fn status(&self, reference: &str) -> Option<Status> {
        self.find(reference, 1).await.map(|record| record.status())
    }

    /// What the list of the day says of each report: where it went after all.
    async fn listed(&self) -> Vec<String> {
        let subject = Subject::unmatched(&self.provider.id, builders::at("2026-11-20T08:00:00Z"));
        let entries = self.timeline(&subject).await.into_iter();
        entries.map(|entry| entry.detail["applied_to"].as_str().unwrap_or("nowhere").to_owned()).collect()
    }

    fn waiting(&self) -> usize {
        let items = self.stage.items("ReportKeysTable").into_iter();
        let reports = items.map(|item| item["sk"]["S"].as_str().unwrap().to_owned());
        reports.filter(|key| key.starts_with("report#")).collect::<BTreeSet<_>>().len()
    }
}

#[tokio::test]
async fn a_payout_that_is_reported_before_it_is_recorded() {
    let workshop = Workshop::open().await;
    workshop.report(&[payout()]).await;
    assert_eq!((workshop.listed().await, workshop.waiting()), (vec!["nowhere".to_owned()], 1));
    workshop.recorded(builders::draft("INV0045")).await;
    let record = workshop.record().await;
    assert_eq!(record.status(), Status::Paid);
    assert_eq!((workshop.listed().await, workshop.waiting()), (vec![record.id.to_string()], 0));
}

#[tokio::test]
async fn a_refund_that_is_reported_before_its_payment() {
    let workshop = Workshop::open().await;
    let (at, money) = (builders::at("2026-11-20T07:58:00Z"), builders::money("2500", "IDR"));
    let refunds = vec![Refund { id: "rfd_1".to_owned(), at, money }];
    let happening = Happening::PartialRefund { refunds };
    let refund = Report { reference: None, money: None, method: None, happening, ..of_payment("pay_1") };
    workshop.report(&[refund]).await;
    workshop.report(&[of_payment("pay_1")]).await;
    workshop.done(&Step::Project).await;
    workshop.drain().await;
    assert_eq!(workshop.record().await.refunds.iter().count(), 1);
    assert_eq!(workshop.waiting(), 0);
}

#[tokio::test]
async fn a_notification_that_names_only_the_account_number() {
    // Banks pad the number with blanks.
    let notification = paid_to("   1900800001234", "pay_1");
    let workshop = Workshop::open().await;
    workshop.recorded(with_account("INV0045", "1900800001234")).await;
    workshop.report(std::slice::from_ref(&notification)).await;
    assert_eq!(workshop.status("INV0045").await, Some(Status::Paid));

    let before_it_is_recorded = Workshop::open().await;
    before_it_is_recorded.report(&[notification]).await;
    before_it_is_recorded.recorded(with_account("INV0045", "1900800001234")).await;
    assert_eq!(before_it_is_recorded.status("INV0045").await, Some(Status::Paid));
    assert_eq!(before_it_is_recorded.waiting(), 0);
}

#[tokio::test]
async fn an_account_number_of_several_orders_is_that_of_the_one_which_is_open() {
    let workshop = Workshop::open().await;
    workshop.recorded(with_account("JUNE", "8808")).await;
    workshop.report(&[paid_to("8808", "pay_june")]).await;
    workshop.recorded(with_account("JULY", "8808")).await;
    workshop.report(&[paid_to("8808", "pay_july")]).await;
    assert_eq!(workshop.status("JULY").await, Some(Status::Paid));
    assert_eq!(workshop.find("JUNE", 2).await, None);

    workshop.recorded(with_account("AUGUST", "8808")).await;
    workshop.recorded(with_account("SEPTEMBER", "8808")).await;
    workshop.report(&[paid_to("8808", "pay_either")]).await;
    for reference in ["AUGUST", "SEPTEMBER"] {
        assert_eq!(workshop.status(reference).await, Some(Status::Pending), "nothing is guessed");
    }
    assert_eq!(workshop.listed().await, ["nowhere"]);
}

#[tokio::test]
async fn an_account_number_of_another_providers_payment_is_none_of_it() {
    let workshop = Workshop::open().await;
    let other = workshop.stage.add_provider(&workshop.merchant, ProviderType::Midtrans, &json!({})).await;
    let draft = with_account("INV0045", "8808");
    workshop.done(&post(draft, Some(&other.id))).await;
    workshop.done(&Step::Project).await;
    workshop.report(&[paid_to("8808", "pay_1")]).await;
    assert_eq!(workshop.status("INV0045").await, Some(Status::Pending));
    assert_eq!(workshop.listed().await, ["nowhere"]);
}

#[tokio::test]
async fn a_report_waits_for_its_own_merchants_record() {
    let workshop = Workshop::open().await;
    workshop.report(&[payout()]).await;
    let other = workshop.stage.add_merchant("Toko Maju").await;
    workshop.stage.add_transaction(&other, builders::draft("INV0045")).await;
    workshop.done(&Step::Project).await;
    assert!(workshop.queued().is_empty());
    assert_eq!(workshop.waiting(), 1);
}

#[tokio::test]
async fn reports_of_one_callback_wait_each_for_its_own() {
    let workshop = Workshop::open().await;
    let other = Report { reference: Some("OTHER".to_owned()), ..payout() };
    workshop.report(&[payout(), other]).await;
    workshop.recorded(builders::draft("OTHER")).await;
    assert_eq!((workshop.status("OTHER").await, workshop.waiting()), (Some(Status::Paid), 1));
    workshop.recorded(builders::draft("INV0045")).await;
    assert_eq!((workshop.status("INV0045").await, workshop.waiting()), (Some(Status::Paid), 0));
}

/// A report that waits, and the order that it waits for.
fn pairs() -> [(Report, Draft); 2] {
    [(payout(), builders::draft("INV0045")), (paid_to("8808", "pay_1"), with_account("INV0045", "8808"))]
}

/// Whoever records the payment is let in, with the stream behind it, before every operation of whoever lets its report wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_comes_while_its_report_is_being_parked_is_found() {
    for (report, order) in pairs() {
        for operation in 0.. {
            let workshop = Arc::new(Workshop::open().await);
            let waiting = workshop.callback(std::slice::from_ref(&report)).waiting(&report);
            let (there, order) = (Arc::clone(&workshop), order.clone());
            workshop.stage.faults.meanwhile(operation, async move {
                there.done(&post(order, None)).await;
                there.done(&Step::Project).await;
            });
            workshop.done(&Step::Callback(Box::new(waiting))).await;
            if workshop.stage.faults.nobody_else() {
                assert!(operation > 4, "{operation} operations");
                break;
            }
            workshop.drain().await;
            assert_eq!(workshop.status("INV0045").await, Some(Status::Paid), "let in before {operation}");
            assert_eq!(workshop.waiting(), 0, "let in before {operation}");
        }
    }
}

/// The other way round: whoever lets a report wait is let in before every operation of the stream's consumer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_is_parked_while_its_record_is_projected_is_woken() {
    for (report, order) in pairs() {
        for operation in 0.. {
            let workshop = Arc::new(Workshop::open().await);
            workshop.done(&post(order.clone(), None)).await;
            // Who reads before the record was written sees nothing of it; the projector comes behind.
            let waiting = workshop.callback(std::slice::from_ref(&report)).waiting(&report);
            let there = Arc::clone(&workshop);
            workshop.stage.faults.meanwhile(operation, async move {
                there.done(&Step::Callback(Box::new(waiting))).await;
            });
            workshop.done(&Step::Project).await;
            if workshop.stage.faults.nobody_else() {
                assert!(operation > 2, "{operation} operations");
                break;
            }
            workshop.drain().await;
            assert_eq!(workshop.status("INV0045").await, Some(Status::Paid), "let in before {operation}");
            assert_eq!(workshop.waiting(), 0, "let in before {operation}");
        }
    }
}
