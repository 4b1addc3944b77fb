//! Dead letters of statements, in memory.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;

const TOLD: &str = include_str!("../../../../events/parse-statement/of-nobody.json");

/// A queue that hands out what is in it once, and knows what was taken away.
struct Memory {
    waiting: Mutex<Vec<Message>>,
    deleted: Mutex<Vec<String>>,
}

impl Memory {
    fn of(letters: &[(&str, String)]) -> Self {
        let message = |(id, body): &(&str, String)| Message::builder().message_id(*id).body(body).build();
        let waiting = Mutex::new(letters.iter().map(message).collect());
        Self { waiting, deleted: Mutex::default() }
    }

    fn deleted(&self) -> Vec<String> {
        self.deleted.lock().unwrap().clone()
    }
}

impl Letters for Memory {
    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        Ok(self.waiting.lock().unwrap().drain(..).collect())
    }

    async fn delete(&self, message: Message) -> anyhow::Result<()> {
        self.deleted.lock().unwrap().push(message.message_id.unwrap());
        Ok(())
    }
}

/// What Lambda keeps of an event that tells of this file.
fn letter(key: &str) -> String {
    let mut event: Value = serde_json::from_str(TOLD).unwrap();
    event["Records"][0]["s3"]["object"]["key"] = json!(key);
    json!({"version": "1.0", "requestPayload": event}).to_string()
}

#[tokio::test]
async fn a_letter_that_cannot_be_understood_stays_and_keeps_no_other_back() {
    let no_files = json!({"requestPayload": {"Records": []}}).to_string();
    let queue = Memory::of(&[
        ("nonsense", "nonsense".to_owned()),
        ("no-files", no_files),
        ("gone", letter("statements/gone.csv")),
        ("good", letter("statements/in+november%2B.csv")),
    ]);
    let read = Mutex::new(Vec::new());
    let again = async |file: &File| {
        ensure!(!file.key.contains("gone"), "there is no such file");
        read.lock().unwrap().push(file.key.clone());
        Ok(())
    };
    assert_eq!(each(&queue, 4, true, again).await.unwrap(), Counts { told: 1, stay: 3 });
    assert_eq!(*read.lock().unwrap(), ["statements/in november+.csv"]);
    assert_eq!(queue.deleted(), ["good"]);
}

#[tokio::test]
async fn what_is_only_shown_stays() {
    let queue = Memory::of(&[("good", letter("statements/one.csv"))]);
    let shown = each(&queue, 1, false, async |_: &File| Ok(())).await.unwrap();
    assert_eq!((shown, queue.deleted()), (Counts { told: 1, stay: 0 }, Vec::new()));
}
