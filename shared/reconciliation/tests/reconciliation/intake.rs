//! Statements, from bytes to rows.

use paywarden_domain::statement::{ParseReport, Reading, Statement, StatementStatus};

use crate::workshop::{HEADER, Workshop, line};

#[tokio::test]
async fn the_same_bytes_are_the_same_statement_and_another_reading_of_them_is_not() {
    let workshop = Workshop::open().await;
    let text = format!("{HEADER}{}", line("INV1", "10000", "2026-11-20T08:00:00Z"));
    let first = workshop.statement("one", &text).await;
    assert_eq!(first.status, StatementStatus::Parsed);
    let again = workshop.statement("two", &text).await;
    assert_eq!((again.status, again.duplicate_of.as_ref()), (StatementStatus::Duplicate, Some(&first.id)));
    assert_eq!(again.sha256, first.sha256);
    let as_somebody_says = workshop.statement_as("three", &text, Some(Reading::Paywarden)).await;
    assert_eq!(as_somebody_says.duplicate_of, Some(first.id.clone()), "read by its header, it is the same");
    let wrong = workshop.statement_as("four", &text, Some(Reading::Xendit)).await;
    assert_eq!(wrong.status, StatementStatus::Rejected);
    assert!(wrong.reason.unwrap().contains("Line Type"));
    let taken_again = workshop.statement("one", &text).await;
    assert_eq!(taken_again.status, StatementStatus::Parsed, "a repeated event changes nothing");
}

#[tokio::test]
async fn a_file_whose_reading_died_can_be_given_again() {
    for kill in 0.. {
        let workshop = Workshop::open().await;
        let text = format!("{HEADER}{}", line("INV1", "10000", "2026-11-20T08:00:00Z"));
        let (intake, file) = (workshop.intake(), tempfile::NamedTempFile::new().unwrap());
        std::fs::write(file.path(), &text).unwrap();
        workshop.stage.faults.kill_before(kill);
        let cut = intake.take(&workshop.announced("dead"), file.path()).await;
        if !workshop.stage.faults.restart() {
            assert!(cut.is_ok() && kill > 2, "{kill} operations");
            break;
        }
        let again = workshop.statement("again", &text).await;
        assert_eq!(again.status, StatementStatus::Parsed, "killed before operation {kill}");
        let other = workshop.statement("other", &text).await;
        assert_eq!(other.duplicate_of, Some(again.id), "killed before operation {kill}");
    }
}

#[tokio::test]
async fn what_nobody_knows_is_read_as_the_providers_last_one() {
    let workshop = Workshop::open().await;
    let text = "when,amount,id\n2026-11-20 08:00:00,10000,INV1\n";
    assert_eq!(workshop.statement("one", text).await.status, StatementStatus::Rejected);
    let columns = serde_json::json!({"zone": "Asia/Jakarta", "currency": "IDR",
        "fields": {"amount": "amount", "booked_at": "when", "reference": "id"}});
    let reading = Reading::Columns(serde_json::from_value(columns).unwrap());
    workshop.table().keep_reading(&workshop.merchant.id, &workshop.provider.id, &reading).await.unwrap();
    let known = workshop.statement("two", text).await;
    assert_eq!((known.status, known.reading), (StatementStatus::Parsed, Some(reading)));
}

#[tokio::test]
async fn problems_are_kept_with_the_line_they_are_on() {
    let workshop = Workshop::open().await;
    let text = format!("{HEADER}INV1,,Transfer,credit,ten,IDR,2026-11-20T08:00:00Z,,SETTLED\n");
    let statement = workshop.statement("one", &text).await;
    assert_eq!(statement.status, StatementStatus::ParsedWithErrors);
    let report = statement.report.unwrap();
    assert_eq!((report.problems[0].line, report.problems[0].column.as_str()), (2, "amount"));
    assert!(report.problems[0].text.starts_with("INV1,,Transfer,credit,ten"));
    let stored = workshop.table().statement(&workshop.merchant.id, &statement.id).await.unwrap().unwrap();
    assert_eq!(stored.report.unwrap(), report);
    let other = paywarden_testing::builders::merchant("other").id;
    assert_eq!(workshop.table().statement(&other, &statement.id).await.unwrap(), None);
}

#[tokio::test]
async fn why_a_file_fits_neither_header_nor_map_is_told_of_both() {
    let workshop = Workshop::open().await;
    let columns = serde_json::json!({"zone": "Asia/Jakarta", "currency": "IDR",
        "fields": {"amount": "Jumlah", "booked_at": "when"}});
    let reading = Reading::Columns(serde_json::from_value(columns).unwrap());
    workshop.table().keep_reading(&workshop.merchant.id, &workshop.provider.id, &reading).await.unwrap();
    let reason = workshop.statement("one", "when,amount\n").await.reason.unwrap();
    assert!(reason.contains("read as xendit balance report: the column Line Type is missing"), "{reason}");
    assert!(reason.ends_with("read by the map of columns: the column Jumlah is missing"), "{reason}");
    let pdf = workshop.statement("two", "%PDF-1.7\n").await.reason.unwrap();
    assert_eq!(pdf.matches("PDF").count(), 1, "{pdf}");
}

#[tokio::test]
async fn what_older_readers_read_is_not_taken_for_what_is_read_now() {
    let workshop = Workshop::open().await;
    let text = format!("{HEADER}{}", line("INV1", "10000", "2026-11-20T08:00:00Z"));
    let read = workshop.statement("one", &text).await;
    let scope = || workshop.scope("2026-11-20", "2026-11-20", &[&read]);
    let run = workshop.start(scope(), &[&read]).await;
    let older = |statement: &Statement| ParseReport { version: 1, ..statement.report.clone().unwrap() };
    let older = Statement { report: Some(older(&read)), id: workshop.announced("old").id, ..read.clone() };
    assert_ne!(workshop.start(scope(), &[&older]).await.id, run.id);
    workshop.table().put_statement(&older).await.unwrap();
    let since = read.created_at;
    let recent = workshop.table().statements_since(&workshop.merchant.id, since).await.unwrap();
    let recent: Vec<_> = recent.iter().map(|statement| &statement.id).collect();
    assert!(recent.contains(&&read.id) && !recent.contains(&&older.id), "{recent:?}");
}
