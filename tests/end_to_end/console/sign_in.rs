//! Signing in and out, and what becomes of work that a session did not outlive.

use serde_json::json;

use super::browser::{Look, browse};

#[tokio::test]
async fn whoever_signs_in_comes_to_the_page_that_they_wanted() {
    browse(Look::WIDE, async |visitor| {
        visitor.open("/transactions?status=FAILED&tab=send").await;
        visitor.see("Client secret").await;
        visitor.fill_in_sign_in("operations").await;
        visitor.arrive("/transactions?status=FAILED&tab=send").await;
        visitor.press("Sign out").await;
        visitor.arrive("/sign-in").await;
        visitor.open("/transactions").await;
        visitor.arrive("/sign-in?return=%2Ftransactions").await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_secret_is_told() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        visitor.open("/sign-in").await;
        visitor.fill("client_id", "cli_00000000000000000000000000").await;
        visitor.fill("client_secret", "wrong").await;
        visitor.press("Sign in").await;
        visitor.see("No client has this id and secret.").await;
    })
    .await;
}

/// At a real OpenID provider, with its own pages in between.
#[tokio::test]
async fn people_sign_in_as_themselves() {
    browse(Look::WIDE, async |visitor| {
        visitor.open("/transactions?tab=send").await;
        visitor.follow("Sign in with your organisation").await;
        let person = visitor.stack.jakarta().people["operations"].clone();
        visitor.fill("login", &person).await;
        visitor.fill("password", "any").await;
        visitor.find("button[type=submit]").await.click().await.expect("a button");
        visitor.press("Continue").await;
        visitor.arrive("/transactions?tab=send").await;
        visitor.see("usr_").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_without_a_role_is_told_why() {
    browse(Look::WIDE, async |visitor| {
        visitor.open("/sign-in").await;
        visitor.follow("Sign in with your organisation").await;
        let guest = visitor.stack.jakarta().people["guest"].clone();
        visitor.fill("login", &guest).await;
        visitor.fill("password", "any").await;
        visitor.find("button[type=submit]").await.click().await.expect("a button");
        visitor.press("Continue").await;
        visitor.see("You were not signed in: expected a person").await;
        visitor.does_not_see("Sign out").await;
    })
    .await;
}

/// The session ends while somebody fills in a form: they sign in on the spot, and what they had filled in is there.
#[tokio::test]
async fn a_form_outlives_the_session() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("admin").await;
        visitor.open("/developers/clients/new").await;
        visitor.fill("name", "Made between two sessions").await;
        visitor.tools("Network.clearBrowserCookies", json!({})).await;
        visitor.press("Add client").await;
        visitor.see("Your session was over.").await;
        visitor.fill_in_sign_in("admin").await;
        visitor.see("Made between two sessions").await;
        visitor.press("Send it").await;
        visitor.see("Sign out").await;
        visitor.see("Made between two sessions").await;
    })
    .await;
}
