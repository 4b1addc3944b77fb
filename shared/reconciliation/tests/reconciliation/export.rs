//! Files of the ledger's days.

use paywarden_domain::ledger_export::{LedgerExport, part_key};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::settlement::ClockTime;
use paywarden_domain::time::{Clock, Day};
use paywarden_reconciliation::export::Exporter;
use paywarden_testing::builders;

use crate::workshop::Workshop;

/// A merchant of Jakarta who wants its files from two in the night on.
async fn open() -> Workshop {
    let mut workshop = Workshop::open().await;
    let (mut merchant, version) = (workshop.merchant.clone(), workshop.merchant.version);
    merchant.settings.ledger_export = Some(LedgerExport { at: ClockTime::parse("02:00").unwrap() });
    let merchant: Merchant = merchant.changed(workshop.stage.clock.now());
    workshop.stage.stores().merchants().unwrap().replace(&merchant, version).await.unwrap();
    workshop.merchant = merchant;
    workshop.provider = builders::charging(workshop.provider);
    // Three in the night of the 21st in Jakarta.
    workshop.stage.clock.set(builders::at("2026-11-20T20:00:00Z"));
    workshop
}

fn exporter(workshop: &Workshop, part_rows: u64) -> Exporter {
    let mut exporter = Exporter::of(&workshop.stage.stores()).unwrap();
    exporter.part_rows = part_rows;
    exporter
}

async fn export(workshop: &Workshop, part_rows: u64) {
    exporter(workshop, part_rows).run().await.unwrap();
}

/// The lines of a part of the 20th below its header.
fn part(workshop: &Workshop, number: u32) -> Option<Vec<String>> {
    let day = Day::parse("2026-11-20").unwrap();
    let text = workshop.stage.objects.text(&part_key(&workshop.merchant.id, day, number))?;
    let mut lines = text.lines().map(str::to_owned);
    assert!(lines.next().unwrap().starts_with("transaction_id,order_id,provider_name,method,status,"));
    Some(lines.collect())
}

async fn days(workshop: &Workshop) -> Vec<(String, u32, u64)> {
    let page = workshop.table().exported_days(&workshop.merchant.id, None, 100).await.unwrap();
    page.items.iter().map(|one| (one.day.to_string(), one.parts, one.rows)).collect()
}

#[tokio::test]
async fn each_day_that_is_due_is_written_once_in_as_many_parts_as_it_takes() {
    let workshop = open().await;
    // Half past midnight of the 20th in Jakarta; and of the 21st, which is not over.
    workshop.paid("INV1", "10000", "2026-11-19T17:30:00Z").await;
    workshop.paid("=INV2", "20000", "2026-11-20T03:00:00Z").await;
    workshop.paid("INV3", "30000", "2026-11-20T17:30:00Z").await;
    export(&workshop, 4).await;
    let written = days(&workshop).await;
    assert_eq!(written.len(), 7, "the last seven days");
    assert_eq!(written[0], ("2026-11-20".to_owned(), 2, 6));
    assert_eq!(written[1], ("2026-11-19".to_owned(), 1, 0), "nothing moved");
    let (first, second) = (part(&workshop, 1).unwrap(), part(&workshop, 2).unwrap());
    assert_eq!((first.len(), second.len(), part(&workshop, 3)), (4, 2, None));
    assert!(first[0].contains(",'=INV2,"), "newest first, and no formula: {first:?}");
    // What is dated into the day afterwards is not in its files, and they are not written again.
    workshop.paid("LATE", "1", "2026-11-20T04:00:00Z").await;
    export(&workshop, 4).await;
    assert_eq!((part(&workshop, 1).unwrap(), days(&workshop).await), (first, written));
}

#[tokio::test]
async fn nobody_gets_files_who_does_not_want_them() {
    let mut workshop = open().await;
    let (mut merchant, version) = (workshop.merchant.clone(), workshop.merchant.version);
    merchant.settings.ledger_export = None;
    let merchant: Merchant = merchant.changed(workshop.stage.clock.now());
    workshop.stage.stores().merchants().unwrap().replace(&merchant, version).await.unwrap();
    workshop.merchant = merchant;
    export(&workshop, 4).await;
    assert_eq!(days(&workshop).await, []);
}

/// With a payment on the 20th.
async fn open_with_payment() -> Workshop {
    let workshop = open().await;
    workshop.paid("INV1", "10000", "2026-11-20T03:00:00Z").await;
    workshop
}

#[tokio::test]
async fn a_day_that_was_cut_off_is_written_anew() {
    let whole = open_with_payment().await;
    whole.stage.faults.kill_before(i64::MAX);
    export(&whole, 2).await;
    let operations = whole.stage.faults.operations();
    let expected = (part(&whole, 1), part(&whole, 2), days(&whole).await);
    assert!(operations > 20, "{operations}");
    for kill in 0..operations {
        let workshop = open_with_payment().await;
        workshop.stage.faults.kill_before(kill);
        assert!(exporter(&workshop, 2).run().await.is_err());
        workshop.stage.faults.restart();
        export(&workshop, 2).await;
        let outcome = (part(&workshop, 1), part(&workshop, 2), days(&workshop).await);
        assert_eq!(outcome, expected, "killed before operation {kill}");
    }
}
