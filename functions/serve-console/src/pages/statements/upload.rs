//! `/reconciliation/statements/new`: a file is given, as a file of the form, as text in it, or to an address that the API names.
//!
//! A file of the form is announced, and sent on to the address that the API gives for it. What is longer than a form may be goes to that
//! address by a command that the page shows. A text that is pasted is read at once.

use paywarden_api_client::{ClientError, Method, Refusal};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::columns;
use super::statement::Statement;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::links;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::form::{Field, Form, or_none};
use crate::view::html::Html;
use crate::view::tabs::{Tab, tabs};
use crate::view::{cell, json as folded};
use crate::visit::{FORM_KEY, Visit, segment};

/// What a file's columns can be known by; a map of one's own has a form of its own.
const FORMATS: &[(&str, &str)] = &[
    ("xendit", "Xendit: balance report"),
    ("adyen", "Adyen: settlement details report"),
    ("paywarden", "Our own columns"),
];

/// The field with the file.
const FILE: &str = "file";

/// Where a file is to be PUT.
#[derive(Deserialize)]
struct Upload {
    url: String,
    expires_at: String,
}

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::ReconciliationWrite)?;
    let providers = Providers::read(visit).await?;
    let form = form(visit, &providers).hidden(FORM_KEY, visit.new_key());
    page(visit, &form, 200)
}

fn page(visit: &Visit<'_>, form: &Form, status: u16) -> Result<Reply, Failure> {
    let about = "Choose the file, or paste what is in it. A file of more than four megabytes, or one that is no UTF-8 text, goes to an \
                 address: leave both empty, and you get it.";
    let body = Html::join([ways(visit)?, cell::paragraph(about)?, form.html()?]);
    Ok(Page::new("Give a file", Entry::Statements, body).with_status(status).into())
}

fn has_map(visit: &Visit<'_>) -> bool {
    visit.query.get("format") == Some("columns")
}

fn ways(visit: &Visit<'_>) -> Result<Html, Failure> {
    let tab = |format: &str, name: &str| Tab {
        name: name.to_owned(),
        href: links::with(visit, &[("format", format)]),
        is_current: has_map(visit) == (format == "columns"),
        count: None,
    };
    Ok(tabs("Columns of the file", &[tab("", "Known columns"), tab("columns", "Columns of its own")])?)
}

fn form(visit: &Visit<'_>, providers: &Providers) -> Form {
    let formats = FORMATS.iter().map(|(format, name)| ((*format).to_owned(), (*name).to_owned())).collect();
    let asked = visit.query.get("provider_id");
    let form = Form::new(
        visit.here(&visit.query.query(|name| matches!(name, "format" | "provider_id"))),
        "Give the file",
    )
    .field(
        Field::choice("provider_id", "Provider", providers.choices(asked)).value(asked.unwrap_or_default()),
    )
    .field(Field::file(FILE, "File").help("CSV as UTF-8 text, four megabytes at the most"))
    .field(
        Field::text("file_name", "File name")
            .placeholder("settlement-2026-11-20.csv")
            .help("If it is not the file's own"),
    )
    .field(
        Field::area("content", "Or the file's text, header included")
            .help("About 200,000 characters at the most; counts only if no file is chosen"),
    );
    if has_map(visit) {
        return form.fields(columns::fields(visit));
    }
    let formats = or_none("As its header says, else as this provider's last map of columns", formats);
    form.field(Field::choice("format", "Columns", formats))
}

/// Gives the file, or announces it.
pub async fn give(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let body = match body(visit) {
        Ok(body) => body,
        Err(refusal) => return again(visit, &refusal).await,
    };
    let answer = match visit.post("/reconciliation/statements", &body).await {
        Ok(answer) => answer,
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 413 | 422) => {
            return again(visit, &refusal).await;
        }
        Err(error) => return Err(error.into()),
    };
    let statement: Statement = answer.member("statement")?;
    match answer.member::<Option<Upload>>("upload")? {
        Some(upload) if visit.file.is_some() => sent(visit, &statement, &upload).await,
        Some(upload) => announced(visit, &statement, &upload),
        None => {
            let done = if answer.status == 201 { "given" } else { "known" };
            let page = format!("/reconciliation/statements/{}?done={done}", segment(&statement.id));
            Ok(Reply::SeeOther(visit.link(&page)))
        }
    }
}

async fn again(visit: &Visit<'_>, refusal: &Refusal) -> Result<Reply, Failure> {
    let providers = Providers::read(visit).await?;
    let form = form(visit, &providers).filled(&visit.form).refused(refusal)?;
    page(visit, &form.hidden(FORM_KEY, visit.form.text(FORM_KEY)), refusal.status)
}

fn body(visit: &Visit<'_>) -> Result<Value, Box<Refusal>> {
    if let Some(refusal) = unreadable(visit) {
        return Err(Box::new(refusal));
    }
    let names = ["provider_id", "file_name", "format"];
    let said = names.into_iter().filter_map(|name| Some((name.to_owned(), json!(visit.form.get(name)?))));
    let mut body: Map<String, Value> = said.collect();
    if let (Some(file), None) = (&visit.file, visit.form.get("file_name")) {
        body.insert("file_name".to_owned(), json!(file.name));
    }
    body.extend(content(visit).map(|content| ("content".to_owned(), json!(content))));
    if has_map(visit) {
        body.insert("format".to_owned(), json!("columns"));
        body.insert("columns".to_owned(), columns::read(visit)?);
    }
    Ok(Value::Object(body))
}

/// Sends the form's file on. The address is the file's own and takes nobody's token.
async fn sent(visit: &Visit<'_>, statement: &Statement, upload: &Upload) -> Result<Reply, Failure> {
    let bytes = visit.file.as_ref().map(|file| file.bytes.clone()).unwrap_or_default();
    visit.api.at(Method::PUT, &upload.url).body(bytes).send().await?.accepted()?;
    let page = format!("/reconciliation/statements/{}?done=given", segment(&statement.id));
    Ok(Reply::SeeOther(visit.link(&page)))
}

/// A gateway that hands text over has put a sign of its own in the place of bytes that are none.
fn unreadable(visit: &Visit<'_>) -> Option<Refusal> {
    let file = visit.file.as_ref()?;
    let replaced = "\u{FFFD}".as_bytes();
    let is_mangled = file.bytes.windows(replaced.len()).any(|bytes| bytes == replaced);
    is_mangled.then(|| Refusal {
        status: 422,
        code: "invalid_parameter".to_owned(),
        message: "expected UTF-8 text; send this file to an address instead: leave this and the text empty"
            .to_owned(),
        parameter: Some(FILE.to_owned()),
        request_id: String::new(),
    })
}

/// The text that was pasted. Browsers send every end of a line as two characters; as one, it is the file that came by another way.
fn content(visit: &Visit<'_>) -> Option<String> {
    if visit.file.is_some() {
        return None;
    }
    let pasted = visit.form.pairs().find(|(name, _)| *name == "content").map(|(_, text)| text)?;
    (!pasted.trim().is_empty()).then(|| pasted.replace("\r\n", "\n"))
}

/// The address that the file goes to, for as long as it is good.
fn announced(visit: &Visit<'_>, statement: &Statement, upload: &Upload) -> Result<Reply, Failure> {
    let name = statement.file_name.as_deref().unwrap_or("statement.csv");
    let page = visit.link(&format!("/reconciliation/statements/{}", segment(&statement.id)));
    let command = format!("curl --fail -T {} '{}'", quoted(name), upload.url);
    let body = Html::join([
        cell::paragraph(
            "The file is announced. Send it to the address as it is; it is read as soon as it is there. With the command below, \
             from the folder in which it lies:",
        )?,
        folded::folded_text("The command that sends it", &command)?,
        folded::folded_text("The address, for a PUT", &upload.url)?,
        facts(&[
            ("The address is good until", cell::time(&upload.expires_at, visit.zone(), visit.now)?),
            ("Statement id", cell::linked_id(&page, &statement.id)?),
        ])?,
        cell::actions(&[cell::button_link(&page, "It is sent: look at what was read")?])?,
    ]);
    Ok(Page::new("Send the file", Entry::Statements, body).into())
}

/// A name as one word of a shell, whatever is in it.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', r"'\''"))
}
