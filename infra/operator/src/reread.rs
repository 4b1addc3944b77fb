//! Statements whose reading failed for good. Lambda keeps the event that told of each
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>); a file that is copied onto itself is told
//! of anew.

#[cfg(test)]
mod tests;

use anyhow::{Context, bail, ensure};
use aws_lambda_events::event::s3::{S3Event, S3EventRecord};
use aws_sdk_s3::types::MetadataDirective;
use aws_sdk_sqs::types::Message;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::queues::{self, MOVING_SECONDS, SHOWING_SECONDS};
use crate::stage::{Stage, queue_url};

/// What Lambda wrote about an event, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    request_payload: S3Event,
}

/// Where a file lies.
#[derive(Debug, PartialEq, Eq)]
struct File {
    bucket: String,
    key: String,
}

/// What came of the queue's messages.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Those whose files were told of anew, or can be.
    told: usize,
    /// Those that stay.
    stay: usize,
}

/// Dead letters.
trait Letters {
    /// Some of them, which are nobody else's for a while; none when there are none left.
    async fn receive(&self) -> anyhow::Result<Vec<Message>>;

    /// Takes one away.
    async fn delete(&self, message: Message) -> anyhow::Result<()>;
}

/// Shows which files were not read; has them read if that is wanted.
pub async fn run(stage: &Stage, yes: bool) -> anyhow::Result<()> {
    let queue = Queue::open(stage, if yes { MOVING_SECONDS } else { SHOWING_SECONDS }).await?;
    let count = queues::count(&queue.sqs, &queue.url).await?;
    let s3 = stage.s3();
    let again = async |file: &File| if yes { read_again(&s3, file).await } else { Ok(()) };
    let Counts { told, stay } = each(&queue, count, yes, again).await?;
    match (yes, stay) {
        (false, _) => println!("{told} events; with --yes their files are read again"),
        (true, 0) => println!("{told} events told of anew"),
        (true, stay) => bail!("{told} events told of anew, {stay} stay"),
    }
    Ok(())
}

/// Has the files of so many letters read `again`, and deletes each letter then, if that is wanted. One that cannot be understood
/// stays, is named, and keeps no other back.
async fn each(
    letters: &impl Letters,
    count: usize,
    yes: bool,
    again: impl AsyncFn(&File) -> anyhow::Result<()>,
) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    while counts.told.saturating_add(counts.stay) < count {
        let messages = letters.receive().await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            if let Err(error) = tell(&message, &again).await {
                println!("message {} stays: {error:#}", message.message_id().unwrap_or("?"));
                counts.stay = counts.stay.saturating_add(1);
                continue;
            }
            counts.told = counts.told.saturating_add(1);
            if yes {
                letters.delete(message).await?;
            }
        }
    }
    Ok(counts)
}

/// Says which files a message is about, and has them read `again`.
async fn tell(message: &Message, again: impl AsyncFn(&File) -> anyhow::Result<()>) -> anyhow::Result<()> {
    for file in files(message.body().unwrap_or_default())? {
        println!("{}", file.key);
        again(&file).await.with_context(|| format!("{} cannot be read again", file.key))?;
    }
    Ok(())
}

/// The files that a message is about, one at least.
fn files(body: &str) -> anyhow::Result<Vec<File>> {
    let invocation: Invocation =
        serde_json::from_str(body).with_context(|| format!("not what Lambda writes: {body}"))?;
    let files: Vec<_> = invocation.request_payload.records.into_iter().map(file).collect();
    ensure!(!files.is_empty(), "it names no file: {body}");
    files.into_iter().collect::<Option<_>>().with_context(|| format!("it does not name each file: {body}"))
}

/// Events write keys as forms do.
fn file(record: S3EventRecord) -> Option<File> {
    let (bucket, key) = (record.s3.bucket.name?, record.s3.object.key?);
    let key = percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned();
    Some(File { bucket, key })
}

/// The stage's queue of them.
struct Queue {
    sqs: aws_sdk_sqs::Client,
    url: String,
    /// For how long a letter that was received is nobody else's.
    hidden_seconds: i32,
}

impl Queue {
    async fn open(stage: &Stage, hidden_seconds: i32) -> anyhow::Result<Self> {
        let sqs = aws_sdk_sqs::Client::new(&stage.config);
        let url = queue_url(&sqs, &stage.name, "statements-dead-letters").await?;
        Ok(Self { sqs, url, hidden_seconds })
    }
}

impl Letters for Queue {
    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        queues::receive(&self.sqs, &self.url, self.hidden_seconds).await
    }

    async fn delete(&self, message: Message) -> anyhow::Result<()> {
        let receipt = message.receipt_handle.context("a message has a receipt")?;
        self.sqs.delete_message().queue_url(&self.url).receipt_handle(receipt).send().await?;
        Ok(())
    }
}

async fn read_again(s3: &aws_sdk_s3::Client, File { bucket, key }: &File) -> anyhow::Result<()> {
    let source = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC);
    let copied = s3.copy_object().bucket(bucket).key(key).copy_source(format!("{bucket}/{source}"));
    copied.metadata_directive(MetadataDirective::Replace).send().await?;
    Ok(())
}
