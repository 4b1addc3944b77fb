//! The bucket of what streams could not bring on.

use anyhow::Context;
use aws_sdk_s3::Client;

use crate::stage::{Stage, queue_url};

/// What is kept, by key.
pub trait Kept {
    /// The keys of all that lies there.
    async fn keys(&self) -> anyhow::Result<Vec<String>>;

    /// What lies under one.
    async fn read(&self, key: &str) -> anyhow::Result<Vec<u8>>;

    /// Takes it away.
    async fn delete(&self, key: &str) -> anyhow::Result<()>;
}

/// The stage's bucket.
pub struct Bucket {
    s3: Client,
    name: String,
}

impl Bucket {
    /// Its name holds the account, which only AWS knows: it is the stage's one of all that the account has.
    pub async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let s3 = stage.s3();
        let prefix = format!("paywarden-{}-stream-failures-", stage.name);
        let buckets = s3.list_buckets().send().await?;
        let mut names = buckets.buckets.unwrap_or_default().into_iter().filter_map(|bucket| bucket.name);
        let region = stage.config.region().map(ToString::to_string).unwrap_or_default();
        let name = names.find(|name| name.starts_with(&prefix) && name.ends_with(&region));
        let name = name.with_context(|| format!("there is no bucket {prefix}… in {region}"))?;
        Ok(Self { s3, name })
    }

    /// Nothing is left to ring for.
    pub async fn quiet(&self, stage: &Stage) -> anyhow::Result<()> {
        let sqs = aws_sdk_sqs::Client::new(&stage.config);
        let bell = queue_url(&sqs, &stage.name, "stream-failures").await?;
        if self.keys().await?.is_empty() {
            sqs.purge_queue().queue_url(bell).send().await?;
        }
        Ok(())
    }
}

impl Kept for Bucket {
    async fn keys(&self) -> anyhow::Result<Vec<String>> {
        let (mut keys, mut after) = (Vec::new(), None);
        loop {
            let listed =
                self.s3.list_objects_v2().bucket(&self.name).set_continuation_token(after).send().await?;
            keys.extend(listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
            after = listed.next_continuation_token;
            if after.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn read(&self, key: &str) -> anyhow::Result<Vec<u8>> {
        let object = self.s3.get_object().bucket(&self.name).key(key).send().await?;
        Ok(object.body.collect().await?.into_bytes().to_vec())
    }

    async fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.s3.delete_object().bucket(&self.name).key(key).send().await?;
        Ok(())
    }
}
