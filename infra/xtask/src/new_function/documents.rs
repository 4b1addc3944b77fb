//! The entries in the template and the API document. They are put in as text beside what is most like them, so that
//! comments and the order of everything else stay as they are.

use anyhow::{Context, ensure};
use serde_norway::Value;

use super::Plan;

const FUNCTION: &str = include_str!("skeleton/function.yaml.txt");
const OPERATION: &str = include_str!("skeleton/operation.yaml.txt");
/// What stands behind the functions of the API in the template, and behind the paths in the document.
const WORKERS: &str = "  # ---------------------------------------------------------------- workers\n";
const WEBHOOKS: &str = "\nwebhooks:\n";

impl Plan {
    /// The template with the function in it: behind the others whose routes begin alike, else as the last of the API.
    pub(super) fn with_function(&self, template: &str) -> anyhow::Result<String> {
        ensure!(
            !template.contains(&format!("target/lambda/{}/", self.name)),
            "the template has {}",
            self.name
        );
        let (api, workers) =
            template.split_once(WORKERS).context("the template has no mark of its workers")?;
        let alike = api.rfind(&format!("            Path: /{}", self.first_segment()));
        let place = alike.and_then(|place| next_function(api, place)).unwrap_or(api.len());
        let (before, after) = api.split_at(place);
        Ok(format!("{before}{}{after}{WORKERS}{workers}", self.fill(FUNCTION)))
    }

    /// The API document with the operation in it: on its path if that is there, else behind those that begin alike.
    pub(super) fn with_operation(&self, document: &str) -> anyhow::Result<String> {
        self.check_document(document)?;
        let (paths, rest) = document.split_once(WEBHOOKS).context("the document has no webhooks")?;
        let paths = format!("{paths}\n");
        let operation = self.fill(&OPERATION.replace("{{parameters}}", &self.parameters()));
        let own = paths.find(&format!("\n  {}:\n", self.path));
        let alike = paths.rfind(&format!("\n  /{}", self.first_segment()));
        let beside = own.or(alike).or_else(|| paths.rfind("\n  /")).context("the document has paths")?;
        let place = end_of_path(&paths, beside);
        let tag = own.or(alike).and_then(|place| tag_behind(&paths, place)).unwrap_or("About");
        let operation = operation.replace("{{tag}}", tag);
        let (before, after) = paths.split_at(place);
        let entry = if own.is_some() { operation } else { format!("\n  {}:\n{operation}", self.path) };
        Ok(format!("{before}{entry}{}{WEBHOOKS}{rest}", after.strip_suffix('\n').unwrap_or(after)))
    }

    fn check_document(&self, document: &str) -> anyhow::Result<()> {
        let document: Value = serde_norway::from_str(document)?;
        let operation =
            document.get("paths").and_then(|paths| paths.get(&self.path)?.get(self.method.to_lowercase()));
        ensure!(operation.is_none(), "the document has {} {}", self.method, self.path);
        let members = ["components", "securitySchemes", "oauth2", "flows", "clientCredentials", "scopes"];
        let scopes = members.iter().try_fold(&document, |value, member| value.get(member));
        let is_known = scopes.is_some_and(|scopes| scopes.get(&self.scope).is_some());
        ensure!(is_known, "the document knows no scope {}", self.scope);
        Ok(())
    }

    fn first_segment(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    fn parameters(&self) -> String {
        let one = |name: &str| {
            format!(
                "        - name: {name}\n          in: path\n          required: true\n          schema: {{ type: string }}\n"
            )
        };
        let parameters: String = self.path_parameters().into_iter().map(one).collect();
        if parameters.is_empty() { parameters } else { format!("      parameters:\n{parameters}") }
    }
}

/// Where the next function begins behind `place`.
fn next_function(text: &str, place: usize) -> Option<usize> {
    let behind = text.get(place..)?;
    let found = behind.find("Function:\n    Type: AWS::Serverless::Function\n")?;
    let line = behind.get(..found)?.rfind('\n')? + 1;
    Some(place + line)
}

/// Where the path that begins at the line break `place` ends: before the empty line behind it. Empty lines within are
/// followed by text, not by another path.
fn end_of_path(text: &str, place: usize) -> usize {
    let behind = text.get(place + 1..).unwrap_or_default();
    let end = behind.find("\n\n  /").or_else(|| behind.rfind("\n\n"));
    end.map_or(text.len(), |end| place + 1 + end + 1)
}

/// The tag of the operation that begins behind `place`.
fn tag_behind(text: &str, place: usize) -> Option<&str> {
    let (_, tags) = text.get(place..)?.split_once("      tags: [")?;
    tags.split_once(']').map(|(tag, _)| tag)
}
