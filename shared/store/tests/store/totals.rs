//! Running totals: every change counts once, whatever the stream repeats.

use paywarden_domain::counts::{Counts, counts_of};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Day;
use paywarden_domain::totals::{Totals, contribution, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_store::StoreError;
use paywarden_store::totals::{Part, TotalsChange};
use paywarden_testing::{Refusal, TestStage, builders};
use rust_decimal::Decimal;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The versions of one payment: recorded, paid on a day of November, and some of them undone later.
fn life(merchant: &Merchant, number: u32) -> Vec<Transaction> {
    let mut draft = builders::draft(&format!("INV{number}"));
    draft.method = Method::EftDebit;
    let recorded = draft.into_transaction(merchant, builders::at("2026-10-31T08:00:00Z"), "corr-1");
    let provider = builders::provider(merchant, ProviderType::DebitOrder);
    let mut versions = vec![recorded];
    let mut reports = vec![(Status::Paid, format!("2026-11-{:02}T08:00:00Z", number % 28 + 1))];
    if number.is_multiple_of(3) {
        reports.push((Status::Failed, "2026-12-05T08:00:00Z".to_owned()));
    }
    for (status, at) in reports {
        let report = builders::report(&format!("INV{number}"), status, &at);
        let current = versions.last().unwrap();
        versions.push(apply(current, &report, &builders::origin(&provider, &at)).next.unwrap());
    }
    versions
}

fn changes(versions: &[Transaction]) -> Vec<TotalsChange> {
    let old = std::iter::once(None).chain(versions.iter().map(Some));
    old.zip(versions).map(|(old, new)| TotalsChange::to(old, new)).collect()
}

fn sum(lives: &[Vec<Transaction>]) -> Totals {
    let mut totals = Totals::new();
    for life in lives {
        merge(&mut totals, contribution(life.last().unwrap()));
    }
    totals
}

/// Where the last version of each life stands.
fn standing(lives: &[Vec<Transaction>]) -> Counts {
    counts_of(lives.iter().filter_map(|life| life.last()))
}

async fn counts(stage: &TestStage, merchant: &Merchant) -> Counts {
    let totals = stage.totals();
    totals.counts(&merchant.id, merchant.shard_count, day("2026-01-01"), day("2026-12-31")).await.unwrap()
}

async fn year(stage: &TestStage, merchant: &Merchant) -> Totals {
    let totals = stage.totals();
    let listed = totals.list(&merchant.id, merchant.shard_count, day("2026-01-01"), day("2026-12-31"));
    let mut listed = listed.await.unwrap();
    listed.retain(|_, sums| !sums.is_zero());
    listed
}

#[tokio::test]
async fn replayed_recut_and_doubled_batches_change_nothing() {
    let stage = TestStage::start().await;
    let mut merchant = builders::merchant("one");
    merchant.shard_count = 3;
    let lives: Vec<_> = (0..60).map(|number| life(&merchant, number)).collect();
    let all: Vec<_> = lives.iter().flat_map(|life| changes(life)).collect();
    let totals = stage.totals();
    let doubled = [all.clone(), all.clone()].concat();
    totals.apply(&doubled).await.unwrap();
    let expected = sum(&lives);
    assert_eq!(year(&stage, &merchant).await, expected);
    assert_eq!(counts(&stage, &merchant).await, standing(&lives));
    for size in [1, 7, 50] {
        for batch in all.rchunks(size) {
            totals.apply(batch).await.unwrap();
        }
    }
    assert_eq!(year(&stage, &merchant).await, expected);
    assert_eq!(counts(&stage, &merchant).await, standing(&lives));
}

#[tokio::test]
async fn batches_that_overlap_at_the_same_time_add_up() {
    let stage = TestStage::start().await;
    let merchant = builders::merchant("one");
    let lives: Vec<_> = (0..40).map(|number| life(&merchant, number)).collect();
    let all: Vec<_> = lives.iter().flat_map(|life| changes(life)).collect();
    let totals = stage.totals();
    let (first, second, third) =
        tokio::join!(totals.apply(&all[..80]), totals.apply(&all[20..]), totals.apply(&all));
    first.and(second).and(third).unwrap();
    assert_eq!(year(&stage, &merchant).await, sum(&lives));
    assert_eq!(counts(&stage, &merchant).await, standing(&lives));
}

#[tokio::test]
async fn what_was_lost_is_made_up_for_by_what_comes_next_and_counts_once_when_it_comes_after_all() {
    let merchant = builders::merchant("one");
    let lives: Vec<_> = (0..30).map(|number| life(&merchant, number)).collect();
    // Every third life has three versions that move money or may; each set of them may be lost, and comes back later.
    for lost in 0..8_u8 {
        let stage = TestStage::start().await;
        let (mut come, mut late) = (Vec::new(), Vec::new());
        for change in lives.iter().flat_map(|life| changes(life)) {
            let is_lost = lost & (1 << (change.version - 1)) != 0;
            if is_lost { late.push(change) } else { come.push(change) }
        }
        stage.totals().apply(&come).await.unwrap();
        // A batch that was put aside comes as a whole, or in the worst order.
        late.reverse();
        for batch in late.chunks(4) {
            stage.totals().apply(batch).await.unwrap();
        }
        assert_eq!(year(&stage, &merchant).await, sum(&lives), "{lost:03b}");
        assert_eq!(counts(&stage, &merchant).await, standing(&lives), "{lost:03b}");
    }
}

#[tokio::test]
async fn a_recount_counts_what_was_never_told_and_leaves_alone_what_is_newer() {
    let (stage, merchant) = (TestStage::start().await, builders::merchant("one"));
    let lives: Vec<_> = (0..9).map(|number| life(&merchant, number)).collect();
    let totals = stage.totals();
    for life in &lives {
        let [recorded, .., last] = life.as_slice() else { panic!("a life has two versions") };
        let wrong = totals.recount(&TotalsChange::to(None, last)).await.unwrap();
        assert!(wrong, "nothing was counted");
        assert!(!totals.recount(&TotalsChange::to(None, last)).await.unwrap(), "it is settled");
        assert!(
            !totals.recount(&TotalsChange::to(None, recorded)).await.unwrap(),
            "a later version was counted"
        );
        totals.apply(&changes(life)).await.unwrap();
    }
    assert_eq!(year(&stage, &merchant).await, sum(&lives));
    // A record that was removed adds nothing any more.
    let gone = TotalsChange::removal(lives[1].last().unwrap());
    totals.apply(&[gone.clone(), gone]).await.unwrap();
    let left = [&lives[..1], &lives[2..]].concat();
    assert_eq!(year(&stage, &merchant).await, sum(&left));
    assert_eq!(counts(&stage, &merchant).await, standing(&left));
}

#[tokio::test]
async fn what_moves_no_money_and_stands_as_before_costs_nothing() {
    let (stage, merchant) = (TestStage::start().await, builders::merchant("one"));
    let recorded = life(&merchant, 1).remove(0);
    let later = Transaction { version: 2, correlation_id: Some("corr-2".to_owned()), ..recorded.clone() };
    stage.totals().apply(&[TotalsChange::to(None, &recorded)]).await.unwrap();
    let _ = stage.dynamo.take_consumed();
    stage.totals().apply(&[TotalsChange::to(Some(&recorded), &later)]).await.unwrap();
    assert_eq!(stage.dynamo.take_consumed().operations, 0);
    assert_eq!(counts(&stage, &merchant).await, counts_of([&later]));
}

/// A table that was written before there were counts has sums and what was counted of them.
#[tokio::test]
async fn what_was_summed_before_there_were_counts_is_counted_with_its_next_change_or_a_recount() {
    for is_recounted in [true, false] {
        let (stage, merchant) = (TestStage::start().await, builders::merchant("one"));
        let lived = life(&merchant, 3);
        let [recorded, paid, undone] = lived.as_slice() else { panic!("a life has three versions") };
        let mut before = TotalsChange::to(Some(recorded), paid);
        before.before.standing = None;
        before.after.standing = None;
        stage.totals().apply(&[before]).await.unwrap();
        assert_eq!(
            (counts(&stage, &merchant).await, year(&stage, &merchant).await.len()),
            (Counts::new(), 1)
        );
        if is_recounted {
            assert!(stage.totals().recount(&TotalsChange::to(None, paid)).await.unwrap());
            assert_eq!(counts(&stage, &merchant).await, counts_of([paid]));
        }
        stage.totals().apply(&[TotalsChange::to(Some(paid), undone)]).await.unwrap();
        assert_eq!(counts(&stage, &merchant).await, counts_of([undone]));
        assert_eq!(year(&stage, &merchant).await, sum(std::slice::from_ref(&lived)));
    }
}

/// The same payment with a fee and VAT.
fn charged_life(merchant: &Merchant, number: u32) -> Vec<Transaction> {
    let provider = builders::charging(builders::provider(merchant, ProviderType::Xendit));
    let mut draft = builders::draft(&format!("INV{number}"));
    draft.provider = Some(provider.binding());
    let recorded = draft.into_transaction(merchant, builders::at("2026-11-19T08:00:00Z"), "corr-1");
    let report = builders::report(&recorded.reference, Status::Paid, "2026-11-20T08:00:00Z");
    let paid = apply(&recorded, &report, &builders::origin(&provider, "2026-11-20T08:00:00Z")).next.unwrap();
    vec![recorded, paid]
}

/// Fees and taxes of a year.
async fn charges(stage: &TestStage, merchant: &Merchant) -> (Decimal, Decimal) {
    let year = year(stage, merchant).await;
    (year.values().map(|sums| sums.fee).sum(), year.values().map(|sums| sums.tax).sum())
}

/// A table that was written before fees and taxes were summed has rows without them, and lines of what was counted that say nothing
/// of them.
#[tokio::test]
async fn what_was_summed_before_fees_were_is_read_and_filled_in_by_its_next_change_or_a_recount() {
    for is_recounted in [true, false] {
        let (stage, merchant) = (TestStage::in_process(), builders::merchant("one"));
        let life = charged_life(&merchant, 1);
        let [recorded, paid] = life.as_slice() else { panic!("a life has two versions") };
        let mut before = TotalsChange::to(Some(recorded), paid);
        before.before = Part::default();
        before.after.sums.values_mut().for_each(|sums| (sums.fee, sums.tax) = (Decimal::ZERO, Decimal::ZERO));
        stage.totals().apply(&[before]).await.unwrap();
        for mut item in stage.items("TotalsTable") {
            item.as_object_mut().unwrap().retain(|name, _| !["fee", "tax"].contains(&name.as_str()));
            stage.put_item("TotalsTable", &item);
        }
        let debits: Decimal = year(&stage, &merchant).await.values().map(|sums| sums.debit).sum();
        assert_eq!((debits, charges(&stage, &merchant).await), (dec("4995"), (dec("0"), dec("0"))));
        if is_recounted {
            assert!(stage.totals().recount(&TotalsChange::to(None, paid)).await.unwrap());
        } else {
            let later = Transaction { version: paid.version + 1, ..paid.clone() };
            let mut change = TotalsChange::to(Some(paid), &later);
            change.after.standing.as_mut().unwrap().status = Status::Reversed;
            stage.totals().apply(&[change]).await.unwrap();
        }
        assert_eq!(charges(&stage, &merchant).await, (dec("4500"), dec("495")));
        assert_eq!(year(&stage, &merchant).await, sum(&[life]), "debits and credits are counted once");
    }
}

fn dec(digits: &str) -> Decimal {
    digits.parse().unwrap()
}

#[tokio::test]
async fn counts_are_by_the_day_of_creation_whatever_was_paid_when() {
    let (stage, merchant) = (TestStage::start().await, builders::merchant("one"));
    // All are created on the 31st of October, and paid in November.
    let lives: Vec<_> = (0..6).map(|number| life(&merchant, number)).collect();
    let all: Vec<_> = lives.iter().flat_map(|life| changes(life)).collect();
    stage.totals().apply(&all).await.unwrap();
    let of = async |from, until| stage.totals().counts(&merchant.id, 1, day(from), day(until)).await.unwrap();
    let october = of("2026-10-31", "2026-10-31").await;
    assert_eq!(october, standing(&lives));
    let of_status = |status| october.values().filter_map(|own| own.get(&status)).sum::<i64>();
    assert_eq!([Status::Processing, Status::Paid, Status::Reversed].map(of_status), [0, 4, 2]);
    assert_eq!(of("2026-11-01", "2026-12-31").await, Counts::new());
    assert_eq!(of("2026-01-01", "2026-10-30").await, Counts::new());
}

#[tokio::test]
async fn a_range_is_of_days_and_a_merchants_own() {
    let stage = TestStage::start().await;
    let (one, other) = (builders::merchant("one"), builders::merchant("other"));
    let paid: Vec<_> = [1, 4].iter().flat_map(|number| changes(&life(&one, *number))).collect();
    stage.totals().apply(&paid).await.unwrap();
    stage.totals().apply(&changes(&life(&other, 1))).await.unwrap();
    let counts = async |from, until| {
        let listed = stage.totals().list(&one.id, 1, day(from), day(until)).await.unwrap();
        listed.values().map(|sums| sums.count).sum::<i64>()
    };
    // Number 1 was charged on the 2nd, number 4 on the 5th.
    assert_eq!(counts("2026-11-01", "2026-11-30").await, 2);
    assert_eq!(counts("2026-11-02", "2026-11-02").await, 1);
    assert_eq!(counts("2026-11-03", "2026-12-31").await, 1);
    assert_eq!(counts("2026-11-06", "2026-11-05").await, 0);
}

#[tokio::test]
async fn a_years_totals_cost_the_same_for_ten_times_the_transactions() {
    let mut costs = Vec::new();
    for count in [40, 400] {
        let stage = TestStage::start().await;
        let merchant = builders::merchant("one");
        let lives = (0..count).map(|number| life(&merchant, number));
        let all: Vec<_> = lives.flat_map(|life| changes(&life)).collect();
        stage.totals().apply(&all).await.unwrap();
        let _ = stage.dynamo.take_consumed();
        assert!(!year(&stage, &merchant).await.is_empty());
        costs.push(stage.dynamo.take_consumed());
    }
    assert_eq!(costs[0], costs[1]);
}

const WRITE: &str = "TransactWriteItems";

/// More often than sums were once tried, and less often than a patience waits.
const LONG: usize = 7;

/// How often the SDK sends by itself what a whole table refuses.
const SDK_TRIES: usize = 3;

/// More than any patience.
const FOR_EVER: usize = 1_000;

#[tokio::test]
async fn what_is_written_by_many_at_once_is_tried_again_until_it_goes_through() {
    let merchant = builders::merchant("one");
    let lived = life(&merchant, 1);
    let refused = [(Refusal::Conflict, LONG), (Refusal::Throttled, LONG), (Refusal::TooMany, SDK_TRIES)];
    for (refusal, times) in refused {
        let stage = TestStage::in_process();
        stage.faults.refuse(WRITE, refusal, times);
        stage.totals().apply(&changes(&lived)).await.unwrap();
        assert_eq!(year(&stage, &merchant).await, sum(std::slice::from_ref(&lived)), "{refusal:?}");
    }
}

#[tokio::test]
async fn what_is_never_taken_fails_in_the_end_and_counts_once_when_it_comes_again() {
    let stage = TestStage::in_process();
    let merchant = builders::merchant("one");
    let lived = life(&merchant, 1);
    stage.faults.refuse(WRITE, Refusal::Throttled, FOR_EVER);
    let refused = stage.totals().apply(&changes(&lived)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { operation: WRITE, .. })), "{refused:?}");
    stage.faults.refuse(WRITE, Refusal::Throttled, 0);
    stage.totals().apply(&changes(&lived)).await.unwrap();
    assert_eq!(year(&stage, &merchant).await, sum(&[lived]));
}

#[tokio::test]
async fn a_sum_is_spread_over_a_few_rows_and_read_as_one() {
    let stage = TestStage::in_process();
    let merchant = builders::merchant("one");
    // All on one day.
    let lives: Vec<_> = (0..40).map(|number| life(&merchant, 1 + 28 * 3 * number)).collect();
    for life in &lives {
        // Each in a process of its own.
        stage.totals().apply(&changes(life)).await.unwrap();
    }
    let items = stage.items("TotalsTable");
    let rows: Vec<_> = items.iter().filter(|item| item["entries"].is_object()).collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    let is_first = |row: &&&serde_json::Value| row["sk"]["S"].as_str().unwrap().matches('#').count() == 4;
    assert_eq!(rows.iter().filter(is_first).count(), 1, "the first row is called as sums always were");
    let totals = year(&stage, &merchant).await;
    assert_eq!((totals.len(), totals), (1, sum(&lives)));
}
