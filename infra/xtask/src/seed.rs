//! Sample data. Merchants, clients and providers come from the operator's commands; everything else comes the way it
//! would in life: payments through the public API, their outcomes through providers' callbacks.

mod callbacks;
mod payments;
mod statements;

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use paywarden_domain::access::Role;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::ProviderType;
use serde_json::{Value, json};

use crate::operator::Operator;
use crate::progress::Step;
use crate::stack::{SampleClient, SampleMerchant, SampleProvider, Stack};

/// A merchant to make, with its providers and their credentials.
struct Plan {
    name: &'static str,
    zone: &'static str,
    providers: &'static [ProviderPlan],
}

/// A provider's type, name, credentials, and what it charges as the API takes it.
type ProviderPlan = (ProviderType, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// Sample prices; the real ones are in each merchant's contracts.
const RUPIAH_FLAT: &str =
    r#"{"fee": {"type": "FLAT", "value": "4500", "currency": "IDR"}, "tax": {"percentage": "11"}}"#;
const RUPIAH_SETTLED: &str = r#"{"fee": {"type": "FLAT", "value": "4500", "currency": "IDR"}, "tax": {"percentage": "11"},
    "settlement": {"time": "00:00", "zone": "Asia/Jakarta", "lag_days": 1}}"#;
const RUPIAH_PERCENTAGE: &str =
    r#"{"fee": {"type": "PERCENTAGE", "value": "0.7"}, "tax": {"percentage": "11"}, "priority": 90}"#;
const RAND_FLAT: &str =
    r#"{"fee": {"type": "FLAT", "value": "4.50", "currency": "ZAR"}, "tax": {"percentage": "15"}}"#;
const RAND_PERCENTAGE: &str =
    r#"{"fee": {"type": "PERCENTAGE", "value": "2.5"}, "tax": {"percentage": "15"}}"#;

const PLANS: [Plan; 2] = [
    Plan {
        name: "Kopi Nusantara",
        zone: "Asia/Jakarta",
        providers: &[
            (
                ProviderType::Xendit,
                "Xendit",
                &[("callback_token", "sample-xendit-callback-token")],
                RUPIAH_PERCENTAGE,
            ),
            (
                ProviderType::Midtrans,
                "Midtrans",
                &[("server_key", "sample-midtrans-server-key"), ("iris_merchant_key", "sample-iris-key")],
                RUPIAH_SETTLED,
            ),
            (
                ProviderType::Generic,
                "House gateway",
                &[("signing_secret", callbacks::GENERIC_SECRET)],
                RUPIAH_FLAT,
            ),
        ],
    },
    Plan {
        name: "Table Mountain Gym",
        zone: "Africa/Johannesburg",
        providers: &[
            (
                ProviderType::DebitOrder,
                "Debit-order bureau",
                &[("signing_key", "sample-bureau-signing-key")],
                RAND_FLAT,
            ),
            (
                ProviderType::Generic,
                "Card gateway",
                &[("signing_secret", callbacks::GENERIC_SECRET)],
                RAND_PERCENTAGE,
            ),
        ],
    },
];

/// Fills a fresh stack.
pub async fn seed(stack: &mut Stack) -> anyhow::Result<()> {
    let step = Step::begin("making sample merchants, clients, providers and payments");
    let operator = Operator::local(&stack.endpoint_url);
    for plan in &PLANS {
        step.update(plan.name);
        let merchant = merchant(&operator, plan, &stack.api_url).await?;
        let admin = merchant.clients.get(&Role::Admin).context("an admin client was made")?;
        let api = Api::sign_in(&stack.api_url, admin).await?;
        api.post(
            "webhook-endpoints",
            &json!({"url": stack.receiver.url, "description": "The sample receiver"}),
        )
        .await?;
        for (provider, (.., charges)) in merchant.providers.iter().zip(plan.providers) {
            api.patch(&format!("providers/{}", provider.id), charges).await?;
        }
        payments::make(&api, &merchant).await?;
        statements::give(&api, &merchant).await?;
        stack.merchants.push(merchant);
    }
    step.done();
    Ok(())
}

async fn merchant(operator: &Operator, plan: &Plan, api_url: &str) -> anyhow::Result<SampleMerchant> {
    // Derived, so that the sample events in `events/` fit every local stack.
    let id = MerchantId::derived("sample", &[plan.name.as_bytes()]);
    let merchant = operator.create_merchant(id, plan.name, plan.zone).await?;
    let mut clients = BTreeMap::new();
    for role in Role::ALL {
        clients.insert(*role, operator.create_client(&merchant.id, &format!("Sample {role}"), *role).await?);
    }
    let mut providers = Vec::new();
    for (provider_type, name, credentials, _) in plan.providers {
        providers.push(provider(operator, &merchant.id, *provider_type, name, credentials, api_url).await?);
    }
    Ok(SampleMerchant {
        id: merchant.id.to_string(),
        name: merchant.name,
        time_zone: plan.zone.to_owned(),
        clients,
        providers,
    })
}

async fn provider(
    operator: &Operator,
    merchant: &MerchantId,
    provider_type: ProviderType,
    name: &str,
    credentials: &[(&str, &str)],
    api_url: &str,
) -> anyhow::Result<SampleProvider> {
    let credentials =
        credentials.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let parts = [merchant.as_str().as_bytes(), provider_type.as_str().as_bytes()];
    let id = ProviderId::derived("sample", &parts);
    let path = operator.create_provider(id.clone(), merchant, provider_type, name, &credentials).await?;
    Ok(SampleProvider {
        callback_url: format!("{api_url}/callbacks/{path}"),
        id: id.to_string(),
        provider_type: provider_type.to_string(),
        credentials,
    })
}

/// An access token of a client.
pub async fn token(api_url: &str, client: &SampleClient) -> anyhow::Result<String> {
    let answer = reqwest::Client::new()
        .post(format!("{api_url}/oauth/token"))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "no token: {status} {text}");
    let answer: Value = serde_json::from_str(&text)?;
    Ok(answer["access_token"].as_str().context("the answer holds a token")?.to_owned())
}

/// The public API, signed in.
pub struct Api {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Api {
    async fn sign_in(url: &str, client: &SampleClient) -> anyhow::Result<Self> {
        Ok(Self { client: reqwest::Client::new(), url: url.to_owned(), token: token(url, client).await? })
    }

    /// Posts JSON; anything but a 2xx answer is an error.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}/{path}", self.url)).bearer_auth(&self.token);
        send(request.header("content-type", "application/json").body(body.to_string()), path).await
    }

    /// Changes something; anything but a 2xx answer is an error.
    async fn patch(&self, path: &str, body: &str) -> anyhow::Result<Value> {
        let request = self.client.patch(format!("{}/{path}", self.url)).bearer_auth(&self.token);
        send(request.header("content-type", "application/json").body(body.to_owned()), path).await
    }

    /// Calls back as a provider does.
    pub async fn call_back(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: String,
    ) -> anyhow::Result<Value> {
        let mut request = self.client.post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        send(request.body(body), url).await
    }
}

async fn send(request: reqwest::RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{what}: {status} {text}");
    Ok(serde_json::from_str(&text)?)
}
