//! What an operator does with credentials of the account, straight on the tables and keys of a stage: the first
//! merchant and its first admin client can come from nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use paywarden_domain::access::Role;
use paywarden_domain::id::{ClientId, MerchantId, ProviderId};
use paywarden_domain::merchant::{MAX_SHARDS, Merchant, Raise};
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Actor, PATH_TOKEN, Provider, ProviderType};
use paywarden_domain::secret;
use paywarden_domain::time::{Clock, Day, Zone};
use paywarden_domain::vocabulary::Service;
use paywarden_providers::{KeyChain, adapter, check_credentials, summaries};
use paywarden_store::clients::{Client, Clients};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeyWriter;
use paywarden_store::ledger::{LedgerFilters, LedgerTable};
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::system::{SystemClock, SystemEntropy};
use paywarden_store::totals::TotalsTable;
use paywarden_store::transactions::Transactions;
use paywarden_store::vault::{Context as SealContext, KmsVault, Vault};

use crate::paths::StackDir;
use crate::stack::{Running, SampleClient};

pub mod ledger;
pub mod totals;

/// `cargo xtask operator …`
#[derive(Args)]
pub struct Options {
    /// The stage. `local` is the running local stack; any other is reached with the AWS credentials of the environment
    #[arg(long, default_value = "local")]
    stage: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Adds a merchant
    CreateMerchant {
        /// Its name
        name: String,
        /// Its IANA time zone
        #[arg(long, default_value = "UTC")]
        zone: String,
    },
    /// Adds an API client and shows its secret, once
    CreateClient {
        /// The merchant's id
        merchant: String,
        /// Who it is
        name: String,
        /// merchant, operations, finance, engineering or admin
        #[arg(long, default_value = "admin")]
        role: String,
    },
    /// Adds a payment provider
    CreateProvider {
        /// The merchant's id
        merchant: String,
        /// xendit, midtrans, brick, snap, debit-order or generic
        provider_type: String,
        /// The label people know it by
        name: String,
        /// A credential, as key=value; repeat for more
        #[arg(long = "credential")]
        credentials: Vec<String>,
    },
    /// Spreads a merchant's new transactions over more index partitions, each good for about 1,000 writes a second
    RaiseShards {
        /// The merchant's id
        merchant: String,
        /// How many there are to be; never fewer than before
        count: u16,
    },
    /// Adds up a merchant's transactions and compares with its running totals
    CompareTotals {
        /// The merchant's id
        merchant: String,
    },
    /// Writes what a merchant's payments moved as a ledger that `cargo xtask reconcile` takes
    ExportLedger {
        /// The merchant's id
        merchant: String,
        /// The first business day, YYYY-MM-DD
        #[arg(long)]
        from: String,
        /// The last one
        #[arg(long)]
        until: String,
        /// One provider's payments only
        #[arg(long)]
        provider: Option<String>,
    },
    /// Makes a new key active for signing tokens, or for sealing cursors; older ones go on verifying
    RotateKey {
        /// signing-keys or cursor-keys
        ring: String,
    },
}

/// Carries out one command.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let operator = Operator::of_stage(&options.stage)?;
    match options.command {
        Command::CreateMerchant { name, zone } => {
            let id = MerchantId::mint(SystemClock.now(), &SystemEntropy);
            println!("{}", operator.create_merchant(id, &name, &zone).await?.id)
        }
        Command::CreateClient { merchant, name, role } => {
            let client =
                operator.create_client(&MerchantId::parse(&merchant)?, &name, Role::parse(&role)?).await?;
            println!(
                "client_id     {}\nclient_secret {}  (shown this once)",
                client.client_id, client.client_secret
            );
        }
        Command::CreateProvider { merchant, provider_type, name, credentials } => {
            let credentials = credentials.iter().map(|text| pair(text)).collect::<anyhow::Result<_>>()?;
            let provider_type = ProviderType::parse(&provider_type)?;
            let merchant = MerchantId::parse(&merchant)?;
            let id = ProviderId::mint(SystemClock.now(), &SystemEntropy);
            let path =
                operator.create_provider(id.clone(), &merchant, provider_type, &name, &credentials).await?;
            println!("{id}\nIts callbacks go to <API>/callbacks/{path}");
        }
        Command::RaiseShards { merchant, count } => {
            let raise = operator.raise_shards(&MerchantId::parse(&merchant)?, count).await?;
            println!(
                "lists read {count} partitions from now on, new transactions use them from {}",
                raise.effective_at
            );
        }
        Command::CompareTotals { merchant } => {
            totals::compare(&operator, &MerchantId::parse(&merchant)?).await?
        }
        Command::ExportLedger { merchant, from, until, provider } => {
            let filters = LedgerFilters {
                providers: provider.map(|id| ProviderId::parse(&id)).transpose()?.into_iter().collect(),
                ..LedgerFilters::default()
            };
            let days = (Day::parse(&from)?, Day::parse(&until)?);
            let output = std::io::stdout().lock();
            ledger::export(&operator, &MerchantId::parse(&merchant)?, days, &filters, output).await?
        }
        Command::RotateKey { ring } => println!("{} signs from now on", operator.rotate(&ring).await?),
    }
    Ok(())
}

fn pair(text: &str) -> anyhow::Result<(String, String)> {
    let (key, value) = text.split_once('=').with_context(|| format!("expected key=value, not {text}"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The tables and keys of a stage.
pub struct Operator {
    stage: String,
    merchants: Merchants,
    clients: Clients,
    providers: Providers,
    vault: KmsVault,
    keys: SecretKeyWriter,
    /// Its records.
    pub transactions: Transactions,
    /// Its running totals.
    pub totals: TotalsTable,
    /// Its ledger.
    pub ledger: LedgerTable,
}

impl Operator {
    fn of_stage(stage: &str) -> anyhow::Result<Self> {
        if stage != "local" {
            return Ok(Self::new(stage, &paywarden_store::aws::config_from_environment()));
        }
        let running = Running::find(&StackDir::new(None)).context("no local stack is up: cargo xtask up")?;
        Ok(Self::local(&running.endpoint_url))
    }

    /// The local stage behind an emulator.
    pub fn local(endpoint: &str) -> Self {
        Self::new("local", &paywarden_store::aws::config_for_emulator(endpoint))
    }

    fn new(stage: &str, config: &paywarden_store::aws::SdkConfig) -> Self {
        let dynamo = Dynamo::new(config);
        let table = |name: &str| format!("paywarden-{stage}-{name}");
        Self {
            stage: stage.to_owned(),
            merchants: Merchants::new(&dynamo, table("merchants"), Arc::new(SystemClock)),
            clients: Clients::new(&dynamo, table("clients")),
            providers: Providers::new(&dynamo, table("providers"), Arc::new(SystemClock)),
            vault: KmsVault::new(config, format!("alias/paywarden-{stage}")),
            keys: SecretKeyWriter::new(config),
            transactions: Transactions::new(&dynamo, table("transactions")),
            totals: TotalsTable::new(&dynamo, table("totals"), Arc::new(SystemClock)),
            ledger: LedgerTable::new(&dynamo, table("ledger")),
        }
    }

    /// Adds a merchant.
    pub async fn create_merchant(&self, id: MerchantId, name: &str, zone: &str) -> anyhow::Result<Merchant> {
        let merchant = Merchant {
            id,
            name: name.to_owned(),
            zone: Zone::parse(zone)?,
            shard_count: 1,
            raise: None,
            created_at: SystemClock.now(),
        };
        self.merchants.create(&merchant).await?;
        Ok(merchant)
    }

    /// The merchant.
    pub async fn merchant(&self, id: &MerchantId) -> anyhow::Result<Merchant> {
        self.merchants.find(id).await?.with_context(|| format!("there is no merchant {id}"))
    }

    async fn raise_shards(&self, id: &MerchantId, count: u16) -> anyhow::Result<Raise> {
        let merchant = self.merchant(id).await?;
        let raised = merchant.with_shards(count, SystemClock.now());
        let raised = raised.with_context(|| {
            format!("expected {} to {MAX_SHARDS}", merchant.shard_count.saturating_add(1))
        })?;
        self.merchants.replace(&raised, merchant.shard_count).await?;
        raised.raise.context("a raise was noted")
    }

    /// Adds a client.
    pub async fn create_client(
        &self,
        merchant: &MerchantId,
        name: &str,
        role: Role,
    ) -> anyhow::Result<SampleClient> {
        self.merchant(merchant).await?;
        let (now, client_secret) = (SystemClock.now(), secret::generate(&SystemEntropy));
        let client = Client {
            id: ClientId::mint(now, &SystemEntropy),
            merchant_id: merchant.clone(),
            name: name.to_owned(),
            role,
            secret_hash: secret::hash(&client_secret, &SystemEntropy),
            created_at: now,
            revoked_at: None,
        };
        self.clients.create(&client).await?;
        Ok(SampleClient { client_id: client.id.to_string(), client_secret })
    }

    /// Adds a provider; answers the last part of the address of its callbacks.
    pub async fn create_provider(
        &self,
        id: ProviderId,
        merchant: &MerchantId,
        provider_type: ProviderType,
        name: &str,
        credentials: &BTreeMap<String, String>,
    ) -> anyhow::Result<String> {
        let adapter = adapter(provider_type);
        let checked = check_credentials(adapter, credentials).map_err(|problems| {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}", texts.join("; "))
        })?;
        let now = SystemClock.now();
        let token = adapter.needs_path_token().then(|| secret::generate(&SystemEntropy));
        let checked = match &token {
            Some(token) => checked.with(PATH_TOKEN, token.clone()),
            None => checked,
        };
        let kind = (provider_type, adapter.connection());
        let services = Vec::<Service>::from(adapter.services());
        let mut provider =
            Provider::new(id, merchant.clone(), kind, name.to_owned(), services, Actor::Operator, now);
        provider.credentials = summaries(adapter, &checked, &provider.credentials, |_| true, now);
        let context = SealContext::provider(merchant, &provider.id);
        let sealed_credentials = self.vault.seal(&context, &KeyChain::new(checked).to_json_text()).await?;
        let change = Change::between(None, &provider, Actor::Operator, None);
        let path = token.map_or_else(|| provider.id.to_string(), |token| format!("{}/{token}", provider.id));
        self.providers.create(&StoredProvider { provider, sealed_credentials }, &change).await?;
        Ok(path)
    }

    /// Adds a key to a ring and makes it the active one; answers its id.
    async fn rotate(&self, ring: &str) -> anyhow::Result<String> {
        if !["signing-keys", "cursor-keys"].contains(&ring) {
            bail!("expected signing-keys or cursor-keys");
        }
        let secret_id = format!("paywarden-{}-{ring}", self.stage);
        let mut members = self.keys.read(&secret_id).await?;
        let id = format!("k{}", members.len());
        members.insert(id.clone(), secret::generate(&SystemEntropy));
        members.insert("active".to_owned(), id.clone());
        self.keys.write(&secret_id, &members).await?;
        Ok(id)
    }
}
