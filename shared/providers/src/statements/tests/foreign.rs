//! Files that are something else, and headers that lack something.

use super::*;

fn reason(text: &[u8], reading: Option<&Reading>) -> String {
    match read_all(text, reading) {
        Err(StatementError::Unusable(reason)) => reason,
        other => panic!("{:?}", other.map(|outcome| outcome.report)),
    }
}

#[test]
fn a_file_of_another_kind_is_told_what_it_is() {
    let camt = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt/></Document>";
    let mt940 = ":20:STARTUMS\r\n:25:BCA/1234567890\r\n:28C:1/1\r\n\
        :60F:C261123IDR1000000,00\r\n:61:2611231123C329000,00NTRF1\r\n";
    let swift = "{1:F01ABNANL2AXXXX}{2:I940}{4:\r\n:20:1\r\n:25:2\r\n";
    let cases: [(&[u8], &str); 11] = [
        (camt.as_bytes(), "CAMT.053"),
        (b"<?xml version=\"1.0\"?><other/>", "XML"),
        (mt940.as_bytes(), "MT940"),
        (swift.as_bytes(), "MT940"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "XLSX"),
        (b"PK\x03\x04\x14\x00\x00\x00statement.csv", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
        (b"\xff\xfer\0e\0f\0", "UTF-16"),
        (b"\n<!DOCTYPE html><html><table>", "HTML"),
        (b"{\"transactions\": []}", "JSON"),
    ];
    let reading = map(&json!({"zone": "UTC", "currency": "IDR", "skip_lines": 1,
        "fields": {"amount": "Amount", "booked_at": "When"}}));
    for (text, kind) in cases {
        for reading in [None, Some(&Reading::Xendit), Some(&reading)] {
            let reason = reason(text, reading);
            assert!(reason.contains(kind) && reason.contains("CSV"), "{kind}: {reason}");
            assert!(!reason.contains("missing"), "{kind}: {reason}");
        }
    }
}

#[test]
fn what_a_format_misses_is_said_with_the_formats_name() {
    assert_eq!(
        reason(b"Line Type,Reference\n", Some(&Reading::Xendit)),
        "read as xendit balance report: the column Currency is missing"
    );
    let reading = map(&json!({"zone": "UTC", "currency": "IDR",
        "fields": {"amount": "Amount", "booked_at": "When"}}));
    assert_eq!(reason(b"When\n", Some(&reading)), "read by the map of columns: the column Amount is missing");
    let none = reason(b"a,b\n1,2\n", None);
    assert!(none.contains("read as paywarden statement: the column reference is missing"), "{none}");
    assert!(
        none.contains("read as adyen settlement details report: the column Psp Reference is missing"),
        "{none}"
    );
}
