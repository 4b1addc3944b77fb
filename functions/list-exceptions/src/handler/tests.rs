//! Against the real store code on an in-process DynamoDB.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::Actor;
use paywarden_domain::reconciliation::exception::Action;
use paywarden_domain::reconciliation::run::Run;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    run: Run,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (_, _, run) = stage.add_run(&merchant).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant, run }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    fn request(&self, merchant: &Merchant, query: &str) -> ApiRequest {
        ApiRequest::new(Method::GET, "/reconciliation/runs/x/exceptions")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.run.id.as_str())
            .with_query(query)
    }

    async fn outcomes(&self, query: &str) -> Vec<String> {
        let answer = self.answer(self.request(&self.merchant, query)).await.unwrap().body_json();
        let shown = answer["exceptions"].as_array().unwrap();
        shown.iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    }

    async fn add(&self, count: u8) {
        let exceptions: Vec<_> =
            (10..10 + count).map(|number| builders::exception(&self.run, number, Outcome::Late)).collect();
        for exception in &exceptions {
            self.stage.reconciliation().put_exception(exception).await.unwrap();
        }
        let found = exceptions.iter().map(|exception| (exception.outcome, &exception.id));
        self.stage.reconciliation().note_findings(&self.run.id, found).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_run_found_is_shown_as_it_stands_now() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.outcomes("").await, ["AMOUNT_OVER", "MISSING_INTERNAL"]);
    let exception = builders::exception(&fixture.run, 0, Outcome::AmountOver);
    let now = fixture.stage.clock().now();
    let assigned = exception.after(Action::Assign, &Actor::Operator, "asks", Some("Rani"), now).unwrap();
    fixture.stage.reconciliation().put_exception(&assigned).await.unwrap();
    assert_eq!(fixture.outcomes("status=OPEN").await, ["MISSING_INTERNAL"]);
    assert_eq!(fixture.outcomes("assignee=Rani").await, ["AMOUNT_OVER"]);
    assert_eq!(fixture.outcomes("outcome=MISSING_INTERNAL").await, ["MISSING_INTERNAL"]);
    assert_eq!(fixture.outcomes("outcome=LATE").await, Vec::<String>::new());
    let answer = fixture.answer(fixture.request(&fixture.merchant, "status=ASSIGNED")).await.unwrap();
    let shown = answer.body_json()["exceptions"][0].clone();
    assert_eq!(shown["history"][1]["reason"], "asks");
    assert_eq!((&shown["statement"]["reference"], &shown["ledger"]), (&json!("INV0045"), &json!(null)));
}

#[tokio::test]
async fn pages_are_full_and_each_exception_is_on_one() {
    let fixture = Fixture::new().await;
    fixture.add(120).await;
    let (mut seen, mut cursor, mut pages) = (std::collections::BTreeSet::new(), String::new(), 0);
    loop {
        let request = fixture.request(&fixture.merchant, &format!("limit=50&status=OPEN{cursor}"));
        let page = fixture.answer(request).await.unwrap().body_json();
        let shown = page["exceptions"].as_array().unwrap();
        seen.extend(shown.iter().map(|one| one["id"].to_string()));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => {
                assert_eq!(shown.len(), 50);
                cursor = format!("&cursor={next}");
            }
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (122, 3));
}

#[tokio::test]
async fn a_table_can_be_filled_in_and_sent_back() {
    let fixture = Fixture::new().await;
    let mut request = fixture.request(&fixture.merchant, "");
    request.headers.insert("accept", "text/csv".parse().unwrap());
    let table = fixture.answer(request).await.unwrap().body;
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("exception_id,action,reason,assignee,outcome"));
    assert!(lines.next().unwrap().starts_with("exc_"), "{table}");
    assert_eq!(lines.count(), 1);
}

#[tokio::test]
async fn somebody_elses_run_is_not_there() {
    let fixture = Fixture::new().await;
    let foreign = fixture.stage.add_merchant("other").await;
    let problem = fixture.answer(fixture.request(&foreign, "")).await.unwrap_err();
    assert_eq!(problem.status(), 404);
    for query in ["status=ODD", "outcome=ODD", "limit=0", "colour=red"] {
        let problem = fixture.answer(fixture.request(&fixture.merchant, query)).await.unwrap_err();
        assert!((400..500).contains(&problem.status()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("open-ones", 200), ("as-a-table", 200), ("unknown-outcome", 422)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
