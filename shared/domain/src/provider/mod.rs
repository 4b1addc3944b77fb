//! Providers: who carries payments, and how a merchant has configured them.
//!
//! [`fees`] is what they charge, [`sequence`] in which order they are used, [`monitor`] when automation takes one out
//! of use, [`change`] what is kept of every change, [`record`] how the API shows one.

pub mod change;
pub mod fees;
pub mod monitor;
pub mod record;
pub mod sequence;
pub mod settlement;
pub mod standing;
pub mod waits;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{MerchantId, ProviderId};
use crate::time::Timestamp;
use crate::transaction::ProviderBinding;
use crate::vocabulary::{Service, words};

pub use fees::{Charges, FeeRefund, Tariffs, Terms};
pub use settlement::Settlement;
pub use standing::{ProviderStatus, Standing};

/// The key of the token in the address of callbacks, among the credentials of providers that prove nothing by
/// themselves. Nobody types it in: it is made here.
pub const PATH_TOKEN: &str = "path_token";

words! {
    /// A kind of provider; each has its adapter.
    pub enum ProviderType {
        /// Xendit.
        Xendit = "xendit",
        /// Midtrans.
        Midtrans = "midtrans",
        /// Brick.
        Brick = "brick",
        /// A bank that speaks SNAP, Indonesia's national open API for payments.
        Snap = "snap",
        /// A South African debit-order bureau (DebiCheck, EFT).
        DebitOrder = "debit-order",
        /// Anything that speaks our own schema.
        Generic = "generic",
    }
}

words! {
    /// How the merchant is connected to it.
    pub enum Connection {
        /// Through an aggregator.
        Aggregator = "AGGREGATOR",
        /// Directly to the bank or bureau.
        Direct = "DIRECT",
    }
}

/// A provider as a merchant has configured it. Credentials are kept apart, encrypted; here is only what may be shown
/// of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    pub id: ProviderId,
    pub merchant_id: MerchantId,
    /// Which adapter speaks with it.
    #[serde(rename = "type")]
    pub provider_type: ProviderType,
    pub connection: Connection,
    /// The label people know it by.
    pub name: String,
    /// What it is used for.
    pub services: Vec<Service>,
    /// Whether it takes part, since when and why.
    pub standing: Standing,
    /// What may be shown of its credentials, by field.
    #[serde(default)]
    pub credentials: BTreeMap<String, CredentialSummary>,
    #[serde(default)]
    pub tariffs: Tariffs,
    /// Its place among the providers of a service: lower comes first.
    pub priority: u32,
    /// When it settles, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settlement: Option<Settlement>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated_at: Option<Timestamp>,
    /// 1 at creation, one more with each change.
    pub version: u64,
}

/// What may be shown of one credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSummary {
    /// The value itself, of a field that is no secret.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// A secret's last four characters, when it is long enough for them to give nothing away.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last4: Option<String>,
    /// When it was set.
    pub updated_at: Timestamp,
}

impl CredentialSummary {
    /// Characters a secret must have before any of them is shown.
    const LONG_ENOUGH: usize = 16;

    /// What may be shown of `value`.
    #[must_use]
    pub fn of(value: &str, secret: bool, now: Timestamp) -> Self {
        let length = value.chars().count();
        let last4 = || value.chars().skip(length.saturating_sub(4)).collect();
        Self {
            value: (!secret).then(|| value.to_owned()),
            last4: (secret && length >= Self::LONG_ENOUGH).then(last4),
            updated_at: now,
        }
    }
}

impl Provider {
    /// Most providers of one merchant: lists and sequences read all of them.
    pub const LIMIT: usize = 200;
    /// The priority of a provider that was given none.
    pub const DEFAULT_PRIORITY: u32 = 100;

    /// An active provider as it begins, without fees or credentials.
    #[must_use]
    pub fn new(
        id: ProviderId,
        merchant_id: MerchantId,
        (provider_type, connection): (ProviderType, Connection),
        name: String,
        services: Vec<Service>,
        by: Actor,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            merchant_id,
            provider_type,
            connection,
            name,
            services,
            standing: Standing::new(by, now),
            credentials: BTreeMap::new(),
            tariffs: Tariffs::default(),
            priority: Self::DEFAULT_PRIORITY,
            settlement: None,
            created_at: now,
            updated_at: None,
            version: 1,
        }
    }

    /// Whether it takes part.
    #[must_use]
    pub fn status(&self) -> ProviderStatus {
        self.standing.status
    }

    /// How a transaction names it.
    #[must_use]
    pub fn binding(&self) -> ProviderBinding {
        ProviderBinding { id: self.id.clone(), name: self.name.clone(), assumed: false }
    }

    /// What it charges now.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms { tariffs: self.tariffs.clone(), configuration: self.version }
    }

    /// The same provider, one version on.
    #[must_use]
    pub fn changed(self, now: Timestamp) -> Self {
        Self { version: self.version.saturating_add(1), updated_at: Some(now), ..self }
    }
}
