//! The pictures that the README shows. They are taken when somebody asks for them: `cargo xtask screenshots`.

use std::path::Path;

use serde_json::json;

use super::browser::{Look, browse};
use super::visitor::Visitor;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/pictures");

/// The longest picture, in CSS pixels: more than a screen of it nobody looks at.
const HEIGHT: u32 = 1000;

/// The name of a picture, where it is taken, and how.
const PICTURES: [(&str, &str, Look); 8] = [
    ("home-light", "/", Look::WIDE),
    ("list-light", "/transactions?tab=receive", Look::WIDE),
    ("list-dark-narrow", "/transactions?tab=receive", Look { dark: true, ..Look::NARROW }),
    ("transaction-light", "/find?id=KOPI-EW-1", Look::WIDE),
    ("reconciliation-light", "/reconciliation", Look::WIDE),
    ("exceptions-dark", "/reconciliation/exceptions", Look::DARK),
    ("providers-dark", "/providers", Look::DARK),
    ("try-it-light", "/developers/api/listTransactions", Look::WIDE),
];

async fn take(visitor: &Visitor, name: &str, path: &str, look: Look) {
    visitor.sign_in("admin").await;
    visitor.open(path).await;
    visitor.find("main h1").await;
    let size = json!({"width": look.width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false});
    visitor.tools("Emulation.setDeviceMetricsOverride", size).await;
    let file = Path::new(FOLDER).join(format!("{name}.png"));
    visitor.driver.screenshot(&file).await.expect("a picture");
}

#[tokio::test]
#[ignore = "writes files: cargo xtask screenshots"]
async fn of_the_readme() {
    std::fs::create_dir_all(FOLDER).expect("a folder");
    for (name, path, look) in PICTURES {
        browse(look, async |visitor| take(&visitor, name, path, look).await).await;
    }
}
