//! What consoles build their forms from.

use paywarden_domain::access::Role;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<()> {
    TestDoor::open(DOOR, |_| Ok(()), handle).await
}

#[tokio::test]
async fn every_type_says_what_it_asks_for() {
    let door = open().await;
    let body = door.body(door.request(Role::Engineering)).await;
    let types = body["provider_types"].as_array().unwrap();
    assert_eq!(types.len(), ProviderType::ALL.len());
    for described in types {
        let fields = described["fields"].as_array().unwrap();
        assert!(!fields.is_empty() && !described["services"].as_array().unwrap().is_empty(), "{described}");
        for field in fields {
            let text = |name: &str| field[name].as_str().is_some_and(|text| !text.is_empty());
            assert!(["key", "label", "format", "help", "example"].into_iter().all(text), "{field}");
            assert!(field["required"].is_boolean() && field["secret"].is_boolean(), "{field}");
        }
    }
    let brick = types.iter().find(|described| described["type"] == "brick").unwrap();
    assert_eq!((&brick["connection"], &brick["fields"][1]["secret"]), (&json!("AGGREGATOR"), &json!(true)));
}

#[test]
fn examples_are_of_the_documented_form() {
    for provider_type in ProviderType::ALL {
        for field in adapter(*provider_type).profile().fields.iter().filter(|field| field.key != "public_key")
        {
            assert!((field.accepts)(field.example), "{provider_type} {}", field.key);
        }
    }
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.samples_are_answered(&[("all", 200), ("merchants-may-not", 403)]).await;
}
