//! Sample data. Merchants, clients and providers are made as by the other commands; everything else comes the way it
//! would in life: payments through the public API, their outcomes through providers' callbacks.

#![allow(
    clippy::indexing_slicing,
    reason = "only JSON values are indexed here, and a missing member is null"
)]

mod callbacks;
mod payments;
mod statements;
mod troubles;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use paywarden_api_client::{Api, Credentials, Plain};
use paywarden_domain::access::Role;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::ProviderType;
use serde::Serialize;
use serde_json::json;

use crate::create;
use crate::stage::Stage;

/// A sample merchant, as scripts and tests find it.
#[derive(Serialize)]
pub struct SampleMerchant {
    id: MerchantId,
    name: &'static str,
    time_zone: &'static str,
    clients: BTreeMap<Role, Credentials>,
    providers: Vec<SampleProvider>,
}

/// A provider and how it proves itself.
#[derive(Serialize)]
pub struct SampleProvider {
    id: ProviderId,
    #[serde(rename = "type")]
    provider_type: ProviderType,
    callback_url: String,
    credentials: BTreeMap<String, String>,
}

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

/// Fills a stage whose API is at `api_url`, and answers what is there now. Webhooks go to `receiver`.
pub async fn make(stage: &Stage, api_url: &str, receiver: &str) -> anyhow::Result<Vec<SampleMerchant>> {
    let api = Api::anonymous(Arc::new(Plain::default()), api_url);
    let mut merchants = Vec::new();
    for plan in &PLANS {
        let merchant = merchant(stage, plan, api_url).await?;
        let admin = merchant.clients.get(&Role::Admin).context("an admin client was made")?;
        let api = api.sign_in(admin).await?;
        let endpoint = json!({"url": receiver, "description": "The sample receiver"});
        api.post("/webhook-endpoints", &endpoint).await?.accepted()?;
        for (provider, (.., charges)) in merchant.providers.iter().zip(plan.providers) {
            let path = format!("/providers/{}", provider.id);
            api.patch(&path, &serde_json::from_str(charges)?).await?.accepted()?;
        }
        payments::make(&api, &merchant).await?;
        troubles::make(&api, &merchant, receiver).await?;
        statements::give(&api, &merchant).await?;
        merchants.push(merchant);
    }
    Ok(merchants)
}

async fn merchant(stage: &Stage, plan: &Plan, api_url: &str) -> anyhow::Result<SampleMerchant> {
    // Derived, so that the sample events in `events/` fit every local stack.
    let id = MerchantId::derived("sample", &[plan.name.as_bytes()]);
    create::merchant(stage, id.clone(), plan.name, plan.zone).await?;
    let mut clients = BTreeMap::new();
    for role in Role::ALL {
        clients.insert(*role, create::client(stage, &id, &format!("Sample {role}"), *role).await?);
    }
    let mut providers = Vec::new();
    for plan in plan.providers {
        providers.push(provider(stage, &id, plan, api_url).await?);
    }
    Ok(SampleMerchant { id, name: plan.name, time_zone: plan.zone, clients, providers })
}

async fn provider(
    stage: &Stage,
    merchant: &MerchantId,
    (provider_type, name, credentials, _): &ProviderPlan,
    api_url: &str,
) -> anyhow::Result<SampleProvider> {
    let parts = [merchant.as_str().as_bytes(), provider_type.as_str().as_bytes()];
    let id = ProviderId::derived("sample", &parts);
    let credentials =
        credentials.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let path = create::provider(stage, id.clone(), merchant, *provider_type, name, &credentials).await?;
    let callback_url = format!("{api_url}/callbacks/{path}");
    Ok(SampleProvider { id, provider_type: *provider_type, callback_url, credentials })
}
