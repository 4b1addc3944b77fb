//! On the project's own template and document: strings in, strings out.

use std::collections::BTreeSet;

use serde_norway::Value;

use super::*;
use crate::{doors, template};

fn plan(name: &str, route: &str) -> anyhow::Result<Plan> {
    let scope = "transactions:read".to_owned();
    Plan::of(Options { name: name.to_owned(), route: route.to_owned(), scope })
}

fn project(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn laid_down(name: &str, route: &str) -> anyhow::Result<Vec<File>> {
    plan(name, route)?.files(&project("infra/template.yaml"), &project("infra/openapi.yaml"))
}

fn text<'a>(files: &'a [File], path: &str) -> &'a str {
    &files.iter().find(|file| file.path == path).unwrap().text
}

/// Whether `after` is `before` with one piece put in.
fn is_one_insertion(before: &str, after: &str) -> bool {
    let mut same = before.lines().zip(after.lines()).take_while(|(old, new)| old == new).count();
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    // A piece that ends as it begins can be cut in several ways; any of them will do.
    loop {
        if new[new.len() - (old.len() - same)..] == old[same..] {
            return true;
        }
        match same.checked_sub(1) {
            Some(less) => same = less,
            None => return false,
        }
    }
}

const ROUTES: &[(&str, &str)] = &[
    ("get-payout", "GET /payouts/{id}"),
    ("cancel-transaction", "POST /transactions/{id}/cancel"),
    ("replace-provider", "PUT /providers/{id}"),
    ("list-disputes", "GET /disputes"),
];

#[test]
fn the_entries_are_put_in_and_nothing_else_changes() {
    for (name, route) in ROUTES {
        let files = laid_down(name, route).unwrap();
        for path in ["infra/template.yaml", "infra/openapi.yaml"] {
            let (before, after) = (project(path), text(&files, path));
            assert!(is_one_insertion(&before, after), "{name}: {path}");
            assert!(!after.contains("\n\n\n"), "{name}: two empty lines in {path}");
        }
    }
}

#[test]
fn the_template_routes_what_the_document_describes() {
    for (name, route) in ROUTES {
        let files = laid_down(name, route).unwrap();
        let (method, path) = route.split_once(' ').unwrap();
        let after: Value = serde_norway::from_str(text(&files, "infra/template.yaml")).unwrap();
        let functions = template::functions(&after).unwrap();
        let id = format!("{}Function", template::pascal(name));
        let (_, function) = functions.iter().find(|(found, _)| *found == id).unwrap();
        assert_eq!(template::name(function).unwrap(), *name);
        assert_eq!(template::routes(function).collect::<Vec<_>>(), [(method, path.to_owned())]);
        let document: Value = serde_norway::from_str(text(&files, "infra/openapi.yaml")).unwrap();
        assert!(document["paths"][path][method.to_lowercase()].is_mapping(), "{route}");
    }
}

#[test]
fn a_function_stands_with_those_whose_routes_begin_alike() {
    let files = laid_down("replace-provider", "PUT /providers/{id}").unwrap();
    let template = text(&files, "infra/template.yaml");
    let place = |id: &str| template.find(&format!("\n  {id}:\n")).unwrap();
    assert!(place("GetProviderFunction") < place("ReplaceProviderFunction"));
    assert!(place("ReplaceProviderFunction") < place("ListLedgerEntriesFunction"));
    assert!(
        text(&files, "infra/openapi.yaml").contains("tags: [Providers]\n      summary: Replace provider\n")
    );
}

#[test]
fn the_crate_and_its_samples_are_filled_in() {
    let files = laid_down("get-payout", "GET /payouts/{id}").unwrap();
    let expected = [
        "functions/get-payout/Cargo.toml",
        "functions/get-payout/src/main.rs",
        "functions/get-payout/src/deps.rs",
        "functions/get-payout/src/handler.rs",
        "functions/get-payout/src/handler/tests.rs",
        "events/get-payout/answered.json",
        "events/get-payout/unknown-parameter.json",
        "infra/template.yaml",
        "infra/openapi.yaml",
    ];
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, BTreeSet::from(expected));
    assert!(files.iter().all(|file| !file.text.contains("{{")));
    assert!(text(&files, "functions/get-payout/src/main.rs").contains("Scope::TransactionsRead"));
    let sample: serde_json::Value =
        serde_json::from_str(text(&files, "events/get-payout/answered.json")).unwrap();
    assert_eq!(sample["path"], "/payouts/sample");
    assert_eq!(sample["pathParameters"]["id"], "sample");
}

#[test]
fn a_route_that_changes_something_is_on_the_audit_trail() {
    for (name, route, is_audited) in
        [("replace-provider", "PUT /providers/{id}", true), ("get-payout", "GET /payouts/{id}", false)]
    {
        let files = laid_down(name, route).unwrap();
        let main = text(&files, &format!("functions/{name}/src/main.rs"));
        assert_eq!(main.contains(").changing();"), is_audited, "{main}");
        let template: Value = serde_norway::from_str(text(&files, "infra/template.yaml")).unwrap();
        let document: Value = serde_norway::from_str(text(&files, "infra/openapi.yaml")).unwrap();
        assert_eq!(doors::findings(&template, &document).unwrap(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for (name, route) in
        [("payout", "GET /payouts"), ("Get-Payout", "GET /payouts"), ("get-payout", "payouts")]
    {
        assert!(plan(name, route).is_err(), "{name} {route}");
    }
    assert!(laid_down("get-transaction", "GET /payouts").is_err(), "the function is there");
    assert!(laid_down("find-transactions", "GET /transactions").is_err(), "the route is there");
    let mut unknown = plan("get-payout", "GET /payouts").unwrap();
    unknown.scope = "payouts:read".to_owned();
    assert!(unknown.files(&project("infra/template.yaml"), &project("infra/openapi.yaml")).is_err());
}
