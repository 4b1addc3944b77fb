//! What the console works with: an API to ask, and nothing of AWS.

use std::sync::Arc;

use paywarden_api_client::Transport;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_store::env::InvalidVariable;
use paywarden_store::surroundings::Surroundings;

use crate::sign_in::provider::IdentityProvider;
use crate::transport::OverTheNetwork;

pub struct Deps {
    pub transport: Arc<dyn Transport>,
    pub public_url: PublicUrl,
    /// Where people sign in as themselves, if the stage has such a place.
    pub identity: Option<IdentityProvider>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Deps {
    pub fn of(around: &Surroundings) -> Result<Self, InvalidVariable> {
        Ok(Self::over(around, Arc::new(OverTheNetwork::default())))
    }

    /// The same over another network.
    pub fn over(around: &Surroundings, transport: Arc<dyn Transport>) -> Self {
        Self {
            identity: IdentityProvider::of(around.console_sign_in(), &transport),
            transport,
            public_url: PublicUrl::new(around.public_api_url()),
            clock: around.clock(),
            entropy: around.entropy(),
        }
    }
}
