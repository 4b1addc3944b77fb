//! What holds whatever the rows are.

use std::collections::BTreeMap;

use paywarden_domain::reconciliation::keys::RunKeys;
use paywarden_domain::reconciliation::matching::{
    Claims, close, match_fallbacks, match_references, merged, settle_open,
};
use paywarden_domain::reconciliation::{BookSide, Outcome, Reconciled, Row, RowFields, Rules, reconcile};
use paywarden_domain::time::Zone;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sides::{as_of, ledger_rows, ours, statement_rows, theirs};

const REFERENCES: &[&str] = &["", "A", "B", "C"];
const IDS: &[&str] = &["", "p1", "p2"];
const GROUPS: &[&str] = &["", "PO1", "A"];
const AMOUNTS: &[&str] = &["100", "100.01", "200", "5"];
const KINDS: &[&str] = &["Transfer", "Fee", "Tax"];
const DIRECTIONS: &[&str] = &["credit", "debit"];
const TIMES: &[&str] = &[
    "2026-11-10T00:00:00Z",
    "2026-11-10T23:59:00Z",
    "2026-11-10T23:59:40Z",
    "2026-11-12T23:59:00Z",
    "2026-11-13T00:00:00Z",
    "2026-11-17T23:59:00Z",
    "2026-11-18T00:00:00Z",
    "2026-11-19T08:00:00Z",
];

fn ledger() -> impl Strategy<Value = Vec<RowFields<&'static str>>> {
    let row = (
        select(REFERENCES),
        select(IDS),
        select(GROUPS),
        select(AMOUNTS),
        select(KINDS),
        select(DIRECTIONS),
        select(TIMES),
        select(&["tra_1", "tra_2"][..]),
    );
    let row = row.prop_map(|(reference, id, group, amount, kind, direction, at, transaction_id)| RowFields {
        transaction_id,
        provider_transaction_id: id,
        group_reference: group,
        kind,
        direction,
        at,
        ..ours(reference, amount)
    });
    prop::collection::vec(row, 0..14)
}

fn statement() -> impl Strategy<Value = Vec<RowFields<&'static str>>> {
    let row = (
        select(REFERENCES),
        select(IDS),
        select(GROUPS),
        select(AMOUNTS),
        select(KINDS),
        select(DIRECTIONS),
        select(TIMES),
    );
    let row = row.prop_map(|(reference, id, group, amount, kind, direction, at)| RowFields {
        provider_transaction_id: id,
        group_reference: group,
        kind,
        direction,
        at,
        ..theirs(reference, amount)
    });
    prop::collection::vec(row, 0..14)
}

/// Rows of one order and amount, whatever else they say; the first day of the times is the ledger's, the others the statement's.
fn equal_rows() -> impl Strategy<Value = (Vec<RowFields<&'static str>>, Vec<RowFields<&'static str>>)> {
    const PAID: &[&str] = &["2026-11-10T08:00:05Z", "2026-11-10T08:00:45Z", "2026-11-10T23:59:59Z"];
    const BOOKED: &[&str] = &["2026-11-10T08:00:45Z", "2026-11-11T00:00:00Z", "2026-11-12T23:59:59Z"];
    let payment = (select(IDS), select(GROUPS), select(PAID), select(&["tra_1", "tra_2", "tra_3"][..]));
    let payment = payment.prop_map(|(id, group, at, transaction_id)| RowFields {
        transaction_id,
        provider_transaction_id: id,
        group_reference: group,
        at,
        ..ours("A", "100")
    });
    let booking = (select(IDS), select(BOOKED));
    let booking =
        booking.prop_map(|(id, at)| RowFields { provider_transaction_id: id, at, ..theirs("A", "100") });
    (prop::collection::vec(payment, 0..7), prop::collection::vec(booking, 0..7))
}

/// Rows that are a pair at a moment at which no other row is.
fn fresh_pair() -> impl Strategy<Value = [RowFields<&'static str>; 2]> {
    const AT: &str = "2026-11-11T11:11:11Z";
    let row = (select(&["A", "B"][..]), select(AMOUNTS), select(KINDS), select(DIRECTIONS));
    row.prop_map(|(reference, amount, kind, direction)| {
        let payment =
            RowFields { transaction_id: "tra_9", kind, direction, at: AT, ..ours(reference, amount) };
        [payment, RowFields { kind, direction, at: AT, ..theirs(reference, amount) }]
    })
}

/// The same rows, at what the clocks of another zone showed instead of those of UTC.
fn shown_in(
    rows: &[RowFields<&'static str>],
    zone: &Zone,
    read: fn(&[RowFields<&str>]) -> Vec<Row>,
) -> Vec<Row> {
    let moments: Vec<String> = rows
        .iter()
        .map(|row| {
            let shown = row.at.trim_end_matches('Z').replace('T', " ");
            zone.parse_clock_text(&shown).unwrap().to_string()
        })
        .collect();
    let shown: Vec<RowFields<&str>> =
        rows.iter().zip(&moments).map(|(row, at)| RowFields { at: at.as_str(), ..*row }).collect();
    read(&shown)
}

/// How often each content comes to each outcome, lines aside.
fn by_content(
    rows: &[Row],
    reconciled: &[paywarden_domain::reconciliation::RowVerdict],
) -> BTreeMap<String, u32> {
    let by_line: BTreeMap<u32, &Row> = rows.iter().map(|row| (row.line, row)).collect();
    let mut counts = BTreeMap::new();
    for verdict in reconciled {
        let content = by_line.get(&verdict.line).unwrap().content();
        *counts.entry(format!("{content:?} {}", verdict.outcome)).or_default() += 1;
    }
    counts
}

fn summary(
    ours: &[Row],
    theirs: &[Row],
    reconciled: &Reconciled,
) -> (BTreeMap<String, u32>, BTreeMap<String, u32>) {
    (by_content(ours, &reconciled.ledger), by_content(theirs, &reconciled.statement))
}

/// The outcome of every line of both sides.
fn by_line(reconciled: &Reconciled) -> [BTreeMap<u32, Outcome>; 2] {
    [&reconciled.ledger, &reconciled.statement]
        .map(|side| side.iter().map(|verdict| (verdict.line, verdict.outcome)).collect())
}

/// The passes as shards run them: references apart, the rest together.
fn sharded(ours: &[Row], theirs: &[Row], count: u64) -> Reconciled {
    let rules = Rules::default();
    let shards: Vec<Claims> = (0..count)
        .map(|shard| {
            let own = |rows: &[Row]| -> Vec<Row> {
                rows.iter().filter(|row| row.reference[0] % count == shard).copied().collect()
            };
            match_references(&mut own(ours), &mut own(theirs), &rules)
        })
        .collect();
    let mut claims = merged(shards);
    match_fallbacks(&mut claims, &rules);
    close(claims, &rules, as_of())
}

proptest! {
    #[test]
    fn each_row_has_one_outcome_and_pairs_agree(ours in ledger(), theirs in statement()) {
        let (mut ours, mut theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let reconciled = reconcile(&mut ours, &mut theirs, &Rules::default(), as_of());
        let lines = |verdicts: &[paywarden_domain::reconciliation::RowVerdict]| {
            let mut lines: Vec<u32> = verdicts.iter().map(|verdict| verdict.line).collect();
            lines.sort_unstable();
            lines
        };
        let all = |count: usize| (2..).take(count).collect::<Vec<u32>>();
        prop_assert_eq!(lines(&reconciled.ledger), all(ours.len()));
        prop_assert_eq!(lines(&reconciled.statement), all(theirs.len()));
        for verdict in reconciled.ledger.iter().filter(|verdict| verdict.counterpart != 0) {
            let counterpart = reconciled.statement.iter().find(|other| other.line == verdict.counterpart);
            prop_assert_eq!(counterpart.unwrap().outcome, verdict.outcome);
        }
    }

    #[test]
    fn order_does_not_matter(
        ours in ledger(),
        theirs in statement(),
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..20),
    ) {
        let (ours, theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let (mut shuffled, mut others) = (ours.clone(), theirs.clone());
        for (one, other) in swaps {
            if !shuffled.is_empty() {
                let (one, other) = (one.index(shuffled.len()), other.index(shuffled.len()));
                shuffled.swap(one, other);
            }
            if !others.is_empty() {
                let (one, other) = (one.index(others.len()), other.index(others.len()));
                others.swap(one, other);
            }
        }
        let straight = reconcile(&mut ours.clone(), &mut theirs.clone(), &Rules::default(), as_of());
        let crooked = reconcile(&mut shuffled, &mut others, &Rules::default(), as_of());
        prop_assert_eq!(summary(&ours, &theirs, &crooked), summary(&ours, &theirs, &straight));
    }

    #[test]
    fn shards_do_not_matter(ours in ledger(), theirs in statement()) {
        let (ours, theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let whole = reconcile(&mut ours.clone(), &mut theirs.clone(), &Rules::default(), as_of());
        for count in [1, 7, 64] {
            let parts = sharded(&ours, &theirs, count);
            prop_assert_eq!(summary(&ours, &theirs, &parts), summary(&ours, &theirs, &whole), "{} shards", count);
        }
    }

    #[test]
    fn what_is_handed_over_bit_by_bit_is_what_is_told_at_once(ours in ledger(), theirs in statement()) {
        let (ours, theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let rules = Rules::default();
        let mut claims = Claims::of_open(ours.clone(), theirs.clone());
        match_fallbacks(&mut claims, &rules);
        let at_once = close(claims, &rules, as_of());
        let mut told = Reconciled::default();
        settle_open((ours, theirs), &rules, as_of(), |more| {
            told.ledger.extend(more.ledger);
            told.statement.extend(more.statement);
            told.differences.extend(more.differences);
            Ok::<(), std::convert::Infallible>(())
        }).unwrap();
        prop_assert_eq!(told, at_once);
    }

    #[test]
    fn lonely_rows_change_nothing_for_others(
        ours in ledger(),
        theirs in statement(),
        leave in prop::collection::vec(any::<bool>(), 32),
    ) {
        let (ours, theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let rules = Rules::default();
        let mut keys = RunKeys::for_rows(14, 14);
        ours.iter().for_each(|row| keys.add(BookSide::Ledger, row));
        theirs.iter().for_each(|row| keys.add(BookSide::Statement, row));
        let claims = match_references(&mut ours.clone(), &mut theirs.clone(), &rules);
        let (_, mut ours, mut theirs) = claims.into_parts();
        let told = |ours: &[Row], theirs: &[Row]| {
            let mut claims = Claims::of_open(ours.to_vec(), theirs.to_vec());
            match_fallbacks(&mut claims, &rules);
            let mut told = close(claims, &rules, as_of());
            told.ledger.sort_unstable();
            told.statement.sort_unstable();
            told.differences.sort_unstable();
            told
        };
        let mut expected = told(&ours, &theirs);
        let lonely = [(BookSide::Ledger, &mut ours), (BookSide::Statement, &mut theirs)]
            .map(|(side, open)| keys.lonely(side, open));
        let is_left_out = |side: usize, line: u32| lonely[side].contains(&line) && leave[line as usize];
        for (side, verdicts) in [&mut expected.ledger, &mut expected.statement].into_iter().enumerate() {
            prop_assert!(verdicts.iter().all(|one| !is_left_out(side, one.line) || one.outcome.is_alone()));
            verdicts.retain(|one| !is_left_out(side, one.line));
        }
        ours.retain(|row| !is_left_out(0, row.line));
        theirs.retain(|row| !is_left_out(1, row.line));
        prop_assert_eq!(told(&ours, &theirs), expected);
    }

    #[test]
    fn a_provider_s_day_is_a_day_wherever_it_is(
        ours in ledger(),
        theirs in statement(),
        zone in select(&["Asia/Jakarta", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"][..]),
    ) {
        let zone = Zone::parse(zone).unwrap();
        let there = reconcile(
            &mut shown_in(&ours, &zone, ledger_rows),
            &mut shown_in(&theirs, &zone, statement_rows),
            &Rules { zone, ..Rules::default() },
            as_of(),
        );
        let (mut ours, mut theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let in_greenwich = reconcile(&mut ours, &mut theirs, &Rules::default(), as_of());
        prop_assert_eq!(by_line(&there), by_line(&in_greenwich));
    }

    #[test]
    fn as_many_equal_rows_as_both_sides_have_match_and_the_others_are_alone((ours, theirs) in equal_rows()) {
        let both = ours.len().min(theirs.len());
        let (mut ours, mut theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let reconciled = reconcile(&mut ours, &mut theirs, &Rules::default(), as_of());
        for side in [&reconciled.ledger, &reconciled.statement] {
            let matched = side.iter().filter(|verdict| verdict.outcome == Outcome::Matched).count();
            prop_assert_eq!(matched, both);
            let is_told = |outcome: Outcome| outcome == Outcome::Matched || outcome.is_alone();
            prop_assert!(side.iter().all(|verdict| is_told(verdict.outcome)), "{:?}", side);
        }
    }

    #[test]
    fn a_row_more_on_both_sides_is_a_match_more_and_changes_nothing_else(
        ours in ledger(),
        theirs in statement(),
        [payment, booking] in fresh_pair(),
    ) {
        // What a payment's fee comes to depends on its transfer, so that kinds of one reference are no business of this.
        let of_kind = |rows: Vec<RowFields<&'static str>>| -> Vec<_> {
            rows.into_iter().filter(|row| row.reference != payment.reference || row.kind == payment.kind).collect()
        };
        let (ours, theirs) = (of_kind(ours), of_kind(theirs));
        let run = |ours: &[RowFields<&str>], theirs: &[RowFields<&str>]| {
            by_line(&reconcile(&mut ledger_rows(ours), &mut statement_rows(theirs), &Rules::default(), as_of()))
        };
        let mut expected = run(&ours, &theirs);
        for (side, rows) in expected.iter_mut().zip([&ours, &theirs]) {
            side.insert(u32::try_from(rows.len()).unwrap() + 2, Outcome::Matched);
        }
        let more = |rows: &[RowFields<&'static str>], row| [rows, &[row]].concat();
        prop_assert_eq!(run(&more(&ours, payment), &more(&theirs, booking)), expected);
    }

    #[test]
    fn more_tolerance_never_makes_a_match_an_exception(
        ours in ledger(),
        theirs in statement(),
        tolerance in 0_i64..20_000,
    ) {
        let (mut ours, mut theirs) = (ledger_rows(&ours), statement_rows(&theirs));
        let strict = reconcile(&mut ours, &mut theirs, &Rules::default(), as_of());
        let rules = Rules { tolerance_minor: tolerance, ..Rules::default() };
        let lenient = reconcile(&mut ours, &mut theirs, &rules, as_of());
        let matches = |reconciled: &Reconciled| {
            let is_match = |outcome| matches!(outcome, Outcome::Matched | Outcome::MatchedWithVariance);
            reconciled.ledger.iter().filter(|verdict| is_match(verdict.outcome)).count()
        };
        prop_assert!(matches(&lenient) >= matches(&strict));
    }
}
