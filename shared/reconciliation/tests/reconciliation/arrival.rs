//! Files that arrive, under the keys they come with.

use paywarden_domain::actor::Actor;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::Provider;
use paywarden_domain::statement::{Statement, StatementStatus};
use paywarden_reconciliation::arrival::Arrivals;
use paywarden_testing::TestStage;

const TEXT: &str =
    "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status
INV0045,,Transfer,credit,10000,IDR,2026-11-20T07:55:00Z,,SETTLED
";

struct Fixture {
    stage: TestStage,
    arrivals: Arrivals,
    merchant: Merchant,
    provider: Provider,
    announced: Statement,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (provider, parsed, _) = stage.add_run(&merchant).await;
        let announced = Statement { status: StatementStatus::AwaitingUpload, report: None, ..parsed };
        stage.reconciliation().put_statement(&announced).await.unwrap();
        let arrivals = Arrivals::of(&stage.stores()).unwrap();
        Self { stage, arrivals, merchant, provider, announced }
    }

    fn key(&self, name: &str) -> String {
        format!("statements/{}/{}/{name}", self.merchant.id, self.provider.id)
    }

    async fn arrive(&self, name: &str, text: &str) {
        self.stage.objects.put(&self.key(name), text.as_bytes());
        self.arrivals.arrived(&self.key(name)).await.unwrap();
    }

    async fn statements(&self) -> Vec<Statement> {
        self.stage.reconciliation().statements(&self.merchant.id, None, 100).await.unwrap().items
    }
}

#[tokio::test]
async fn an_announced_file_becomes_its_statement_and_stays_that() {
    let fixture = Fixture::new().await;
    let name = fixture.announced.id.to_string();
    fixture.arrive(&name, TEXT).await;
    fixture.arrive(&name, TEXT).await;
    let [statement] = fixture.statements().await.try_into().unwrap();
    assert_eq!((&statement.id, statement.status), (&fixture.announced.id, StatementStatus::Parsed));
    // The address is good for a while: other bytes are another statement.
    fixture.arrive(&name, &TEXT.replace("10000", "20000")).await;
    let statements = fixture.statements().await;
    assert_eq!(statements.len(), 2);
    assert!(statements.iter().any(|one| one.id == statement.id && one.sha256 == statement.sha256));
}

#[tokio::test]
async fn a_delivered_file_is_known_by_its_bytes_whatever_it_is_called() {
    let fixture = Fixture::new().await;
    for name in ["a.csv", "a.csv", "deep/er/b.csv"] {
        fixture.arrive(name, TEXT).await;
    }
    let delivered: Vec<_> =
        fixture.statements().await.into_iter().filter(|one| one.id != fixture.announced.id).collect();
    let [statement] = delivered.try_into().unwrap();
    assert_eq!((statement.status, statement.by), (StatementStatus::Parsed, Actor::Automation));
    assert_eq!(statement.file_name.as_deref(), Some("a.csv"));
}

#[tokio::test]
async fn a_failure_of_ours_is_an_error_and_trying_again_works() {
    let fixture = Fixture::new().await;
    let key = fixture.key("20 Nov 2026/settlement(final).csv");
    fixture.stage.objects.put(&key, TEXT.as_bytes());
    for operation in 1..6 {
        fixture.stage.faults.kill_before(operation);
        assert!(fixture.arrivals.arrived(&key).await.is_err(), "{operation}");
        fixture.stage.faults.restart();
    }
    fixture.arrivals.arrived(&key).await.unwrap();
    assert_eq!(fixture.statements().await.len(), 2);
}

#[tokio::test]
async fn keys_say_whose_a_file_is_or_it_stays_where_it_is() {
    let fixture = Fixture::new().await;
    let good = fixture.key("a b/c.csv");
    for bad in [
        "",
        "statements/",
        "statements/a/b/c",
        "other/a/b/c",
        &good.replace("statements/", "other/"),
        &fixture.key(""),
        good.rsplit_once('/').unwrap().0.rsplit_once('/').unwrap().0,
    ] {
        fixture.stage.objects.put(bad, TEXT.as_bytes());
        fixture.arrivals.arrived(bad).await.unwrap();
        assert_eq!(fixture.statements().await, std::slice::from_ref(&fixture.announced), "{bad}");
    }
    fixture.arrive("a b/c.csv", TEXT).await;
    let names: Vec<_> = fixture.statements().await.into_iter().filter_map(|one| one.file_name).collect();
    assert_eq!(names, ["a b/c.csv"]);
}
