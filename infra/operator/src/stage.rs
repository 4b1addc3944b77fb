//! A stage, reached with the credentials of the account.

use std::sync::Arc;

use anyhow::Context;
use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::Merchant;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::clients::Clients;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeyWriter;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::totals::TotalsTable;
use paywarden_store::transactions::Transactions;
use paywarden_store::vault::KmsVault;

/// Where the running local stack's emulator answers; `cargo xtask` sets it.
const LOCAL_ENDPOINT: &str = "PAYWARDEN_LOCAL_ENDPOINT";

/// The tables and keys of a stage.
pub struct Stage {
    /// What it is called.
    pub name: String,
    /// Its merchants.
    pub merchants: Merchants,
    /// Their API clients.
    pub clients: Clients,
    /// Their providers.
    pub providers: Providers,
    /// What seals secrets.
    pub vault: KmsVault,
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
        let dynamo = Dynamo::new(&config);
        let table = |table: &str| format!("paywarden-{name}-{table}");
        Ok(Self {
            name: name.to_owned(),
            merchants: Merchants::new(&dynamo, table("merchants"), Arc::new(SystemClock)),
            clients: Clients::new(&dynamo, table("clients")),
            providers: Providers::new(&dynamo, table("providers"), Arc::new(SystemClock)),
            vault: KmsVault::new(&config, format!("alias/paywarden-{name}")),
            keys: SecretKeyWriter::new(&config),
            transactions: Transactions::new(&dynamo, table("transactions"), String::new()),
            totals: TotalsTable::new(&dynamo, table("totals"), Arc::new(SystemClock)),
            ledger: LedgerTable::new(&dynamo, table("ledger")),
        })
    }

    /// The merchant.
    pub async fn merchant(&self, id: &MerchantId) -> anyhow::Result<Merchant> {
        self.merchants.find(id).await?.with_context(|| format!("there is no merchant {id}"))
    }
}
