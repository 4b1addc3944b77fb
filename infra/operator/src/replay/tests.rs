//! Objects of the bucket on a stage in this process, as their functions put them there.

use std::collections::BTreeMap;
use std::sync::Mutex;

use paywarden_domain::merchant::Merchant;
use paywarden_lambda_kit::stream::Reader;
use paywarden_payments::project::Projector;
use paywarden_store::StoreError;
use paywarden_store::put_aside::PutAside;
use paywarden_store::stream::Read;
use paywarden_store::transactions::stream::RecordChange;
use paywarden_testing::{TestStage, builders};

use super::bucket::Kept;
use super::{Counts, each, handle};

const FUNCTION: &str = "project-transactions";

/// A bucket in memory.
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Memory {
    /// What functions have put aside on a stage.
    fn of(stage: &TestStage) -> Self {
        let objects = stage.objects.keys().into_iter().map(|key| {
            let text = stage.objects.text(&key).unwrap();
            (key, text.into_bytes())
        });
        Self(Mutex::new(objects.collect()))
    }

    fn with(self, key: &str, text: &str) -> Self {
        self.0.lock().unwrap().insert(key.to_owned(), text.as_bytes().to_vec());
        self
    }
}

impl Kept for Memory {
    async fn keys(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().keys().cloned().collect())
    }

    async fn read(&self, key: &str) -> anyhow::Result<Vec<u8>> {
        Ok(self.0.lock().unwrap()[key].clone())
    }

    async fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

/// Two records of a merchant whose creation nobody could read, as when a newer version had written them; both are aside. In the
/// table stands what this version reads.
async fn put_aside(stage: &TestStage, merchant: &Merchant) -> Vec<String> {
    for reference in ["INV0045", "INV0046"] {
        stage.add_transaction(merchant, builders::draft(reference)).await;
    }
    let stores = stage.stores();
    let projector = Projector::of(&stores).unwrap();
    let nothing: Read<RecordChange> = |_| {
        let (table, key, detail) = (String::new(), String::new(), "a newer version wrote it".to_owned());
        Err(StoreError::Corrupt { table, key, detail })
    };
    let reader = Reader::of(&stores, FUNCTION, nothing).unwrap();
    let by = format!("arn:aws:lambda:us-east-1:000000000000:function:paywarden-test-{FUNCTION}");
    reader.process(&by, stage.transaction_changes(), |changes| projector.project(changes)).await.unwrap();
    stage.objects.keys()
}

async fn replay(stage: &TestStage, bucket: &Memory, yes: bool) -> Counts {
    let stores = stage.stores();
    let handled = async |object: &PutAside| handle::see_to(&stores, "test", object, yes).await;
    each(bucket, yes, handled).await.unwrap()
}

#[tokio::test]
async fn what_a_newer_version_can_read_is_projected_and_goes() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    put_aside(&stage, &merchant).await;
    let bucket = Memory::of(&stage);
    assert_eq!(replay(&stage, &bucket, false).await, Counts { handled: 2, stay: 0 });
    assert_eq!((bucket.keys().await.unwrap().len(), stage.count("TimelineTable")), (2, 0), "it only shows");
    assert_eq!(replay(&stage, &bucket, true).await, Counts { handled: 2, stay: 0 });
    assert_eq!((bucket.keys().await.unwrap().len(), stage.count("TimelineTable")), (0, 2));
}

#[tokio::test]
async fn what_still_cannot_be_read_stays_and_keeps_no_other_back() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let [first, _] = put_aside(&stage, &merchant).await.try_into().unwrap();
    let spoilt = stage.objects.text(&first).unwrap().replace("QRIS", "A_WORD_OF_THE_NEXT_VERSION");
    let bucket = Memory::of(&stage).with(&first, &spoilt).with("aws/lambda/nothing", "no object");
    for handled in [1, 0] {
        assert_eq!(replay(&stage, &bucket, true).await, Counts { handled, stay: 2 });
        assert_eq!(bucket.keys().await.unwrap(), ["aws/lambda/nothing", &first]);
        assert_eq!(stage.count("TimelineTable"), 1);
    }
}

#[tokio::test]
async fn of_a_batch_all_is_handled_that_can_be_read() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    put_aside(&stage, &merchant).await;
    let mut event = stage.transaction_changes();
    event.records[0].change.new_image =
        serde_json::from_value(serde_json::json!({"id": {"S": "nonsense"}})).unwrap();
    let [first, _] = stage.objects.keys().try_into().unwrap();
    let mut object: PutAside = serde_json::from_str(&stage.objects.text(&first).unwrap()).unwrap();
    object.payload = serde_json::to_string(&event).unwrap();
    let error = handle::see_to(&stage.stores(), "test", &object, true).await.unwrap_err();
    assert!(format!("{error:#}").contains("an item that cannot be read at"), "{error:#}");
    assert_eq!(stage.count("TimelineTable"), 1);
}
