//! Handling one object as its function would have.

use anyhow::{Context, bail};
use aws_lambda_events::event::dynamodb::Event;
use paywarden_payments::rebuild::Rebuilder;
use paywarden_store::put_aside::PutAside;
use paywarden_store::stores::Stores;
use paywarden_store::stream::{Batch, Read};
use paywarden_store::{providers, reconciliation, transactions, webhooks};
use paywarden_webhooks::plan::Planner;

/// Says what a batch is, and handles it if that is wanted.
///
/// # Errors
/// When it is of no function that is known, a table fails, or there is something in it that cannot be read; all else has been
/// handled then.
pub async fn see_to(stores: &Stores, stage: &str, object: &PutAside, yes: bool) -> anyhow::Result<()> {
    let consumer = consumer(object, stage)?;
    let event: Event = serde_json::from_str(&object.payload).context("there is no event in it")?;
    let (records, condition) = (event.records.len(), &object.request_context.condition);
    println!("{} {consumer}: {records} records, {condition}", object.timestamp);
    match consumer {
        "project-transactions" => {
            let project = async |changes| Ok(Rebuilder::of(stores)?.project_late(changes).await?);
            bring_on(event, transactions::stream::change, yes, project).await
        }
        "dispatch-transaction-webhooks" => {
            let plan = async |changes| Ok(Planner::of(stores)?.plan(changes).await?);
            bring_on(event, transactions::stream::change, yes, plan).await
        }
        "dispatch-provider-webhooks" => {
            let plan = async |changes| Ok(Planner::of(stores)?.plan(changes).await?);
            bring_on(event, providers::stream::change, yes, plan).await
        }
        "dispatch-reconciliation-webhooks" => {
            let plan = async |changes| Ok(Planner::of(stores)?.plan(changes).await?);
            bring_on(event, reconciliation::stream::ended_run, yes, plan).await
        }
        "dispatch-endpoint-webhooks" => {
            let plan = async |changes| Ok(Planner::of(stores)?.plan(changes).await?);
            bring_on(event, webhooks::stream::switched_off, yes, plan).await
        }
        other => bail!("nothing is known of {other}"),
    }
}

/// The name of its function behind the stage's.
fn consumer<'a>(object: &'a PutAside, stage: &str) -> anyhow::Result<&'a str> {
    let arn = &object.request_context.function_arn;
    let name = arn.split(':').nth(6).unwrap_or_default();
    let prefix = format!("paywarden-{stage}-");
    name.strip_prefix(&prefix).with_context(|| format!("{arn} is no function of {stage}"))
}

/// Does what the function would have done with all that can be read, if that is wanted; fails then if something cannot.
async fn bring_on<C>(
    event: Event,
    read: Read<C>,
    yes: bool,
    step: impl AsyncFnOnce(Vec<C>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Batch { readable, unreadable } = Batch::read(event, read);
    if yes {
        step(readable.into_iter().map(|(_, change)| change).collect()).await?;
    }
    unreadable.into_iter().next().map_or(Ok(()), |(_, error)| Err(error.into()))
}
