use paywarden_domain::statement::Columns;
use proptest::prelude::*;
use serde_json::json;

use super::*;

mod accounts;
mod amounts;
mod banks;
mod charges;
mod foreign;
mod quotes;
mod version;

struct Outcome {
    report: ParseReport,
    rows: Vec<(u32, StatementRow)>,
}

fn read_all(text: &[u8], reading: Option<&Reading>) -> Result<Outcome, StatementError> {
    let mut rows = Vec::new();
    let report = read(text, reading, &mut |line| {
        if let Line::Row { line, row } = line {
            rows.push((line, row));
        }
        Ok(())
    })?;
    Ok(Outcome { report, rows })
}

/// Line, kind, direction, amount, status of each row.
fn shown(outcome: &Outcome) -> Vec<String> {
    let show = |(line, row): &(u32, StatementRow)| {
        format!("{line} {} {} {} {} {}", row.reference, row.kind, row.direction, row.amount, row.status)
    };
    outcome.rows.iter().map(show).collect()
}

const CANONICAL: &str = "\
reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status
INV1,qrpy_1,Transfer,credit,10000,IDR,2026-11-20T08:00:00Z,,SETTLED
INV1,qrpy_1,Fee,debit,70,IDR,2026-11-20T08:00:00Z,,SETTLED
";

#[test]
fn order_separator_line_ends_quotes_and_further_columns_make_no_difference() {
    let expected = shown(&read_all(CANONICAL.as_bytes(), None).unwrap());
    assert_eq!(expected, ["2 INV1 Transfer credit 10000 SETTLED", "3 INV1 Fee debit 70 SETTLED"]);
    let reordered = "\
\u{feff}note;STATUS;reference;currency;amount;direction;kind;booked_at;settlement_id;provider_transaction_id
\"a; b\";SETTLED;INV1;IDR;10000;credit;Transfer;2026-11-20T08:00:00Z;;qrpy_1
;SETTLED;\"INV1\";IDR;70;debit;Fee;2026-11-20T08:00:00Z;;qrpy_1
";
    for text in [CANONICAL.replace('\n', "\r\n"), format!("\u{feff}{CANONICAL}"), reordered.to_owned()] {
        let outcome = read_all(text.as_bytes(), None).unwrap();
        assert_eq!(shown(&outcome), expected, "{text}");
        assert!(outcome.report.is_clean());
    }
}

#[test]
fn what_cannot_be_read_is_told_by_line_and_column_and_the_rest_is_read() {
    let text = "\
reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status
INV1,,Transfer,credit,ten,IDR,2026-11-20T08:00:00Z,,SETTLED

INV2,,Transfer,sideways,10,IDR,2026-11-20T08:00:00Z,,SETTLED
INV3,,Transfer,credit,10,ID,2026-11-20T08:00:00Z,,SETTLED
INV4,,Transfer,credit,0.001,IDR,2026-11-20T08:00:00Z,,SETTLED
INV5,,Transfer,credit,10,IDR,yesterday,,SETTLED
INV6,,Transfer,credit,10
INV7,,Transfer,credit,10,IDR,2026-11-20T08:00:00Z,,SETTLED
";
    let outcome = read_all(text.as_bytes(), Some(&Reading::Paywarden)).unwrap();
    assert_eq!(shown(&outcome), ["9 INV7 Transfer credit 10 SETTLED"]);
    let problems: Vec<_> =
        outcome.report.problems.iter().map(|one| (one.line, one.column.as_str())).collect();
    let expected =
        [(2, "amount"), (4, "direction"), (5, "currency"), (6, "amount"), (7, "booked_at"), (8, "currency")];
    assert_eq!(problems, expected);
    assert_eq!((outcome.report.lines, outcome.report.rows, outcome.report.errors), (7, 1, 6));
}

const XENDIT: &str = "\
Product ID,Transaction ID,Transaction Type,Line Type,Payment Channel,Reference,Currency,Amount,Balance,Debit or Credit,Created Date ISO,Time Zone
qr1,t1,PAYMENT,TRANSACTION,QRIS,INV1,IDR,10000,110000,CREDIT,2026-11-20T08:00:00Z,+0000 UTC
qr1,t2,PAYMENT,FEE,QRIS,INV1,IDR,70,109930,DEBIT,2026-11-20T08:00:00Z,+0000 UTC
qr1,t3,PAYMENT,VAT,QRIS,INV1,IDR,7,109923,DEBIT,2026-11-20T08:00:00Z,+0000 UTC
d1,t4,DISBURSEMENT,TRANSACTION_REVERSAL,BCA,SM9,IDR,5000.00,114923,CREDIT,2026-11-20T09:00:00Z,+0000 UTC
";

#[test]
fn xendits_balance_report_is_known_by_its_header() {
    let outcome = read_all(XENDIT.as_bytes(), None).unwrap();
    let expected = [
        "2 INV1 Transfer credit 10000 SETTLED",
        "3 INV1 Fee debit 70 SETTLED",
        "4 INV1 Tax debit 7 SETTLED",
        "5 SM9 Transfer credit 5000 REVERSED",
    ];
    assert_eq!(shown(&outcome), expected);
    assert_eq!(outcome.report.format, Format::Xendit);
    assert!(outcome.report.is_clean(), "{:?}", outcome.report.checks);
    let total = &outcome.report.totals[0];
    assert_eq!((total.amount.to_string(), total.count), ("15000".to_owned(), 2));
}

#[test]
fn a_balance_report_with_a_line_cut_out_does_not_add_up_in_either_order() {
    let lines: Vec<&str> = XENDIT.lines().collect();
    let newest_first: Vec<&str> = lines[..1].iter().chain(lines[1..].iter().rev()).copied().collect();
    assert!(read_all(newest_first.join("\n").as_bytes(), None).unwrap().report.is_clean());
    for whole in [lines, newest_first] {
        let mut cut = whole.clone();
        cut.remove(3);
        let report = read_all(cut.join("\n").as_bytes(), None).unwrap().report;
        assert!(!report.is_clean() && report.errors == 0, "{:?}", report.checks);
    }
}

const ADYEN: &str = "\
Merchant Reference,Psp Reference,Type,Creation Date,TimeZone,Gross Currency,Gross Debit (GC),Gross Credit (GC),Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number
INV1,8816,Settled,2026-11-20 09:00:00,CET,ZAR,,500.25,ZAR,,495,0.25,2,1.5,1.5,7
INV2,8817,Refunded,2026-07-20 09:00:00,CEST,ZAR,100,,ZAR,100,,,,,,7
,,Fee,2026-11-20 09:00:00,Africa/Johannesburg,,,,ZAR,12,,,,,,7
,,MerchantPayout,2026-11-20 09:00:00,UTC,,,,ZAR,383,,,,,,7
INV3,8818,Invented,2026-11-20 09:00:00,UTC,ZAR,,1,ZAR,,1,,,,,7
INV4,8819,Settled,2026-11-20 09:00:00,XYZ,ZAR,,1,ZAR,,1,,,,,7
";

#[test]
fn adyens_fees_are_added_up_and_its_zones_are_known() {
    let outcome = read_all(ADYEN.as_bytes(), None).unwrap();
    let expected = [
        "2 INV1 Transfer credit 500.25 SETTLED",
        "2 INV1 Fee debit 5.25 SETTLED",
        "3 INV2 Transfer debit 100 REVERSED",
        "4  Fee debit 12 SETTLED",
        "5  Transfer debit 383 SETTLED",
    ];
    assert_eq!(shown(&outcome), expected);
    let booked: Vec<&str> = outcome.rows.iter().map(|(_, row)| row.booked_at.get(..16).unwrap()).collect();
    assert_eq!(booked[0], "2026-11-20T08:00");
    assert_eq!(booked[2], "2026-07-20T07:00");
    assert_eq!(booked[3], "2026-11-20T07:00");
    let columns: Vec<_> = outcome.report.problems.iter().map(|one| (one.line, one.column.as_str())).collect();
    assert_eq!(columns, [(6, "Type"), (7, "TimeZone")]);
    assert!(outcome.rows.iter().all(|(_, row)| row.settlement_id == "7"));
}

fn map(value: &serde_json::Value) -> Reading {
    Reading::Columns(Box::new(serde_json::from_value::<Columns>(value.clone()).unwrap()))
}

#[test]
fn a_map_of_columns_reads_what_nobody_knew_before() {
    let reading = map(&json!({
        "separator": ";", "decimal_sign": ",", "skip_lines": 2, "zone": "Asia/Jakarta",
        "time_format": "%d/%m/%Y %H:%M", "currency": "IDR", "sign": "positive_is_credit",
        "fields": {"reference": "Order ID", "amount": "Jumlah", "fee": "Biaya", "tax": "PPN",
            "booked_at": "Waktu", "status": "Status"},
        "values": {"status": {"BERHASIL": "SETTLED", "BATAL": "REVERSED"}},
        "footer": {"marker": "TOTAL", "count_column": 2, "total_column": 3},
    }));
    let text = "\
Laporan penyelesaian
PT Kopi Nusantara
Order ID;Waktu;Jumlah;Biaya;PPN;Status
INV1;20/11/2026 00:30;10.000,00;70;7,00;BERHASIL
INV2;20/11/2026 01:00;(2.500,00);;;BATAL
TOTAL;2;7.500,00
";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    let expected = [
        "4 INV1 Transfer credit 10000 SETTLED",
        "4 INV1 Fee debit 70 SETTLED",
        "4 INV1 Tax debit 7 SETTLED",
        "5 INV2 Transfer debit 2500 REVERSED",
    ];
    assert_eq!(shown(&outcome), expected);
    assert!(outcome.rows[0].1.booked_at.starts_with("2026-11-19T17:30"));
    assert!(outcome.report.is_clean(), "{:?}", outcome.report);
    assert_eq!(outcome.report.lines, 2);
    let cut = text.replace("INV2;20/11/2026 01:00;(2.500,00);;;BATAL\n", "");
    let report = read_all(cut.as_bytes(), Some(&reading)).unwrap().report;
    let failed: Vec<&str> =
        report.checks.iter().filter(|check| !check.holds()).map(|check| check.name.as_str()).collect();
    assert_eq!(failed, ["lines", "total"]);
    let without_end = text.replace("TOTAL;2;7.500,00\n", "");
    let report = read_all(without_end.as_bytes(), Some(&reading)).unwrap().report;
    assert_eq!(report.checks[0].name, "footer");
    assert!(!report.is_clean());
}

#[test]
fn conventions_of_sign_and_minor_units() {
    let text = "id,when,amount,cur\nA,2026-11-20 08:00:00,50025,ZAR\nB,2026-11-20 08:00:00,-100,ZAR\n";
    let cases = [
        ("positive_is_credit", ["credit", "debit"]),
        ("positive_is_debit", ["debit", "credit"]),
        ("all_credit", ["credit", "credit"]),
        ("all_debit", ["debit", "debit"]),
    ];
    for (sign, expected) in cases {
        let reading = map(&json!({"zone": "Africa/Johannesburg", "sign": sign, "exponent": 2,
            "fields": {"reference": "id", "amount": "amount", "booked_at": "when", "currency": "cur"}}));
        let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
        let directions: Vec<&str> = outcome.rows.iter().map(|(_, row)| row.direction.as_str()).collect();
        let amounts: Vec<&str> = outcome.rows.iter().map(|(_, row)| row.amount.as_str()).collect();
        assert_eq!((directions, amounts), (expected.to_vec(), vec!["500.25", "1"]), "{sign}");
    }
}

#[test]
fn clocks_that_go_back_or_skip_do_not_lose_a_line() {
    let reading = map(&json!({"zone": "Europe/Amsterdam", "currency": "EUR",
        "fields": {"reference": "id", "amount": "amount", "booked_at": "when"}}));
    let text = "id,when,amount\nA,2026-10-25 02:30:00,1\nB,2026-03-29 02:30:00,1\nC,2026-03-29 03:30:00,1\n";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    let booked: Vec<&str> = outcome.rows.iter().map(|(_, row)| row.booked_at.get(..16).unwrap()).collect();
    assert_eq!(booked, ["2026-10-25T00:30", "2026-03-29T01:30", "2026-03-29T01:30"]);
}

#[test]
fn a_file_that_is_no_statement_is_refused_with_the_columns_it_lacks() {
    let refusal = |text: &[u8], reading: Option<&Reading>| match read_all(text, reading) {
        Err(StatementError::Unusable(reason)) => reason,
        other => panic!("{:?}", other.map(|outcome| outcome.report)),
    };
    let reason = refusal(b"a,b\n1,2\n", None);
    assert!(reason.contains("the column reference is missing"), "{reason}");
    assert!(reason.contains("xendit balance report: the column Line Type is missing"), "{reason}");
    assert!(!refusal(b"a,b\n", Some(&Reading::Adyen)).contains("xendit"));
    for text in [b"".as_slice(), b"\xff\xfer\0e\0f\0", b"\xef\xbb\xbf", b"\"", b"\xff\xff,\xff\n1,2\n"] {
        assert!(!refusal(text, None).is_empty());
    }
    let reading = map(&json!({"zone": "UTC", "fields": {"amount": "Amount", "booked_at": "When"}}));
    assert_eq!(
        refusal(b"When\n", Some(&reading)),
        "read by the map of columns: the column Amount is missing"
    );
    let below_the_end = map(&json!({"zone": "UTC", "skip_lines": u32::MAX,
        "fields": {"amount": "Amount", "booked_at": "When"}}));
    assert!(refusal(b"When,Amount\n", Some(&below_the_end)).contains("fewer lines"));
}

#[test]
fn a_line_break_within_quotes_counts_as_the_line_it_is() {
    let text = CANONICAL.replace("INV1,qrpy_1,Fee", "\n\"INV\n1\",qrpy_1,Fee") + "x\n";
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let outcome = read_all(text.as_bytes(), None).unwrap();
        assert_eq!(outcome.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(outcome.report.problems[0].line, 6);
    }
}

proptest! {
    /// Whatever stands in a file, every line of it becomes rows or one problem, and nothing panics.
    #[test]
    fn nothing_is_dropped_and_nothing_panics(cells in prop::collection::vec("[-+(). ,0-9A-Za-zé\"]{0,12}", 0..60)) {
        let readings = [
            None,
            Some(map(&json!({"zone": "UTC", "exponent": 3, "decimal_sign": ",",
                "fields": {"amount": "Amount", "booked_at": "Reference", "direction": "Line Type"}}))),
        ];
        let lines: Vec<String> = cells.chunks(12).map(|line| {
            line.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>().join(",")
        }).collect();
        let header = XENDIT.lines().next().unwrap();
        let text = format!("{header}\n{}\n", lines.join("\n"));
        for reading in &readings {
            let outcome = read_all(text.as_bytes(), reading.as_ref()).unwrap();
            prop_assert_eq!(outcome.report.lines as usize, lines.len());
            let lines: std::collections::BTreeSet<u32> = outcome.rows.iter().map(|(line, _)| *line).collect();
            prop_assert_eq!(lines.len() + outcome.report.errors as usize, outcome.report.lines as usize);
        }
        drop(read_all(format!("{}\n{}", ADYEN.lines().next().unwrap(), lines.join("\n")).as_bytes(), None));
    }
}
