//! The form of an operation: a field for each parameter, the body as text, and how it is to be sent.

use serde_json::Value;

use super::call::{self, CORRELATION};
use super::document::{Access, Operation, Parameter};
use super::example;
use super::language::Language;
use super::schema::{alternatives, kind, plain};
use crate::asked::Asked;
use crate::view::form::{Field, or_none, words};
use crate::visit::Visit;

/// What is filled in before somebody fills in anything: parameters that the address names, examples, and a new key.
pub fn beginning(visit: &Visit<'_>, operation: &Operation) -> Asked {
    let mut filled = Vec::new();
    for parameter in &operation.parameters {
        let field = call::field_name(parameter);
        filled.extend(visit.query.all(parameter.name).map(|value| (field.clone(), value.to_owned())));
        if parameter.name == "Idempotency-Key" {
            filled.push((field, visit.new_key()));
        }
    }
    if let Some(body) = operation.bodies.first() {
        if call::is_form(body) {
            filled.extend(members(operation).filter_map(|(name, schema)| {
                let value = schema["enum"].get(0)?.as_str()?;
                // What goes with one way of asking only is left to whoever asks so.
                required(operation, name).then(|| (call::member_field_name(name), value.to_owned()))
            }));
        } else if body.schema.is_object() {
            let text = serde_json::to_string_pretty(&example::body(body)).unwrap_or_default();
            filled.push((call::body_field_name(operation).to_owned(), text));
        }
    }
    filled.push(("language".to_owned(), Language::of(&visit.query).word().to_owned()));
    Asked::new(filled)
}

/// All fields of an operation, empty.
pub fn all(visit: &Visit<'_>, operation: &Operation) -> Vec<Field> {
    let mut fields: Vec<Field> = operation.parameters.iter().map(of_parameter).collect();
    match operation.bodies.first() {
        Some(body) if call::is_form(body) => {
            fields.extend(members(operation).map(|(name, schema)| of_member(operation, name, schema)));
        }
        Some(_) => fields.extend(body(operation)),
        None => {}
    }
    fields.extend(sending(visit, operation));
    fields
}

fn members(operation: &Operation) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let body = operation.bodies.first().map(|body| body.schema);
    let members = body.and_then(|schema| schema["properties"].as_object());
    members.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn required(operation: &Operation, name: &str) -> bool {
    let required = operation.bodies.first().and_then(|body| body.schema["required"].as_array());
    required.into_iter().flatten().any(|required| required == name)
}

fn of_parameter(parameter: &Parameter) -> Field {
    let (name, label) = (call::field_name(parameter), parameter.name);
    let field = of_schema(name, label, parameter.schema);
    let field = field.help(first_line(parameter.description));
    if parameter.is_required { field.required() } else { field }
}

fn of_schema(name: String, label: &str, schema: &'static Value) -> Field {
    let is_list = kind(schema).starts_with("array");
    let shape = if is_list { &schema["items"] } else { schema };
    let shapes = alternatives(shape);
    let choices: Vec<String> =
        shapes.iter().filter_map(|shape| shape["enum"].as_array()).flatten().map(plain).collect();
    if is_list && !choices.is_empty() {
        return Field::boxes(name, label, words(choices.iter().map(String::as_str)));
    }
    if !choices.is_empty() {
        return Field::choice(name, label, or_none("–", words(choices.iter().map(String::as_str))));
    }
    if kind(shape) == "boolean" {
        return Field::choice(name, label, or_none("–", words(["true", "false"])));
    }
    Field::text(name, label).placeholder(example::placeholder(shape))
}

/// A member of a form. Secrets are typed unseen, and never shown again.
fn of_member(operation: &Operation, name: &'static str, schema: &'static Value) -> Field {
    let field_name = call::member_field_name(name);
    let field = match schema["const"].as_str() {
        Some(word) => Field::choice(field_name, name, or_none("–", words([word]))),
        None if call::is_secret(name) => Field::secret(field_name, name),
        None => of_schema(field_name, name, schema),
    };
    let field = field.help(first_line(schema["description"].as_str().unwrap_or_default()));
    if required(operation, name) { field.required() } else { field }
}

fn body(operation: &Operation) -> Vec<Field> {
    let kinds = call::body_kinds(operation);
    let body = Field::area(call::body_field_name(operation), "Body")
        .help("As it is sent; what it may have stands above");
    if kinds.len() < 2 {
        return vec![body];
    }
    vec![Field::choice("content_type", "Kind of body", words(kinds)), body]
}

/// How it is sent, and in which language it is shown.
fn sending(visit: &Visit<'_>, operation: &Operation) -> Vec<Field> {
    let mut fields = Vec::new();
    let kinds = call::answer_kinds(operation);
    if kinds.len() > 1 {
        fields.push(Field::choice("accept", "Kind of answer", words(kinds)));
    }
    fields.push(
        Field::text(format!("header.{CORRELATION}"), CORRELATION)
            .help("Follows what this request does to timelines, webhooks and logs"),
    );
    if operation.access != Access::Open {
        let you = format!("You: {}, {}", visit.who.role, visit.who.principal);
        let choices = [("yours", you), ("none", "Nobody: without a token".to_owned())];
        let choices = choices.map(|(value, name)| (value.to_owned(), name)).to_vec();
        fields.push(Field::choice("credentials", "As whom", choices));
    }
    let languages = Language::ALL.iter().map(|one| (one.word().to_owned(), one.name().to_owned())).collect();
    fields.push(Field::choice("language", "Shown as code in", languages));
    if is_writing(operation) {
        let said = format!("Yes, send {} {}", operation.method, operation.path);
        fields.push(
            Field::flag("confirm", said)
                .help("It may change real data. Unticked, nothing is sent and the code is shown"),
        );
    }
    fields
}

/// Whether it changes something.
pub fn is_writing(operation: &Operation) -> bool {
    operation.method != http::Method::GET
}

fn first_line(text: &str) -> String {
    text.split("\n\n").next().unwrap_or_default().replace('`', "").replace('\n', " ")
}
