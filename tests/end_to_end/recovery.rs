//! What an operator does when something was lost, from a damage to its repair.

use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::transaction::ProviderBinding;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::builders;
use serde_json::{Value, json};

use crate::stack::{Api, Merchant, Stack, call_back, eventually, unique, xendit_qr_paid};

const LEDGER: &str = "paywarden-local-ledger";

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

/// What Lambda keeps of a batch of one record that `project-transactions` could not handle.
async fn given_up(stack: &Stack, record: &Value) -> Value {
    let item = json!({"TableName": "paywarden-local-transactions", "Key": {"id": {"S": record["id"]}}});
    let image = stack.ask_tables("GetItem", &item).await["Item"].clone();
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
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let api = stack.sign_in(merchant, "admin").await;
    let record = paid(&stack, merchant, &api).await;
    lose_row(&stack, &record).await;
    let key = format!("aws/lambda/{}/shard/2026/11/20/2026-11-20T08.00.00-1", unique("mapping"));
    let kept = stack.keep("stream-failures", &key, given_up(&stack, &record).await.to_string()).await;
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
    let message = json!({"QueueUrl": queue, "MessageBody": body.to_string()});
    stack.ask_queues("SendMessage", &message).await;
    let shown = stack.operator(&["reread-statements"]);
    assert!(shown.contains(&key), "{shown}");
    let told = eventually("the message shows again", async || {
        let said = stack.operator(&["reread-statements", "--yes"]);
        said.contains("1 events told of anew").then_some(said)
    });
    assert!(told.await.contains(&key));
}
