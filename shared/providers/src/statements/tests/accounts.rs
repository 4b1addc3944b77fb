//! Every line and byte of a file goes into one part of its account.

use super::*;

#[test]
fn each_line_is_in_the_part_that_it_is() {
    let reading = map(&json!({"separator": ";", "skip_lines": 1, "zone": "UTC", "currency": "IDR",
        "fields": {"reference": "id", "amount": "amount", "booked_at": "when"},
        "footer": {"marker": "TOTAL", "count_column": 2}}));
    let text = "\u{feff}Report\r\n\r\nid;when;amount\r\n\"A\r\nB\";2026-11-20 08:00:00;1\r\n\r\nC;yesterday;1\r\nTOTAL;2";
    let report = read_all(text.as_bytes(), Some(&reading)).unwrap().report;
    let file = report.file.unwrap();
    let lines =
        [file.header, file.movements, file.without_movement, file.summary, file.blank, file.unreadable]
            .map(|part| part.lines);
    assert_eq!(lines, [2, 2, 0, 1, 2, 1]);
    assert_eq!((file.total.lines, file.total.bytes), (8, text.len() as u64));
    assert_eq!(file.header.bytes, 3 + 8 + 16, "with the byte order mark");
    assert!(file.adds_up());
    let adyen = "9,8,Settled,2026-11-20 09:00:00,UTC,ZAR,,,ZAR,,,,,,,7\n";
    let report = read_all(format!("{ADYEN}{adyen}").as_bytes(), None).unwrap().report;
    assert_eq!(report.file.unwrap().without_movement.lines, 1);
}

proptest! {
    /// Whatever stands in a file that is read at all.
    #[test]
    fn lines_and_bytes_add_up(
        cells in prop::collection::vec("[-+(),;. 0-9A-Za-z\"\r\n]{0,40}|\"Transfer\"|\"\n\"", 0..80),
        begins_with_mark in any::<bool>(),
    ) {
        let mark = if begins_with_mark { "\u{feff}" } else { "" };
        let header = CANONICAL.lines().next().unwrap();
        let text = format!("{mark}{header}\n{}", cells.join(","));
        let report = read_all(text.as_bytes(), None).unwrap().report;
        let file = report.file.unwrap();
        prop_assert!(file.adds_up(), "{:?}", file);
        prop_assert_eq!(file.total.bytes, text.len() as u64);
        prop_assert_eq!(file.total.lines as usize, text.split_inclusive('\n').count());
    }
}
