//! A stage, reached with the credentials of the account.

use std::sync::Arc;

use anyhow::Context;
use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::Merchant;
use paywarden_store::clients::Clients;
use paywarden_store::env::Env;
use paywarden_store::keys::SecretKeyWriter;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::services::Aws;
use paywarden_store::stores::Stores;
use paywarden_store::system::{SystemClock, SystemEntropy};
use paywarden_store::totals::TotalsTable;
use paywarden_store::transactions::Transactions;

/// Where the running local stack's emulator answers; `cargo xtask` sets it.
const LOCAL_ENDPOINT: &str = "PAYWARDEN_LOCAL_ENDPOINT";

/// The tables that a stage's functions find in their environment, and what each is called behind the stage's name.
const TABLES: [(&str, &str); 6] = [
    ("MERCHANTS_TABLE", "merchants"),
    ("CLIENTS_TABLE", "clients"),
    ("PROVIDERS_TABLE", "providers"),
    ("TRANSACTIONS_TABLE", "transactions"),
    ("TOTALS_TABLE", "totals"),
    ("LEDGER_TABLE", "ledger"),
];

/// A stage's tables and keys.
pub struct Stage {
    /// What it is called.
    pub name: String,
    /// All that its functions have; what operators do as functions do takes from here.
    pub stores: Stores,
    /// Its merchants.
    pub merchants: Merchants,
    /// Their API clients.
    pub clients: Clients,
    /// Rings of signing and cursor keys.
    pub keys: SecretKeyWriter,
    /// Its records.
    pub transactions: Transactions,
    /// Its running totals.
    pub totals: TotalsTable,
    /// Its ledger.
    pub ledger: LedgerTable,
}

impl Stage {
    /// Opens the stage of this name.
    pub fn open(name: &str) -> anyhow::Result<Self> {
        let config = if name == "local" {
            #[expect(clippy::disallowed_methods, reason = "the one variable of this command line")]
            let endpoint = std::env::var(LOCAL_ENDPOINT).context("no local stack is up: cargo xtask up")?;
            paywarden_store::aws::config_for_emulator(&endpoint)
        } else {
            paywarden_store::aws::config_from_environment()
        };
        let services = Arc::new(Aws::with(config.clone()));
        let stores = Stores::new(environment(name), services, Arc::new(SystemClock), Arc::new(SystemEntropy));
        Ok(Self {
            name: name.to_owned(),
            merchants: stores.merchants()?,
            clients: stores.clients()?,
            keys: SecretKeyWriter::new(&config),
            transactions: stores.transactions()?,
            totals: stores.totals()?,
            ledger: stores.ledger()?,
            stores,
        })
    }

    /// The merchant.
    pub async fn merchant(&self, id: &MerchantId) -> anyhow::Result<Merchant> {
        self.merchants.find(id).await?.with_context(|| format!("there is no merchant {id}"))
    }
}

/// What the template gives functions, by the names that it derives from the stage's.
fn environment(stage: &str) -> Env {
    let tables = TABLES.map(|(variable, table)| (variable, format!("paywarden-{stage}-{table}")));
    let key = ("KMS_KEY_ID", format!("alias/paywarden-{stage}"));
    let variables: Vec<_> = tables.into_iter().chain([key]).collect();
    let pairs: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Env::of(&pairs)
}
