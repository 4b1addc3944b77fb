//! The endpoint.

use paywarden_domain::lookup::{payment_method_id, status_lookup_id};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    TransactionStatus,
    PaymentMethod,
}

/// Answers all lookups, or those of one kind.
pub async fn handle(_deps: &(), _caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let kind = QueryReader::new(&request.query, &["kind"])?.word("kind", parse_kind)?;
    let wanted = |one: Kind| kind.is_none_or(|kind| kind == one);
    let statuses =
        Status::ALL.iter().filter(|_| wanted(Kind::TransactionStatus)).map(|status| status_lookup(*status));
    let methods =
        Method::ALL.iter().filter(|_| wanted(Kind::PaymentMethod)).map(|method| method_lookup(*method));
    let lookups: Vec<Value> = statuses.chain(methods).collect();
    Answer::ok(&json!({"status": true, "lookups": lookups, "next_cursor": null}))
}

fn parse_kind(text: &str) -> Result<Kind, &'static str> {
    match text {
        "transaction_status" => Ok(Kind::TransactionStatus),
        "payment_method" => Ok(Kind::PaymentMethod),
        _ => Err("expected one of transaction_status, payment_method"),
    }
}

fn status_lookup(status: Status) -> Value {
    json!({
        "id": status_lookup_id(status),
        "kind": "transaction_status",
        "code": status,
        "name": status.name(),
        "group": status.group(),
    })
}

fn method_lookup(method: Method) -> Value {
    json!({
        "id": payment_method_id(method),
        "kind": "payment_method",
        "code": method,
        "name": method.type_name(),
        "direction": method.direction(),
        "service": method.service(),
    })
}

#[cfg(test)]
mod tests;
