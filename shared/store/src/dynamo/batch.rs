//! Many items of one table at once. Those that the service leaves for later are asked of it again.

use aws_sdk_dynamodb::types::{
    DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, WriteRequest,
};

use super::{Dynamo, Item};
use crate::StoreError;
use crate::patience::Pace;

const WRITE_OPERATION: &str = "BatchWriteItem";
const READ_OPERATION: &str = "BatchGetItem";

/// Items that one batch takes.
const WRITES: usize = 25;

/// Keys that one batch reads.
const READS: usize = 100;

/// One write of a batch.
pub(crate) enum BatchWrite {
    /// This item is written.
    Put(Item),
    /// The item under this key is removed.
    Delete(Item),
}

impl BatchWrite {
    fn into_request(self) -> Result<WriteRequest, StoreError> {
        let request = WriteRequest::builder();
        let built = match self {
            Self::Put(item) => {
                PutRequest::builder().set_item(Some(item)).build().map(|put| request.put_request(put).build())
            }
            Self::Delete(key) => DeleteRequest::builder()
                .set_key(Some(key))
                .build()
                .map(|delete| request.delete_request(delete).build()),
        };
        built.map_err(|error| StoreError::Unavailable {
            operation: WRITE_OPERATION,
            detail: error.to_string(),
        })
    }
}

impl Dynamo {
    /// Writes and removes items, in any order; no key may come twice. An item that is there is overwritten.
    pub(crate) async fn write_batch(&self, table: &str, writes: Vec<BatchWrite>) -> Result<(), StoreError> {
        self.write_chunks(table, writes, None).await
    }

    /// The same for items of one partition, none of which is larger than a write unit: no faster than a partition takes them.
    pub(crate) async fn write_partition(
        &self,
        table: &str,
        writes: Vec<BatchWrite>,
    ) -> Result<(), StoreError> {
        self.write_chunks(table, writes, Some(Pace::default())).await
    }

    async fn write_chunks(
        &self,
        table: &str,
        writes: Vec<BatchWrite>,
        mut pace: Option<Pace>,
    ) -> Result<(), StoreError> {
        let requests = writes.into_iter().map(BatchWrite::into_request).collect::<Result<Vec<_>, _>>()?;
        for chunk in requests.chunks(WRITES) {
            if let Some(pace) = &mut pace {
                pace.spend(u32::try_from(chunk.len()).unwrap_or(u32::MAX)).await;
            }
            self.write_chunk(table, chunk.to_vec()).await?;
        }
        Ok(())
    }

    async fn write_chunk(&self, table: &str, mut requests: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut patience = self.patience();
        loop {
            let sent = requests.len();
            let output = self
                .client
                .batch_write_item()
                .request_items(table, requests)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(WRITE_OPERATION, &error))?;
            self.measure_all(output.consumed_capacity());
            requests = output.unprocessed_items.and_then(|mut left| left.remove(table)).unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
            if requests.len() < sent {
                patience.renew();
            }
            if !patience.wait().await {
                let detail = format!("{} items were not taken", requests.len());
                return Err(StoreError::Unavailable { operation: WRITE_OPERATION, detail });
            }
        }
    }

    /// Reads items by their keys, those that there are, in any order and as they are now.
    pub(crate) async fn read_batch(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for chunk in keys.chunks(READS) {
            self.read_chunk(table, chunk.to_vec(), &mut items).await?;
        }
        Ok(items)
    }

    async fn read_chunk(
        &self,
        table: &str,
        mut keys: Vec<Item>,
        items: &mut Vec<Item>,
    ) -> Result<(), StoreError> {
        let unavailable = |detail: String| StoreError::Unavailable { operation: READ_OPERATION, detail };
        let mut patience = self.patience();
        loop {
            let asked = keys.len();
            let request = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let request = request.map_err(|error| unavailable(error.to_string()))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(READ_OPERATION, &error))?;
            self.measure_all(output.consumed_capacity());
            items.extend(output.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            let left = output.unprocessed_keys.and_then(|mut tables| tables.remove(table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(());
            }
            if keys.len() < asked {
                patience.renew();
            }
            if !patience.wait().await {
                return Err(unavailable(format!("{} items were not answered", keys.len())));
            }
        }
    }
}
