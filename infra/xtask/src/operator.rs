//! The operator's commands. They speak with AWS, so they are a program of their own: this one stays small.

use crate::build;
use crate::paths::StackDir;
use crate::stack::{Running, SampleMerchant, Stack};
use anyhow::{Context, ensure};

/// Tells the program where the local stage's emulator answers.
const LOCAL_ENDPOINT: &str = "PAYWARDEN_LOCAL_ENDPOINT";

/// `cargo xtask operator …`: builds the program and ends as it ends.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let mut command = std::process::Command::new(build::operator()?);
    if let Some(running) = Running::find(&StackDir::new(None)) {
        command.env(LOCAL_ENDPOINT, running.endpoint_url);
    }
    let status = command.args(arguments).status()?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}

/// Fills a fresh stack with sample data.
pub async fn make_sample_data(stack: &Stack) -> anyhow::Result<Vec<SampleMerchant>> {
    let arguments = ["sample-data", "--api-url", &stack.api_url, "--receiver", &stack.receiver.url];
    let said = call(&stack.endpoint_url, &arguments).await?;
    serde_json::from_str(&said).with_context(|| format!("unexpected answer: {said}"))
}

/// Compares a merchant's running totals with its transactions.
pub async fn compare_totals(stack: &Stack, merchant: &str) -> anyhow::Result<()> {
    print!("{}", call(&stack.endpoint_url, &["compare-totals", merchant]).await?);
    Ok(())
}

/// Calls the program that `up` has built, for the stage behind an emulator; answers what it says.
async fn call(endpoint: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = tokio::process::Command::new(build::binary("operator"));
    let output = command.args(arguments).env(LOCAL_ENDPOINT, endpoint).output().await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "operator {} failed:\n{said}{complaint}", arguments.join(" "));
    Ok(said)
}
