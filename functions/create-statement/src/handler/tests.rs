//! Against the real store code on an in-process DynamoDB, with files in memory.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_testing::{TestStage, builders, events};
use serde_json::{Value, json};

use super::*;
use crate::DOOR;

const HEADER: &str =
    "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n";

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider_id: String,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (provider, ..) = stage.add_run(&merchant).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant, provider_id: provider.id.to_string() }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn post(&self, body: &Value) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::POST, "/reconciliation/statements")
            .with_caller(&builders::caller(&self.merchant, Role::Finance))
            .with_body(body.to_string());
        self.answer(request).await
    }

    /// A valid body with members replaced.
    fn body(&self, members: &Value) -> Value {
        let mut body = json!({"provider_id": self.provider_id});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }
}

fn canonical() -> String {
    format!("{HEADER}INV1,,Transfer,credit,10000,IDR,2026-11-20T07:55:00Z,,SETTLED\n")
}

#[tokio::test]
async fn an_announced_file_has_an_address_of_its_own() {
    let fixture = Fixture::new().await;
    let body = fixture.body(&json!({"format": "xendit", "file_name": "b.csv"}));
    let answer = fixture.post(&body).await.unwrap();
    assert_eq!(answer.status.as_u16(), 201);
    let answer = answer.body_json();
    let id = answer["statement"]["id"].as_str().unwrap();
    assert_eq!(
        (&answer["statement"]["status"], &answer["statement"]["format"]),
        (&json!("AWAITING_UPLOAD"), &json!("xendit"))
    );
    let key = format!("statements/{}/{}/{id}", fixture.merchant.id, fixture.provider_id);
    assert!(answer["upload"]["url"].as_str().unwrap().contains(&key), "{answer}");
    assert_eq!(answer["upload"]["expires_at"], "2026-11-20T15:15:00+07:00");
    let id = StatementId::parse(id).unwrap();
    let kept = fixture.stage.reconciliation().statement(&fixture.merchant.id, &id).await.unwrap().unwrap();
    assert_eq!(kept.status, StatementStatus::AwaitingUpload);
}

#[tokio::test]
async fn a_file_that_is_given_is_read_at_once_and_is_one_statement_however_often() {
    let fixture = Fixture::new().await;
    let body = fixture.body(&json!({"content": canonical()}));
    let first = fixture.post(&body).await.unwrap();
    let statement = first.body_json()["statement"].clone();
    assert_eq!((first.status.as_u16(), &statement["status"]), (201, &json!("PARSED")));
    assert_eq!(statement["report"]["totals"][0]["amount"], json!(10000));
    let parsed = format!("parsed/{}.csv", statement["id"].as_str().unwrap());
    assert!(fixture.stage.objects.text(&parsed).unwrap().contains("INV1"));
    for members in [json!({"content": canonical()}), json!({"content": canonical(), "format": "paywarden"})] {
        let again = fixture.post(&fixture.body(&members)).await.unwrap();
        assert_eq!((again.status.as_u16(), &again.body_json()["statement"]["id"]), (200, &statement["id"]));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why() {
    let fixture = Fixture::new().await;
    let answer = fixture.post(&fixture.body(&json!({"content": "a,b\n1,2\n"}))).await.unwrap().body_json();
    assert_eq!(answer["statement"]["status"], "REJECTED");
    assert!(answer["statement"]["reason"].as_str().unwrap().contains("column"), "{answer}");
    let broken = format!("{}INV2,,Transfer,credit,ten,IDR,2026-11-20T07:55:00Z,,SETTLED\n", canonical());
    let answer = fixture.post(&fixture.body(&json!({"content": broken}))).await.unwrap().body_json();
    assert_eq!(answer["statement"]["status"], "PARSED_WITH_ERRORS");
    let problem = &answer["statement"]["report"]["problems"][0];
    assert_eq!((&problem["line"], &problem["column"]), (&json!(3), &json!("amount")));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let fixture = Fixture::new().await;
    let columns = |change: &dyn Fn(&mut Value)| {
        let mut columns =
            json!({"zone": "UTC", "currency": "IDR", "fields": {"amount": "A", "booked_at": "B"}});
        change(&mut columns);
        json!({"columns": columns})
    };
    let cases = [
        (json!({"provider_id": "prv_1"}), "provider_id"),
        (json!({"provider_id": null}), "provider_id"),
        (json!({"provider_id": "prv_00000000000000000000000000"}), "provider_id"),
        (json!({"format": "pdf"}), "format"),
        (json!({"format": "columns"}), "columns"),
        (json!({"format": "xendit", "columns": {}}), "columns"),
        (json!({"columns": []}), "columns"),
        (json!({"columns": {"zone": "UTC"}}), "columns"),
        (columns(&|map| map["zone"] = json!("Mars")), "columns"),
        (columns(&|map| map["colour"] = json!("red")), "columns"),
        (columns(&|map| map["currency"] = json!(null)), "columns.currency"),
        (columns(&|map| map["separator"] = json!("→")), "columns.separator"),
        (columns(&|map| map["exponent"] = json!(7)), "columns.exponent"),
        (columns(&|map| map["exponent"] = json!({"IDR": 7})), "columns.exponent"),
        (columns(&|map| map["exponent"] = json!("iso")), "columns"),
        (columns(&|map| map["exponent"] = json!(-1)), "columns"),
        (
            columns(&|map| {
                map["exponent"] = json!(2);
                map["fields"]["currency"] = json!("C");
            }),
            "columns.exponent",
        ),
        (columns(&|map| map["charges"] = json!("both")), "columns"),
        (columns(&|map| map["fields"]["credit"] = json!("C")), "columns.fields.amount"),
        (columns(&|map| map["fields"] = json!({"booked_at": "B", "debit": "D"})), "columns.fields.amount"),
        (columns(&|map| map["fields"] = json!({"amount": "A"})), "columns.fields.booked_at"),
        (columns(&|map| map["skip_lines"] = json!(1001)), "columns.skip_lines"),
        (json!({"content": ""}), "content"),
        (json!({"content": 7}), "content"),
        (json!({"file_name": "a\nb"}), "file_name"),
        (json!({"colour": "red"}), "colour"),
    ];
    for (members, parameter) in cases {
        let problem = fixture.post(&fixture.body(&members)).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (422, &json!(parameter)),
            "{members}"
        );
    }
    let foreign = fixture.stage.add_merchant("other").await;
    let request = ApiRequest::new(Method::POST, "/reconciliation/statements")
        .with_caller(&builders::caller(&foreign, Role::Finance))
        .with_body(fixture.body(&json!({})).to_string());
    assert_eq!(fixture.answer(request).await.unwrap_err().status(), 422);
}

#[tokio::test]
async fn minor_units_of_several_currencies_are_asked_for_by_currency() {
    let fixture = Fixture::new().await;
    let content = "id,when,amount,cur\nA,2026-11-24 10:00:00,5000,JPY\nB,2026-11-24 10:00:00,5000,usd\n";
    let columns = json!({"zone": "UTC", "exponent": "currency", "fields":
        {"reference": "id", "booked_at": "when", "amount": "amount", "currency": "cur"}});
    let body = fixture.body(&json!({"columns": columns, "content": content}));
    let statement = fixture.post(&body).await.unwrap().body_json()["statement"].clone();
    let totals: Vec<_> = statement["report"]["totals"].as_array().unwrap().iter().collect();
    let totals: Vec<_> = totals.iter().map(|total| (&total["currency"], &total["amount"])).collect();
    assert_eq!(totals, [(&json!("JPY"), &json!(5000)), (&json!("USD"), &json!(50))]);
}

#[tokio::test]
async fn the_files_lines_and_bytes_add_up() {
    let fixture = Fixture::new().await;
    let content =
        format!("\u{feff}{}\n\"INV2,,Transfer,credit,1,IDR,2026-11-20T07:55:00Z,,SETTLED", canonical());
    let body = fixture.body(&json!({"content": content}));
    let statement = fixture.post(&body).await.unwrap().body_json()["statement"].clone();
    let file = &statement["report"]["file"];
    assert_eq!((&file["lines"], &file["bytes"]), (&json!(4), &statement["bytes"]));
    assert_eq!(file["adds_up"], true);
    let lines = |part: &str| file["parts"][part]["lines"].clone();
    let parts = ["header", "movements", "without_movement", "summary", "blank", "unreadable"].map(lines);
    assert_eq!(parts, [1, 1, 0, 0, 1, 1].map(|lines| json!(lines)));
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[
        ("to-be-uploaded", 201),
        ("given-as-it-is", 201),
        ("by-a-map-of-columns", 201),
        ("columns-without-a-zone", 422),
        ("operations-may-not", 403),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
