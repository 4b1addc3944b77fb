//! Deploying the template with the SAM CLI, exactly as it goes to AWS.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::emulator::credentials;
use crate::paths::{StackDir, root};
use crate::progress::Step;
use crate::stack::Running;
use crate::tools::PythonTools;
use crate::{fingerprint, inner_loop};

/// The local stack's name in CloudFormation.
pub const STACK_NAME: &str = "paywarden-local";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    output_key: String,
    output_value: String,
}

/// Deploys to a running stack's emulator, unless that is what it has.
pub async fn run(tools: &PythonTools, stack: &StackDir, running: &Running) -> anyhow::Result<()> {
    let endpoint = &running.endpoint_url;
    // Parameters on the command line replace those of the configuration, so they come along.
    let mut parameters = local_parameters()?;
    parameters.push(format!("PublicApiUrl={}", running.api_url));
    parameters.push(format!("OidcIssuer={}", running.issuer));
    let (fingerprint, noted) = (fingerprint::current(&parameters)?, stack.deployed_file());
    if std::fs::read_to_string(&noted).is_ok_and(|deployed| deployed == fingerprint) {
        eprintln!("✓ what is deployed is current");
        return Ok(());
    }
    let step = Step::begin("deploying infra/template.yaml with the SAM CLI");
    // A deployment that is cut short is none.
    forget(stack)?;
    deploy(tools, stack, endpoint, &parameters)?;
    inner_loop::write_environment(stack, endpoint).await?;
    std::fs::write(&noted, fingerprint)?;
    step.done();
    Ok(())
}

/// Forgets what is deployed: a fresh emulator has nothing.
pub fn forget(stack: &StackDir) -> std::io::Result<()> {
    match std::fs::remove_file(stack.deployed_file()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Deploys, and notes where the gateway answers.
fn deploy(
    tools: &PythonTools,
    stack: &StackDir,
    endpoint: &str,
    parameters: &[String],
) -> anyhow::Result<()> {
    let mut arguments = vec!["deploy", "--config-env", "local", "--no-progressbar", "--parameter-overrides"];
    arguments.extend(parameters.iter().map(String::as_str));
    sam(tools, endpoint, &arguments)?;
    let outputs = outputs(tools, endpoint)?;
    let api = outputs.get("ApiId").context("the stack has no output ApiId")?;
    std::fs::write(stack.gateway_file(), format!("{endpoint}/restapis/{api}/v1/_user_request_"))?;
    Ok(())
}

/// What `samconfig.toml` sets for the local stage.
fn local_parameters() -> anyhow::Result<Vec<String>> {
    let configuration: toml::Table =
        toml::from_str(&std::fs::read_to_string(root().join("samconfig.toml"))?)?;
    let mut value = configuration.get("local");
    for name in ["deploy", "parameters", "parameter_overrides"] {
        value = value.and_then(|table| table.get(name));
    }
    let listed = value.and_then(toml::Value::as_array).context("samconfig.toml lists no local parameters")?;
    Ok(listed.iter().filter_map(|parameter| parameter.as_str().map(str::to_owned)).collect())
}

fn outputs(tools: &PythonTools, endpoint: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let text =
        sam(tools, endpoint, &["list", "stack-outputs", "--stack-name", STACK_NAME, "--output", "json"])?;
    let outputs: Vec<Output> =
        serde_json::from_str(&text).with_context(|| format!("unexpected outputs: {text}"))?;
    Ok(outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect())
}

fn sam(tools: &PythonTools, endpoint: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(tools.tool("sam"));
    command
        .current_dir(root())
        .args(arguments)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("PYTHONPATH", root().join("infra/local/packing"))
        .env("AWS_ENDPOINT_URL", endpoint)
        .env_remove("AWS_PROFILE")
        .envs(credentials());
    let output = command.output().context("the SAM CLI could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("sam {} failed:\n{text}\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(text)
}
