//! Whole runs on generated files, held against what each row is known to come to.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what these helpers unwrap, the test made")]

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("paywarden-reconcile-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn generated(name: &str, payments: u64, rate: u64) -> Folder {
    let folder = Folder::new(name);
    let options = synthetic::Options { payments, seed: 7, rate, out: folder.0.clone() };
    synthetic::generate(&options).unwrap();
    folder
}

fn options(folder: &Folder) -> Options {
    Options {
        ledger: folder.file("ledger.csv"),
        statement: folder.file("statement.csv"),
        format: Format::Paywarden,
        columns: None,
        rules: None,
        as_of: Some(synthetic::AS_OF.to_owned()),
        out: folder.0.clone(),
    }
}

fn reconciled(folder: &Folder) -> Value {
    serde_json::from_str(&run(&options(folder)).unwrap()).unwrap()
}

/// Side, line and outcome of every row.
fn outcomes(folder: &Folder) -> Vec<String> {
    let text = folder.text("outcomes.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    rows.records().map(|row| row.unwrap()).map(|row| format!("{},{},{}", &row[1], &row[2], &row[0])).collect()
}

#[test]
fn every_trouble_is_found_and_no_other() {
    let folder = generated("truth", 30_000, 300);
    let summary = reconciled(&folder);
    let truth: Vec<String> = folder.text("truth.csv").lines().skip(1).map(str::to_owned).collect();
    let found = outcomes(&folder);
    assert_eq!(found.len(), truth.len());
    let wrong: Vec<_> = found.iter().zip(&truth).filter(|(found, truth)| found != truth).take(5).collect();
    assert_eq!(wrong, [], "found and true");
    assert_eq!(summary["conserved"], true);
    let ours = summary["outcomes"]["ledger"].as_object().unwrap();
    let theirs = summary["outcomes"]["statement"].as_object().unwrap();
    for outcome in paywarden_domain::reconciliation::Outcome::ALL {
        let word = outcome.as_str();
        let seldom = word == "MATCHED_WITH_VARIANCE";
        assert_eq!(ours.contains_key(word) || theirs.contains_key(word), !seldom, "{word}");
    }
}

/// The file with its rows in the opposite order.
fn turned(text: &str) -> String {
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().rev().collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn the_order_of_rows_changes_no_result() {
    let folder = generated("order", 5_000, 300);
    let straight = reconciled(&folder);
    for name in ["ledger.csv", "statement.csv"] {
        folder.write(name, &turned(&folder.text(name)));
    }
    let crooked = reconciled(&folder);
    assert_eq!(crooked["result_sha256"], straight["result_sha256"]);
    assert_eq!(crooked["sums"], straight["sums"]);
    folder.write("ledger.csv", &folder.text("ledger.csv").replacen("PAID", "REVERSED", 1));
    assert_ne!(reconciled(&folder)["result_sha256"], straight["result_sha256"]);
}

#[test]
fn spreadsheets_files_are_read_as_they_are() {
    let folder = Folder::new("spreadsheet");
    folder.write(
        "ledger.csv",
        "\u{feff}status,note,currency,amount,direction,kind,payment_reference,provider_transaction_id,reference,\
         transaction_id,occurred_at\r\n\
         PAID,\"paid, at last\",ZAR,100.50,credit,Transfer,,,\"A \"\"1\"\"\",tra_1,2026-11-10T08:00:00Z\r\n",
    );
    folder.write(
        "statement.csv",
        "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n\
         \"A \"\"1\"\"\",,Transfer,credit,100.5,ZAR,2026-11-11T08:00:00+02:00,,SETTLED\n\
         B,,Transfer\n",
    );
    let summary = reconciled(&folder);
    assert_eq!(outcomes(&folder), ["ledger,2,MATCHED", "statement,2,MATCHED", "statement,3,PARSE_ERROR"]);
    assert_eq!(summary["sums"]["ledger"]["ZAR"]["Transfer"]["MATCHED"], "100.5");
    let text = folder.text("outcomes.csv");
    let last = text.lines().last().unwrap();
    assert!(last.contains("expected an ISO 4217 currency code"), "{last}");
}

#[test]
fn ids_of_a_balance_report_are_compared_without_the_prefix_that_callbacks_have() {
    let folder = Folder::new("ids");
    folder.write(
        "ledger.csv",
        "transaction_id,reference,provider_transaction_id,payment_reference,kind,direction,amount,currency,occurred_at,status\n\
         tra_1,INV1,qrpy_1aa,,Transfer,credit,10000,IDR,2026-11-20T08:00:00Z,PAID\n",
    );
    folder.write(
        "statement.csv",
        "Product ID,Line Type,Reference,Currency,Amount,Debit or Credit,Created Date ISO\n\
         1aa,TRANSACTION,QRIS-1,IDR,10000,CREDIT,2026-11-20T08:00:00Z\n",
    );
    run(&Options { format: Format::Xendit, ..options(&folder) }).unwrap();
    assert_eq!(outcomes(&folder), ["ledger,2,MATCHED", "statement,2,MATCHED"]);
    let canonical = folder.text("canonical-statement.csv");
    folder.write("statement.csv", &canonical);
    reconciled(&folder);
    assert_eq!(outcomes(&folder)[1], "statement,2,MISSING_INTERNAL", "nothing says whose ids they are");
    folder.write("rules.json", "{\"provider_type\": \"xendit\"}");
    run(&Options { rules: Some(folder.file("rules.json")), ..options(&folder) }).unwrap();
    assert_eq!(outcomes(&folder)[1], "statement,2,MATCHED");
}

#[test]
fn what_cannot_be_used_says_where_and_why() {
    let folder = generated("unusable", 3, 0);
    folder.write("statement.csv", "reference,kind\nA,Transfer\n");
    let error = run(&options(&folder)).unwrap_err();
    assert!(error.is::<Unusable>());
    assert!(error.to_string().ends_with("line 1: the column provider_transaction_id is missing"), "{error}");
    let absent = Options { ledger: Path::new("/nowhere").to_owned(), ..options(&folder) };
    assert!(run(&absent).unwrap_err().is::<Unusable>());
    folder.write("rules.json", "{\"tolerance\": 5}");
    let rules = Options { rules: Some(folder.file("rules.json")), ..options(&folder) };
    assert!(run(&rules).unwrap_err().to_string().contains("tolerance_minor"));
    let day = Options { as_of: Some("yesterday".to_owned()), ..options(&folder) };
    assert!(run(&day).unwrap_err().is::<Unusable>());
}

#[test]
fn statements_of_other_makings_are_read_and_lose_no_line() {
    let folder = Folder::new("formats");
    folder.write(
        "ledger.csv",
        "transaction_id,reference,provider_transaction_id,payment_reference,kind,direction,amount,currency,occurred_at,status\n\
         tra_1,INV1,,,Transfer,credit,10000,IDR,2026-11-20T08:00:00Z,PAID\n",
    );
    folder.write(
        "statement.csv",
        "Line Type,Reference,Currency,Amount,Debit or Credit,Created Date ISO\n\
         TRANSACTION,INV1,IDR,10000,CREDIT,2026-11-20T08:00:00Z\n\
         STRANGE,INV2,IDR,10000,CREDIT,2026-11-20T08:00:00Z\n",
    );
    folder.write(
        "columns.json",
        r#"{"zone": "UTC", "fields": {"reference": "Reference", "currency": "Currency", "amount": "Amount",
            "direction": "Debit or Credit", "kind": "Line Type", "booked_at": "Created Date ISO"},
            "values": {"kind": {"TRANSACTION": "Transfer"}}}"#,
    );
    let columns = Some(folder.file("columns.json"));
    for (format, columns) in [(Format::Xendit, None), (Format::Columns, columns)] {
        let summary = run(&Options { format, columns, ..options(&folder) }).unwrap();
        let summary: Value = serde_json::from_str(&summary).unwrap();
        let expected = serde_json::json!({"MATCHED": 1, "PARSE_ERROR": 1});
        assert_eq!(summary["outcomes"]["statement"], expected, "{format}");
        assert!(folder.text("outcomes.csv").contains("line 3, Line Type: STRANGE,INV2"), "{format}");
    }
    let refused = run(&Options { format: Format::Adyen, ..options(&folder) }).unwrap_err();
    assert!(refused.is::<Unusable>(), "{refused}");
    let refused = run(&Options { format: Format::Columns, ..options(&folder) }).unwrap_err();
    assert!(refused.to_string().contains("--columns"), "{refused}");
}

#[test]
fn a_stray_quote_takes_no_rows_with_it() {
    let folder = generated("quotes", 50, 0);
    let text = folder.text("statement.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    folder.write("statement.csv", &format!("{header}\n\"{rows}"));
    let summary = reconciled(&folder);
    let theirs = summary["outcomes"]["statement"].as_object().unwrap();
    assert_eq!(summary["rows"]["statement"], rows.lines().count(), "{summary}");
    assert_eq!(theirs["PARSE_ERROR"], 1, "{theirs:?}");
}

#[test]
fn what_is_harmless_for_spreadsheets_is_read_back_and_written_so() {
    let folder = Folder::new("formulas");
    folder.write(
        "ledger.csv",
        "transaction_id,reference,provider_transaction_id,payment_reference,kind,direction,amount,currency,occurred_at,status\n\
         tra_1,'=A1,,,Transfer,credit,10,ZAR,2026-11-10T08:00:00Z,PAID\n",
    );
    folder.write(
        "statement.csv",
        "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n\
         =A1,,Transfer,credit,10,ZAR,2026-11-10T08:00:00Z,,SETTLED\n",
    );
    reconciled(&folder);
    let text = folder.text("outcomes.csv");
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "MATCHED,ledger,2,2,'=A1,Transfer,credit,10,ZAR,",
            "MATCHED,statement,2,2,'=A1,Transfer,credit,10,ZAR,",
        ]
    );
}
