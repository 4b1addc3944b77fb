//! What a process has around it without touching any data: its environment's settings, a clock, randomness. Nothing here leads to
//! AWS, so the program of a function that is wired with these alone holds none of the SDK.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::person::{Issuer, Settings};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::retry::RetrySchedule;

use crate::env::{Env, InvalidVariable};
use crate::repeat::{RepeatableClock, RepeatableEntropy};
use crate::system::{SystemClock, SystemEntropy};

type Found<T> = Result<T, InvalidVariable>;

/// The stage's settings, the clock and randomness.
pub struct Surroundings {
    pub(crate) env: Env,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Surroundings {
    /// Those of this process: its environment, the clock on the wall, the system's randomness.
    #[must_use]
    pub fn of_process() -> Self {
        Self::new(Env::process(), Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// Those with this environment.
    #[must_use]
    pub fn new(env: Env, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let (clock, entropy) = (Arc::new(RepeatableClock(clock)), Arc::new(RepeatableEntropy(entropy)));
        Self { env, clock, entropy }
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Randomness.
    #[must_use]
    pub fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.entropy)
    }
}

/// Settings of the stage. Each method fails when its variable is not set, or is not what it should be.
impl Surroundings {
    /// Who issues access tokens.
    pub fn token_issuer(&self) -> Found<String> {
        self.env.required("TOKEN_ISSUER")
    }

    /// Who vouches for people, and what their tokens mean; nobody, if no issuer is set.
    pub fn identity_issuer(&self) -> Found<Option<Issuer>> {
        let text = |name| self.env.find(name).unwrap_or_default();
        let settings = Settings {
            issuer: text("OIDC_ISSUER"),
            audience: text("OIDC_AUDIENCE"),
            merchant_claim: text("OIDC_MERCHANT_CLAIM"),
            merchants: text("OIDC_MERCHANTS"),
            role_claim: text("OIDC_ROLE_CLAIM"),
            roles: text("OIDC_ROLES"),
        };
        Issuer::parse(&settings).map_err(|error| InvalidVariable::new("OIDC_ISSUER", &error))
    }

    /// Where people sign in with a browser, and the id under which that place knows the console; nothing, if no issuer is set.
    #[must_use]
    pub fn console_sign_in(&self) -> Option<(String, String)> {
        Some((self.env.find("OIDC_ISSUER")?.to_owned(), self.env.find("OIDC_AUDIENCE")?.to_owned()))
    }

    /// Where the API is reached from outside, if an operator has said so.
    #[must_use]
    pub fn public_api_url(&self) -> Option<&str> {
        self.env.find("PUBLIC_API_URL")
    }

    /// Where webhooks may go.
    pub fn webhook_addresses(&self) -> Found<AddressPolicy> {
        Ok(AddressPolicy::allowing_loopback(self.env.parsed("WEBHOOK_ALLOW_LOOPBACK")?))
    }

    /// The waits between attempts at a webhook.
    pub fn webhook_retry_schedule(&self) -> Found<RetrySchedule> {
        self.env.parsed_with("WEBHOOK_RETRY_SECONDS", RetrySchedule::parse)
    }

    /// Rows that a shard of a run should hold, both sides together.
    pub fn reconciliation_shard_rows(&self) -> Found<u32> {
        self.env.parsed("RECONCILIATION_SHARD_ROWS")
    }
}
