//! What functions wrote, from the emulator's CloudWatch Logs.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context;
use paywarden_api_client::{Answer, Method};
use serde_json::{Value, json};

use crate::emulator;
use crate::paths::StackDir;
use crate::stack::Running;

/// Members that every line has and nobody reads twice.
const BORING: [&str; 7] =
    ["timestamp", "level", "message", "service", "function_name", "function_request_id", "cold_start"];

/// The one group that all functions write to.
const GROUP: &str = "/aws/lambda/paywarden-local";

/// Prints the lines of one function, or of all, oldest first.
pub async fn show(stack: &StackDir, function: Option<&str>, follow: bool) -> anyhow::Result<()> {
    let running = Running::find(stack).context("no stack is up here: cargo xtask up")?;
    let mut seen = HashSet::new();
    loop {
        let mut lines = events(&running.endpoint_url).await?;
        lines.retain(|(_, line)| function.is_none_or(|name| is_of(line, name)));
        lines.sort();
        for line in lines {
            if seen.insert(line.clone()) {
                println!("{}", readable(&line.1));
            }
        }
        if !follow {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Whether a function wrote a line. What the platform adds by itself is nobody's.
fn is_of(line: &str, function: &str) -> bool {
    let line: Option<Value> = serde_json::from_str(line).ok();
    line.is_some_and(|line| line["service"] == function)
}

/// Asks for all lines; again where the emulator cannot answer, which it cannot while a function begins to write.
async fn ask(endpoint: &str) -> anyhow::Result<Answer> {
    let request = json!({"logGroupName": GROUP, "limit": 10_000}).to_string();
    let mut tries = 0;
    loop {
        tries += 1;
        let answer = emulator::request(Method::POST, endpoint, "logs")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "Logs_20140328.FilterLogEvents")
            .body(request.clone())
            .send()
            .await?;
        if answer.status < 500 || tries == 5 {
            return answer.accepted().context("no logs");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// All lines with their times.
async fn events(endpoint: &str) -> anyhow::Result<Vec<(i64, String)>> {
    let answer = ask(endpoint).await?;
    let events: Vec<Value> = answer.member("events")?;
    Ok(events
        .iter()
        .map(|event| {
            let message = event["message"].as_str().unwrap_or_default().trim_end().to_owned();
            (event["timestamp"].as_i64().unwrap_or_default(), message)
        })
        .collect())
}

/// `time LEVEL service: message key=value …`; a line that is not ours as it is.
fn readable(line: &str) -> String {
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(line) else {
        return line.to_owned();
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rest: Vec<String> = members
        .iter()
        .filter(|(name, _)| !BORING.contains(&name.as_str()))
        .map(|(name, value)| {
            format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    format!(
        "{} {:5} {}: {} {}",
        text("timestamp"),
        text("level"),
        text("service"),
        text("message"),
        rest.join(" ")
    )
}
