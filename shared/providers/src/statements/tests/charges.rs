//! Fees and taxes beside an amount: taken, given back, alone, and held against the net amount.

use super::*;

/// As in an itemized payout report: amounts in major units with their sign, the fee positive when taken.
const ITEMIZED: &str = "\
payout,created,currency,gross,fee,net,category,source,order
po_1,2026-11-23 09:00:00,usd,100.00,3.20,96.80,charge,ch_1,A
po_1,2026-11-23 11:00:00,usd,-100.00,-2.90,-97.10,refund,re_1,A
po_1,2026-11-23 12:00:00,usd,0.00,15.00,-15.00,dispute,dp_1,B
po_1,2026-11-23 13:00:00,usd,-2.00,0.00,-2.00,fee,fee_1,
";

fn itemized(more: &serde_json::Value) -> Reading {
    let mut columns = json!({"zone": "UTC",
        "fields": {"reference": "order", "provider_transaction_id": "source", "settlement_id": "payout",
            "amount": "gross", "fee": "fee", "net": "net", "booked_at": "created", "currency": "currency",
            "kind": "category", "status": "category"},
        "values": {
            "kind": {"charge": "Transfer", "refund": "Transfer", "dispute": "Transfer", "fee": "Fee"},
            "status": {"charge": "SETTLED", "refund": "REVERSED", "dispute": "REVERSED", "fee": "SETTLED"}}});
    for (name, value) in more.as_object().unwrap() {
        columns[name] = value.clone();
    }
    map(&columns)
}

#[test]
fn a_fee_given_back_is_a_credit_and_a_fee_alone_is_a_fee() {
    let outcome = read_all(ITEMIZED.as_bytes(), Some(&itemized(&json!({})))).unwrap();
    let expected = [
        "2 A Transfer credit 100 SETTLED",
        "2 A Fee debit 3.2 SETTLED",
        "3 A Transfer debit 100 REVERSED",
        "3 A Fee credit 2.9 REVERSED",
        "4 B Fee debit 15 REVERSED",
        "5  Fee debit 2 SETTLED",
    ];
    assert_eq!(shown(&outcome), expected, "{:?}", outcome.report.problems);
    assert!(outcome.rows.iter().all(|(_, row)| row.currency == "USD"));
    let signed = |(_, row): &(u32, StatementRow)| {
        let amount: rust_decimal::Decimal = row.amount.parse().unwrap();
        if row.direction == Side::Credit { amount } else { -amount }
    };
    let net: rust_decimal::Decimal = outcome.rows.iter().map(signed).sum();
    assert_eq!(net.normalize().to_string(), "-17.3", "as the file's net column adds up to");
}

#[test]
fn a_line_whose_net_is_another_is_an_error_that_says_what_was_expected() {
    let text = ITEMIZED.replace("3.20,96.80", "3.20,96.08");
    let outcome = read_all(text.as_bytes(), Some(&itemized(&json!({})))).unwrap();
    let problem = &outcome.report.problems[0];
    assert_eq!((problem.line, problem.column.as_str()), (2, "net"));
    assert!(problem.expected.contains("96.8"), "{}", problem.expected);
    assert_eq!((outcome.report.lines, outcome.report.errors), (4, 1));
}

#[test]
fn fees_may_be_written_as_what_is_subtracted() {
    let text =
        ITEMIZED.replace(",3.20,", ",-3.20,").replace(",-2.90,", ",2.90,").replace(",15.00,", ",-15.00,");
    let outcome =
        read_all(text.as_bytes(), Some(&itemized(&json!({"charges": "negative_is_taken"})))).unwrap();
    let usual = read_all(ITEMIZED.as_bytes(), Some(&itemized(&json!({})))).unwrap();
    assert_eq!(shown(&outcome), shown(&usual));
    let report = read_all(text.as_bytes(), Some(&itemized(&json!({})))).unwrap().report;
    assert_eq!(report.errors, 3);
    assert!(report.problems[0].expected.contains("negative_is_taken"), "{}", report.problems[0].expected);
}

#[test]
fn a_direction_beside_unsigned_amounts_is_held_against_the_net_too() {
    let reading = map(&json!({"zone": "UTC", "currency": "zar",
        "fields": {"reference": "id", "amount": "gross", "fee": "fee", "tax": "vat", "net": "net",
            "booked_at": "when", "direction": "side"}}));
    let text = "\
id,when,side,gross,fee,vat,net
A,2026-11-20 08:00:00,credit,100,2,0.30,97.70
B,2026-11-20 08:00:00,debit,100,2,0.30,102.30
C,2026-11-20 08:00:00,debit,100,-2,-0.30,97.70
D,2026-11-20 08:00:00,credit,100,2,0.30,
E,2026-11-20 08:00:00,debit,100,2,0.30,97.70
";
    let outcome = read_all(text.as_bytes(), Some(&reading)).unwrap();
    assert_eq!(outcome.report.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [6]);
    let given_back: Vec<_> = shown(&outcome).into_iter().filter(|row| row.starts_with("4 ")).collect();
    let expected =
        ["4 C Transfer debit 100 SETTLED", "4 C Fee credit 2 SETTLED", "4 C Tax credit 0.3 SETTLED"];
    assert_eq!(given_back, expected);
}

#[test]
fn adyens_lines_are_held_against_their_net_amounts() {
    let row = "INV9,8820,Settled,2026-11-20 09:00:00,UTC,ZAR,,100,ZAR,,95,1,1,1,1,7\n";
    let outcome = read_all(format!("{ADYEN}{row}").as_bytes(), None).unwrap();
    let problem = outcome.report.problems.last().unwrap();
    assert_eq!((problem.line, problem.column.as_str()), (8, "Net Credit (NC)"));
    let given_back = "INV9,8820,Refunded,2026-11-20 09:00:00,UTC,ZAR,100,,ZAR,98.5,,-1.5,,,,7\n";
    let fees_only = ",,Fee,2026-11-20 09:00:00,UTC,,,,ZAR,12,,12,,,,7\n";
    let other_currency = "INV9,8820,Settled,2026-11-20 09:00:00,UTC,USD,,10,ZAR,,180,2,,,,7\n";
    let text = format!("{ADYEN}{given_back}{fees_only}{other_currency}");
    let rows = shown(&read_all(text.as_bytes(), None).unwrap());
    let expected = [
        "8 INV9 Transfer debit 100 REVERSED",
        "8 INV9 Fee credit 1.5 REVERSED",
        "9  Fee debit 12 SETTLED",
        "10 INV9 Transfer credit 10 SETTLED",
        "10 INV9 Fee debit 2 SETTLED",
    ];
    assert_eq!(rows[5..], expected);
}

#[test]
fn currencies_in_small_letters_are_known_in_every_format() {
    for text in [CANONICAL, XENDIT, ADYEN] {
        let small = text.replace(",IDR,", ",idr,").replace(",ZAR,", ",zar,");
        assert_ne!(small, text);
        let (small, usual) =
            (read_all(small.as_bytes(), None).unwrap(), read_all(text.as_bytes(), None).unwrap());
        assert_eq!(small.rows, usual.rows);
        assert_eq!(small.report.totals, usual.report.totals);
    }
}

#[test]
fn an_adyen_report_without_some_column_of_fees_is_read_and_told_not_to_add_up() {
    let without = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [&cells[..12], &cells[13..]].concat().join(",")
    };
    let text: String = ADYEN.lines().take(3).map(|line| without(line) + "\n").collect();
    let outcome = read_all(text.as_bytes(), None).unwrap();
    assert_eq!((outcome.report.rows, outcome.report.errors), (3, 0));
    let check = &outcome.report.checks[0];
    assert_eq!((check.stated.as_str(), check.found.as_str()), ("2", "1"));
}
