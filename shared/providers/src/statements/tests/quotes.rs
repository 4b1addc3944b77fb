//! Quotes that open and never close, or close where nobody meant it.

use std::fmt::Write;

use super::*;

/// A canonical file of so many rows, its lines numbered as an editor does.
fn file_of(rows: usize) -> Vec<String> {
    let header = CANONICAL.lines().next().unwrap().to_owned();
    let row = |number: usize| {
        format!("INV{number},,Transfer,credit,{number},IDR,2026-11-20T08:00:00Z,SET-{number},SETTLED")
    };
    std::iter::once(header).chain((2..rows + 2).map(row)).collect()
}

fn text_of(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "{line}").unwrap();
        text
    })
}

#[test]
fn a_quote_that_is_never_closed_costs_its_own_line_only() {
    let mut lines = file_of(400);
    lines[1].insert(0, '"');
    let outcome = read_all(text_of(&lines).as_bytes(), None).unwrap();
    assert_eq!((outcome.report.rows, outcome.report.errors), (399, 1));
    let problem = &outcome.report.problems[0];
    assert_eq!((problem.line, problem.column.as_str()), (2, "reference"));
    assert!(problem.expected.contains("quote"), "{}", problem.expected);
    assert!(problem.text.starts_with("\"INV2,"), "{}", problem.text);
}

#[test]
fn quotes_that_close_each_other_lines_apart_swallow_nothing() {
    // The second one stands where a closing one may, in the same column, in another one, and on the very next line.
    for (other, at) in [(8, "INV9"), (8, "SET-9"), (2, "INV3"), (399, "INV400")] {
        let mut lines = file_of(400);
        lines[1].insert(0, '"');
        lines[other] = lines[other].replacen(at, &format!("{at}\""), 1);
        let outcome = read_all(text_of(&lines).as_bytes(), None).unwrap();
        let read: Vec<u32> = outcome.rows.iter().map(|(line, _)| *line).collect();
        for line in (3..=401).filter(|line| *line as usize != other + 1) {
            assert!(read.contains(&line), "{at} in line {}: line {line} is gone", other + 1);
        }
        assert_eq!(outcome.report.problems[0].line, 2);
    }
}

#[test]
fn a_quote_in_the_header_does_not_take_rows_with_it() {
    let mut lines = file_of(20);
    lines[0] = format!("{},\"note", lines[0]);
    lines[9].push_str(",x\"");
    match read_all(text_of(&lines).as_bytes(), None) {
        Err(StatementError::Unusable(reason)) => assert!(reason.contains("quote"), "{reason}"),
        other => panic!("{:?}", other.map(|outcome| outcome.report)),
    }
}

#[test]
fn a_line_without_end_is_an_error_and_what_follows_is_read() {
    let mut lines = file_of(3);
    lines[2] = format!("{}{}", "x".repeat(1 << 20), lines[2]);
    let outcome = read_all(text_of(&lines).as_bytes(), None).unwrap();
    assert_eq!(outcome.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(outcome.report.problems[0].line, 3);
    assert!(outcome.report.problems[0].text.chars().count() <= EXCERPT_CHARACTERS);
}

#[test]
fn a_note_of_several_lines_is_one_row() {
    let header = format!("{},note,seen", CANONICAL.lines().next().unwrap());
    let row = "INV1,,Transfer,credit,1,IDR,2026-11-20T08:00:00Z,,SETTLED";
    let note = "\"Jl. Sudirman 1, Jakarta\r\n\r\nsaid: \"\"later, please\"\"\r\nthen paid\"";
    let text = format!("{header}\r\n{row},{note},yes\r\n{row},\"a, b\",no\r\n");
    let outcome = read_all(text.as_bytes(), None).unwrap();
    assert_eq!(outcome.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 6]);
    assert!(outcome.report.is_clean(), "{:?}", outcome.report.problems);
}

proptest! {
    /// Wherever stray quotes stand, the rows of all lines without one are read as they are.
    #[test]
    fn stray_quotes_cost_their_own_lines_only(
        rows in 1_usize..60,
        quotes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..8),
    ) {
        let clean = file_of(rows);
        let mut lines = clean.clone();
        let mut hurt = std::collections::BTreeSet::new();
        for (line, place) in quotes {
            let line = 1 + line.index(rows);
            let place = place.index(lines[line].len() + 1);
            lines[line].insert(place, '"');
            hurt.insert(u32::try_from(line + 1).unwrap());
        }
        let outcome = read_all(text_of(&lines).as_bytes(), None).unwrap();
        let whole = read_all(text_of(&clean).as_bytes(), None).unwrap();
        let unhurt = |rows: &[(u32, StatementRow)]| -> Vec<_> {
            rows.iter().filter(|(line, _)| !hurt.contains(line)).cloned().collect()
        };
        prop_assert_eq!(unhurt(&outcome.rows), unhurt(&whole.rows));
        let mut seen: Vec<u32> = outcome.rows.iter().map(|(line, _)| *line).collect();
        seen.extend(outcome.report.problems.iter().map(|problem| problem.line));
        seen.sort_unstable();
        prop_assert_eq!(seen, (2..=u32::try_from(rows).unwrap() + 1).collect::<Vec<_>>());
    }
}

#[test]
fn a_header_with_empty_names_behind_it_is_no_wider_for_them() {
    let header = CANONICAL.lines().next().unwrap();
    let text = format!(
        "{header},note,,,\nINV1,,Transfer,credit,1,IDR,2026-11-20T08:00:00Z,,SETTLED,\"a\nb\"\n\
         INV2,,Transfer,credit,1,IDR,2026-11-20T08:00:00Z,,SETTLED,\"a\nb\",,,\n"
    );
    let outcome = read_all(text.as_bytes(), None).unwrap();
    assert_eq!(outcome.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
    assert!(outcome.report.is_clean(), "{:?}", outcome.report.problems);
}
