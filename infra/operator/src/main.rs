//! What an operator does with credentials of the account, straight on the tables and keys of a stage: the first
//! merchant and its first admin client can come from nowhere else. `cargo xtask operator` builds and calls this.

#![allow(clippy::print_stdout, reason = "a command line speaks to people")]

mod audit;
mod create;
mod keys;
mod ledger;
mod options;
mod queues;
mod rebuild;
mod redrive;
mod replay;
mod reread;
mod sample;
mod shards;
mod stage;
mod totals;

use anyhow::Context;
use clap::Parser;
use paywarden_domain::access::Role;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::{Clock, Day};
use paywarden_store::ledger::LedgerFilters;
use paywarden_store::system::{SystemClock, SystemEntropy};

use options::{Command, Options};
use stage::Stage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Options { stage, command } = Options::parse();
    let stage = Stage::open(&stage)?;
    match command.change() {
        Some(change) => audit::audited(&stage, change, run(&stage, command)).await,
        None => run(&stage, command).await,
    }
}

async fn run(stage: &Stage, command: Command) -> anyhow::Result<()> {
    match command {
        Command::CreateMerchant { name, zone } => {
            let id = MerchantId::mint(SystemClock.now(), &SystemEntropy);
            create::merchant(stage, id.clone(), &name, &zone).await?;
            println!("{id}");
        }
        Command::CreateClient { merchant, name, role } => {
            let (merchant, role) = (MerchantId::parse(&merchant)?, Role::parse(&role)?);
            let client = create::client(stage, &merchant, &name, role).await?;
            println!("client_id     {}", client.client_id);
            println!("client_secret {}  (shown this once)", client.client_secret);
        }
        Command::CreateProvider { merchant, provider_type, name, credentials } => {
            let (merchant, kind) = (MerchantId::parse(&merchant)?, ProviderType::parse(&provider_type)?);
            let credentials = credentials.iter().map(|text| pair(text)).collect::<anyhow::Result<_>>()?;
            let id = ProviderId::mint(SystemClock.now(), &SystemEntropy);
            let path = create::provider(stage, id.clone(), &merchant, kind, &name, &credentials).await?;
            println!("{id}\nIts callbacks go to <API>/callbacks/{path}");
        }
        Command::SampleData { api_url, receiver } => {
            println!("{}", serde_json::to_string(&sample::make(stage, &api_url, &receiver).await?)?);
        }
        Command::RaiseShards { merchant, count } => {
            shards::raise(stage, &MerchantId::parse(&merchant)?, count).await?;
        }
        Command::CompareTotals { merchant } => {
            totals::compare(stage, &MerchantId::parse(&merchant)?).await?;
        }
        Command::ExportLedger { merchant, from, until, provider } => {
            let (merchant, days) = (MerchantId::parse(&merchant)?, (Day::parse(&from)?, Day::parse(&until)?));
            let providers = provider.map(|id| ProviderId::parse(&id)).transpose()?.into_iter().collect();
            let filters = LedgerFilters { providers, ..LedgerFilters::default() };
            ledger::export(stage, &merchant, days, &filters, std::io::stdout().lock()).await?;
        }
        Command::ReplayStream { yes } => replay::run(stage, yes).await?,
        Command::Redrive { queue, yes } => redrive::run(stage, queue.name(), yes).await?,
        Command::RereadStatements { yes } => reread::run(stage, yes).await?,
        Command::Rebuild { view, merchant, from, until } => {
            let (merchant, days) = (MerchantId::parse(&merchant)?, (Day::parse(&from)?, Day::parse(&until)?));
            rebuild::run(stage, view, &merchant, days).await?;
        }
        Command::Audit { merchant } => {
            let merchant = merchant.map(|id| MerchantId::parse(&id)).transpose()?;
            audit::show(stage, merchant.as_ref()).await?;
        }
        Command::RotateKey { ring } => keys::rotate(stage, &ring).await?,
    }
    Ok(())
}

fn pair(text: &str) -> anyhow::Result<(String, String)> {
    let (key, value) = text.split_once('=').with_context(|| format!("expected key=value, not {text}"))?;
    Ok((key.to_owned(), value.to_owned()))
}
