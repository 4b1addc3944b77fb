//! Running totals of one merchant, by several shards of a stream at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Day;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_store::totals::TotalsChange;
use paywarden_testing::{TestStage, builders};

use crate::DISTANCE;

const SHARDS: u32 = 4;
const SECONDS: u32 = 10;
/// Of one shard; of all, two hundred.
const CHANGES_A_SECOND: u32 = 50;
const AT: &str = "2026-11-20T03:00:00Z";

pub async fn add_up() {
    let stage = Arc::new(TestStage::in_process_without_streams());
    let merchant = Arc::new(stage.add_merchant("Kopi Nusantara").await);
    stage.faults.flights.set_distance(DISTANCE);
    println!("{} changes a second of one sum for {SECONDS} s, {SHARDS} shards", SHARDS * CHANGES_A_SECOND);
    let shards: Vec<_> = (0..SHARDS)
        .map(|shard| tokio::spawn(lane(Arc::clone(&stage), Arc::clone(&merchant), shard)))
        .collect();
    let mut took = Vec::new();
    for shard in shards {
        took.extend(shard.await.unwrap());
    }
    let failed = took.iter().filter(|(_, is_done)| !is_done).count();
    let longest = took.iter().map(|(took, _)| *took).max().unwrap();
    println!("  batches: {}, failed: {failed}, longest: {:.2} s", took.len(), longest.as_secs_f64());
    let day = Day::parse("2026-11-20").unwrap();
    let listed = stage.totals().list(&merchant.id, 1, day, day).await.unwrap();
    let rows = stage.items("TotalsTable").iter().filter(|item| item["entries"].is_object()).count();
    let counted: i64 = listed.values().map(|sums| sums.count).sum();
    println!("  counted: {counted} of {}, in {rows} rows", SHARDS * CHANGES_A_SECOND * SECONDS);
}

/// The batches of one shard, a second's changes each: how long each took, and whether it went through.
async fn lane(stage: Arc<TestStage>, merchant: Arc<Merchant>, shard: u32) -> Vec<(Duration, bool)> {
    let totals = stage.totals();
    let started = Instant::now();
    let mut took = Vec::new();
    for second in 0..SECONDS {
        tokio::time::sleep_until((started + Duration::from_secs(second.into())).into()).await;
        let numbers = 0..CHANGES_A_SECOND;
        let changes: Vec<_> =
            numbers.map(|number| paid(&merchant, &format!("{shard}-{second}-{number}"))).collect();
        let began = Instant::now();
        let applied = totals.apply(&changes).await;
        took.push((began.elapsed(), applied.is_ok()));
    }
    took
}

fn paid(merchant: &Merchant, reference: &str) -> TotalsChange {
    let recorded = builders::draft(reference).into_transaction(merchant, builders::at(AT), "corr");
    let provider = builders::provider(merchant, ProviderType::Xendit);
    let report = builders::report(reference, Status::Paid, AT);
    let paid = apply(&recorded, &report, &builders::origin(&provider, AT)).next.unwrap();
    TotalsChange::to(None, &paid)
}
