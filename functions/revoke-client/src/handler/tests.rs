//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::PersonId;
use paywarden_domain::principal::Principal;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With an admin and a merchant's client, and the request of the one to revoke the other.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    door.stage.add_client(&door.merchant, Role::Admin).await;
    let client = door.stage.add_client(&door.merchant, Role::Merchant).await;
    let request = door.request(Role::Admin).with_path_parameter("id", client.id.as_str());
    (door, request)
}

async fn is_live(door: &TestDoor<Deps>, client: &ClientId) -> bool {
    door.stage.clients().find(client).await.unwrap().unwrap().is_live()
}

#[tokio::test]
async fn a_revoked_client_stays_to_be_seen_and_gets_no_token() {
    let (door, request) = open().await;
    let first = door.body(request.clone()).await;
    assert_eq!(first["client"]["revoked_at"], "2026-11-20 15:00:00");
    assert!(!is_live(&door, &builders::client(&door.merchant, Role::Merchant).id).await);
    door.stage.clock.advance_seconds(60);
    assert_eq!(door.body(request).await, first, "again is the same");
}

#[tokio::test]
async fn its_sessions_go_with_it_and_no_others() {
    let (door, request) = open().await;
    let live = async || {
        let found = door.stage.sessions().list(&door.merchant.id, None, 10, door.stage.clock().now()).await;
        found
            .unwrap()
            .0
            .into_iter()
            .filter_map(|session| session.principal().client().cloned())
            .collect::<Vec<_>>()
    };
    let (client, admin) = (door.client_id(Role::Merchant), door.client_id(Role::Admin));
    for role in [Role::Merchant, Role::Admin, Role::Merchant] {
        door.stage.add_session(&door.merchant, role).await;
    }
    assert_eq!(live().await, [client.clone(), admin.clone(), client.clone()]);
    // The process dies with one of them revoked; asking again ends the rest.
    door.stage.faults.kill_before(5);
    assert!(door.answer(request.clone()).await.is_err());
    door.stage.faults.restart();
    assert_eq!(live().await.len(), 2);
    door.body(request).await;
    assert_eq!(live().await, [admin]);
}

#[tokio::test]
async fn nobody_revokes_themselves() {
    let (door, request) = open().await;
    let admin = door.client_id(Role::Admin);
    let problem = door.refusal(request.with_path_parameter("id", admin.as_str())).await;
    assert_eq!((problem.status(), problem.code()), (409, "own_client"));
    assert!(is_live(&door, &admin).await);
}

/// Two admins, each with a token that is good for minutes: whoever comes second finds itself revoked.
#[tokio::test]
async fn one_who_may_is_always_left() {
    let (door, request) = open().await;
    let first = door.caller(Role::Admin);
    let second = ClientId::derived("test", &[b"second admin"]);
    let other = Client { id: second.clone(), ..builders::client(&door.merchant, Role::Admin) };
    door.stage.clients().create(&other).await.unwrap();
    door.body(request.clone().with_path_parameter("id", second.as_str())).await;
    let mut late = first.clone();
    late.principal = Principal::Client(second);
    let by_second = request.with_path_parameter("id", first.principal.as_str()).with_caller(&late);
    assert_eq!(door.refusal(by_second).await.status(), 401);
    assert!(is_live(&door, &door.client_id(Role::Admin)).await);
}

/// Whoever signs in as themselves has no row that could be revoked meanwhile, and signs in again whoever else is left.
#[tokio::test]
async fn a_person_revokes_any_client() {
    let (door, request) = open().await;
    let person = Principal::Person(PersonId::derived("test", &[b"Ayu"]));
    let caller = Caller { principal: person, ..door.caller(Role::Admin) };
    for role in [Role::Merchant, Role::Admin] {
        let id = door.client_id(role);
        let body =
            door.body(request.clone().with_path_parameter("id", id.as_str()).with_caller(&caller)).await;
        assert_eq!(body["client"]["id"], id.as_str());
        assert!(!is_live(&door, &id).await);
    }
}

#[tokio::test]
async fn another_merchants_client_is_as_if_it_did_not_exist() {
    let (door, request) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let absent = request.clone().with_path_parameter("id", "cli_00000000000000000000000000");
    let theirs = door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
    assert!(is_live(&door, &builders::client(&door.merchant, Role::Merchant).id).await);
}

#[tokio::test]
async fn revoking_needs_the_scope() {
    let (door, request) = open().await;
    door.lets_in_those_with(Scope::ClientsWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("revoked", 200), ("unknown", 404)]).await;
}
