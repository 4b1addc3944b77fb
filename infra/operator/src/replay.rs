//! Batches of streams that were given up. Lambda puts each into a bucket with the records in it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>); here they are handled as their function would
//! have, and go.

use anyhow::{Context, bail};
use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_s3::Client;
use paywarden_payments::rebuild::Rebuilder;
use paywarden_store::stores::Stores;
use paywarden_store::{providers, reconciliation, transactions};
use paywarden_webhooks::plan::Planner;
use serde::Deserialize;

use crate::stage::{Stage, queue_url};

/// What Lambda wrote about a batch, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    request_context: RequestContext,
    /// When it was given up.
    #[serde(default)]
    timestamp: String,
    /// The event, as text.
    payload: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    function_arn: String,
    /// Why.
    #[serde(default)]
    condition: String,
}

impl Invocation {
    /// The name of its function behind the stage's.
    fn consumer<'a>(&'a self, stage: &str) -> anyhow::Result<&'a str> {
        let arn = &self.request_context.function_arn;
        let name = arn.split(':').nth(6).unwrap_or_default();
        let prefix = format!("paywarden-{stage}-");
        name.strip_prefix(&prefix).with_context(|| format!("{arn} is no function of {stage}"))
    }
}

/// Shows what lies in the bucket; handles it if that is wanted, the oldest first.
pub async fn run(stage: &Stage, yes: bool) -> anyhow::Result<()> {
    let bucket = Bucket::open(stage).await?;
    let mut batches = Vec::new();
    let mut failed = 0_usize;
    for key in bucket.keys().await? {
        match bucket.read(&key).await {
            Ok(invocation) => batches.push((key, invocation)),
            Err(error) => failed = stays(failed, &error),
        }
    }
    batches.sort_by(|(_, one), (_, other)| one.timestamp.cmp(&other.timestamp));
    let stores = stage.stores_with_queues().await?;
    for (key, invocation) in &batches {
        match see_to(&stores, &stage.name, invocation, yes).await {
            Ok(()) if yes => bucket.delete(key).await?,
            Ok(()) => {}
            Err(error) => failed = stays(failed, &error),
        }
    }
    match (yes, failed) {
        (false, _) => println!("{} batches; with --yes they are handled", batches.len()),
        (true, 0) => {
            bucket.quiet(stage).await?;
            println!("{} batches handled", batches.len());
        }
        (true, failed) => bail!("{failed} batches could not be handled"),
    }
    Ok(())
}

/// One batch that cannot be handled keeps no other back.
fn stays(failed: usize, error: &anyhow::Error) -> usize {
    println!("stays: {error:#}");
    failed.saturating_add(1)
}

/// Says what a batch is, and handles it if that is wanted.
async fn see_to(stores: &Stores, stage: &str, invocation: &Invocation, yes: bool) -> anyhow::Result<()> {
    let consumer = invocation.consumer(stage)?;
    let event: Event = serde_json::from_str(&invocation.payload).context("there is no event in it")?;
    let (records, condition) = (event.records.len(), &invocation.request_context.condition);
    println!("{} {consumer}: {records} records, {condition}", invocation.timestamp);
    if yes { handle(stores, consumer, event).await } else { Ok(()) }
}

/// Does what the function would have done.
async fn handle(stores: &Stores, consumer: &str, event: Event) -> anyhow::Result<()> {
    match consumer {
        "project-transactions" => {
            let changes = transactions::stream::changes(event)?;
            Rebuilder::of(stores)?.project_late(changes).await?;
        }
        "dispatch-transaction-webhooks" => {
            Planner::of(stores)?.plan(transactions::stream::changes(event)?).await?;
        }
        "dispatch-provider-webhooks" => Planner::of(stores)?.plan(providers::stream::changes(event)?).await?,
        "dispatch-reconciliation-webhooks" => {
            Planner::of(stores)?.plan(reconciliation::stream::ended_runs(event)?).await?;
        }
        other => bail!("nothing is known of {other}"),
    }
    Ok(())
}

/// The bucket of batches that were given up.
struct Bucket {
    s3: Client,
    name: String,
}

impl Bucket {
    /// Its name holds the account, which only AWS knows: it is the stage's one of all that the account has.
    async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let s3 = stage.s3();
        let prefix = format!("paywarden-{}-stream-failures-", stage.name);
        let buckets = s3.list_buckets().send().await?;
        let mut names = buckets.buckets.unwrap_or_default().into_iter().filter_map(|bucket| bucket.name);
        let region = stage.config.region().map(ToString::to_string).unwrap_or_default();
        let name = names.find(|name| name.starts_with(&prefix) && name.ends_with(&region));
        let name = name.with_context(|| format!("there is no bucket {prefix}… in {region}"))?;
        Ok(Self { s3, name })
    }

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

    async fn read(&self, key: &str) -> anyhow::Result<Invocation> {
        let object = self.s3.get_object().bucket(&self.name).key(key).send().await?;
        let bytes = object.body.collect().await?.into_bytes();
        serde_json::from_slice(&bytes).with_context(|| format!("{key} is not what Lambda writes"))
    }

    async fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.s3.delete_object().bucket(&self.name).key(key).send().await?;
        Ok(())
    }

    /// Nothing is left to ring for.
    async fn quiet(&self, stage: &Stage) -> anyhow::Result<()> {
        let sqs = aws_sdk_sqs::Client::new(&stage.config);
        let bell = queue_url(&sqs, &stage.name, "stream-failures").await?;
        if self.keys().await?.is_empty() {
            sqs.purge_queue().queue_url(bell).send().await?;
        }
        Ok(())
    }
}
