//! The services of a test's hall: tables behind a loopback port, everything else in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use paywarden_domain::time::Clock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::{FixedKeySource, KeyRing, KeySource};
use paywarden_store::objects::Objects;
use paywarden_store::queue::Queue;
use paywarden_store::services::Services;
use paywarden_store::vault::{Opener, Vault};

use crate::fakes::{MemoryObjects, MemoryQueue, MemoryVault};
use crate::faults::Faults;

/// What the hall of a test gives out.
pub(crate) struct TestServices {
    pub(crate) dynamo: Dynamo,
    pub(crate) objects: Arc<MemoryObjects>,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) faults: Arc<Faults>,
    /// By their logical ids in the template, made when they are first asked for.
    queues: Mutex<BTreeMap<String, Arc<MemoryQueue>>>,
}

impl TestServices {
    pub(crate) fn new(dynamo: Dynamo, faults: &Arc<Faults>) -> Self {
        Self {
            dynamo,
            objects: Arc::new(MemoryObjects::with_faults(faults)),
            vault: Arc::new(MemoryVault::with_faults(faults)),
            faults: Arc::clone(faults),
            queues: Mutex::default(),
        }
    }

    pub(crate) fn memory_queue(&self, id: &str) -> Arc<MemoryQueue> {
        let mut queues = self.queues.lock().expect("no test panics while it holds the queues");
        let made = || Arc::new(MemoryQueue::with_faults(&self.faults));
        Arc::clone(queues.entry(id.to_owned()).or_insert_with(made))
    }
}

impl Services for TestServices {
    fn dynamo(&self) -> Dynamo {
        self.dynamo.clone()
    }

    fn queue(&self, url: String) -> Arc<dyn Queue> {
        self.memory_queue(&url)
    }

    fn objects(&self, _bucket: String) -> Arc<dyn Objects> {
        Arc::clone(&self.objects) as Arc<dyn Objects>
    }

    fn opener(&self) -> Arc<dyn Opener> {
        Arc::clone(&self.vault) as Arc<dyn Opener>
    }

    fn vault(&self, _key_id: String) -> Arc<dyn Vault> {
        Arc::clone(&self.vault) as Arc<dyn Vault>
    }

    fn keys(&self, _secret_id: String, _clock: Arc<dyn Clock>) -> Arc<dyn KeySource> {
        let key = b"a key of the test stage, 32 bytes and more".to_vec();
        Arc::new(FixedKeySource(Arc::new(KeyRing::new("k1", BTreeMap::from([("k1".to_owned(), key)])))))
    }
}
