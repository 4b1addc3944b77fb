//! The merchant and its settings.

use paywarden_api_client::Method;
use serde_json::json;

use crate::stack::{Stack, send};

#[tokio::test]
async fn every_role_sees_its_merchant_and_admins_change_it() {
    let stack = Stack::read();
    // No other test looks for stuck payments of this one; it is set back at the end.
    let merchant = stack.merchant("Africa/Johannesburg");
    let shown =
        stack.sign_in(merchant, "merchant").await.get("/merchant").await.expect(200)["merchant"].clone();
    assert_eq!((&shown["id"], &shown["time_zone"]), (&json!(merchant.id), &json!("Africa/Johannesburg")));
    let admin = stack.sign_in(merchant, "admin").await;
    let body = json!({"stuck_after_seconds": {"QRIS": 7200}});
    let changed = admin.patch("/merchant", &body).await.expect(200)["merchant"].clone();
    assert_eq!(changed["stuck_after_seconds"]["QRIS"], 7200);
    let stale = admin.request(Method::PATCH, "/merchant").await.header("if-match", "\"1\"");
    assert_eq!(send(stale.json(&body)).await.expect(412)["error"]["code"], "outdated");
    let back = json!({"stuck_after_seconds": null});
    let back = admin.patch("/merchant", &back).await.expect(200)["merchant"].clone();
    assert_eq!(back["stuck_after_seconds"], shown["stuck_after_seconds"]);
}

#[tokio::test]
async fn who_is_no_admin_changes_nothing() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "finance").await;
    let answer = api.patch("/merchant", &json!({"name": "Mine"})).await;
    assert_eq!(answer.expect(403)["error"]["code"], "forbidden");
}
