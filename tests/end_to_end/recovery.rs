//! What an operator does when something was lost, from a damage to its repair.

use std::collections::BTreeSet;

use paywarden_domain::id::{MerchantId, ProviderId, TransactionId};
use paywarden_domain::transaction::ProviderBinding;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::builders;
use serde_json::{Value, json};

use crate::stack::{Api, Merchant, Stack, call_back, eventually, unique, xendit_qr_paid};

const LEDGER: &str = "paywarden-local-ledger";
const TRANSACTIONS: &str = "paywarden-local-transactions";
/// What streams could not bring on.
const ASIDE: &str = "stream-failures";

/// What no version knows yet.
const NEW_WORD: &str = "A_METHOD_OF_THE_NEXT_VERSION";

/// Held by whoever puts something into the bucket of what streams could not bring on: each empties it.
static BUCKET: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A payment that was made, once its ledger row is there.
async fn paid(stack: &Stack, merchant: &Merchant, api: &Api) -> Value {
    let reference = unique("RECOVER");
    api.record_qris(&reference).await;
    let xendit = merchant.provider("xendit");
    let token = &xendit.credentials["callback_token"];
    call_back(xendit, token, &unique("corr"), &xendit_qr_paid(&reference, &unique("pay"))).await.expect(200);
    let record = api.record_when(&reference, |record| record["status"] == "PAID").await;
    eventually("the ledger row", async || row_of(stack, &record).await).await;
    record
}

/// The key of a record's row in the ledger, if it is there.
async fn row_of(stack: &Stack, record: &Value) -> Option<Value> {
    let mut start = Value::Null;
    loop {
        let mut request = json!({"TableName": LEDGER, "FilterExpression": "transaction_id = :id",
            "ExpressionAttributeValues": {":id": {"S": record["id"]}}});
        if start.is_object() {
            request["ExclusiveStartKey"] = start;
        }
        let mut answer = stack.ask_tables("Scan", &request).await;
        if let Some(row) = answer["Items"].as_array().and_then(|rows| rows.first()) {
            return Some(json!({"pk": row["pk"], "sk": row["sk"]}));
        }
        start = answer["LastEvaluatedKey"].take();
        if !start.is_object() {
            return None;
        }
    }
}

async fn lose_row(stack: &Stack, record: &Value) {
    let key = row_of(stack, record).await.expect("the row is there");
    stack.ask_tables("DeleteItem", &json!({"TableName": LEDGER, "Key": key})).await;
    assert_eq!(row_of(stack, record).await, None);
}

/// A record's row in its table.
async fn row(stack: &Stack, record: &Value) -> Value {
    let item = json!({"TableName": TRANSACTIONS, "Key": {"id": {"S": record["id"]}}});
    stack.ask_tables("GetItem", &item).await["Item"].take()
}

/// What Lambda keeps of a batch of one record that `project-transactions` could not handle.
async fn given_up(stack: &Stack, record: &Value) -> Value {
    let image = row(stack, record).await;
    let change = json!({"Keys": {"id": image["id"]}, "NewImage": image, "SequenceNumber": "1",
        "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1_763_600_000});
    let event = json!({"Records": [{"eventID": "1", "eventName": "INSERT", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": change}]});
    let function = "arn:aws:lambda:us-east-1:000000000000:function:paywarden-local-project-transactions";
    json!({
        "requestContext": {"requestId": "r", "functionArn": function, "condition": "RecordAgeExceeded",
            "approximateInvokeCount": 9},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": "2026-11-20T08:00:00.000Z",
        "DDBStreamBatchInfo": {"shardId": "s", "batchSize": 1},
        "payload": event.to_string(),
    })
}

#[tokio::test]
async fn a_batch_that_was_given_up_is_shown_and_handled_and_a_row_that_was_lost_is_rebuilt() {
    let _alone = BUCKET.lock().await;
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let api = stack.sign_in(merchant, "admin").await;
    let record = paid(&stack, merchant, &api).await;
    lose_row(&stack, &record).await;
    let key = format!("aws/lambda/{}/shard/2026/11/20/2026-11-20T08.00.00-1", unique("mapping"));
    let kept = stack.keep(ASIDE, &key, given_up(&stack, &record).await.to_string()).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let shown = stack.operator(&["replay-stream"]);
    assert!(shown.contains("project-transactions: 1 records, RecordAgeExceeded"), "{shown}");
    assert_eq!(row_of(&stack, &record).await, None, "nothing is done unasked");
    let handled = stack.operator(&["replay-stream", "--yes"]);
    assert!(handled.ends_with("1 batches handled\n"), "{handled}");
    assert!(row_of(&stack, &record).await.is_some());
    assert!(stack.operator(&["replay-stream"]).starts_with("0 batches"));

    lose_row(&stack, &record).await;
    for view in ["ledger", "totals", "timeline"] {
        let days = ["--from", "2026-01-01", "--until", "2099-12-31"];
        let rebuild = [&["rebuild", view, "--merchant", &merchant.id][..], &days].concat();
        let said = stack.operator(&rebuild);
        assert!(said.contains("records looked at"), "{said}");
    }
    assert!(row_of(&stack, &record).await.is_some());
}

/// Messages that our own code could not handle: why is said of each before anything is done.
#[tokio::test]
async fn webhooks_that_are_dead_letters_are_shown_with_why_and_go_back() {
    let stack = Stack::read();
    let queue = json!({"QueueName": "paywarden-local-webhook-retries-dead-letters"});
    let url = stack.ask_queues("GetQueueUrl", &queue).await["QueueUrl"].clone();
    let endpoint = format!("whe_{}", "0".repeat(26));
    let gone = json!({"errand": "attempt", "endpoint_id": endpoint, "delivery_id": format!("whd_{}", "0".repeat(26)),
        "attempt": 2});
    for body in [gone.to_string(), "not an errand".to_owned()] {
        stack.ask_queues("SendMessage", &json!({"QueueUrl": url, "MessageBody": body})).await;
    }
    let shown = stack.operator(&["redrive", "webhook-retries"]);
    assert!(
        shown.contains(&format!("of {endpoint}: the delivery is gone, and nothing is left to do")),
        "{shown}"
    );
    assert!(shown.contains("no message that this version understands"), "{shown}");
    let back = eventually("both to be in sight again", async || {
        let back = stack.operator(&["redrive", "webhook-retries", "--yes"]);
        (!back.starts_with("0 messages")).then_some(back)
    })
    .await;
    assert!(back.contains("went back to webhook-retries"), "{back}");
}

/// What functions have put aside of a record, once it is so many objects.
async fn aside(stack: &Stack, record: &Value, count: usize) -> Vec<(String, String)> {
    let id = record["id"].as_str().unwrap();
    eventually("what cannot be read to be put aside", async || {
        let mut objects = stack.kept(ASIDE, "unreadable/").await;
        objects.retain(|(_, text)| text.contains(id));
        (objects.len() == count).then_some(objects)
    })
    .await
}

/// Writes a further paid record, as a newer version writes it: this one does not know its method.
async fn write_news(stack: &Stack, merchant: &Merchant, api: &Api) -> Value {
    let mut item = row(stack, &paid(stack, merchant, api).await).await;
    let reference = unique("NEWS");
    let id = TransactionId::of(&MerchantId::parse(&merchant.id).unwrap(), &reference, 1);
    let text = |text: &str| json!({"S": text});
    (item["id"], item["reference"], item["method"]) = (text(id.as_str()), text(&reference), text(NEW_WORD));
    stack.ask_tables("PutItem", &json!({"TableName": TRANSACTIONS, "Item": item})).await;
    json!({"id": id})
}

/// Makes all of a record what this version knows, its row and what was put aside of it: as good as a version that knows the word.
async fn learn(stack: &Stack, record: &Value) {
    let update = json!({"TableName": TRANSACTIONS, "Key": {"id": {"S": record["id"]}},
        "UpdateExpression": "SET #method = :known", "ExpressionAttributeNames": {"#method": "method"},
        "ExpressionAttributeValues": {":known": {"S": "QRIS"}}});
    stack.ask_tables("UpdateItem", &update).await;
    // That change, too, tells of what was there before.
    for (key, text) in aside(stack, record, 4).await {
        assert_eq!(stack.keep(ASIDE, &key, text.replace(NEW_WORD, "QRIS")).await.status, 200);
    }
}

#[tokio::test]
async fn what_cannot_be_read_yet_is_put_aside_and_keeps_nothing_back() {
    let _alone = BUCKET.lock().await;
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let api = stack.sign_in(merchant, "admin").await;
    let news = write_news(&stack, merchant, &api).await;
    let objects = aside(&stack, &news, 2).await;
    let functions: BTreeSet<_> = objects.iter().filter_map(|(key, _)| key.split('/').nth(1)).collect();
    assert_eq!(functions, BTreeSet::from(["project-transactions", "dispatch-transaction-webhooks"]));
    let later = paid(&stack, merchant, &api).await;
    let logs = format!("/transactions/{}/logs", later["id"].as_str().unwrap());
    eventually("the timeline", async || {
        let logs = api.get(&logs).await.expect(200)["logs"].clone();
        logs.as_array()?.iter().any(|entry| entry["kind"] == "status_changed").then_some(())
    })
    .await;

    let (is_done, said) = stack.try_operator(&["replay-stream", "--yes"]);
    assert!(!is_done && said.contains("2 stay"), "{said}");
    for (key, _) in &objects {
        assert!(said.contains(&format!("{key} stays: transactions stream holds an item")), "{said}");
    }
    assert_eq!(row_of(&stack, &news).await, None);

    learn(&stack, &news).await;
    let handled = stack.operator(&["replay-stream", "--yes"]);
    assert!(handled.ends_with("4 batches handled\n"), "{handled}");
    assert!(row_of(&stack, &news).await.is_some());
    assert!(stack.operator(&["replay-stream"]).starts_with("0 batches"));
}

#[tokio::test]
async fn dead_letters_are_shown_and_go_back() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let api = stack.sign_in(merchant, "admin").await;
    let reference = unique("REDRIVE");
    api.record_qris(&reference).await;
    let callback = VerifiedCallback {
        merchant_id: MerchantId::parse(&merchant.id).unwrap(),
        provider: ProviderBinding {
            id: ProviderId::parse(&merchant.provider("xendit").id).unwrap(),
            name: "Xendit".to_owned(),
            assumed: false,
        },
        grade: TrustGrade::Signed,
        received_at: builders::at("2026-11-20T08:00:00Z"),
        correlation_id: unique("corr"),
        reports: vec![builders::report(&reference, Status::Paid, "2026-11-20T07:55:00Z")],
        raw_body: "{}".to_owned(),
        waits: false,
        put_off: 0,
    };
    let queue = json!({"QueueName": "paywarden-local-transaction-events-dead-letters"});
    let queue = stack.ask_queues("GetQueueUrl", &queue).await["QueueUrl"].clone();
    let correlation_id = json!({"DataType": "String", "StringValue": callback.correlation_id});
    let message = json!({"QueueUrl": queue, "MessageBody": json!(callback).to_string(),
        "MessageAttributes": {"correlation_id": correlation_id}});
    stack.ask_queues("SendMessage", &message).await;
    let shown = stack.operator(&["redrive", "transaction-events"]);
    assert!(shown.contains(&format!("correlation id {}", callback.correlation_id)), "{shown}");
    assert!(!shown.contains(&reference), "what is in a message is not shown");
    let redriven = eventually("the message shows again", async || {
        let said = stack.operator(&["redrive", "transaction-events", "--yes"]);
        (!said.starts_with("0 messages")).then_some(said)
    });
    assert!(redriven.await.ends_with("went back to transaction-events\n"));
    api.record_when(&reference, |record| record["status"] == "PAID").await;
}

#[tokio::test]
async fn files_that_were_not_read_are_shown_and_told_of_anew() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let key =
        format!("statements/{}/{}/{}.csv", merchant.id, merchant.provider("xendit").id, unique("reread"));
    assert_eq!(stack.keep("reconciliation", &key, "no statement".to_owned()).await.status, 200);
    let sample = include_str!("../../events/parse-statement/of-nobody.json");
    let mut event: Value = serde_json::from_str(sample).unwrap();
    event["Records"][0]["s3"]["object"]["key"] = json!(key);
    event["Records"][0]["s3"]["bucket"]["name"] =
        json!("paywarden-local-reconciliation-000000000000-us-east-1");
    let body = json!({"version": "1.0", "requestPayload": event});
    let queue = json!({"QueueName": "paywarden-local-statements-dead-letters"});
    let queue = stack.ask_queues("GetQueueUrl", &queue).await["QueueUrl"].clone();
    for body in ["nonsense".to_owned(), body.to_string()] {
        stack.ask_queues("SendMessage", &json!({"QueueUrl": queue, "MessageBody": body})).await;
    }
    let shown = stack.operator(&["reread-statements"]);
    assert!(shown.contains(&key), "{shown}");
    let told = eventually("the messages show again", async || {
        let (is_done, said) = stack.try_operator(&["reread-statements", "--yes"]);
        said.contains("1 events told of anew, 1 stay").then_some((is_done, said))
    });
    let (is_done, said) = told.await;
    assert!(!is_done && said.contains(&key) && said.contains("not what Lambda writes: nonsense"), "{said}");
    stack.ask_queues("PurgeQueue", &json!({"QueueUrl": queue})).await;
}
