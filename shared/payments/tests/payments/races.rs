//! Writers that meet at one record: each of two is let in before every operation of the other, and after its last. All
//! of these orders have to end in the same state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use paywarden_domain::counts::counts_of;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::totals::{Totals, contribution, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_payments::record::PaymentOrder;
use paywarden_store::transactions::stream::RecordChange;
use paywarden_testing::builders;
use serde_json::{Value, json};

use crate::workshop::{Answer, Step, Workshop, of_payment, paid, reversal_by_id};

/// One order in which two writers met.
struct Met {
    workshop: Workshop,
    order: String,
    /// What the two were answered, the first of the race first.
    answers: [Answer; 2],
}

/// What is left of a race, without what tells who came last: the request of the last write.
#[derive(Debug, PartialEq)]
struct Left {
    records: Vec<Value>,
    references: Vec<Value>,
    ledger: Vec<Value>,
    totals: Totals,
}

impl Met {
    /// What is left when the stream has been projected, and the totals are what the records add up to.
    async fn left(&self, without: &[&str]) -> Left {
        self.workshop.done(&Step::Project).await;
        self.told_each_version_once();
        let forgotten = |name: &str| name == "correlation_id" || without.contains(&name);
        let items = |table| {
            let mut items = self.workshop.stage.items(table);
            for item in items.iter_mut().filter_map(Value::as_object_mut) {
                item.retain(|name, _| !forgotten(name));
            }
            items.sort_by_key(Value::to_string);
            items
        };
        let totals = self.workshop.totals().await;
        let (records, mut contributions) = (self.records().await, Totals::new());
        records.iter().for_each(|record| merge(&mut contributions, contribution(record)));
        assert_eq!(totals, contributions, "{}", self.order);
        assert_eq!(self.workshop.counts().await, counts_of(&records), "{}", self.order);
        Left {
            records: items("TransactionsTable"),
            references: items("ProviderReferencesTable"),
            ledger: items("LedgerTable"),
            totals,
        }
    }

    /// Who reads a version and writes the next one relies on it that nobody else has written the same.
    fn told_each_version_once(&self) {
        let mut versions = BTreeMap::<_, Vec<u64>>::new();
        for change in self.workshop.told() {
            if let RecordChange::Created(new) | RecordChange::Changed { new, .. } = change {
                versions.entry(new.id.to_string()).or_default().push(new.version);
            }
        }
        for (id, told) in versions {
            assert!((1..).zip(&told).all(|(version, one)| version == *one), "{}: {id} {told:?}", self.order);
        }
    }

    async fn records(&self) -> Vec<Transaction> {
        let mut records = Vec::new();
        for item in self.workshop.stage.items("TransactionsTable") {
            let (reference, occurrence) = (&item["reference"]["S"], &item["occurrence"]["N"]);
            let occurrence = occurrence.as_str().unwrap().parse().unwrap();
            records.push(self.workshop.find(reference.as_str().unwrap(), occurrence).await.unwrap());
        }
        records
    }

    fn sorted_answers(&self) -> [Answer; 2] {
        let mut answers = self.answers.clone();
        answers.sort();
        answers
    }
}

/// Lets two writers meet in every order, each time in a workshop prepared anew.
async fn meetings(prepare: impl AsyncFn() -> Workshop, steps: [Step; 2]) -> Vec<Met> {
    let mut met = Vec::new();
    for first in [0, 1] {
        for operation in 0.. {
            let (one, let_in) = meet(prepare().await, &steps, first, operation).await;
            met.push(one);
            if !let_in {
                break;
            }
        }
    }
    assert!(met.len() > 4, "{} orders", met.len());
    met
}

/// Lets the other one in before this operation of `first`, or behind it if it has no such operation; answers whether it
/// had.
async fn meet(workshop: Workshop, steps: &[Step; 2], first: usize, operation: i64) -> (Met, bool) {
    let workshop = Arc::new(workshop);
    let answered = Arc::new(Mutex::new(None));
    let (there, answer, step) = (Arc::clone(&workshop), Arc::clone(&answered), steps[1 - first].clone());
    workshop.stage.faults.meanwhile(operation, async move {
        let said = there.attempt(&step).await;
        *answer.lock().unwrap() = Some(said);
    });
    let own = workshop.attempt(&steps[first]).await;
    let let_in = !workshop.stage.faults.nobody_else();
    let said = answered.lock().unwrap().take();
    let others = match said {
        Some(said) => said,
        None => workshop.attempt(&steps[1 - first]).await,
    };
    let answers = if first == 0 { [own, others] } else { [others, own] };
    let order = format!("{} is let in before operation {operation}", ["the second", "the first"][first]);
    (Met { workshop: Arc::into_inner(workshop).unwrap(), order, answers }, let_in)
}

/// Lets two writers meet, each of whom has to succeed, and sees that all orders leave the same.
async fn all_end_the_same(
    prepare: impl AsyncFn() -> Workshop,
    steps: [Step; 2],
    without: &[&str],
) -> Vec<Met> {
    let met = meetings(prepare, steps).await;
    let expected = met[0].left(without).await;
    for one in &met {
        assert!(one.answers.iter().all(Result::is_ok), "{}: {:?}", one.order, one.answers);
        assert_eq!(one.left(without).await, expected, "{}", one.order);
    }
    met
}

fn post(draft: Draft) -> Step {
    Step::Post(Box::new(PaymentOrder { draft, provider_id: None }))
}

/// A post that names the provider and its id of the payment.
fn post_bound(workshop: &Workshop, reference: &str, payment: &str) -> Step {
    let draft = Draft { provider_transaction_id: Some(payment.to_owned()), ..builders::draft(reference) };
    Step::Post(Box::new(PaymentOrder { draft, provider_id: Some(workshop.provider.id.clone()) }))
}

fn callback(workshop: &Workshop, reports: &[Report]) -> Step {
    Step::Callback(Box::new(workshop.callback(reports)))
}

async fn with_first_payment() -> Workshop {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[of_payment("pay_1")]).await;
    workshop
}

async fn with_one_due() -> Workshop {
    let workshop = Workshop::open().await;
    let due = Some(builders::at("2026-11-20T08:00:00Z"));
    workshop.add(Draft { expired_at: due, ..builders::draft("INV0045") }).await;
    workshop
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_and_a_callback() {
    let some = Workshop::open().await;
    let steps = [post(builders::draft("INV0045")), callback(&some, &[of_payment("pay_1")])];
    for met in all_end_the_same(Workshop::open, steps, &[]).await {
        let record = met.workshop.record().await;
        assert_eq!((record.status(), record.version), (Status::Paid, 2), "{}", met.order);
        assert!(record.fingerprint.is_some() && record.charges.is_some(), "{}", met.order);
        assert_eq!(met.workshop.stage.count("TransactionsTable"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_and_a_callback_that_bind_the_same_payment() {
    let some = Workshop::open().await;
    let steps = [post_bound(&some, "INV0045", "pay_1"), callback(&some, &[of_payment("pay_1")])];
    for met in all_end_the_same(Workshop::open, steps, &[]).await {
        assert_eq!(met.workshop.record().await.status(), Status::Paid, "{}", met.order);
        assert_eq!(met.workshop.stage.count("ProviderReferencesTable"), 1, "{}", met.order);
    }
}

/// The merchant and the provider call the payment differently: whoever comes first gives it its reference, and the
/// merchant is told for good, if it was not the merchant.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_and_a_callback_of_the_same_payment_under_two_references() {
    let some = Workshop::open().await;
    let steps = [post_bound(&some, "OTHER", "pay_1"), callback(&some, &[of_payment("pay_1")])];
    let mut owners = Vec::new();
    for met in meetings(Workshop::open, steps).await {
        let (posted, reported) = (met.workshop.find("OTHER", 1).await, met.workshop.find("INV0045", 1).await);
        let (owner, answer) = match (posted, reported) {
            (Some(posted), None) => (posted, "created"),
            (None, Some(reported)) => (reported, "the provider's id stands for something else"),
            both => panic!("{}: {both:?}", met.order),
        };
        assert_eq!(met.answers, [Ok(answer), Ok("applied")], "{}", met.order);
        assert_eq!(owner.status(), Status::Paid, "{}", met.order);
        owners.push(owner.reference);
    }
    owners.sort();
    owners.dedup();
    assert_eq!(owners, ["INV0045", "OTHER"], "both orders were tried");
}

/// The record's provider is only assumed, and it is another one that reports.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_and_a_callback_of_another_provider_than_was_assumed() {
    let some = Workshop::open().await;
    let actual = builders::provider(&some.merchant, ProviderType::Midtrans);
    let by = |reports: &[Report]| {
        let callback = VerifiedCallback { provider: actual.binding(), ..some.callback(reports) };
        Step::Callback(Box::new(callback))
    };
    let draft = Draft { provider_transaction_id: Some("pay_1".to_owned()), ..builders::draft("INV0045") };
    let steps = [post(draft), by(&[of_payment("pay_1")])];
    for met in meetings(Workshop::open, steps).await {
        assert!(met.answers.iter().all(Result::is_ok), "{}: {:?}", met.order, met.answers);
        let record = met.workshop.record().await;
        assert_eq!(record.provider.map(|bound| bound.id), Some(actual.id.clone()), "{}", met.order);
        met.workshop.done(&by(&[reversal_by_id("pay_1")])).await;
        assert_eq!(met.workshop.record().await.status(), Status::Reversed, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_and_the_sweep() {
    let some = Workshop::open().await;
    let steps = [callback(&some, &[of_payment("pay_1")]), Step::Sweep];
    // Whether the payment had run out of time before it was paid is on the record for good, and was a write.
    for met in all_end_the_same(with_one_due, steps, &["reports", "version"]).await {
        assert_eq!(met.workshop.record().await.status(), Status::Paid, "{}", met.order);
        assert_eq!(met.workshop.due(10).await.iter().sum::<usize>(), 0, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sweeps() {
    for met in all_end_the_same(with_one_due, [Step::Sweep, Step::Sweep], &[]).await {
        let record = met.workshop.record().await;
        assert_eq!((record.status(), record.version), (Status::Expired, 2), "{}", met.order);
        assert_eq!(met.workshop.told().len(), 2, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callbacks_of_a_payment_that_was_posted() {
    let some = Workshop::open().await;
    let pending = builders::report("INV0045", Status::Pending, "2026-11-20T07:50:00Z");
    let posted = async || {
        let workshop = Workshop::open().await;
        workshop.add(builders::draft("INV0045")).await;
        workshop
    };
    let steps = [callback(&some, &[pending]), callback(&some, &[of_payment("pay_1")])];
    for met in all_end_the_same(posted, steps, &[]).await {
        let record = met.workshop.record().await;
        assert_eq!((record.status(), record.version), (Status::Paid, 3), "{}", met.order);
        assert!(record.reports.first(Status::Pending).is_some(), "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callbacks_of_a_payment_that_nobody_announced() {
    let some = Workshop::open().await;
    let pending = builders::report("INV0045", Status::Pending, "2026-11-20T07:50:00Z");
    let steps = [callback(&some, &[pending]), callback(&some, &[of_payment("pay_1")])];
    for met in all_end_the_same(Workshop::open, steps, &[]).await {
        assert_eq!(met.workshop.stage.count("TransactionsTable"), 1, "{}", met.order);
    }
    let same = callback(&some, &[paid()]);
    for met in all_end_the_same(Workshop::open, [same.clone(), same], &[]).await {
        assert_eq!(met.workshop.record().await.version, 1, "{}: the second changes nothing", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callbacks_that_open_the_same_further_payment() {
    let some = Workshop::open().await;
    let steps = [0, 1].map(|_| callback(&some, &[of_payment("pay_2")]));
    for met in all_end_the_same(with_first_payment, steps, &[]).await {
        assert_eq!(met.workshop.record().await.occurrences, 2, "{}", met.order);
        assert_eq!(met.workshop.stage.count("TransactionsTable"), 2, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callbacks_that_open_two_further_payments() {
    let some = Workshop::open().await;
    let steps = ["pay_2", "pay_3"].map(|id| callback(&some, &[of_payment(id)]));
    for met in meetings(with_first_payment, steps).await {
        assert_eq!(met.answers, [Ok("applied"), Ok("applied")], "{}", met.order);
        assert_eq!(met.workshop.record().await.occurrences, 3, "{}", met.order);
        let mut payments = Vec::new();
        for occurrence in 1..=3 {
            payments.push(met.workshop.find("INV0045", occurrence).await.unwrap().provider_transaction_id);
        }
        payments.sort();
        assert_eq!(json!(payments), json!(["pay_1", "pay_2", "pay_3"]), "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_of_the_first_payment_while_the_next_is_opened() {
    let some = Workshop::open().await;
    let reversed = Report { reference: Some("INV0045".to_owned()), ..reversal_by_id("pay_1") };
    let steps = [callback(&some, &[of_payment("pay_2")]), callback(&some, &[reversed])];
    for met in all_end_the_same(with_first_payment, steps, &[]).await {
        let (first, next) = (met.workshop.record().await, met.workshop.find("INV0045", 2).await.unwrap());
        assert_eq!((first.status(), first.occurrences), (Status::Reversed, 2), "{}", met.order);
        assert_eq!(next.status(), Status::Paid, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_and_a_callback_that_open_the_same_further_payment() {
    let some = Workshop::open().await;
    let next = Draft { occurrence: 2, ..builders::draft("INV0045") };
    let steps = [post(next), callback(&some, &[of_payment("pay_2")])];
    for met in all_end_the_same(with_first_payment, steps, &[]).await {
        let next = met.workshop.find("INV0045", 2).await.unwrap();
        assert_eq!((next.status(), next.fingerprint.is_some()), (Status::Paid, true), "{}", met.order);
        assert_eq!(met.workshop.stage.count("TransactionsTable"), 2, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posts_of_the_same() {
    let some = Workshop::open().await;
    let further = Draft { occurrence: 2, ..builders::draft("INV0045") };
    let first = [post(builders::draft("INV0045")), post_bound(&some, "INV0045", "pay_1")];
    for step in first {
        for met in all_end_the_same(Workshop::open, [step.clone(), step], &[]).await {
            assert_eq!(met.sorted_answers(), [Ok("created"), Ok("known")], "{}", met.order);
        }
    }
    for met in all_end_the_same(with_first_payment, [0, 1].map(|_| post(further.clone())), &[]).await {
        assert_eq!(met.sorted_answers(), [Ok("created"), Ok("known")], "{}", met.order);
        assert_eq!(met.workshop.record().await.occurrences, 2, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posts_of_different_content() {
    let amounts = ["10000", "20000"].map(|amount| builders::money(amount, "IDR"));
    let steps = amounts.map(|money| post(Draft { money, ..builders::draft("INV0045") }));
    for met in meetings(Workshop::open, steps).await {
        let refused = Ok("the reference stands for something else");
        assert_eq!(met.sorted_answers(), [Ok("created"), refused], "{}", met.order);
        let created = met.answers.iter().position(|answer| *answer == Ok("created")).unwrap();
        assert_eq!(met.workshop.record().await.money, amounts[created], "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posts_that_bind_the_same_payment() {
    let some = Workshop::open().await;
    let steps = ["ONE", "OTHER"].map(|reference| post_bound(&some, reference, "pay_1"));
    for met in meetings(Workshop::open, steps).await {
        let refused = Ok("the provider's id stands for something else");
        assert_eq!(met.sorted_answers(), [Ok("created"), refused], "{}", met.order);
        assert_eq!(met.workshop.stage.count("TransactionsTable"), 1, "{}", met.order);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projectors_of_the_same_changes() {
    let lived = async || {
        let workshop = with_first_payment().await;
        workshop.report(&[of_payment("pay_2"), reversal_by_id("pay_1")]).await;
        workshop
    };
    let steps = [Step::Project, Step::ProjectInPieces];
    let mut timelines = Vec::new();
    for met in all_end_the_same(lived, steps, &[]).await {
        timelines.push(met.workshop.stage.items("TimelineTable"));
    }
    assert!(timelines.iter().all(|timeline| *timeline == timelines[0]));
}
