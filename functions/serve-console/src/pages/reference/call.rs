//! A request as a form says it. Method and path are the document's; a form only fills in what the document leaves open.

use http::{HeaderValue, Method};

use super::document::{Access, Content, Operation, Parameter, Place};
use super::schema::kind;
use crate::asked::Asked;
use crate::visit::segment;

/// Kinds of bodies that may be sent where the document takes any.
pub const ANY_KIND: &[&str] = &["application/json", "application/x-www-form-urlencoded", "text/plain"];

const FORM: &str = "application/x-www-form-urlencoded";

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    /// Behind the API's address, with its query.
    pub path: String,
    /// With names in small letters, but for the token.
    pub headers: Vec<(String, String)>,
    /// Whether it presents the token of whoever is signed in.
    pub has_token: bool,
    pub payload: Payload,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    Nothing,
    Text(String),
    /// Members of a form.
    Form(Vec<(String, String)>),
}

/// What is wrong with a form before anything is sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    pub message: &'static str,
}

/// What is done about a part of the path that is not filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It stays as the document has it, in braces.
    Stays,
    IsWrong,
}

/// The field of a parameter.
pub fn field_name(parameter: &Parameter) -> String {
    format!("{}.{}", parameter.place.name(), parameter.name)
}

/// Whether a member of a form is a secret: it is typed unseen and shown nowhere.
pub fn is_secret(name: &str) -> bool {
    name.contains("secret")
        || (name.contains("token") && !name.ends_with("_type") && !name.ends_with("_hint"))
}

/// The field of a member of a form. Secrets are named as such, and not kept while somebody signs in again.
pub fn member_field_name(name: &str) -> String {
    if is_secret(name) { format!("secret.{name}") } else { format!("form.{name}") }
}

/// The field of a body that is a text. One that may have a provider's credentials is named as a secret, so that it is not kept
/// while somebody signs in again.
pub fn body_field_name(operation: &Operation) -> &'static str {
    let members = operation.bodies.iter().flat_map(|body| super::schema::members(body.schema));
    let has_secrets = members.into_iter().any(|member| member.name == "credentials");
    if has_secrets { "secret.body" } else { "body" }
}

/// Whether a body is a form, with a field for each of its members.
pub fn is_form(content: &Content) -> bool {
    content.kind == FORM
}

/// Kinds of which the answer may be, if it may be of several.
pub fn answer_kinds(operation: &Operation) -> Vec<&'static str> {
    let answer = operation.answers.iter().find(|answer| answer.status.starts_with('2'));
    answer.map(|answer| answer.contents.iter().map(|content| content.kind).collect()).unwrap_or_default()
}

/// Kinds of which the body may be.
pub fn body_kinds(operation: &Operation) -> Vec<&'static str> {
    let kinds: Vec<&str> = operation.bodies.iter().map(|body| body.kind).collect();
    if kinds == ["*/*"] { ANY_KIND.to_vec() } else { kinds }
}

/// The request that a form says.
///
/// # Errors
/// [`Wrong`]: what cannot be sent.
pub fn read(operation: &Operation, form: &Asked, missing: Missing) -> Result<Call, Wrong> {
    let path = path(operation, form, missing)?;
    let query = query(operation, form);
    let mark = if query.is_empty() { "" } else { "?" };
    let is_open = operation.access == Access::Open;
    Ok(Call {
        method: operation.method.clone(),
        path: format!("{path}{mark}{query}"),
        headers: headers(operation, form)?,
        has_token: !is_open && form.get("credentials") != Some("none"),
        payload: payload(operation, form),
    })
}

fn path(operation: &Operation, form: &Asked, missing: Missing) -> Result<String, Wrong> {
    let mut path = operation.path.to_owned();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Path) {
        let field = field_name(parameter);
        let given = match (form.get(&field), missing) {
            (Some(given), _) => given,
            (None, Missing::Stays) => continue,
            (None, Missing::IsWrong) => return Err(Wrong { field, message: "expected a value" }),
        };
        // These two would lead to another route.
        if matches!(given, "." | "..") {
            return Err(Wrong { field, message: "expected something else than points" });
        }
        path = path.replace(&format!("{{{}}}", parameter.name), &segment(given));
    }
    Ok(path)
}

fn query(operation: &Operation, form: &Asked) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
        let field = field_name(parameter);
        let mut values: Vec<&str> = form.all(&field).collect();
        if kind(parameter.schema).starts_with("array") {
            values = values.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
            values.retain(|value| !value.is_empty());
            if !parameter.is_repeated && !values.is_empty() {
                query.append_pair(parameter.name, &values.join(","));
                continue;
            }
        }
        for value in values {
            query.append_pair(parameter.name, value);
        }
    }
    query.finish()
}

fn headers(operation: &Operation, form: &Asked) -> Result<Vec<(String, String)>, Wrong> {
    let mut headers = Vec::new();
    let kinds = answer_kinds(operation);
    if let Some(kind) = form.get("accept").filter(|kind| kinds.contains(kind) && kinds.len() > 1) {
        headers.push(("accept".to_owned(), kind.to_owned()));
    }
    if !operation.bodies.is_empty() && !operation.bodies.iter().any(is_form) {
        let kinds = body_kinds(operation);
        let kind = form.get("content_type").filter(|kind| kinds.contains(kind)).or(kinds.first().copied());
        headers.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
    }
    let given = operation.parameters.iter().filter(|parameter| parameter.place == Place::Header);
    let given = given.map(|parameter| (parameter.name, field_name(parameter)));
    for (name, field) in given.chain([(CORRELATION, format!("header.{CORRELATION}"))]) {
        let Some(value) = form.get(&field) else { continue };
        if HeaderValue::from_str(value).is_err() {
            return Err(Wrong {
                field,
                message: "expected letters, digits and signs that a header may have",
            });
        }
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    Ok(headers)
}

/// A header that every request may have.
pub const CORRELATION: &str = "x-correlation-id";

fn payload(operation: &Operation, form: &Asked) -> Payload {
    let Some(body) = operation.bodies.first() else { return Payload::Nothing };
    if !is_form(body) {
        // Browsers send the lines of a text with both signs of their end.
        let text = form.get(body_field_name(operation));
        return text.map_or(Payload::Nothing, |text| Payload::Text(text.replace("\r\n", "\n")));
    }
    let members = body.schema["properties"].as_object().into_iter().flatten();
    let given = members.filter_map(|(name, _)| {
        let value = form.get(&member_field_name(name))?;
        Some((name.clone(), value.to_owned()))
    });
    Payload::Form(given.collect())
}
