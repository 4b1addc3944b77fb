//! The API document: written as YAML, served as JSON. The JSON is generated, and checked to be current; both only if
//! clients can be generated from it.

mod answers;
mod shapes;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::paths::root;

/// Writes `infra/openapi.json` from `infra/openapi.yaml`, or checks that it is what would be written.
pub fn run(check: bool) -> anyhow::Result<()> {
    let document: Value =
        serde_norway::from_str(&std::fs::read_to_string(root().join("infra/openapi.yaml"))?)?;
    let faults = [shapes::faults(&document), answers::faults(&document)].concat();
    ensure!(faults.is_empty(), "infra/openapi.yaml:\n{}", faults.join("\n"));
    let text = format!("{}\n", serde_json::to_string_pretty(&document)?);
    let path = root().join("infra/openapi.json");
    if !check {
        return std::fs::write(&path, text).with_context(|| path.display().to_string());
    }
    if std::fs::read_to_string(&path).unwrap_or_default() != text {
        bail!("infra/openapi.json is out of date: cargo xtask openapi");
    }
    Ok(())
}
