//! What is known of a stack: for scripts and tests in `stack.json`, for these commands in `running.json`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use paywarden_api_client::{Api, Credentials, Plain};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::paths::StackDir;

/// A stack, as `stack.json` has it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Stack {
    /// Where the API answers, `/v1` included.
    pub api_url: String,
    /// Where the console is.
    pub console_url: String,
    /// Where the emulator's services answer.
    pub endpoint_url: String,
    /// The region it pretends to be in.
    pub region: String,
    /// Its name in CloudFormation.
    pub stack_name: String,
    /// The sample receiver.
    pub receiver: Receiver,
    /// Where people sign in.
    pub identity_provider: IdentityProvider,
    /// The sample merchants.
    pub merchants: Vec<SampleMerchant>,
}

/// The sample receiver.
#[derive(Clone, Serialize, Deserialize)]
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    /// Where it writes down what it got.
    pub log: String,
}

/// Where people sign in, with a browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// Its address.
    pub issuer: String,
    /// The name under which it knows the console, which has no secret.
    pub client_id: String,
    /// Where it sends people back to.
    pub redirect_uri: String,
}

/// A sample merchant.
#[derive(Clone, Serialize, Deserialize)]
pub struct SampleMerchant {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub time_zone: String,
    /// A client of each role, by its name.
    pub clients: BTreeMap<String, Credentials>,
    /// Its providers.
    pub providers: Vec<SampleProvider>,
    /// What a person of each role signs in with at the identity provider, and a guest who has none. There is no password.
    #[serde(default)]
    pub people: BTreeMap<String, String>,
}

/// A provider and how it proves itself.
#[derive(Clone, Serialize, Deserialize)]
pub struct SampleProvider {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub provider_type: String,
    /// Where it reports.
    pub callback_url: String,
    /// Its credentials.
    pub credentials: BTreeMap<String, String>,
}

/// A process that runs a stack.
#[derive(Clone, Serialize, Deserialize)]
pub struct Running {
    /// Its process id.
    pub pid: i32,
    /// Where the emulator's services answer.
    pub endpoint_url: String,
    /// Where the API answers.
    pub api_url: String,
    /// The identity provider's address.
    pub issuer: String,
}

impl Running {
    /// The running stack of a folder, if there is one.
    pub fn find(stack: &StackDir) -> Option<Self> {
        let running: Self = read(&stack.running_json()).ok()?;
        running.is_alive().then_some(running)
    }

    /// Whether its process is there.
    pub fn is_alive(&self) -> bool {
        kill(Pid::from_raw(self.pid), None).is_ok()
    }
}

impl Stack {
    /// The first sample merchant and its admin client.
    pub fn sample_admin(&self) -> anyhow::Result<(&SampleMerchant, &Credentials)> {
        let merchant = self.merchants.first().context("the stack has no sample merchant")?;
        let admin = merchant.clients.get("admin").context("the sample merchant has no admin client")?;
        Ok((merchant, admin))
    }

    /// A token of that client.
    pub async fn sample_token(&self) -> anyhow::Result<String> {
        let api = Api::anonymous(Arc::new(Plain::default()), &self.api_url);
        let token = api.sign_in(self.sample_admin()?.1).await?.token().await?;
        token.context("a client that signed in has a token")
    }

    /// The stack of a folder.
    pub fn read(stack: &StackDir) -> anyhow::Result<Self> {
        read(&stack.stack_json()).context("no stack is up here: cargo xtask up")
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// Writes a file at once: whoever waits for it never sees half of it.
pub fn write<T: Serialize>(path: &Path, value: &T) -> anyhow::Result<()> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, serde_json::to_string_pretty(value)?)?;
    std::fs::rename(&partial, path)?;
    Ok(())
}
