//! Statements, runs and exceptions.

use paywarden_domain::id::ExceptionId;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::Exception;
use paywarden_store::reconciliation::FindingsPage;
use paywarden_testing::{TestStage, builders};
use serde_json::Value;

fn ids(exceptions: Vec<Exception>) -> Vec<ExceptionId> {
    exceptions.into_iter().map(|exception| exception.id).collect()
}

/// The ids on all pages.
async fn pages(read: impl AsyncFn(Option<&str>) -> FindingsPage) -> Vec<ExceptionId> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = read(after.as_deref()).await;
        all.extend(ids(page.exceptions));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Each stands by itself: one that a newer version wrote takes no list along, and no page begins or ends with it in vain.
#[tokio::test]
async fn what_cannot_be_read_takes_no_list_along() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let (provider, _, run) = stage.add_run(&merchant).await;
    let table = stage.reconciliation();
    let [spoilt, left] = [(0, Outcome::AmountOver), (1, Outcome::MissingInternal)]
        .map(|(number, outcome)| builders::exception(&run, number, outcome).id);
    let is = |id: &'static str| move |item: &Value| item["sk"]["S"] == id;
    stage.spoil("ReconciliationTable", "exception", |item| {
        item["sk"]["S"] == "exception" && item["pk"]["S"] == spoilt.as_str()
    });
    let listed = table.open_exceptions(&merchant.id, &provider.id).await.unwrap();
    let left = vec![left];
    assert_eq!(ids(listed), left);
    let both = [spoilt, left[0].clone()];
    assert_eq!(table.exceptions(&both).await.unwrap().into_keys().collect::<Vec<_>>(), left);
    let open = pages(async |after| table.open_page(&merchant.id, &provider.id, after, 1).await.unwrap());
    let found = pages(async |after| table.findings(&run.id, None, after, 1).await.unwrap());
    assert_eq!((open.await, found.await), (left.clone(), left));

    stage.spoil("ReconciliationTable", "run", is("run"));
    stage.spoil("ReconciliationTable", "statement", is("statement"));
    assert_eq!(table.runs(&merchant.id, None, 10).await.unwrap().items, []);
    assert_eq!(table.statements(&merchant.id, None, 10).await.unwrap().items, []);
}
