//! The list as a table.

use super::*;

async fn get_csv(door: &TestDoor<Deps>, query: &str) -> Answer {
    let mut request = door.request(Role::Finance).with_query(query);
    request.headers.insert("accept", "text/csv".parse().unwrap());
    door.answer(request).await.unwrap()
}

#[tokio::test]
async fn the_same_rows_as_csv() {
    let door = open().await;
    let mut draft = builders::draft("=HYPERLINK(1)");
    draft.merchant_fields.metadata = builders::object(json!({"table": 7}));
    let recorded = door.stage.add_transaction(&door.merchant, draft).await;
    let answer = get_csv(&door, "").await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let (header, row) = answer.body.trim_end().split_once('\n').unwrap();
    assert_eq!(header, TransactionRecord::MEMBERS.join(","));
    assert!(row.starts_with(&format!("{},2026-11-20 15:00:00,,,", recorded.id)), "{row}");
    for part in [",'=HYPERLINK(1),", ",\"{\"\"table\"\":7}\",", ",10000,"] {
        assert!(row.contains(part), "{part} is not in {row}");
    }
    assert!(!answer.headers.contains_key("x-next-cursor"));
}

#[tokio::test]
async fn csv_goes_on_behind_its_bound_with_a_cursor_in_a_header() {
    let door = open().await;
    for number in 0..30 {
        add(&door, &format!("INV{number:02}"), Method::Qris, "2026-11-01T03:00:00Z").await;
    }
    let lines = |answer: &Answer| answer.body.lines().count() - 1;
    let first = get_csv(&door, "limit=20&method=QRIS").await;
    assert_eq!(lines(&first), 20);
    let cursor = first.headers["x-next-cursor"].to_str().unwrap();
    let second = get_csv(&door, &format!("limit=20&method=QRIS&cursor={cursor}")).await;
    assert_eq!((lines(&second), second.headers.contains_key("x-next-cursor")), (10, false));
    assert_eq!(lines(&get_csv(&door, "").await), 30, "without a limit as much as an answer carries");
    // The cursor is the same as JSON's.
    assert_eq!(found(&door, &format!("method=QRIS&cursor={cursor}")).await.len(), 10);
}
