//! `new-function`: lays a function down that is small and whole. It answers, its samples are answered, its route is in
//! the template and in the API document, and every check holds; what it is for is written into it from there.

mod documents;
mod files;

use anyhow::{Context, ensure};
use clap::Args;

use crate::paths::root;
use crate::{doors, openapi};

/// What the command takes.
#[derive(Args)]
pub struct Options {
    /// Its name, `<verb>-<resource>`, such as get-payout
    name: String,
    /// Its route, such as 'GET /payouts/{id}'
    #[arg(long)]
    route: String,
    /// The scope that its door asks for, such as transactions:read
    #[arg(long)]
    scope: String,
}

/// Lays it down and writes what is generated anew.
pub fn run(options: Options) -> anyhow::Result<()> {
    let plan = Plan::of(options)?;
    let read = |path: &str| std::fs::read_to_string(root().join(path)).with_context(|| path.to_owned());
    let files = plan.files(&read("infra/template.yaml")?, &read("infra/openapi.yaml")?)?;
    ensure!(!root().join("functions").join(&plan.name).exists(), "functions/{} is there already", plan.name);
    for File { path, text } in files {
        let path = root().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    openapi::run(false)?;
    doors::run(false)?;
    println!("functions/{} is there; next: functions/README.md, \"Adding an endpoint\"", plan.name);
    Ok(())
}

/// A function to be laid down.
struct Plan {
    name: String,
    method: String,
    path: String,
    scope: String,
}

/// A file to be written, by its path in the project.
struct File {
    path: String,
    text: String,
}

impl Plan {
    fn of(Options { name, route, scope }: Options) -> anyhow::Result<Self> {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        ensure!(
            name.contains('-') && name.split('-').all(is_word),
            "expected a name such as get-payout, not {name:?}"
        );
        let (method, path) = route.split_once(' ').context("expected a route such as 'GET /payouts/{id}'")?;
        ensure!(
            ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) && path.starts_with('/'),
            "expected a route such as 'GET /payouts/{{id}}', not {route:?}"
        );
        Ok(Self { name, method: method.to_owned(), path: path.to_owned(), scope })
    }

    /// The files to be written, given the template and the API document as they are.
    fn files(&self, template: &str, document: &str) -> anyhow::Result<Vec<File>> {
        let mut files = self.crate_files();
        files.extend(self.samples()?);
        files.push(File { path: "infra/template.yaml".to_owned(), text: self.with_function(template)? });
        files.push(File { path: "infra/openapi.yaml".to_owned(), text: self.with_operation(document)? });
        Ok(files)
    }
}

#[cfg(test)]
mod tests;
