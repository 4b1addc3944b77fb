//! The samples, through the door; taking files in is tested in `shared/reconciliation`.

use paywarden_domain::statement::{Statement, StatementStatus};
use paywarden_testing::{TestStage, events};

use super::*;

/// Some line of a statement, and as many empty ones as make the bytes unlike those of another file.
fn text(empty_lines: usize) -> String {
    let header =
        "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status";
    let line = "INV0045,,Transfer,credit,10000,IDR,2026-11-20T07:55:00Z,,SETTLED";
    format!("{header}\n{line}\n{}", "\n".repeat(empty_lines))
}

#[tokio::test]
async fn samples_are_handled() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let (provider, parsed, _) = stage.add_run(&merchant).await;
    let table = stage.reconciliation();
    let announced = Statement { status: StatementStatus::AwaitingUpload, report: None, ..parsed };
    table.put_statement(&announced).await.unwrap();
    for name in [announced.id.as_str(), "20 Nov 2026/settlement(final).csv"] {
        let key = format!("statements/{}/{}/{name}", merchant.id, provider.id);
        stage.objects.put(&key, text(name.len()).as_bytes());
    }
    let arrivals = Arrivals::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    let mut counts = Vec::new();
    for (case, event) in events::parsed::<S3Event>(env!("CARGO_PKG_NAME")) {
        handle(&arrivals, event).await.unwrap();
        let statements = table.statements(&merchant.id, None, 100).await.unwrap().items;
        counts.push((case, statements.into_iter().filter(Statement::is_usable).count()));
    }
    let expected = [("announced", 1), ("delivered-by-the-provider", 2), ("of-nobody", 2)];
    assert_eq!(counts, expected.map(|(case, count)| (case.to_owned(), count)));
}

#[tokio::test]
async fn a_failure_of_ours_fails_the_event() {
    let stage = TestStage::start().await;
    let arrivals = Arrivals::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    stage.faults.kill_before(0);
    let event = events::one(env!("CARGO_PKG_NAME"), "delivered-by-the-provider");
    assert!(handle(&arrivals, event).await.is_err());
}

#[test]
fn keys_are_written_as_forms_do() {
    assert_eq!(decoded("a+b%28c%29%2B.csv"), "a b(c)+.csv");
}
