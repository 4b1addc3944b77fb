//! What is behind the hall: the clients of a process, each made at its first use. Tests have services of their own.

use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;
use paywarden_domain::time::Clock;

use crate::aws::config_from_environment;
use crate::dynamo::Dynamo;
use crate::keys::{KeySource, SecretKeySource};
use crate::objects::{Objects, S3Objects};
use crate::queue::{Queue, SqsQueue};
use crate::vault::{KmsOpener, KmsVault, Opener, Vault};

/// Gives out what is reached over the network.
pub trait Services: Send + Sync {
    /// The client of all tables.
    fn dynamo(&self) -> Dynamo;

    /// The queue at this address.
    fn queue(&self, url: String) -> Arc<dyn Queue>;

    /// The files of the bucket of this name.
    fn objects(&self, bucket: String) -> Arc<dyn Objects>;

    /// What opens secrets.
    fn opener(&self) -> Arc<dyn Opener>;

    /// What seals secrets under the key of this id, and opens them.
    fn vault(&self, key_id: String) -> Arc<dyn Vault>;

    /// The keys in the secret of this id.
    fn keys(&self, secret_id: String, clock: Arc<dyn Clock>) -> Arc<dyn KeySource>;
}

/// AWS. Its settings are read at the first use, so that a function without a table starts without them.
#[derive(Default)]
pub struct Aws(OnceLock<SdkConfig>);

impl Aws {
    /// AWS with these settings.
    #[must_use]
    pub fn with(config: SdkConfig) -> Self {
        Self(OnceLock::from(config))
    }

    fn config(&self) -> &SdkConfig {
        self.0.get_or_init(config_from_environment)
    }
}

impl Services for Aws {
    fn dynamo(&self) -> Dynamo {
        Dynamo::new(self.config())
    }

    fn queue(&self, url: String) -> Arc<dyn Queue> {
        Arc::new(SqsQueue::new(self.config(), url))
    }

    fn objects(&self, bucket: String) -> Arc<dyn Objects> {
        Arc::new(S3Objects::new(self.config(), bucket))
    }

    fn opener(&self) -> Arc<dyn Opener> {
        Arc::new(KmsOpener::new(self.config()))
    }

    fn vault(&self, key_id: String) -> Arc<dyn Vault> {
        Arc::new(KmsVault::new(self.config(), key_id))
    }

    fn keys(&self, secret_id: String, clock: Arc<dyn Clock>) -> Arc<dyn KeySource> {
        Arc::new(SecretKeySource::new(self.config(), secret_id, clock))
    }
}
