//! Every outcome, by the smallest case that has it.

use paywarden_domain::reconciliation::{Outcome, RowFields, Rules};

use crate::sides::{ours, outcomes, run, theirs};

/// What both sides come to, as words.
fn words(ours: &[RowFields<&str>], theirs: &[RowFields<&str>]) -> (Vec<&'static str>, Vec<&'static str>) {
    let (ledger, statement) = outcomes(ours, theirs);
    let words = |outcomes: Vec<Outcome>| outcomes.into_iter().map(Outcome::as_str).collect();
    (words(ledger), words(statement))
}

#[test]
fn one_row_on_each_side_says_what_differs() {
    let (our, their) = (ours("A", "100"), theirs("A", "100"));
    let fee = |amount| RowFields { kind: "Fee", ..ours("A", amount) };
    let their_fee = |amount| RowFields { kind: "Fee", ..theirs("A", amount) };
    let tax = |amount| RowFields { kind: "Tax", ..ours("A", amount) };
    let their_tax = |amount| RowFields { kind: "Tax", ..theirs("A", amount) };
    let cases = [
        (our, their, "MATCHED"),
        (our, theirs("A", "100.00"), "MATCHED"),
        (our, theirs("A", "100.01"), "AMOUNT_OVER"),
        (our, theirs("A", "99.99"), "AMOUNT_UNDER"),
        (fee("5"), their_fee("5.99"), "ROUNDING"),
        (fee("5"), their_fee("7"), "FEE_OVER"),
        (fee("5"), their_fee("3"), "FEE_UNDER"),
        (tax("5"), their_tax("5.01"), "ROUNDING"),
        (tax("5"), their_tax("7"), "TAX_VARIANCE"),
        (our, RowFields { currency: "IDR", ..their }, "CURRENCY"),
        (our, RowFields { direction: "debit", ..their }, "DIRECTION"),
        (our, RowFields { status: "REVERSED", ..their }, "STATUS"),
        (RowFields { status: "REVERSED", ..our }, RowFields { status: "REVERSED", ..their }, "MATCHED"),
        (RowFields { status: "COMPLETED", ..our }, their, "MATCHED"),
        // Tuesday the 10th and two business days are Thursday the 12th.
        (our, RowFields { at: "2026-11-12T23:59:00Z", ..their }, "MATCHED"),
        (our, RowFields { at: "2026-11-13T00:00:00Z", ..their }, "LATE"),
    ];
    for (our, their, expected) in cases {
        assert_eq!(words(&[our], &[their]), (vec![expected], vec![expected]), "{our:?} {their:?}");
    }
}

#[test]
fn what_only_one_side_has_is_missing_or_may_still_come() {
    assert_eq!(words(&[ours("A", "100")], &[]).0, ["MISSING_EXTERNAL"]);
    assert_eq!(words(&[], &[theirs("A", "100")]).1, ["MISSING_INTERNAL"]);
    let recent = RowFields { at: "2026-11-19T08:00:00Z", ..ours("A", "100") };
    assert_eq!(words(&[recent], &[]).0, ["PENDING_SETTLEMENT"]);
}

#[test]
fn a_row_that_is_there_twice_is_a_duplicate_and_a_second_payment_is_not() {
    let (our, their) = (ours("A", "100"), theirs("A", "100"));
    assert_eq!(words(&[our, our], &[their]), (vec!["MATCHED", "DUPLICATE_INTERNAL"], vec!["MATCHED"]));
    assert_eq!(words(&[our], &[their, their]).1, ["MATCHED", "DUPLICATE_EXTERNAL"]);
    assert_eq!(words(&[our, our], &[their, their]), (vec!["MATCHED"; 2], vec!["MATCHED"; 2]));
    assert_eq!(words(&[our, our], &[]).0, ["MISSING_EXTERNAL", "DUPLICATE_INTERNAL"]);
    let with = |id, payment| RowFields { transaction_id: id, provider_transaction_id: payment, ..our };
    let named = RowFields { provider_transaction_id: "p1", ..their };
    assert_eq!(
        words(&[with("tra_1", "p1"), with("tra_2", "p2")], &[named]),
        (vec!["MATCHED", "MISSING_EXTERNAL"], vec!["MATCHED"])
    );
}

#[test]
fn two_payments_of_one_minute_are_two() {
    let with = |id, at| RowFields { transaction_id: id, at, ..ours("A", "100") };
    let booked = |at| RowFields { at, ..theirs("A", "100") };
    let our = [with("tra_1", "2026-11-10T08:00:05Z"), with("tra_2", "2026-11-10T08:00:45Z")];
    let their = [booked("2026-11-11T08:00:05Z"), booked("2026-11-11T08:00:45Z")];
    assert_eq!(words(&our, &their), (vec!["MATCHED"; 2], vec!["MATCHED"; 2]));
    assert_eq!(words(&[], &their).1, ["MISSING_INTERNAL"; 2]);
    let again = our.map(|our| RowFields { transaction_id: "tra_1", ..our });
    assert_eq!(words(&again, &[]).0, ["MISSING_EXTERNAL"; 2], "nor are two refunds of one payment");
}

#[test]
fn as_many_equal_rows_on_either_side_are_pairs_and_only_the_surplus_is_told() {
    let with = |id| RowFields { transaction_id: id, ..ours("A", "100") };
    let our = [with("tra_1"), with("tra_2"), with("tra_3")];
    let their = theirs("A", "100");
    assert_eq!(words(&our, &[their; 3]), (vec!["MATCHED"; 3], vec!["MATCHED"; 3]));
    let surplus = ["MATCHED", "MATCHED", "MATCHED", "DUPLICATE_EXTERNAL", "DUPLICATE_EXTERNAL"];
    assert_eq!(words(&our, &[their; 5]), (vec!["MATCHED"; 3], surplus.to_vec()));
    let later = RowFields { at: "2026-11-10T09:00:00+02:00", ..with("tra_0") };
    assert_eq!(
        words(&[later, with("tra_1")], &[their]),
        (vec!["MISSING_EXTERNAL", "MATCHED"], vec!["MATCHED"]),
        "the oldest is settled first"
    );
    let pending = RowFields { at: "2026-11-19T09:00:00+02:00", ..with("tra_0") };
    assert_eq!(words(&[pending, with("tra_1")], &[their]).0, ["PENDING_SETTLEMENT", "MATCHED"]);
    let named = |id| RowFields { provider_transaction_id: id, ..their };
    assert_eq!(
        words(&[with("tra_1")], &[named("p1"), named("p2")])
            .1
            .iter()
            .filter(|word| **word == "MATCHED")
            .count(),
        1
    );
}

#[test]
fn equal_rows_are_paired_by_what_else_they_say() {
    let (our, their) = (ours("A", "100"), theirs("A", "100"));
    let at = |at| RowFields { at, ..our };
    let booked = |at| RowFields { at, ..their };
    let (first, second) = ("2026-11-10T08:00:05Z", "2026-11-10T08:00:45Z");
    assert_eq!(
        words(&[at(first), at(second)], &[booked(second)]).0,
        ["MISSING_EXTERNAL", "MATCHED"],
        "the very same moment"
    );
    // Two business days: what was paid on Tuesday the 3rd is not settled on Wednesday the 11th, what was paid on the 9th is.
    let (old, recent) = ("2026-11-03T08:00:00Z", "2026-11-09T08:00:00Z");
    assert_eq!(words(&[at(old), at(recent)], &[their]).0, ["MISSING_EXTERNAL", "MATCHED"], "in time");
    assert_eq!(
        words(&[our], &[booked("2026-11-08T08:00:00Z"), their]).1,
        ["MISSING_INTERNAL", "MATCHED"],
        "not before it was paid"
    );
    assert_eq!(words(&[at(old), at(old)], &[their, their]).0, ["LATE"; 2], "but late they are late");
    let (reversed, back) =
        (RowFields { status: "REVERSED", ..our }, RowFields { status: "REVERSED", ..their });
    assert_eq!(
        words(&[reversed, our], &[their]),
        (vec!["MISSING_EXTERNAL", "MATCHED"], vec!["MATCHED"]),
        "what went back is not what was settled"
    );
    assert_eq!(words(&[our, reversed], &[back, their]), (vec!["MATCHED"; 2], vec!["MATCHED"; 2]));
    let other = RowFields { transaction_id: "tra_2", ..our };
    assert_eq!(words(&[our, other], &[back]), (vec!["AMBIGUOUS"; 2], vec!["AMBIGUOUS"]), "which went back?");
}

#[test]
fn where_several_would_do_none_is_picked() {
    assert_eq!(
        words(&[ours("A", "100"), ours("A", "200")], &[theirs("A", "101"), theirs("A", "199")]),
        (vec!["AMBIGUOUS"; 2], vec!["AMBIGUOUS"; 2])
    );
    let named = |reference| RowFields { provider_transaction_id: "p1", ..ours(reference, "100") };
    let their = RowFields { provider_transaction_id: "p1", ..theirs("", "100") };
    assert_eq!(words(&[named("A"), named("B")], &[their]), (vec!["AMBIGUOUS"; 2], vec!["AMBIGUOUS"]));
    assert_eq!(words(&[named("A"), named("B")], &[their; 2]), (vec!["MATCHED"; 2], vec!["MATCHED"; 2]));
    assert_eq!(words(&[named("A"), named("A")], &[their; 2]), (vec!["MATCHED"; 2], vec!["MATCHED"; 2]));
}

#[test]
fn thirteen_equal_amounts_are_no_trouble() {
    let names: Vec<String> = (0..13).map(|number| format!("REF{number}")).collect();
    let our: Vec<_> = names.iter().map(|name| ours(name, "100")).collect();
    let their: Vec<_> = names.iter().rev().map(|name| theirs(name, "100")).collect();
    assert_eq!(words(&our, &their), (vec!["MATCHED"; 13], vec!["MATCHED"; 13]));
}

#[test]
fn a_fee_that_was_not_taken_and_one_that_was_not_expected() {
    let fee = RowFields { kind: "Fee", direction: "debit", ..ours("A", "5") };
    let tax = RowFields { kind: "Tax", direction: "debit", ..ours("A", "1") };
    assert_eq!(
        words(&[ours("A", "100"), fee, tax], &[theirs("A", "100")]).0,
        ["MATCHED", "FEE_MISSING", "TAX_VARIANCE"]
    );
    let their_fee = RowFields { kind: "Fee", direction: "debit", ..theirs("A", "5") };
    assert_eq!(words(&[ours("A", "100")], &[theirs("A", "100"), their_fee]).1, ["MATCHED", "FEE_OVER"]);
    assert_eq!(words(&[fee], &[]).0, ["MISSING_EXTERNAL"], "without its transfer it is just missing");
}

#[test]
fn rows_without_a_common_reference_meet_by_the_providers_id_or_the_bank_statement() {
    let our = RowFields { provider_transaction_id: "p1", group_reference: "BANK1", ..ours("A", "100") };
    let by_id = RowFields { provider_transaction_id: "p1", ..theirs("", "100") };
    assert_eq!(words(&[our], &[by_id]), (vec!["MATCHED"], vec!["MATCHED"]));
    assert_eq!(words(&[our], &[theirs("BANK1", "100")]), (vec!["MATCHED"], vec!["MATCHED"]));
    assert_eq!(words(&[our], &[theirs("", "100")]), (vec!["MISSING_EXTERNAL"], vec!["MISSING_INTERNAL"]));
    let other = RowFields { transaction_id: "tra_2", ..our };
    assert_eq!(words(&[our, RowFields { reference: "B", ..other }], &[by_id]).1, ["AMBIGUOUS"]);
}

#[test]
fn a_payout_is_the_sum_of_its_payments() {
    let part = |reference, amount| RowFields { group_reference: "PO1", ..ours(reference, amount) };
    let fee = RowFields { kind: "Fee", direction: "debit", ..part("A", "5") };
    let payout = |amount| RowFields { group_reference: "PO1", ..theirs("", amount) };
    let rows = [part("A", "100"), part("B", "50.50"), fee];
    assert_eq!(words(&rows, &[payout("145.50")]), (vec!["MATCHED"; 3], vec!["MATCHED"]));
    assert_eq!(words(&rows, &[payout("145")]), (vec!["GROUP_INCOMPLETE"; 3], vec!["UNEXPLAINED_RESIDUAL"]));
}

#[test]
fn what_is_tolerated_is_a_variance() {
    let outcome = |rules: &Rules| {
        let reconciled = run(&[ours("A", "1000")], &[theirs("A", "1001")], rules);
        assert_eq!(reconciled.differences, [(2, 100)]);
        reconciled.ledger.first().unwrap().outcome
    };
    let rules = Rules::default();
    assert_eq!(outcome(&rules), Outcome::AmountOver);
    assert_eq!(outcome(&Rules { tolerance_minor: 100, ..rules.clone() }), Outcome::MatchedWithVariance);
    assert_eq!(outcome(&Rules { tolerance_basis_points: 10, ..rules.clone() }), Outcome::MatchedWithVariance);
    assert_eq!(
        outcome(&Rules { tolerance_basis_points: 9, tolerance_minor: 99, ..rules }),
        Outcome::AmountOver
    );
}
