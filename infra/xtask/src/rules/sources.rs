//! What Lambda reads for a function: queues and streams.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::expanded::{Expanded, branches, bucket, numbers, text};

/// Seconds that a message stays hidden beyond the time limit of its function: Lambda needs some before and after the call.
const SPARE_SECONDS: i64 = 60;

/// What Lambda takes of a mapping, for both kinds: property, default, limits.
const LIMITS: [(&str, i64, RangeInclusive<i64>); 4] = [
    ("BatchSize", 10, 1..=10_000),
    ("MaximumBatchingWindowInSeconds", 0, 0..=300),
    ("ParallelizationFactor", 1, 1..=10),
    ("MaximumRetryAttempts", -1, -1..=10_000),
];

/// The largest batch that a queue gives at once; larger ones are collected for a while.
const BATCH_AT_ONCE: i64 = 10;

/// Lambda refuses what lies beyond its limits; the emulator has none.
pub fn stay_within_limits(template: &Expanded) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, mapping) in mappings(template) {
        for (property, default, limits) in LIMITS {
            for number in numbers(&mapping[property], default) {
                if !limits.contains(&number) {
                    findings.push(format!("{id}: {property} is {number}, not within {limits:?}"));
                }
            }
        }
    }
    for (id, mapping, _) in queue_mappings(template) {
        let batch = numbers(&mapping["BatchSize"], 10).into_iter().max();
        let window = numbers(&mapping["MaximumBatchingWindowInSeconds"], 0).into_iter().min();
        if batch > Some(BATCH_AT_ONCE) && window < Some(1) {
            findings.push(format!("{id}: more than {BATCH_AT_ONCE} messages take a batching window"));
        }
        for number in numbers(&mapping["ScalingConfig"]["MaximumConcurrency"], 2) {
            if !(2..=1000).contains(&number) {
                findings.push(format!("{id}: MaximumConcurrency is {number}, not within 2..=1000"));
            }
        }
    }
    findings
}

/// One bad message is not to bring back the nine beside it.
pub fn of_queues_report_single_failures(template: &Expanded) -> Vec<String> {
    let whole = queue_mappings(template).filter(|(_, mapping, _)| {
        let types = mapping["FunctionResponseTypes"].as_array();
        !types.is_some_and(|types| types.iter().any(|kind| kind == "ReportBatchItemFailures"))
    });
    whole.map(|(id, _, _)| format!("{id}: it is to report single failures")).collect()
}

/// A message that shows again while its function still works is worked on twice.
pub fn of_queues_hide_messages_long_enough(template: &Expanded) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, mapping, queue) in queue_mappings(template) {
        let Some((_, function)) = template.referred(&mapping["FunctionName"], "AWS::Lambda::Function") else {
            findings.push(format!("{id}: its function is not of this template"));
            continue;
        };
        let limit = numbers(&function["Properties"]["Timeout"], 3).into_iter().max().unwrap_or_default();
        let window =
            numbers(&mapping["MaximumBatchingWindowInSeconds"], 0).into_iter().max().unwrap_or_default();
        let least = limit + window + SPARE_SECONDS;
        if numbers(&queue["VisibilityTimeout"], 30).into_iter().min() < Some(least) {
            findings.push(format!(
                "{id}: the messages of its queue are to be hidden for {least} seconds at least"
            ));
        }
    }
    findings
}

/// Each part of a table's stream can be read by two at a time; a third waits, or makes the others wait.
pub fn of_a_stream_are_two(template: &Expanded) -> Vec<String> {
    let mut readers: BTreeMap<String, usize> = BTreeMap::new();
    let streams = mappings(template).filter_map(|(_, mapping)| {
        template
            .referred(&mapping["EventSourceArn"], "AWS::DynamoDB::Table")
            .map(|(table, _)| table.to_owned())
    });
    streams.for_each(|table| *readers.entry(table).or_default() += 1);
    let many = readers.into_iter().filter(|(_, count)| *count > 2);
    many.map(|(table, count)| format!("{table}: {count} functions read its stream, and two are the most"))
        .collect()
}

/// A queue gets of a batch that failed for good where it stood in the stream, which forgets it after a day. A bucket gets the
/// records.
pub fn of_streams_keep_what_failed(template: &Expanded) -> Vec<String> {
    let forgets = mappings(template).filter(|(_, mapping)| {
        let is_stream = template.referred(&mapping["EventSourceArn"], "AWS::DynamoDB::Table").is_some();
        let destinations = branches(&mapping["DestinationConfig"]["OnFailure"]["Destination"]);
        is_stream && (destinations.is_empty() || !destinations.iter().all(|to| is_bucket(template, to)))
    });
    forgets.map(|(id, _)| format!("{id}: what failed for good is to go to a bucket")).collect()
}

/// A bucket may be named by its name where a reference would make a circle.
fn is_bucket(template: &Expanded, destination: &Value) -> bool {
    let named = text(destination).and_then(bucket);
    template.referred(destination, "AWS::S3::Bucket").is_some()
        || named.is_some_and(|named| template.bucket_names().any(|name| name == named))
}

fn mappings(template: &Expanded) -> impl Iterator<Item = (&str, &Value)> {
    template.of_type("AWS::Lambda::EventSourceMapping").map(|(id, mapping)| (id, &mapping["Properties"]))
}

/// The mappings of queues, with the queue.
fn queue_mappings(template: &Expanded) -> impl Iterator<Item = (&str, &Value, &Value)> {
    mappings(template).filter_map(|(id, mapping)| {
        let (_, queue) = template.referred(&mapping["EventSourceArn"], "AWS::SQS::Queue")?;
        Some((id, mapping, &queue["Properties"]))
    })
}
