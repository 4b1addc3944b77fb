//! The rows that samples come to, beside the version of the readers: other rows of the same bytes are another version.

use data_encoding::HEXLOWER;
use paywarden_domain::statement::READING_VERSION;
use sha2::{Digest, Sha256};

use super::*;

/// Samples that touch each rule of reading; `None` where the header tells the format.
fn samples() -> Vec<(String, Option<Reading>)> {
    let map_of = |mut columns: serde_json::Value| {
        columns["separator"] = json!(";");
        columns["zone"] = json!("Asia/Jakarta");
        columns["fields"]["reference"] = json!("id");
        columns["fields"]["booked_at"] = json!("when");
        Some(map(&columns))
    };
    let charges = json!({"currency": "IDR", "decimal_sign": ",",
        "fields": {"amount": "gross", "fee": "fee", "tax": "tax", "net": "net"}});
    let minor = json!({"exponent": "currency", "fields": {"amount": "gross", "currency": "cur"}});
    let sides = json!({"currency": "IDR", "fields": {"debit": "out", "credit": "in"}});
    vec![
        (
            CANONICAL.replace("INV1,qrpy_1,Fee", "\"INV1,qrpy_1,Fee")
                + &CANONICAL[CANONICAL.find('\n').unwrap() + 1..],
            None,
        ),
        (XENDIT.to_owned(), None),
        (ADYEN.to_owned(), None),
        (
            "id;when;gross;fee;tax;net\n\
             A;2026-11-20 08:00:00;1.000,50;-2,5;0;1.003\n\
             B;2026-11-20 08:00:00;1.00;;;\n\
             C;2026-11-20 08:00:00;0;2;1;-3\n\
             D;2026-11-20;5;1;1;2\n"
                .to_owned(),
            map_of(charges),
        ),
        (
            "id;when;gross;cur\nA;2026-11-20 08:00:00;5000;jpy\nB;2026-11-20 08:00:00;-5000;USD\n".to_owned(),
            map_of(minor),
        ),
        ("id;when;out;in\nA;2026-11-20 08:00:00;5;\nB;2026-11-20 08:00:00;;5\n".to_owned(), map_of(sides)),
    ]
}

#[test]
fn other_rows_of_the_same_bytes_are_another_version() {
    let mut hash = Sha256::new();
    for (text, reading) in samples() {
        let outcome = read_all(text.as_bytes(), reading.as_ref()).unwrap();
        for (line, row) in &outcome.rows {
            hash.update(format!("{line} {:?}\n", row.fields().into_texts()));
        }
        let problems: Vec<_> = outcome.report.problems.iter().map(|one| (one.line, &one.column)).collect();
        hash.update(format!("{problems:?}\n"));
    }
    let rows = HEXLOWER.encode(&hash.finalize());
    let known = (2, "13dc265cf8fa4a0f62f6de93be13e12b23ee229388f9d371358f9a71563cf68f");
    assert_eq!((READING_VERSION, rows.as_str()), known, "take another READING_VERSION, and its hash");
}
