//! Amounts as files write them: grouped digits, and minor units of several currencies.

use super::*;

fn amounts(decimal_sign: &str, texts: &[&str]) -> Vec<Option<String>> {
    let reading =
        map(&json!({"separator": ";", "decimal_sign": decimal_sign, "zone": "UTC", "currency": "IDR",
        "fields": {"reference": "id", "amount": "amount", "booked_at": "when"}}));
    let read = |text: &&str| {
        let text = format!("id;when;amount\nA;2026-11-20 08:00:00;{text}\n");
        let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
        assert_eq!(outcome.rows.len() + outcome.report.problems.len(), 1);
        let signed = |row: &StatementRow| match row.direction {
            Side::Credit => row.amount.clone(),
            Side::Debit => format!("-{}", row.amount),
        };
        outcome.rows.first().map(|(_, row)| signed(row))
    };
    texts.iter().map(read).collect()
}

#[test]
fn groups_are_of_three_digits_or_the_line_is_an_error() {
    let refused = |sign: &str, texts: &[&str]| {
        for (text, read) in texts.iter().zip(amounts(sign, texts)) {
            assert_eq!(read, None, "{text} with {sign}");
        }
    };
    refused(
        ",",
        &["1.50", "1.5", "1.5000", "12.34.567", "1234.567", "1.234.56", "0.123", ".123", "1.", "1..234"],
    );
    refused(",", &["1,234.567", "1.234 567", "1,50,0", "1.234,5.6"]);
    refused(
        ".",
        &["1,50", "1,5", "1,2345", "1234,567", "12,34,567.00", "0,123", ",123", "1'23", "1 00", "1.2,3"],
    );
}

#[test]
fn whole_groups_and_signs_are_read() {
    let cases: [(&str, &[(&str, &str)]); 2] = [
        (
            ",",
            &[
                ("1.500", "1500"),
                ("1.234.567,89", "1234567.89"),
                ("1,50", "1.5"),
                ("100", "100"),
                ("1'234,5", "1234.5"),
                ("(2.500,00)", "-2500"),
                ("-1.500", "-1500"),
                ("0,5", "0.5"),
            ],
        ),
        (
            ".",
            &[
                ("1,500", "1500"),
                ("1,234,567.89", "1234567.89"),
                ("1 234.5", "1234.5"),
                ("1\u{a0}234", "1234"),
                ("1\u{202f}234\u{202f}567", "1234567"),
                ("\u{2212}5", "-5"),
                ("- 5", "-5"),
                ("+5", "5"),
                ("1e3", "1000"),
                ("000100.50", "100.5"),
            ],
        ),
    ];
    for (sign, cases) in cases {
        let texts: Vec<&str> = cases.iter().map(|(text, _)| *text).collect();
        let expected: Vec<_> = cases.iter().map(|(_, amount)| Some((*amount).to_owned())).collect();
        assert_eq!(amounts(sign, &texts), expected);
    }
}

const SEVERAL: &str = "\
id,when,amount,cur
A,2026-11-24 10:00:00,5000,JPY
B,2026-11-24 10:00:00,5000,usd
C,2026-11-24 10:00:00,5000,KWD
D,2026-11-24 10:00:00,5000,IDR
";

fn minor(exponent: &serde_json::Value) -> Reading {
    map(&json!({"zone": "UTC", "exponent": exponent,
        "fields": {"reference": "id", "booked_at": "when", "amount": "amount", "currency": "cur"}}))
}

fn in_minor_units(exponent: &serde_json::Value) -> Vec<String> {
    let outcome = read_all(SEVERAL.as_bytes(), Some(&minor(exponent))).unwrap();
    outcome.rows.iter().map(|(_, row)| format!("{} {}", row.amount, row.currency)).collect()
}

#[test]
fn minor_units_are_those_of_each_rows_currency() {
    assert_eq!(in_minor_units(&json!("currency")), ["5000 JPY", "50 USD", "5 KWD", "50 IDR"]);
    assert_eq!(in_minor_units(&json!({"IDR": 0})), ["5000 JPY", "50 USD", "5 KWD", "5000 IDR"]);
}

#[test]
fn one_exponent_is_not_stretched_over_currencies_of_other_decimals() {
    let report = read_all(SEVERAL.as_bytes(), Some(&minor(&json!(2)))).unwrap().report;
    let problems: Vec<_> = report.problems.iter().map(|one| (one.line, one.column.as_str())).collect();
    assert_eq!(problems, [(3, "amount"), (4, "amount"), (5, "amount")]);
    assert!(report.problems[0].expected.contains("\"currency\""), "{}", report.problems[0].expected);
    let report = read_all(SEVERAL.replace("JPY", "EUR").as_bytes(), Some(&minor(&json!(2)))).unwrap().report;
    assert_eq!(report.problems.iter().map(|one| one.line).collect::<Vec<_>>(), [4]);
}
