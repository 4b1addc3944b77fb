//! What banks write: a column for each side, marks behind amounts, days without a time.

use super::*;

const FIELDS: [(&str, &str); 2] = [("reference", "Keterangan"), ("booked_at", "Tanggal")];

fn bank(more: &serde_json::Value) -> Reading {
    let mut columns =
        json!({"zone": "Asia/Jakarta", "currency": "IDR", "time_format": "%d/%m/%Y", "fields": {}});
    for (name, value) in more.as_object().unwrap() {
        columns[name] = value.clone();
    }
    for (name, value) in FIELDS {
        columns["fields"][name] = json!(value);
    }
    map(&columns)
}

#[test]
fn debits_and_credits_in_columns_of_their_own() {
    let reading = bank(&json!({"fields": {"debit": "Debet", "credit": "Kredit"}}));
    let text = "\
Tanggal,Keterangan,Debet,Kredit,Saldo
24/11/2026,INV-1,,\"1,250,000.00\",\"9,250,000.00\"
24/11/2026,BIAYA ADM,\"15,000.00\",,\"9,235,000.00\"
24/11/2026,INV-2,0.00,5.00,
24/11/2026,BACK,-7.00,,
24/11/2026,BOTH,1.00,1.00,
24/11/2026,NONE,,,
";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    let expected = [
        "2 INV-1 Transfer credit 1250000 SETTLED",
        "3 BIAYA ADM Transfer debit 15000 SETTLED",
        "4 INV-2 Transfer credit 5 SETTLED",
        "5 BACK Transfer credit 7 SETTLED",
    ];
    assert_eq!(shown(&outcome), expected);
    assert_eq!(outcome.report.problems.iter().map(|one| one.line).collect::<Vec<_>>(), [6, 7]);
    assert!(outcome.rows[0].1.booked_at.starts_with("2026-11-23T17:00"), "the first instant in Jakarta");
}

#[test]
fn a_mark_behind_an_amount_tells_its_side() {
    let values = json!({"direction": {"CR": "credit", "DB": "debit"}});
    let reading = bank(&json!({"fields": {"amount": "Jumlah"}, "values": values}));
    let text = "\
Tanggal,Keterangan,Jumlah
24/11/2026,INV-1,\"1,250,000.00 CR\"
24/11/2026,BIAYA ADM,\"15,000.00DB\"
24/11/2026,BACK,100-
24/11/2026,WHAT,100 XX
";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    let expected = [
        "2 INV-1 Transfer credit 1250000 SETTLED",
        "3 BIAYA ADM Transfer debit 15000 SETTLED",
        "4 BACK Transfer debit 100 SETTLED",
    ];
    assert_eq!(shown(&outcome), expected);
    assert_eq!(outcome.report.problems[0].line, 5);
}

#[test]
fn days_stand_alone_or_beside_their_time() {
    let fields = json!({"amount": "Jumlah", "time": "Jam"});
    let reading = bank(&json!({"fields": fields, "time_format": "%d/%m/%Y %H:%M:%S"}));
    let text = "Tanggal,Jam,Keterangan,Jumlah\n24/11/2026,13:05:00,A,1\n";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    assert!(outcome.rows[0].1.booked_at.starts_with("2026-11-24T06:05"), "{:?}", outcome.rows);
    let reading = bank(&json!({"fields": {"amount": "Jumlah"}, "time_format": null}));
    let text = "Tanggal,Keterangan,Jumlah\n2026-11-24,A,1\n2026-11-24 13:05:00,A,1\n2026-11,A,1\n";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    assert_eq!(outcome.rows.len(), 2);
    assert!(outcome.rows[0].1.booked_at.starts_with("2026-11-23T17:00"), "{:?}", outcome.rows);
}
