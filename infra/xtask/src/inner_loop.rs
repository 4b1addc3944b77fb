//! The inner loop: one function under `cargo lambda watch`, with the tables and queues of the running stack.

use std::collections::BTreeMap;

use anyhow::Context;
use paywarden_api_client::Method;
use serde_json::Value;

use crate::emulator::{self, credentials};
use crate::paths::{StackDir, function_names};

/// Writes what the deployed functions have in their environments, and how to reach the emulator, as one file for
/// `cargo lambda watch --env-file`.
pub async fn write_environment(stack: &StackDir, endpoint: &str) -> anyhow::Result<()> {
    let mut variables = BTreeMap::from([("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned())]);
    variables.extend(credentials().map(|(name, value)| (name.to_owned(), value)));
    for function in function_names()? {
        variables.extend(variables_of(endpoint, &function).await?);
    }
    let lines: String = variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    std::fs::write(stack.environment_file(), lines)?;
    Ok(())
}

async fn variables_of(endpoint: &str, function: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let url = format!("{endpoint}/2015-03-31/functions/paywarden-local-{function}/configuration");
    let answer = emulator::request(Method::GET, &url, "lambda").send().await?;
    let answer = answer.accepted().with_context(|| format!("no configuration of {function}"))?;
    let answer: Value = answer.json()?;
    Ok(serde_json::from_value(answer["Environment"]["Variables"].clone()).unwrap_or_default())
}
