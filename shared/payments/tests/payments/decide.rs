//! What people decide: about what is held, and about what fits nothing.

use paywarden_domain::actor::Actor;
use paywarden_domain::ledger::{EntryType, Side, entries};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::totals::{contribution, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::decision::{HeldId, NotDecided, Ruling};
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::Status;
use paywarden_payments::decide::{DecideError, HeldDecider, HeldDecision};
use paywarden_payments::unmatched::{Decided, UnmatchedDecider, UnmatchedError};
use paywarden_testing::builders;

use crate::workshop::{Step, Workshop, of_payment, reversal_by_id};

const LESS: &str = "amount:9000:IDR:pay_1";

/// The payment, of less than was ordered.
fn less(status: Status) -> Report {
    let happening = Happening::Status { status };
    Report { money: Some(builders::money("9000", "IDR")), happening, ..of_payment("pay_1") }
}

impl Workshop {
    async fn decide(&self, ruling: Ruling) -> Result<Transaction, DecideError> {
        let decision = HeldDecision {
            held: HeldId::new(LESS),
            ruling,
            reason: "by agreement",
            by: Actor::Operator,
            correlation_id: "corr-decided",
        };
        let decider = HeldDecider::of(&self.stores).unwrap();
        decider.decide(&self.merchant.id, &self.record().await.id, &decision).await
    }

    /// The money that the ledger moves, and the totals are made of it.
    async fn moved(&self) -> Vec<(EntryType, Side, String)> {
        self.done(&Step::Project).await;
        let record = self.record().await;
        let mut expected = Default::default();
        merge(&mut expected, contribution(&record));
        assert_eq!(self.totals().await, expected);
        let entries = entries(&record).into_iter();
        let money = entries.filter(|entry| !matches!(entry.entry_type, EntryType::Fee | EntryType::Tax));
        money.map(|entry| (entry.entry_type, entry.side, entry.amount.to_string())).collect()
    }

    async fn listed_entries(&self) -> Vec<Entry> {
        let subject = Subject::unmatched(&self.provider.id, builders::at("2026-11-20T08:00:00Z"));
        self.timeline(&subject).await
    }

    /// Binds the only callback on the list to the payment under INV0045.
    async fn bind(&self) -> Result<(), UnmatchedError> {
        let [entry] = self.listed_entries().await.try_into().unwrap();
        self.bind_this(&entry, &self.record().await).await
    }

    async fn bind_this(&self, entry: &Entry, record: &Transaction) -> Result<(), UnmatchedError> {
        let decider = UnmatchedDecider::of(&self.stores).unwrap();
        let day = (builders::at("2026-11-20T00:00:00Z"), builders::at("2026-11-21T00:00:00Z"));
        let found = decider.find(&self.merchant.id, &self.provider.id, &entry.id, day).await?;
        let decided = Decided { by: Actor::Operator, reason: "they said so on the phone" };
        decider.bind(&found, &record.id, &decided).await
    }
}

#[tokio::test]
async fn an_accepted_amount_is_booked_as_it_came() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[less(Status::Paid)]).await;
    let accepted = workshop.decide(Ruling::Accepted).await.unwrap();
    assert_eq!((accepted.status(), accepted.settled()), (Status::Paid, builders::money("9000", "IDR")));
    assert!(!accepted.is_held());
    assert_eq!(workshop.moved().await, [(EntryType::Transfer, Side::Credit, "9000".to_owned())]);
    // The payment is the record's: what names nothing else finds it, and what comes again changes nothing.
    workshop.report(&[less(Status::Paid)]).await;
    assert_eq!(workshop.record().await, accepted);
    workshop.report(&[reversal_by_id("pay_1")]).await;
    assert_eq!(workshop.record().await.status(), Status::Reversed);
    let kinds = workshop.entries_of(&accepted).await.into_iter().map(|(kind, _)| kind);
    assert_eq!(kinds.filter(|kind| *kind == EntryKind::ReportDecided).count(), 1);
}

#[tokio::test]
async fn an_amount_that_is_accepted_over_a_booked_one_is_a_correction() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[of_payment("pay_1"), less(Status::Paid)]).await;
    let booked = workshop.moved().await;
    assert_eq!(booked, [(EntryType::Transfer, Side::Credit, "10000".to_owned())]);
    workshop.stage.clock.advance_seconds(86_400);
    workshop.decide(Ruling::Accepted).await.unwrap();
    let corrected = (EntryType::Correction, Side::Debit, "1000".to_owned());
    assert_eq!(workshop.moved().await, [booked, vec![corrected]].concat());
}

#[tokio::test]
async fn what_is_dismissed_counts_for_nothing_and_holds_nothing_up() {
    let workshop = Workshop::open().await;
    let due = Some(builders::at("2026-11-20T08:01:00Z"));
    workshop.add(Draft { expired_at: due, ..builders::draft("INV0045") }).await;
    workshop.report(&[less(Status::Paid)]).await;
    assert!(workshop.record().await.is_held());
    let dismissed = workshop.decide(Ruling::Dismissed).await.unwrap();
    assert!(!dismissed.is_held());
    assert_eq!(workshop.decide(Ruling::Dismissed).await.unwrap(), dismissed, "the same again");
    workshop.stage.clock.advance_seconds(120);
    workshop.done(&Step::Sweep).await;
    workshop.report(&[less(Status::Paid)]).await;
    let record = workshop.record().await;
    assert_eq!((record.status(), record.is_held()), (Status::Expired, false));
    // Whoever dismissed it by mistake can still accept it.
    assert_eq!(workshop.decide(Ruling::Accepted).await.unwrap().status(), Status::Paid);
    let too_late = workshop.decide(Ruling::Dismissed).await.unwrap_err();
    assert_eq!(too_late, DecideError::NotDecided(NotDecided::Accepted));
}

#[tokio::test]
async fn a_dismissed_payment_that_is_reported_again_opens_nothing_and_another_one_does() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[less(Status::Paid)]).await;
    workshop.decide(Ruling::Dismissed).await.unwrap();
    workshop
        .report(&[Report { provider_transaction_id: Some("pay_2".to_owned()), ..less(Status::Paid) }])
        .await;
    assert!(workshop.record().await.is_held(), "money of another payment is looked at anew");
    workshop.report(&[of_payment("pay_3")]).await;
    workshop.report(&[less(Status::Paid)]).await;
    let second = workshop.find("INV0045", 2).await.unwrap();
    assert_eq!(second.provider_transaction_id.as_deref(), Some("pay_2"));
    assert_eq!(workshop.find("INV0045", 3).await, None);
}

#[tokio::test]
async fn what_is_not_held_cannot_be_decided() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    let refused = workshop.decide(Ruling::Accepted).await.unwrap_err();
    assert_eq!(refused, DecideError::NotDecided(NotDecided::NotHeld));
}

#[tokio::test]
async fn a_payment_that_has_a_record_of_its_own_is_not_accepted_into_another() {
    let workshop = Workshop::open().await;
    workshop.report(&[Report { reference: Some("OTHER".to_owned()), ..of_payment("pay_1") }]).await;
    let record = workshop.add(builders::draft("INV0045")).await;
    let origin = builders::origin(&workshop.provider, "2026-11-20T08:00:00Z");
    let held =
        paywarden_domain::transaction::apply::apply(&record, &less(Status::Paid), &origin).next.unwrap();
    workshop.stage.transactions().replace(&held).await.unwrap();
    assert_eq!(workshop.decide(Ruling::Accepted).await.unwrap_err(), DecideError::PaymentOfAnother);
}

#[tokio::test]
async fn what_fits_nothing_is_bound_by_a_person() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    let nowhere = Report { reference: None, ..of_payment("pay_1") };
    workshop.report(&[nowhere]).await;
    workshop.bind().await.unwrap();
    workshop.drain().await;
    let record = workshop.record().await;
    assert_eq!(record.status(), Status::Paid);
    assert_eq!(workshop.stage.count("ReportKeysTable"), 0, "it waits no longer");
    let [listed] = workshop.listed_entries().await.try_into().unwrap();
    assert_eq!(listed.detail["decision"]["by"], "operator");
    let kinds: Vec<_> = workshop.entries_of(&record).await.into_iter().map(|(kind, _)| kind).collect();
    assert!(
        kinds.contains(&EntryKind::ReportDecided) && kinds.contains(&EntryKind::ProviderMessage),
        "{kinds:?}"
    );
    workshop.report(&[reversal_by_id("pay_1")]).await;
    assert_eq!(workshop.record().await.status(), Status::Reversed);
}

#[tokio::test]
async fn whoever_is_cut_off_while_binding_binds_again() {
    for kill in 0.. {
        let workshop = Workshop::open().await;
        let record = workshop.add(builders::draft("INV0045")).await;
        workshop.report(&[Report { reference: None, ..of_payment("pay_1") }]).await;
        let [entry] = workshop.listed_entries().await.try_into().unwrap();
        workshop.stage.faults.kill_before(kill);
        let bound = workshop.bind_this(&entry, &record).await;
        if !workshop.stage.faults.restart() {
            bound.unwrap();
            assert!(kill > 4, "{kill} operations");
            return;
        }
        workshop.bind().await.unwrap();
        workshop.drain().await;
        assert_eq!(workshop.record().await.status(), Status::Paid, "killed before {kill}");
        assert_eq!(workshop.stage.count("TransactionsTable"), 1, "killed before {kill}");
    }
}

#[tokio::test]
async fn a_payment_of_another_transaction_is_not_bound() {
    let workshop = Workshop::open().await;
    workshop.report(&[Report { reference: Some("OTHER".to_owned()), ..of_payment("pay_1") }]).await;
    workshop.add(builders::draft("INV0045")).await;
    // It says that it is of a third order, which the payment is not.
    workshop.report(&[Report { reference: Some("THIRD".to_owned()), ..of_payment("pay_1") }]).await;
    assert_eq!(workshop.bind().await.unwrap_err(), UnmatchedError::PaymentOfAnother);
}

/// What names no payment is known by nothing but its entry: bound twice, its money would be booked twice.
#[tokio::test]
async fn what_was_bound_to_one_transaction_is_not_bound_to_another() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    let other = workshop.add(builders::draft("OTHER")).await;
    workshop.report(&[Report { reference: None, provider_transaction_id: None, ..of_payment("") }]).await;
    workshop.bind().await.unwrap();
    workshop.drain().await;
    let [entry] = workshop.listed_entries().await.try_into().unwrap();
    let refused = workshop.bind_this(&entry, &other).await.unwrap_err();
    assert_eq!(refused, UnmatchedError::AppliedBefore);
    assert_eq!(workshop.find("OTHER", 1).await.unwrap().status(), Status::Pending);
}
