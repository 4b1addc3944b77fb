//! What the document says of one operation.

use paywarden_domain::access::Scope;

use super::document::{Access, Content, Described, Operation, Parameter};
use super::index::needs;
use super::pieces::{code, prose};
use super::schema::{self, Member};
use crate::failure::Failure;
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

const PARAMETERS: &[Column] =
    &[Column::new("Parameter"), Column::new("Where"), Column::new("Type"), Column::new("What it is")];

const MEMBERS: &[Column] = &[Column::new("Member"), Column::new("Type"), Column::new("What it is")];

/// What it does, what it takes and what it answers.
pub fn described(visit: &Visit<'_>, operation: &Operation) -> Result<Html, Failure> {
    let mut ways = vec![cell::link(&visit.link("/developers/api"), "All operations")?];
    if operation.access != Access::Ours {
        ways.push(cell::link("#try", "Try it")?);
    } else if visit.may(Scope::WebhooksRead) {
        let href = visit.link(&format!("/developers/webhooks/events#{}", operation.path));
        ways.push(cell::link(&href, "An example of its body")?);
    }
    let mut parts = vec![cell::actions(&ways)?, about(visit, operation)?, prose(operation.description)?];
    if !operation.parameters.is_empty() {
        parts.push(cell::heading("Parameters")?);
        parts.push(parameters(&operation.parameters)?);
    }
    for body in &operation.bodies {
        parts.push(cell::heading(&format!("Body, {}", body.kind))?);
        parts.push(members("Members of the body", body)?);
    }
    parts.push(cell::heading("Answers")?);
    for answer in &operation.answers {
        parts.push(answer_part(answer)?);
    }
    Ok(Html::join(parts))
}

fn about(visit: &Visit<'_>, operation: &Operation) -> Result<Html, Failure> {
    let address = match operation.access {
        Access::Ours => format!("{} to your endpoint", operation.method),
        _ => format!("{} {}{}", operation.method, visit.api.url(), operation.path),
    };
    Ok(facts(&[
        ("Address", cell::id(&address)?),
        ("Needs", cell::text(needs(operation.access))?),
        ("Name", code(operation.id)?),
    ])?)
}

fn parameters(parameters: &[Parameter]) -> Result<Html, Failure> {
    let row = |parameter: &Parameter| {
        let rules: Vec<String> =
            schema::alternatives(parameter.schema).into_iter().flat_map(schema::rules).collect();
        let own = parameter.schema["description"].as_str().unwrap_or_default();
        let said = if parameter.description.is_empty() { own } else { parameter.description };
        let cells = vec![
            code(parameter.name)?,
            cell::text(parameter.place.name())?,
            kind(&schema::kind(parameter.schema), parameter.is_required)?,
            what(said, &rules)?,
        ];
        Ok(Row { key: parameter.name.to_owned(), cells, ..Row::default() })
    };
    let rows = parameters.iter().map(row).collect::<Result<_, askama::Error>>()?;
    Ok(Table::new("Parameters", PARAMETERS, rows, "").html()?)
}

/// The members of a body, or of an answer.
fn members(caption: &str, content: &Content) -> Result<Html, Failure> {
    let row = |member: &Member| {
        let name = if member.name.is_empty() { "all of it" } else { &member.name };
        let cells = vec![
            code(name)?,
            kind(&member.kind, member.is_required)?,
            what(member.description, &member.rules)?,
        ];
        Ok(Row { key: member.name.clone(), cells, ..Row::default() })
    };
    let members = schema::members(content.schema);
    let rows = members.iter().map(row).collect::<Result<_, askama::Error>>()?;
    Ok(Table::new(caption, MEMBERS, rows, "Whatever the sender has: it is kept as it is.").html()?)
}

fn kind(kind: &str, is_required: bool) -> Result<Html, askama::Error> {
    let said = cell::text(kind)?;
    if is_required { cell::stack(&[said, cell::text("required")?]) } else { Ok(said) }
}

fn what(description: &'static str, rules: &[String]) -> Result<Html, askama::Error> {
    if rules.is_empty() {
        return prose(description);
    }
    Ok(Html::join([prose(description)?, cell::stack(&[cell::text(&rules.join("; "))?])?]))
}

fn answer_part(answer: &Described) -> Result<Html, Failure> {
    let mut parts = Vec::new();
    for content in &answer.contents {
        parts.push(cell::paragraph(content.kind)?);
        parts.push(members(&format!("Members of the answer {}", answer.status), content)?);
    }
    let said = format!("{} {}", answer.status, answer.description);
    if parts.is_empty() {
        return Ok(cell::paragraph(&said)?);
    }
    Ok(cell::folded(&said, &Html::join(parts), false)?)
}
