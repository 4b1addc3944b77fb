//! Against the real store code on an in-process DynamoDB, with files in memory.

use paywarden_domain::access::Role;
use paywarden_domain::provider::Provider;
use paywarden_testing::TestDoor;
use serde_json::{Value, json};

use super::*;
use crate::DOOR;

const HEADER: &str =
    "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n";

/// With a provider.
async fn open() -> (TestDoor<Deps>, Provider) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (provider, ..) = door.stage.add_run(&door.merchant).await;
    (door, provider)
}

/// A valid request for the provider, with members of its body replaced.
fn creating(door: &TestDoor<Deps>, provider: &Provider, members: &Value) -> ApiRequest {
    let mut body = json!({"provider_id": provider.id});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    door.request(Role::Finance).with_body(body.to_string())
}

fn canonical() -> String {
    format!("{HEADER}INV1,,Transfer,credit,10000,IDR,2026-11-20T07:55:00Z,,SETTLED\n")
}

#[tokio::test]
async fn an_announced_file_has_an_address_of_its_own() {
    let (door, provider) = open().await;
    let members = json!({"format": "xendit", "file_name": "b.csv"});
    let answer = door.answer(creating(&door, &provider, &members)).await.unwrap();
    assert_eq!(answer.status.as_u16(), 201);
    let answer = answer.body_json();
    let id = answer["statement"]["id"].as_str().unwrap();
    assert_eq!(
        (&answer["statement"]["status"], &answer["statement"]["format"]),
        (&json!("AWAITING_UPLOAD"), &json!("xendit"))
    );
    let key = format!("statements/{}/{}/{id}", door.merchant.id, provider.id);
    assert!(answer["upload"]["url"].as_str().unwrap().contains(&key), "{answer}");
    assert_eq!(answer["upload"]["expires_at"], "2026-11-20T15:15:00+07:00");
    let id = StatementId::parse(id).unwrap();
    let kept = door.stage.reconciliation().statement(&door.merchant.id, &id).await.unwrap().unwrap();
    assert_eq!(kept.status, StatementStatus::AwaitingUpload);
}

#[tokio::test]
async fn a_file_that_is_given_is_read_at_once_and_is_one_statement_however_often() {
    let (door, provider) = open().await;
    let members = json!({"content": canonical()});
    let first = door.answer(creating(&door, &provider, &members)).await.unwrap();
    let statement = first.body_json()["statement"].clone();
    assert_eq!((first.status.as_u16(), &statement["status"]), (201, &json!("PARSED")));
    assert_eq!(statement["report"]["totals"][0]["amount"], json!(10000));
    let parsed = format!("parsed/{}.csv", statement["id"].as_str().unwrap());
    assert!(door.stage.objects.text(&parsed).unwrap().contains("INV1"));
    for members in [members, json!({"content": canonical(), "format": "paywarden"})] {
        let again = door.answer(creating(&door, &provider, &members)).await.unwrap();
        assert_eq!((again.status.as_u16(), &again.body_json()["statement"]["id"]), (200, &statement["id"]));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why() {
    let (door, provider) = open().await;
    let reading = |content: &str| creating(&door, &provider, &json!({"content": content}));
    let answer = door.body(reading("a,b\n1,2\n")).await;
    assert_eq!(answer["statement"]["status"], "REJECTED");
    assert!(answer["statement"]["reason"].as_str().unwrap().contains("column"), "{answer}");
    let broken = format!("{}INV2,,Transfer,credit,ten,IDR,2026-11-20T07:55:00Z,,SETTLED\n", canonical());
    let answer = door.body(reading(&broken)).await;
    assert_eq!(answer["statement"]["status"], "PARSED_WITH_ERRORS");
    let problem = &answer["statement"]["report"]["problems"][0];
    assert_eq!((&problem["line"], &problem["column"]), (&json!(3), &json!("amount")));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (door, provider) = open().await;
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
        let refused = door.refused_parameter(creating(&door, &provider, &members)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{members}");
    }
    let foreign = door.foreign_caller(Role::Finance).await;
    let request = creating(&door, &provider, &json!({})).with_caller(&foreign);
    assert_eq!(door.refusal(request).await.status(), 422);
}

#[tokio::test]
async fn minor_units_of_several_currencies_are_asked_for_by_currency() {
    let (door, provider) = open().await;
    let content = "id,when,amount,cur\nA,2026-11-24 10:00:00,5000,JPY\nB,2026-11-24 10:00:00,5000,usd\n";
    let columns = json!({"zone": "UTC", "exponent": "currency", "fields":
        {"reference": "id", "booked_at": "when", "amount": "amount", "currency": "cur"}});
    let members = json!({"columns": columns, "content": content});
    let statement = door.body(creating(&door, &provider, &members)).await["statement"].clone();
    let totals: Vec<_> = statement["report"]["totals"].as_array().unwrap().iter().collect();
    let totals: Vec<_> = totals.iter().map(|total| (&total["currency"], &total["amount"])).collect();
    assert_eq!(totals, [(&json!("JPY"), &json!(5000)), (&json!("USD"), &json!(50))]);
}

#[tokio::test]
async fn the_files_lines_and_bytes_add_up() {
    let (door, provider) = open().await;
    let content =
        format!("\u{feff}{}\n\"INV2,,Transfer,credit,1,IDR,2026-11-20T07:55:00Z,,SETTLED", canonical());
    let members = json!({"content": content});
    let statement = door.body(creating(&door, &provider, &members)).await["statement"].clone();
    let file = &statement["report"]["file"];
    assert_eq!((&file["lines"], &file["bytes"]), (&json!(4), &statement["bytes"]));
    assert_eq!(file["adds_up"], true);
    let lines = |part: &str| file["parts"][part]["lines"].clone();
    let parts = ["header", "movements", "without_movement", "summary", "blank", "unreadable"].map(lines);
    assert_eq!(parts, [1, 1, 0, 0, 1, 1].map(|lines| json!(lines)));
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [
        ("to-be-uploaded", 201),
        ("given-as-it-is", 201),
        ("by-a-map-of-columns", 201),
        ("columns-without-a-zone", 422),
        ("operations-may-not", 403),
    ];
    open().await.0.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_statement() {
    let (door, provider) = open().await;
    let members = json!({"format": "xendit", "file_name": "b.csv"});
    door.creates_once("ReconciliationTable", &creating(&door, &provider, &members)).await;
}
