//! What functions and tests work with on the stage: the hall, whole or as one function has it, and its tables and queues.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_store::clients::Clients;
use paywarden_store::env::Env;
use paywarden_store::health::Health;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::services::Services;
use paywarden_store::sessions::Sessions;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::{Timeline, TimelineReader};
use paywarden_store::totals::TotalsTable;
use paywarden_store::webhooks::{Deliveries, Endpoints};

use super::{TestStage, wired};
use crate::fakes::MemoryQueue;
use crate::template;

impl TestStage {
    /// The clock, as functions take it.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// The hall of one function: what the template gives it, and no more.
    #[must_use]
    pub fn stores_of(&self, function: &str) -> Stores {
        self.stores_with(Some(function), &[])
    }

    /// The hall of all functions together.
    #[must_use]
    pub fn stores(&self) -> Stores {
        self.stores_with(None, &[])
    }

    /// A hall with some variables set to something else.
    #[must_use]
    pub fn stores_with(&self, function: Option<&str>, set: &[(&str, &str)]) -> Stores {
        let mut variables = template::variables(function).expect("the template can be read");
        variables.extend(set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let pairs: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let services = Arc::clone(&self.services) as Arc<dyn Services>;
        Stores::new(Env::of(&pairs), services, self.clock(), Arc::clone(&self.entropy) as Arc<dyn Entropy>)
    }

    /// What a function works with here. It stays until the process of the tests ends, as a function's does.
    pub(crate) fn wire<D>(
        &self,
        function: &str,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    ) -> &'static D {
        Box::leak(Box::new(wired(wire(&self.stores_of(function)))))
    }

    /// The queue of this logical id in the template.
    #[must_use]
    pub fn queue(&self, id: &str) -> Arc<MemoryQueue> {
        self.services.memory_queue(id)
    }

    /// The timeline table, to be read.
    #[must_use]
    pub fn timeline(&self) -> TimelineReader {
        wired(self.stores().timeline_reader())
    }

    /// The timeline table, to be written.
    #[must_use]
    pub fn timeline_writer(&self) -> Timeline {
        wired(self.stores().timeline())
    }

    /// The totals table.
    #[must_use]
    pub fn totals(&self) -> TotalsTable {
        wired(self.stores().totals())
    }

    /// The ledger table.
    #[must_use]
    pub fn ledger(&self) -> LedgerTable {
        wired(self.stores().ledger())
    }

    /// The reconciliation table.
    #[must_use]
    pub fn reconciliation(&self) -> Reconciliation {
        wired(self.stores().reconciliation())
    }

    /// The merchants table.
    #[must_use]
    pub fn merchants(&self) -> Merchants {
        wired(self.stores().merchants())
    }

    /// The clients table.
    #[must_use]
    pub fn clients(&self) -> Clients {
        wired(self.stores().clients())
    }

    /// The sessions table.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        wired(self.stores().sessions())
    }

    /// The providers table.
    #[must_use]
    pub fn providers(&self) -> Providers {
        wired(self.stores().providers())
    }

    /// The provider-health table.
    #[must_use]
    pub fn health(&self) -> Health {
        wired(self.stores().health())
    }

    /// The endpoints in the webhooks table.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        wired(self.stores().endpoints())
    }

    /// The deliveries in the webhooks table.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        wired(self.stores().deliveries())
    }
}
