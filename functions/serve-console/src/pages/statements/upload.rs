//! `/reconciliation/statements/new`: a file is given, as text in the form or to an address that the API names.
//!
//! Short files are pasted and read at once. Longer ones are announced: the API then gives an address to which the file is PUT, which
//! no form can do, so the page shows the command for it.

use paywarden_api_client::{ClientError, Refusal};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::columns;
use super::statement::Statement;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::reconciliation::links;
use crate::pages::reconciliation::names::Providers;
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
    let about = "A short file is pasted and read at once. For a longer one leave the text empty: you get an address to send it to.";
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
    .field(Field::text("file_name", "File name").placeholder("settlement-2026-11-20.csv"))
    .field(
        Field::area("content", "The file's text, header included")
            .help("About 40,000 characters at the most; empty for a file that is sent to an address"),
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
    let names = ["provider_id", "file_name", "format"];
    let said = names.into_iter().filter_map(|name| Some((name.to_owned(), json!(visit.form.get(name)?))));
    let mut body: Map<String, Value> = said.collect();
    body.extend(content(visit).map(|content| ("content".to_owned(), json!(content))));
    if has_map(visit) {
        body.insert("format".to_owned(), json!("columns"));
        body.insert("columns".to_owned(), columns::read(visit)?);
    }
    Ok(Value::Object(body))
}

/// The text that was pasted. Browsers send every end of a line as two characters; as one, it is the file that came by another way.
fn content(visit: &Visit<'_>) -> Option<String> {
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
