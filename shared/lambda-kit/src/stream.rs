//! Batches of a table's stream. What cannot be read, as a newer version wrote it, is put aside and keeps nothing waiting;
//! everything else is handled together, or fails together.

use std::future::Future;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use lambda_runtime::Context;
use paywarden_store::put_aside::Putter;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::stream::{Batch, Read};
use paywarden_store::{StoreError, passing_over};

use crate::worker::{self, WorkerError};

/// A function of a stream, and where it puts what it cannot read.
pub struct Reader<C> {
    name: &'static str,
    read: Read<C>,
    aside: Putter,
}

/// Hands the changes of every batch to `step`, as `read` makes them of its records, until the process ends. A failure fails
/// the whole batch: the platform halves it and tries again.
///
/// # Errors
/// When a variable is missing, or the Lambda runtime fails.
pub async fn serve<D, C, H, F>(
    name: &'static str,
    wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    read: Read<C>,
    step: H,
) -> Result<(), WorkerError>
where
    D: Send + Sync + 'static,
    C: Send + 'static,
    H: Fn(&'static D, Vec<C>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<(), StoreError>> + Send,
{
    let stores = Stores::of_process();
    let deps: &'static D = crate::for_ever(wire(&stores)?);
    let reader: &'static Reader<C> = crate::for_ever(Reader::of(&stores, name, read)?);
    worker::run_called(name, move |event, context: Context| async move {
        let by = context.invoked_function_arn.as_str();
        Ok(reader.process(by, event, move |changes| step(deps, changes)).await?)
    })
    .await
}

impl<C> Reader<C> {
    /// The function of this name, which reads so.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores, name: &'static str, read: Read<C>) -> Result<Self, InvalidVariable> {
        Ok(Self { name, read, aside: stores.put_aside()? })
    }

    /// Handles one batch, as the function of the ARN `by`. What is put aside comes last, when all the rest is done.
    ///
    /// # Errors
    /// [`StoreError`]; the batch has to come again then, which changes nothing that was done.
    pub async fn process<H, F>(&self, by: &str, event: Event, step: H) -> Result<(), StoreError>
    where
        H: Fn(Vec<C>) -> F,
        F: Future<Output = Result<(), StoreError>>,
    {
        let Batch { readable, mut unreadable } = Batch::read(event, self.read);
        let (records, changes): (Vec<_>, Vec<_>) = readable.into_iter().unzip();
        match step(changes).await {
            Err(StoreError::Corrupt { .. }) => unreadable.extend(self.one_by_one(records, step).await?),
            done => done?,
        }
        for (record, error) in unreadable {
            self.aside.put(self.name, by, record).await?;
            passing_over::<()>(Err(error))?;
        }
        Ok(())
    }

    /// Handles each record of a batch by itself, because of one of them something else cannot be read. Answers whichever these
    /// are.
    async fn one_by_one<H, F>(
        &self,
        records: Vec<EventRecord>,
        step: H,
    ) -> Result<Vec<(EventRecord, StoreError)>, StoreError>
    where
        H: Fn(Vec<C>) -> F,
        F: Future<Output = Result<(), StoreError>>,
    {
        let mut unreadable = Vec::new();
        for record in records {
            let change = (self.read)(&record)?;
            match step(change.into_iter().collect()).await {
                Err(error @ StoreError::Corrupt { .. }) => unreadable.push((record, error)),
                done => done?,
            }
        }
        Ok(unreadable)
    }
}
