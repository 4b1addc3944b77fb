//! Runs, from start to end.

use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::run::{RunScope, RunState};
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::builders;
use serde_json::json;

use crate::workshop::{HEADER, Workshop, line, summary};

const DAY: &str = "2026-11-20T03:00:00Z";

#[tokio::test]
async fn every_row_of_the_days_has_its_outcome_and_rows_of_other_days_are_counterparts_only() {
    let workshop = Workshop::open().await;
    for (reference, at) in [
        ("INV1", DAY),
        ("INV2", DAY),
        ("EARLIER", "2026-11-18T03:00:00Z"),
        ("UNSEEN", "2026-11-17T03:00:00Z"),
    ] {
        workshop.paid(reference, "10000", at).await;
    }
    let text = [
        HEADER,
        &line("INV1", "10000", DAY),
        &line("EARLIER", "10000", DAY),
        &line("FOREIGN", "5", DAY),
        &line("NOT-TODAYS", "5", "2026-11-10T03:00:00Z"),
        "BROKEN,,Transfer,credit,ten,IDR,2026-11-20T03:00:00Z,,SETTLED\n",
    ]
    .concat();
    let statement = workshop.statement("one", &text).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.reconcile(scope, &[&statement]).await;
    assert_eq!(run.state, RunState::CompletedWithRejects);
    let mut outcomes = workshop.outcomes(&run);
    outcomes.sort();
    let ledger: Vec<&str> = outcomes
        .iter()
        .filter(|row| row.contains(" ledger "))
        .map(|row| row.split(' ').next().unwrap())
        .collect();
    assert_eq!(ledger, ["MATCHED", "MATCHED", "PENDING_SETTLEMENT"]);
    let statement: Vec<&str> =
        outcomes.iter().filter(|row| row.contains(" statement ")).map(String::as_str).collect();
    let places: Vec<String> =
        statement.iter().map(|row| row.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "MATCHED statement 2",
        "MATCHED statement 3",
        "MISSING_INTERNAL statement 4",
        "PARSE_ERROR statement 6",
    ];
    assert_eq!(places, expected);
    let summary = summary(&run);
    assert_eq!(summary["rows"], json!({"ledger": 3, "statement": 4}));
    assert_eq!(summary["outside"], json!({"ledger": 1, "statement": 1}));
    assert_eq!(summary["sums"]["ledger"]["IDR"]["Transfer"]["MATCHED"], "20000");
    assert_eq!(summary["exceptions"]["found"], 2);
}

#[tokio::test]
async fn rows_of_other_days_that_can_meet_nobody_end_in_their_shard() {
    let workshop = Workshop::open().await;
    for number in 0..9 {
        let at = format!("2026-11-1{number}T03:00:00Z");
        workshop.paid_as(&format!("UNSEEN{number}"), Some(&format!("id{number}")), "10000", &at).await;
    }
    workshop.paid_as("EARLIER", Some("known"), "10000", "2026-11-18T03:00:00Z").await;
    workshop.paid("MISSING", "10000", DAY).await;
    let text = [
        HEADER,
        &format!("RENAMED,known,Transfer,credit,10000,IDR,{DAY},,SETTLED\n"),
        &line("NOT-TODAYS", "5", "2026-11-10T03:00:00Z"),
    ]
    .concat();
    let statement = workshop.statement("one", &text).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.reconcile(scope, &[&statement]).await;
    let objects = &workshop.stage.objects;
    let open = objects.keys().into_iter().filter(|key| key.contains("/open-"));
    let open: String = open.filter_map(|key| objects.text(&key)).collect();
    let references =
        ["EARLIER", "MISSING", "RENAMED", "UNSEEN", "NOT-TODAYS"].map(|name| open.contains(name));
    assert_eq!(references, [true, true, true, false, false], "{open}");
    let summary = summary(&run);
    assert_eq!(summary["outside"], json!({"ledger": 9, "statement": 1}));
    let mut outcomes = workshop.outcomes(&run);
    outcomes.iter_mut().for_each(|row| row.truncate(row.find(' ').unwrap()));
    outcomes.sort();
    assert_eq!(outcomes, ["MATCHED", "MATCHED", "PENDING_SETTLEMENT"]);
}

#[tokio::test]
async fn fees_taxes_fallbacks_and_duplicates_survive_the_shards() {
    let mut workshop = Workshop::open().await;
    workshop.provider = builders::charging(workshop.provider);
    for number in 0..9 {
        workshop.paid(&format!("INV{number}"), "100000", DAY).await;
    }
    let mut text = HEADER.to_owned();
    for number in 0..9 {
        text += &line(&format!("INV{number}"), "100000", DAY);
        let fee = if number == 3 { "4600" } else { "4500" };
        text += &format!("INV{number},,Fee,debit,{fee},IDR,{DAY},,SETTLED\n");
        text += &format!("INV{number},,Tax,debit,495,IDR,{DAY},,SETTLED\n");
    }
    text += &line("INV5", "100000", DAY);
    let statement = workshop.statement("one", &text).await;
    let mut results = Vec::new();
    for (index, shard_rows) in [1_000, 8, 1].into_iter().enumerate() {
        workshop.shard_rows = shard_rows;
        let rules = Rules { tolerance_minor: i64::try_from(index).unwrap(), ..Rules::default() };
        let scope = RunScope { rules, ..workshop.scope("2026-11-20", "2026-11-20", &[&statement]) };
        let run = workshop.reconcile(scope, &[&statement]).await;
        let summary = summary(&run);
        assert_eq!(
            summary["outcomes"]["statement"],
            json!({"DUPLICATE_EXTERNAL": 1, "FEE_OVER": 1, "MATCHED": 26})
        );
        assert_eq!(summary["outcomes"]["ledger"], json!({"FEE_OVER": 1, "MATCHED": 26}));
        results.push((workshop.report(&run), summary["result_sha256"].clone()));
        let shards = run.manifest.unwrap().shards;
        assert_eq!(shards, [1, 7, 55][index]);
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "shards change nothing, not even the order");
    let mut backwards: Vec<&str> = text.lines().skip(1).collect();
    backwards.reverse();
    let shuffled = workshop.statement("two", &format!("{HEADER}{}\n", backwards.join("\n"))).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&shuffled]);
    let run = workshop.reconcile(scope, &[&shuffled]).await;
    assert_eq!(summary(&run)["result_sha256"], results[0].1, "nor does the order of a statement");
}

#[tokio::test]
async fn the_same_question_is_the_same_run_and_a_dry_run_leaves_no_trace() {
    let workshop = Workshop::open().await;
    let statement = workshop.statement("one", &format!("{HEADER}{}", line("INV1", "5", DAY))).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let dry = RunScope { dry_run: true, ..scope.clone() };
    let tried = workshop.reconcile(dry, &[&statement]).await;
    assert_eq!(summary(&tried)["exceptions"]["found"], 1);
    let page = workshop.table().findings(&tried.id, None, None, 10).await.unwrap();
    assert_eq!(page.exceptions, []);
    let run = workshop.reconcile(scope.clone(), &[&statement]).await;
    assert_eq!((run.state, &run.supersedes), (RunState::Completed, &None));
    assert_ne!(run.id, tried.id);
    let again = workshop.reconcile(scope, &[&statement]).await;
    assert_eq!(again, run, "asking again changes nothing");
    let runs = workshop.table().runs(&workshop.merchant.id, None, 10).await.unwrap();
    assert_eq!(runs.items.len(), 2);
}

#[tokio::test]
async fn whoever_asks_at_the_same_moment_gets_the_same_run() {
    let workshop = Workshop::open().await;
    let statement = workshop.statement("one", &format!("{HEADER}{}", line("INV1", "5", DAY))).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let statements = [&statement];
    let asked = (0..8).map(|_| workshop.start(scope.clone(), &statements));
    let runs = futures::future::join_all(asked).await;
    assert!(runs.iter().all(|run| run == &runs[0]));
}

#[tokio::test]
async fn a_run_that_was_stopped_does_nothing_more_and_can_be_begun_again() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let statement = workshop.statement("one", &format!("{HEADER}{}", line("INV1", "10000", DAY))).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.start(scope.clone(), &[&statement]).await;
    let (queue, begin) = workshop.messages().remove(0);
    workshop.step(queue, &begin).await.unwrap();
    let matching = workshop.table().run(&run.id).await.unwrap().unwrap();
    assert_eq!(matching.state, RunState::Matching);
    let stopped = matching.cancel(workshop.stage.clock.now()).unwrap();
    workshop.table().replace_run(&stopped).await.unwrap();
    workshop.work().await;
    assert_eq!(workshop.table().run(&run.id).await.unwrap().unwrap(), stopped);
    let again = workshop.reconcile(scope, &[&statement]).await;
    assert_eq!((again.state, again.attempt), (RunState::Completed, 2));
    workshop.step(queue, &begin).await.unwrap();
    assert_eq!(workshop.table().run(&run.id).await.unwrap().unwrap(), again, "old work is not done");
}

#[tokio::test]
async fn a_restated_statement_takes_the_place_of_the_one_before() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let first = workshop.statement("one", &format!("{HEADER}{}", line("INV1", "9000", DAY))).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&first]);
    let before = workshop.reconcile(scope, &[&first]).await;
    let restated = workshop.statement("two", &format!("{HEADER}{}", line("INV1", "10000", DAY))).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&restated]);
    workshop.stage.clock.advance_seconds(60);
    let after = workshop.reconcile(scope, &[&restated]).await;
    assert_eq!(after.supersedes, Some(before.id.clone()));
    let retired = workshop.table().run(&before.id).await.unwrap().unwrap();
    assert_eq!((retired.state, retired.superseded_by), (RunState::Superseded, Some(after.id.clone())));
    assert_eq!(summary(&after)["exceptions"]["cleared"], 1);
}

#[tokio::test]
async fn a_provider_s_ids_are_compared_as_its_callbacks_and_its_statements_write_them() {
    let workshop = Workshop::open().await;
    for number in 0..3 {
        workshop.paid_as(&format!("INV{number}"), Some(&format!("qrpy_{number}aa")), "10000", DAY).await;
    }
    // A virtual account is known by the payment's id, and its line has the callback's.
    let account = Report {
        provider_transaction_id: Some("pay_3".to_owned()),
        id_on_statements: Some("3aa".to_owned()),
        ..builders::report("INV3", Status::Paid, DAY)
    };
    workshop.told("INV3", account).await;
    let header = "Product ID,Line Type,Reference,Currency,Amount,Debit or Credit,Created Date ISO\n";
    let line = |id: &str, reference: &str| format!("{id},TRANSACTION,{reference},IDR,10000,CREDIT,{DAY}\n");
    let lines = [("0aa", "QRIS-0"), ("qrpy_1aa", "QRIS-1"), ("2aa", "INV2"), ("3aa", "VA-3")];
    let text = lines.iter().fold(header.to_owned(), |text, (id, reference)| text + &line(id, reference));
    let statement = workshop.statement("one", &text).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.reconcile(scope, &[&statement]).await;
    assert_eq!(
        summary(&run)["outcomes"],
        json!({"ledger": {"MATCHED": 4}, "statement": {"MATCHED": 4}}),
        "whatever the reference says"
    );
    let report = workshop.report(&run);
    assert!(
        [",qrpy_0aa,", ",0aa,", ",pay_3,", ",3aa,"].iter().all(|told| report.contains(told)),
        "each is shown as it was told: {report}"
    );
}

#[tokio::test]
async fn a_statement_that_was_cut_shows_on_its_run() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let header = "Line Type,Reference,Currency,Amount,Balance,Debit or Credit,Created Date ISO\n";
    let line = |balance: u32| format!("TRANSACTION,INV1,IDR,10000,{balance},CREDIT,{DAY}\n");
    for (name, balances, expected) in [
        ("whole", [110_000, 120_000], RunState::Completed),
        ("cut", [110_000, 130_000], RunState::CompletedWithRejects),
    ] {
        let text = format!("{header}{}{}", line(balances[0]), line(balances[1]));
        let statement = workshop.statement(name, &text).await;
        let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
        assert_eq!(workshop.reconcile(scope, &[&statement]).await.state, expected, "{name}");
    }
}

#[tokio::test]
async fn a_run_whose_statement_is_gone_fails_with_the_reason() {
    let workshop = Workshop::open().await;
    let statement = workshop.statement("one", &format!("{HEADER}{}", line("INV1", "5", DAY))).await;
    workshop.stage.objects.remove("parsed/");
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.reconcile(scope, &[&statement]).await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(run.failure.unwrap(), format!("the rows of the statement {} are gone", statement.id));
}

#[tokio::test]
async fn no_cell_of_a_report_is_run_by_a_spreadsheet() {
    let workshop = Workshop::open().await;
    workshop.paid("+62811", "10000", DAY).await;
    let text = [
        HEADER,
        &line("=HYPERLINK(A1)", "5", DAY),
        &line("\"@SUM(1,2)\"", "5", DAY),
        &line("+62811", "10000", DAY),
        "-1,-2,Transfer,credit,7,IDR,2026-11-20T03:00:00Z,\t=3,=4\n",
    ]
    .concat();
    let statement = workshop.statement("one", &text).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.reconcile(scope, &[&statement]).await;
    let report = workshop.report(&run);
    let mut reader = csv::Reader::from_reader(report.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5);
    let risky = |cell: &&str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    assert_eq!(rows.iter().flat_map(|row| row.iter()).filter(risky).collect::<Vec<_>>(), [""; 0]);
    let reference = |row: &csv::StringRecord| row[4].to_owned();
    let references: Vec<String> = rows.iter().map(reference).collect();
    assert_eq!(references, ["'+62811", "'=HYPERLINK(A1)", "'@SUM(1,2)", "'+62811", "'-1"]);
    assert!(rows[0][0].starts_with("MATCHED") && rows[3][0].starts_with("MATCHED"), "{rows:?}");
    assert!(rows.iter().all(|row| row[7].parse::<u32>().is_ok()), "amounts are numbers");
}
