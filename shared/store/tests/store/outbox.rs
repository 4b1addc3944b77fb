//! Many messages, and a queue that does not take all of them.

use std::sync::Arc;

use paywarden_store::aws::config_for_emulator;
use paywarden_store::queue::{Message, Outbox, Queue, SqsQueue};
use paywarden_testing::{MemoryQueue, SeededEntropy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|number| Message { body: number.to_string(), ..Message::default() }).collect()
}

fn outbox(queue: &Arc<MemoryQueue>) -> Outbox {
    Outbox::new(Arc::clone(queue) as Arc<dyn Queue>, Arc::new(SeededEntropy::new(1)))
}

fn arrived(queue: &MemoryQueue) -> Vec<usize> {
    let mut arrived: Vec<_> = queue.take().iter().map(|message| message.body.parse().unwrap()).collect();
    arrived.sort_unstable();
    arrived
}

#[tokio::test]
async fn all_of_them_arrive_in_batches() {
    let queue = Arc::new(MemoryQueue::default());
    let sent = outbox(&queue).send(messages(95)).await;
    assert!(sent.unsent.is_empty() && sent.failure.is_none());
    assert_eq!(arrived(&queue), (0..95).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_refused_of_a_batch_is_sent_again_and_arrives_once() {
    let queue = Arc::new(MemoryQueue::default());
    queue.refuse_next(12);
    let sent = outbox(&queue).send(messages(25)).await;
    assert!(sent.unsent.is_empty() && sent.failure.is_none());
    assert_eq!(arrived(&queue), (0..25).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_refused_again_and_again_is_told_and_the_rest_has_arrived() {
    let queue = Arc::new(MemoryQueue::default());
    queue.refuse_next(u64::MAX);
    let sent = outbox(&queue).send(messages(3)).await;
    assert_eq!((sent.unsent, sent.failure), (vec![0, 1, 2], None));
}

#[tokio::test]
async fn a_queue_that_cannot_be_reached_is_left_alone() {
    let queue = Arc::new(MemoryQueue::default());
    queue.fail_next(1);
    let sent = outbox(&queue).send(messages(95)).await;
    assert_eq!(sent.unsent, (0..95).collect::<Vec<_>>());
    assert!(sent.failure.is_some() && arrived(&queue).is_empty());
}

/// A queue that takes all of a batch but the second message, and answers what it was sent.
async fn queue_that_takes_some() -> (SqsQueue, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            let read = connection.read_buf(&mut request).await.unwrap();
            assert_ne!(read, 0, "the request ends too early");
        }
        let body = r#"{"Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "-"}],
            "Failed": [{"Id": "1", "SenderFault": false, "Code": "InternalError"}]}"#;
        let head = format!("content-type: application/x-amz-json-1.0\r\ncontent-length: {}", body.len());
        let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
        connection.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (SqsQueue::new(&config_for_emulator(&url), format!("{url}/queue")), serving)
}

#[tokio::test]
async fn sqs_tells_which_of_a_batch_it_did_not_take() {
    let (queue, serving) = queue_that_takes_some().await;
    let message = Message {
        body: "first".to_owned(),
        delay_seconds: 7,
        group: Some("whe_1".to_owned()),
        correlation_id: Some("corr-1".to_owned()),
    };
    assert_eq!(queue.send_batch(vec![message, Message::default()]).await, Ok(vec![1]));
    let request = serving.await.unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let entries = serde_json::from_str::<serde_json::Value>(body).unwrap()["Entries"].take();
    let expected = serde_json::json!({"Id": "0", "MessageBody": "first", "DelaySeconds": 7, "MessageGroupId": "whe_1",
        "MessageAttributes": {"correlation_id": {"DataType": "String", "StringValue": "corr-1"}}});
    assert_eq!(entries[0], expected);
}
