//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

#[tokio::test]
async fn what_is_held_is_listed_for_its_merchant_alone() {
    let door = open().await;
    let transaction = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let request = door.request(Role::Finance).with_path_parameter("id", transaction.id.as_str());
    assert_eq!(door.body(request.clone()).await["held_reports"], json!([]));
    let stranger = door.foreign_caller(Role::Admin).await;
    assert_eq!(door.refusal(request.clone().with_caller(&stranger)).await.status(), 404);
    door.lets_in_those_with(Scope::TransactionsRead, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let expected = [("of-a-transaction", 200), ("no-such-transaction", 404), ("unknown-parameter", 400)];
    door.samples_are_answered(&expected).await;
}
