use http::Method;
use paywarden_domain::access::Role;

use super::samples::console;

#[tokio::test]
async fn every_event_is_described_with_an_example() {
    let console = console();
    let seen = console.get("/developers/webhooks/events", Role::Merchant).await;
    seen.is(200).has("<h2 id=\"transaction.updated\">").has("A transaction <code>changed</code>");
    seen.has("&#34;amount&#34;: 10000")
        .has("No endpoint subscribes to it")
        .has("JSON schema of webhook.test");
    assert_eq!(console.made_lines(), ["GET /event-types"]);
    console.is_silent(Method::GET, "/event-types");
    let seen = console.get("/developers/webhooks/events", Role::Merchant).await;
    seen.is(200).has("The API has no answer now.").has("All endpoints");
}

#[tokio::test]
async fn the_reference_leads_to_an_events_example() {
    let console = console();
    let link = "href=\"/v1/console/developers/webhooks/events#transaction.updated\"";
    console.get("/developers/api/transactionChanged", Role::Merchant).await.is(200).has(link);
    console.get("/developers/api/transactionChanged", Role::Finance).await.is(200).lacks(link);
    console.get("/developers/api/listTransactions", Role::Merchant).await.is(200).lacks("/webhooks/events");
}
