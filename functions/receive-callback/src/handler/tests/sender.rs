//! A provider that sends callbacks, and what became of them.

use lambda_http::http::Method;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::{Entry, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::Report;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_testing::TestStage;
use serde_json::{Value, json};

use super::TOKEN;
use crate::deps::Deps;
use crate::handler::handle;

pub struct Sender {
    pub stage: TestStage,
    pub deps: Deps,
    provider: Provider,
}

impl Sender {
    /// Xendit, which proves itself by a token.
    pub async fn xendit() -> Self {
        Self::of(ProviderType::Xendit, &json!({"callback_token": TOKEN})).await
    }

    pub async fn of(provider_type: ProviderType, credentials: &Value) -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, provider_type, credentials).await;
        Self { stage, deps, provider }
    }

    /// The status that a callback is answered with.
    pub async fn send(&self, headers: &[(&'static str, &str)], body: &str) -> u16 {
        let mut request = ApiRequest::new(Method::POST, "/callbacks/x")
            .with_path_parameter("provider_id", self.provider.id.as_str())
            .with_body(body);
        for (name, value) in headers {
            request.headers.insert(*name, value.parse().unwrap());
        }
        match handle(&self.deps, request).await {
            Ok(answer) => answer.status.as_u16(),
            Err(problem) => problem.status(),
        }
    }

    /// The status that a callback with Xendit's token is answered with.
    pub async fn reports_that(&self, body: &Value) -> u16 {
        self.send(&[("x-callback-token", TOKEN)], &body.to_string()).await
    }

    pub fn nothing_is_queued(&self) -> bool {
        self.stage.transaction_events.take().is_empty()
    }

    /// The reports that were queued since it was last asked.
    pub fn queued_reports(&self) -> Vec<Report> {
        let messages = self.stage.transaction_events.take().into_iter();
        let callbacks = messages.map(|message| serde_json::from_str(&message.body).unwrap());
        callbacks.flat_map(|callback: VerifiedCallback| callback.reports).collect()
    }

    /// What is listed of the provider as fitting no transaction.
    pub async fn unmatched(&self) -> Vec<Entry> {
        let subject = Subject::unmatched(&self.provider.id, self.stage.clock().now());
        self.stage.timeline().list(&subject, 100, None).await.unwrap().entries
    }
}
