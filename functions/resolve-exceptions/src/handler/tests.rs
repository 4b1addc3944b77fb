//! Against the real store code on an in-process DynamoDB.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::id::ExceptionId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::Outcome;
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

    fn id(&self, number: u8) -> ExceptionId {
        builders::exception(&self.run, number, Outcome::Late).id
    }

    async fn post_as(&self, merchant: &Merchant, content_type: &str, body: &str) -> Result<Answer, Problem> {
        let mut request = ApiRequest::new(Method::POST, "/reconciliation/exceptions")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_body(body.to_owned());
        request.headers.insert("content-type", content_type.parse().unwrap());
        self.answer(request).await
    }

    async fn post(&self, body: &Value) -> Result<Answer, Problem> {
        self.post_as(&self.merchant, "application/json", &body.to_string()).await
    }

    fn body(&self, members: &Value) -> Value {
        let mut body = json!({"exception_id": self.id(0), "action": "resolve", "reason": "dealt with"});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }
}

#[tokio::test]
async fn an_exception_is_taken_on_then_dealt_with_and_all_of_it_is_kept() {
    let fixture = Fixture::new().await;
    let assign = json!({"action": "assign", "assignee": "Rani", "reason": "asks the bank"});
    let assigned = fixture.post(&fixture.body(&assign)).await.unwrap().body_json()["exception"].clone();
    assert_eq!((&assigned["status"], &assigned["assignee"]), (&json!("ASSIGNED"), &json!("Rani")));
    let resolved = fixture.post(&fixture.body(&json!({}))).await.unwrap().body_json()["exception"].clone();
    assert_eq!((&resolved["status"], &resolved["assignee"]), (&json!("RESOLVED"), &json!("Rani")));
    let history = resolved["history"].as_array().unwrap();
    let steps: Vec<_> = history.iter().map(|event| event["status"].as_str().unwrap()).collect();
    assert_eq!(steps, ["OPEN", "ASSIGNED", "RESOLVED"]);
    let caller = builders::caller(&fixture.merchant, Role::Finance).client_id;
    assert_eq!((&history[2]["by"], &history[2]["reason"]), (&json!(caller), &json!("dealt with")));
    let closed = fixture.post(&fixture.body(&json!({"action": "void"}))).await.unwrap_err();
    assert_eq!((closed.status(), closed.message()), (409, "it is RESOLVED already"));
}

#[tokio::test]
async fn many_are_decided_each_by_itself() {
    let fixture = Fixture::new().await;
    let many = json!([
        fixture.body(&json!({})),
        fixture.body(&json!({"exception_id": fixture.id(1), "action": "void"})),
        fixture.body(&json!({"exception_id": "exc_00000000000000000000000000"})),
        fixture.body(&json!({"reason": null})),
    ]);
    let answer = fixture.post(&many).await.unwrap();
    assert_eq!(answer.status.as_u16(), 207);
    let answer = answer.body_json();
    let codes: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status_code"].as_u64().unwrap())
        .collect();
    assert_eq!(codes, [200, 200, 404, 422]);
}

#[tokio::test]
async fn a_table_brings_the_rows_whose_action_was_filled_in() {
    let fixture = Fixture::new().await;
    let (first, second) = (fixture.id(0), fixture.id(1));
    let table = format!(
        "\u{feff}outcome,exception_id,action,reason,assignee\r\nLATE,{first},resolve,\"'=paid, late\",\r\nLATE,{second},,,\r\n"
    );
    let answer = fixture.post_as(&fixture.merchant, "text/csv; charset=utf-8", &table).await.unwrap();
    let results = answer.body_json()["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 1);
    let reason = &results[0]["exception"]["history"][1]["reason"];
    assert_eq!(reason, "=paid, late", "without what makes a text harmless for spreadsheets");
    for (table, parameter) in [("a,b\n1,2\n", "exception_id"), ("exception_id,action,reason\n", "body")] {
        let problem = fixture.post_as(&fixture.merchant, "text/csv", table).await.unwrap_err();
        assert_eq!(problem.error_json("r")["parameter"], parameter);
    }
    let binary = String::from_utf8_lossy(b"exception_id,action,reason\n\xff").into_owned();
    assert!(fixture.post_as(&fixture.merchant, "text/csv", &binary).await.unwrap_err().status() < 500);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let fixture = Fixture::new().await;
    let cases = [
        (json!({"exception_id": null}), 422, "exception_id"),
        (json!({"exception_id": "exc_1"}), 422, "exception_id"),
        (json!({"action": "forget"}), 422, "action"),
        (json!({"action": null}), 422, "action"),
        (json!({"reason": null}), 422, "reason"),
        (json!({"reason": ""}), 422, "reason"),
        (json!({"reason": "x".repeat(501)}), 422, "reason"),
        (json!({"action": "assign"}), 422, "assignee"),
        (json!({"assignee": 7}), 422, "assignee"),
        (json!({"colour": "red"}), 422, "colour"),
    ];
    for (members, status, parameter) in cases {
        let problem = fixture.post(&fixture.body(&members)).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (status, &json!(parameter)),
            "{members}"
        );
    }
    for body in [json!([]), json!("x"), json!(vec![0; 501])] {
        assert_eq!(fixture.post(&body).await.unwrap_err().status(), 422);
    }
    let foreign = fixture.stage.add_merchant("other").await;
    let body = fixture.body(&json!({})).to_string();
    let problem = fixture.post_as(&foreign, "application/json", &body).await.unwrap_err();
    assert_eq!(problem.status(), 404);
    let exception = fixture
        .stage
        .reconciliation()
        .exception(&fixture.merchant.id, &fixture.id(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(exception.version, 1);
}

#[tokio::test]
async fn samples_are_answered() {
    // Each sample finds its exceptions open, whichever was handled before.
    let answer = |request| async move { Fixture::new().await.answer(request).await };
    let answers = events::answers(env!("CARGO_PKG_NAME"), answer).await;
    let expected = events::statuses(&[("one", 200), ("many", 207), ("as-a-table", 207), ("no-reason", 422)]);
    assert_eq!(answers, expected);
}
