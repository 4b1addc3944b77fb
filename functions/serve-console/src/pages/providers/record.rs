//! A provider and the types of providers, as the pages look into them.

use std::collections::BTreeMap;

use paywarden_api_client::ClientError;
use paywarden_domain::provider::fees::{Fee, FeeRefund, Tariff, Tariffs, Tax};
use paywarden_domain::vocabulary::Service;
use serde::Deserialize;

use crate::failure::Failure;
use crate::visit::{Visit, segment};

pub use crate::failure::refusal;

#[derive(Debug, Clone, Deserialize)]
pub struct Provider {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub connection: String,
    pub services: Vec<String>,
    pub credentials: BTreeMap<String, Credential>,
    pub fee: Option<Fee>,
    pub tax: Option<Tax>,
    pub fee_refund: Option<FeeRefund>,
    /// By service.
    pub overrides: BTreeMap<String, Tariff>,
    pub priority: u32,
    pub settlement: Option<Settlement>,
    pub status: String,
    pub status_pinned: bool,
    pub status_reason: String,
    pub status_changed_at: String,
    pub status_changed_by: String,
    pub callback_url: String,
    pub last_activity: Option<String>,
    pub stuck_payments: Option<Stuck>,
    pub created_at: String,
    pub updated_at: Option<String>,
    pub version: u64,
}

/// A credential that is set. Secrets have no value here.
#[derive(Debug, Clone, Deserialize)]
pub struct Credential {
    pub value: Option<String>,
    pub last4: Option<String>,
    pub updated_at: String,
}

/// When its books close, and how many business days later the money comes.
#[derive(Debug, Clone, Deserialize)]
pub struct Settlement {
    pub time: String,
    pub zone: String,
    pub lag_days: u32,
}

/// Payments that are open longer than they normally are.
#[derive(Debug, Clone, Deserialize)]
pub struct Stuck {
    pub count: u64,
    pub at_least: bool,
}

impl Provider {
    /// What it charges, for the calculation. A service that is newer than this console is left out.
    pub fn tariffs(&self) -> Tariffs {
        let own = |(service, tariff): (&String, &Tariff)| Some((Service::parse(service).ok()?, *tariff));
        Tariffs {
            general: Tariff { fee: self.fee, tax: self.tax, fee_refund: self.fee_refund },
            overrides: self.overrides.iter().filter_map(own).collect(),
        }
    }

    /// Its page.
    pub fn link(&self, visit: &Visit<'_>, rest: &str) -> String {
        visit.link(&format!("/providers/{}{rest}", segment(&self.id)))
    }
}

/// Its path in the API.
pub fn path(id: &str) -> String {
    format!("/providers/{}", segment(id))
}

/// Reads a provider.
///
/// # Errors
/// [`Failure`]; something that cannot be an id is no provider.
pub async fn read(visit: &Visit<'_>, id: &str) -> Result<Provider, Failure> {
    match visit.get(&path(id)).await {
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => Err(Failure::NotFound),
        answer => Ok(answer?.member("provider")?),
    }
}

/// What a type of provider asks for.
#[derive(Debug, Clone, Deserialize)]
pub struct ProviderType {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub connection: String,
    pub services: Vec<String>,
    pub fields: Vec<CredentialField>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct CredentialField {
    pub key: String,
    pub label: String,
    pub required: bool,
    pub secret: bool,
    pub format: String,
    pub help: String,
    pub example: String,
}

/// Reads the types of providers.
///
/// # Errors
/// [`ClientError`].
pub async fn types(visit: &Visit<'_>) -> Result<Vec<ProviderType>, ClientError> {
    visit.get("/provider-types").await?.member("provider_types")
}

/// What a service is called; one that is newer than this console is shown as it is.
pub fn service_name(service: &str) -> &str {
    match Service::parse(service) {
        Ok(Service::QrCodePayment) => "QR Code Payment",
        Ok(Service::EWallet) => "eWallet",
        Ok(Service::VirtualAccount) => "Virtual Account",
        Ok(Service::CreditCard) => "Credit Card",
        Ok(Service::DebitOrder) => "Debit Order",
        Ok(Service::SendMoney) => "Send Money",
        Err(_) => service,
    }
}

/// Services as the choices of a form or a filter.
pub fn service_choices<'a>(services: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    services.into_iter().map(|service| (service.to_owned(), service_name(service).to_owned())).collect()
}
