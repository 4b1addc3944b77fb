//! The endpoint.

use paywarden_domain::provider::ProviderType;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::{Field, adapter};
use serde_json::{Value, json};

/// Answers every type, in the order of the documentation.
pub async fn handle(_deps: &(), _caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let types: Vec<Value> = ProviderType::ALL.iter().map(|provider_type| describe(*provider_type)).collect();
    Answer::ok(&json!({"status": true, "provider_types": types}))
}

fn describe(provider_type: ProviderType) -> Value {
    let profile = adapter(provider_type).profile();
    json!({
        "type": provider_type,
        "name": profile.name,
        "connection": profile.connection,
        "services": profile.services,
        "fields": profile.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

fn field(field: &Field) -> Value {
    json!({
        "key": field.key,
        "label": field.label,
        "required": field.required,
        "secret": field.secret,
        "format": field.format,
        "help": field.help,
        "example": field.example,
    })
}

#[cfg(test)]
mod tests;
