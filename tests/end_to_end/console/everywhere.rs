//! What has to hold on every page of the menu, as every role.

use super::browser::{Look, browse};
use super::visitor::Visitor;

const ROLES: [&str; 5] = ["merchant", "operations", "finance", "engineering", "admin"];

/// The pages of a role's menu, each with a heading, no wider than the window, and without an error of the browser's.
async fn walk(visitor: &Visitor, role: &str) {
    visitor.sign_in(role).await;
    for (path, name) in visitor.menu().await {
        visitor.open(&path).await;
        let seen = visitor.text().await;
        assert!(!seen.contains("There is nothing at this address"), "{role}: {name} is not there");
        assert!(!seen.contains("has no answer now"), "{role}: {name} has no answer:\n{seen}");
        assert_eq!(visitor.count("h1").await, 1, "{role}: {name}");
        let wide = visitor
            .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert_eq!(wide, 0, "{role}: {name} is wider than the window");
    }
}

#[tokio::test]
async fn every_page_of_every_role_is_there() {
    for role in ROLES {
        browse(Look::WIDE, async |visitor| walk(&visitor, role).await).await;
    }
}

#[tokio::test]
async fn every_page_fits_a_telephone() {
    browse(Look::NARROW, async |visitor| walk(&visitor, "admin").await).await;
}

/// No page loads or runs what its policy forbids.
#[tokio::test]
async fn no_page_breaks_its_policy() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("admin").await;
        for (path, name) in visitor.menu().await {
            visitor.open(&path).await;
            let styled = visitor.run("return document.styleSheets.length").await;
            assert_eq!(styled, 1, "{name}");
            assert_eq!(visitor.count("[style], [onclick], script:not([src])").await, 0, "{name}");
        }
    })
    .await;
}

/// axe finds nothing: contrast, names, order, roles, in both themes.
async fn is_accessible(look: Look) {
    let axe = std::env::var("PAYWARDEN_AXE").expect("cargo xtask test says where axe is");
    let axe = std::fs::read_to_string(axe).expect("axe can be read");
    browse(look, async |visitor| {
        visitor.sign_in("admin").await;
        let mut findings = Vec::new();
        for (path, name) in visitor.menu().await {
            visitor.open(&path).await;
            visitor.driver.execute(&axe, Vec::new()).await.expect("axe");
            let script = "const done = arguments[0];
                axe.run({resultTypes: ['violations']}).then((found) => done(found.violations.map((rule) =>
                    `${rule.id}: ${rule.nodes.map((node) => node.html).slice(0, 3).join(' ')}`)), (error) => done([`${error}`]));";
            let found = visitor.driver.execute_async(script, Vec::new()).await.expect("axe");
            let found = found.json().as_array().cloned().unwrap_or_default();
            findings.extend(found.iter().map(|finding| format!("{name}: {finding}")));
        }
        assert_eq!(findings, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn every_page_is_accessible_in_light() {
    is_accessible(Look::WIDE).await;
}

#[tokio::test]
async fn every_page_is_accessible_in_the_dark() {
    is_accessible(Look::DARK).await;
}

#[tokio::test]
async fn every_page_is_accessible_on_a_telephone() {
    is_accessible(Look::NARROW).await;
}

#[tokio::test]
async fn every_page_works_without_script() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| walk(&visitor, "admin").await).await;
}
