//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::access::Scope;
use paywarden_domain::provider::Provider;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        Self { stage, deps, merchant, provider }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn post(&self, role: Role, body: &Value) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::POST, "/providers/x/status")
            .with_caller(&builders::caller(&self.merchant, role))
            .with_path_parameter("id", self.provider.id.as_str())
            .with_body(body.to_string());
        self.answer(request).await
    }

    async fn set(&self, status: &str, reason: &str, pin: bool) -> Value {
        let body = json!({"status": status, "reason": reason, "pin": pin});
        self.post(Role::Operations, &body).await.unwrap().body_json()["provider"].clone()
    }
}

#[tokio::test]
async fn each_change_keeps_who_when_why() {
    let fixture = Fixture::new().await;
    let caller = builders::caller(&fixture.merchant, Role::Operations);
    let shown = fixture.set("MAINTENANCE", "their database moves", true).await;
    for (name, expected) in [
        ("status", json!("MAINTENANCE")),
        ("status_pinned", json!(true)),
        ("status_reason", json!("their database moves")),
        ("status_changed_by", json!(caller.client_id)),
        ("status_changed_at", json!("2026-11-20T15:00:00+07:00")),
        ("version", json!(2)),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
    let history = fixture.stage.providers().history(&fixture.provider.id, None, 10).await.unwrap();
    let newest = history.changes.first().unwrap().to_json(&caller.zone);
    assert_eq!((&newest["from"], &newest["to"]), (&json!("ACTIVE"), &json!("MAINTENANCE")));
    assert_eq!(newest["reason"], "their database moves");
}

#[tokio::test]
async fn inactive_ends_by_hand_and_the_same_again_writes_nothing() {
    let fixture = Fixture::new().await;
    fixture.set("INACTIVE", "contract ended", false).await;
    let rows = fixture.stage.count("ProvidersTable");
    assert_eq!(fixture.set("INACTIVE", "contract ended", false).await["version"], 2);
    assert_eq!(fixture.stage.count("ProvidersTable"), rows);
    assert_eq!(fixture.set("ACTIVE", "contract renewed", false).await["version"], 3);
}

#[tokio::test]
async fn a_maintenance_that_monitoring_began_can_be_taken_over() {
    let fixture = Fixture::new().await;
    let stored = fixture.stage.providers().find_latest(&fixture.merchant.id, &fixture.provider.id).await;
    let stored = stored.unwrap().unwrap();
    let (by, at) = (Actor::Automation, fixture.stage.clock().now());
    let reason = "24 of the last 25 payments failed".to_owned();
    let standing = Standing { status: ProviderStatus::Maintenance, pinned: false, by, at, reason };
    fixture.deps.keeper.set_standing(stored, standing, None).await.unwrap();
    let taken = fixture.set("MAINTENANCE", "we look into it", false).await;
    assert_eq!((&taken["status_reason"], &taken["version"]), (&json!("we look into it"), &json!(3)));
    assert_ne!(
        taken["status_changed_by"], "automation",
        "it is a person's now, and automation leaves it alone"
    );
    let history = fixture.stage.providers().history(&fixture.provider.id, None, 1).await.unwrap();
    assert_eq!(
        history.changes.first().unwrap().kind.as_str(),
        "updated",
        "nothing to announce: it stays as it is"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let fixture = Fixture::new().await;
    let cases = [
        (json!({"reason": "why not"}), "status"),
        (json!({"status": "ASLEEP", "reason": "why not"}), "status"),
        (json!({"status": "ACTIVE"}), "reason"),
        (json!({"status": "ACTIVE", "reason": ""}), "reason"),
        (json!({"status": "ACTIVE", "reason": "why not", "pin": "yes"}), "pin"),
        (json!({"status": "ACTIVE", "reason": "why not", "until": "noon"}), "until"),
    ];
    for (body, parameter) in cases {
        let problem = fixture.post(Role::Operations, &body).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (422, &json!(parameter)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn only_operations_and_admins_may() {
    let fixture = Fixture::new().await;
    for role in Role::ALL {
        let outcome = fixture.post(*role, &json!({"status": "ACTIVE", "reason": "why not"})).await;
        assert_eq!(outcome.is_ok(), role.scopes().contains(&Scope::ProvidersWrite), "{role}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("maintenance", 200), ("no-reason", 422)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
