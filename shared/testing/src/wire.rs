//! The wire without a port: what the real client would send is answered by the tables where it is asked, so that nothing but the
//! processes themselves decides what comes after what. It is quicker, too.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use paywarden_store::aws::{SdkConfig, config_for_emulator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::faults::Faults;
use crate::flight::written_items;
use crate::refusal::{self, Refusal};

/// The member that only a newer version of this code knows.
pub const NEWER_MEMBER: &str = "of_a_newer_version";

const OK: u16 = 200;
const REFUSED: u16 = 400;

/// Answers requests with the tables of this process.
#[derive(Clone)]
pub(crate) struct Wire {
    database: Database,
    faults: Arc<Faults>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wire")
    }
}

impl Wire {
    pub(crate) fn new(database: &Database, faults: &Arc<Faults>) -> Self {
        Self { database: database.clone(), faults: Arc::clone(faults) }
    }

    /// Settings of a client that uses it. Everything else in them is the same for all stages, and takes a while to make.
    pub(crate) fn config(self) -> SdkConfig {
        static REST: OnceLock<SdkConfig> = OnceLock::new();
        let rest = REST.get_or_init(|| config_for_emulator("http://tables.in.this.process"));
        rest.clone().into_builder().http_client(self).build()
    }

    fn answer(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let tables = &self.database;
        match operation {
            "GetItem" => told(&tables.get_item(asked(body)?)?),
            "PutItem" => told(&tables.put_item(asked(&self.perhaps_more(body)?)?)?),
            "UpdateItem" => told(&tables.update_item(asked(body)?)?),
            "DeleteItem" => told(&tables.delete_item(asked(body)?)?),
            "Query" => told(&tables.query(asked(body)?)?),
            "Scan" => told(&tables.scan(asked(body)?)?),
            "BatchGetItem" => {
                self.batch(body, "UnprocessedKeys", |body| told(&tables.batch_get_item(asked(body)?)?))
            }
            "BatchWriteItem" => {
                let body = &self.perhaps_more(body)?;
                self.batch(body, "UnprocessedItems", |body| told(&tables.batch_write_item(asked(body)?)?))
            }
            "TransactWriteItems" => told(&tables.transact_write_items(asked(&self.perhaps_more(body)?)?)?),
            other => Err(DynoxideError::SerializationException(format!("{other} is not on this wire"))),
        }
    }

    /// What is put, with a member more if a newer version puts it.
    fn perhaps_more<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, [u8]>, DynoxideError> {
        if !self.faults.writes_more() {
            return Ok(Cow::Borrowed(body));
        }
        let mut request: Value = asked(body)?;
        add_member(&mut request);
        for action in request["TransactItems"].as_array_mut().into_iter().flatten() {
            action.get_mut("Put").into_iter().for_each(add_member);
        }
        let batches = request.get_mut("RequestItems").and_then(Value::as_object_mut);
        for write in batches.into_iter().flat_map(|tables| tables.values_mut()).flat_map(items_of) {
            write.get_mut("PutRequest").into_iter().for_each(add_member);
        }
        told(&request).map(|more| Cow::Owned(more.into_bytes()))
    }

    /// Does a batch, or as much of it as a slow table takes.
    fn batch(
        &self,
        body: &[u8],
        left: &str,
        answer: impl Fn(&[u8]) -> Result<String, DynoxideError>,
    ) -> Result<String, DynoxideError> {
        let Some(taken) = self.faults.taken() else {
            return answer(body);
        };
        let mut asked_now: Value = asked(body)?;
        let mut not_taken = asked_now["RequestItems"].clone();
        for (table, request) in asked_now["RequestItems"].as_object_mut().into_iter().flatten() {
            items_of(request).truncate(taken);
            let more = items_of(&mut not_taken[table]);
            more.drain(..taken.min(more.len()));
        }
        let answered = if taken == 0 { "{}".to_owned() } else { answer(told(&asked_now)?.as_bytes())? };
        let mut answered: Value = asked(answered.as_bytes())?;
        not_taken
            .as_object_mut()
            .into_iter()
            .for_each(|tables| tables.retain(|_, one| !items_of(one).is_empty()));
        answered[left] = not_taken;
        told(&answered)
    }
}

/// The writes or the keys that a batch has for one table.
fn items_of(request: &mut Value) -> &mut Vec<Value> {
    let list = if request.is_object() { &mut request["Keys"] } else { request };
    list.as_array_mut().expect("a batch has lists of writes or of keys")
}

fn add_member(put: &mut Value) {
    if let Some(item) = put["Item"].as_object_mut() {
        item.insert(NEWER_MEMBER.to_owned(), serde_json::json!({"M": {"known": {"BOOL": false}}}));
    }
}

/// The tables that a request is about.
fn tables_of(body: &[u8]) -> Vec<String> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let batch = request["RequestItems"].as_object().into_iter().flat_map(|tables| tables.keys().cloned());
    let actions = request["TransactItems"].as_array().into_iter().flatten();
    let actions = actions.filter_map(|action| action.as_object()?.values().next());
    let named = std::iter::once(&request).chain(actions);
    let named = named.filter_map(|of| of["TableName"].as_str().map(str::to_owned));
    named.chain(batch).collect()
}

fn asked<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn told<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

impl Wire {
    /// The status and the body that a request comes to.
    async fn exchange(&self, operation: &str, body: &[u8]) -> (u16, String) {
        let distance = self.faults.flights.distance();
        if distance.is_zero() {
            return self.answer_or_refuse(operation, body);
        }
        tokio::time::sleep(distance / 2).await;
        let request = serde_json::from_slice(body).unwrap_or_default();
        let answered = match self.faults.flights.begin(operation, &request) {
            Err(place) => {
                let actions = written_items(&request).len();
                (REFUSED, Refusal::Conflict.body(operation, (place, actions)))
            }
            Ok(flight) => {
                if operation == "TransactWriteItems" {
                    tokio::time::sleep(distance).await;
                }
                let answered = self.answer_or_refuse(operation, body);
                drop(flight);
                answered
            }
        };
        tokio::time::sleep(distance / 2).await;
        answered
    }

    fn answer_or_refuse(&self, operation: &str, body: &[u8]) -> (u16, String) {
        if self.faults.closed().is_some_and(|table| tables_of(body).iter().any(|asked| asked == table)) {
            return (REFUSED, refusal::closed());
        }
        if let Some(refusal) = self.faults.refused(operation) {
            let actions = written_items(&serde_json::from_slice(body).unwrap_or_default()).len();
            return (REFUSED, refusal.body(operation, (actions.saturating_sub(1), actions)));
        }
        match self.answer(operation, body) {
            Ok(body) => (OK, body),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move {
            wire.faults.turns.wait().await;
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default();
            let (status, body) = wire.exchange(operation, request.body().bytes().unwrap_or_default()).await;
            let status = status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
