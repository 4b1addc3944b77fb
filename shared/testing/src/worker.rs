//! A function of a queue or a stream on a stage: what the tests of all of them have in common.

use std::fmt::Debug;
use std::pin::Pin;

use aws_lambda_events::event::dynamodb;
use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_domain::merchant::Merchant;
use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::stream::Reader;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::stream::Read;
use paywarden_store::{Retryable, StoreError};
use serde::de::DeserializeOwned;

use crate::{TestStage, events};

type Handling<E, T> = dyn Fn(E) -> Pin<Box<dyn Future<Output = T>>>;

/// A worker with everything behind it: a stage, the merchant of the sample events, and what the function works with there.
/// An event `E` comes to a `T`.
pub struct TestWorker<E, T> {
    pub stage: TestStage,
    pub merchant: Merchant,
    name: &'static str,
    handling: Box<Handling<E, T>>,
}

impl TestWorker<SqsEvent, usize> {
    /// Puts a queue's function on a new stage, with what its `main` serves it with. An event comes to the number of
    /// messages that go back into the queue.
    pub async fn of_queue<D, M, S, H, F>(
        name: &'static str,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        step: H,
    ) -> Self
    where
        D: 'static,
        M: DeserializeOwned + 'static,
        S: Retryable + 'static,
        H: Fn(&'static D, M) -> F + Copy + 'static,
        F: Future<Output = Result<(), S>> + 'static,
    {
        let stage = TestStage::start().await;
        let deps = stage.wire(name, wire);
        let failures =
            move |event| async move { batch::process(deps, event, step).await.batch_item_failures.len() };
        Self::with(stage, name, Box::new(move |event| Box::pin(failures(event)))).await
    }

    /// The same of one whose messages are in lanes.
    pub async fn of_queue_in_lanes<D, M, S, H, F>(
        name: &'static str,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        lane: fn(&M) -> Option<String>,
        step: H,
    ) -> Self
    where
        D: 'static,
        M: DeserializeOwned + 'static,
        S: Retryable + 'static,
        H: Fn(&'static D, Vec<batch::Said<M>>) -> F + Copy + 'static,
        F: Future<Output = Vec<Result<(), S>>> + 'static,
    {
        let stage = TestStage::start().await;
        let deps = stage.wire(name, wire);
        let failures = move |event| async move {
            batch::process_in_lanes(deps, event, lane, step).await.batch_item_failures.len()
        };
        Self::with(stage, name, Box::new(move |event| Box::pin(failures(event)))).await
    }
}

impl TestWorker<dynamodb::Event, Result<(), StoreError>> {
    /// Puts a stream's function on a new stage, with what its `main` serves it with. An event fails as a whole or not at
    /// all.
    pub async fn of_stream<D, C, H, F>(
        name: &'static str,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        read: Read<C>,
        step: H,
    ) -> Self
    where
        D: 'static,
        C: 'static,
        H: Fn(&'static D, Vec<C>) -> F + Copy + 'static,
        F: Future<Output = Result<(), StoreError>> + 'static,
    {
        let stage = TestStage::start().await;
        let deps = stage.wire(name, wire);
        let reader = stage.wire(name, |stores| Reader::of(stores, name, read));
        let by = format!("arn:aws:lambda:us-east-1:000000000000:function:paywarden-test-{name}");
        let by: &'static str = by.leak();
        let handle = move |event| reader.process(by, event, move |changes| step(deps, changes));
        Self::with(stage, name, Box::new(move |event| Box::pin(handle(event)))).await
    }
}

impl<E: DeserializeOwned, T> TestWorker<E, T> {
    async fn with(stage: TestStage, name: &'static str, handling: Box<Handling<E, T>>) -> Self {
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        Self { stage, merchant, name, handling }
    }

    /// What an event comes to.
    pub async fn handle(&self, event: E) -> T {
        (self.handling)(event).await
    }

    /// What the sample event of this name comes to.
    pub async fn handle_sample(&self, case: &str) -> T {
        self.handle(events::one(self.name, case)).await
    }

    /// Runs the sample events on this stage, in the order of their names, and holds what each comes to to `expected`.
    ///
    /// # Panics
    /// When a sample comes to something else, or one is missing.
    pub async fn samples_come_to(&self, expected: &[(&str, T)])
    where
        T: Clone + Debug + PartialEq,
    {
        self.samples_come_to_what_is_told(expected, std::convert::identity).await;
    }

    /// The same with what is `told` of each outcome before the next sample is run.
    ///
    /// # Panics
    /// As [`TestWorker::samples_come_to`].
    pub async fn samples_come_to_what_is_told<O>(&self, expected: &[(&str, O)], told: impl Fn(T) -> O)
    where
        O: Clone + Debug + PartialEq,
    {
        let mut outcomes = Vec::new();
        for (case, event) in events::parsed(self.name) {
            outcomes.push((case, told(self.handle(event).await)));
        }
        let expected: Vec<_> =
            expected.iter().map(|(case, outcome)| ((*case).to_owned(), outcome.clone())).collect();
        assert_eq!(outcomes, expected);
    }
}
