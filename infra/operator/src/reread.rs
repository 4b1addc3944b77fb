//! Statements whose reading failed for good. Lambda keeps the event that told of each
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>); a file that is copied onto itself is told
//! of anew.

use anyhow::Context;
use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::types::MetadataDirective;
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

/// Shows which files were not read; has them read if that is wanted.
pub async fn run(stage: &Stage, yes: bool) -> anyhow::Result<()> {
    let sqs = aws_sdk_sqs::Client::new(&stage.config);
    let url = queue_url(&sqs, &stage.name, "statements-dead-letters").await?;
    let count = queues::count(&sqs, &url).await?;
    let s3 = stage.s3();
    let (mut seen, hidden) = (0_usize, if yes { MOVING_SECONDS } else { SHOWING_SECONDS });
    while seen < count {
        let messages = queues::receive(&sqs, &url, hidden).await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            seen = seen.saturating_add(1);
            let body = message.body.as_deref().unwrap_or_default();
            let invocation: Invocation =
                serde_json::from_str(body).with_context(|| format!("not what Lambda writes: {body}"))?;
            for (bucket, key) in files(&invocation.request_payload) {
                println!("{key}");
                if yes {
                    read_again(&s3, bucket, &key).await?;
                }
            }
            if yes {
                let receipt = message.receipt_handle.context("a message has a receipt")?;
                sqs.delete_message().queue_url(&url).receipt_handle(receipt).send().await?;
            }
        }
    }
    println!(
        "{seen} events{}",
        if yes { " told of anew" } else { "; with --yes their files are read again" }
    );
    Ok(())
}

/// Buckets and keys; events write these as forms do.
fn files(event: &S3Event) -> impl Iterator<Item = (&str, String)> {
    event.records.iter().filter_map(|record| {
        let (bucket, key) = (record.s3.bucket.name.as_deref()?, record.s3.object.key.as_deref()?);
        Some((bucket, percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()))
    })
}

async fn read_again(s3: &aws_sdk_s3::Client, bucket: &str, key: &str) -> anyhow::Result<()> {
    let source = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC);
    let copied = s3.copy_object().bucket(bucket).key(key).copy_source(format!("{bucket}/{source}"));
    copied.metadata_directive(MetadataDirective::Replace).send().await?;
    Ok(())
}
