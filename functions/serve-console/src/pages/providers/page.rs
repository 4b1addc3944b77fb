//! One provider: what it is, how it does, what it costs, and what was done about it.

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::provider::PATH_TOKEN;
use paywarden_domain::provider::standing::ProviderStatus;

use super::record::{self, Provider, ProviderType, service_name, types};
use super::settings::tariffs::refund_name;
use super::{deletion, example, history, list as providers, outcomes, standing};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::list;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

const CREDENTIALS: &[Column] = &[Column::new("Credential"), Column::new("Value"), Column::new("Since")];

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    page(visit, id, None).await
}

/// The page, with what a form on it has to say.
pub async fn page(visit: &Visit<'_>, id: &str, notice: Option<(u16, Html)>) -> Result<Reply, Failure> {
    let (provider, outcomes, changes, types) = future::join4(
        record::read(visit, id),
        outcomes::read(visit, id),
        history::read(visit, id),
        types(visit),
    )
    .await;
    let provider = provider?;
    let (status, notice) = notice.unwrap_or((200, Html::default()));
    let charges = example::of_page(
        &visit.query,
        &provider.tariffs(),
        &provider.services,
        &provider.link(visit, "#fees"),
    )?;
    let body = [
        notice,
        done(visit)?,
        actions(visit, &provider)?,
        facts_of(visit, &provider, history::cause(&changes, &provider.status)?)?,
        cell::heading_at("outcomes", "How it does")?,
        outcomes::part(visit, outcomes)?,
        cell::heading_at("fees", "Fee and VAT")?,
        charges,
        cell::heading_at("credentials", "Credentials")?,
        credentials(visit, &provider, types)?,
        cell::heading_at("history", "History")?,
        history::part(visit, changes)?,
        deletion::part(visit, &provider)?,
    ];
    let title = format!("Provider {}", provider.name);
    Ok(Page::new(title, Entry::Providers, Html::join(body)).with_status(status).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let said = match visit.query.get("done") {
        Some("saved") => "It is saved. The status is as it was.",
        Some("status") => "The status is set, and your reason is in the history.",
        _ => return Ok(Html::default()),
    };
    Ok(Notice::done(said).html()?)
}

fn actions(visit: &Visit<'_>, provider: &Provider) -> Result<Html, askama::Error> {
    let mut links = Vec::new();
    if visit.may(Scope::ProvidersWrite) {
        links.push(cell::button_link(&provider.link(visit, "/edit"), "Edit")?);
        links.push(cell::button_link(&provider.link(visit, "/fees"), "Fees")?);
        for to in ProviderStatus::ALL.iter().filter(|to| to.as_str() != provider.status) {
            let href = provider.link(visit, &format!("/status?to={to}"));
            links.push(cell::button_link(&href, standing::verb(*to))?);
        }
        links.push(cell::button_link(&provider.link(visit, "/test"), "Test")?);
    }
    let query = format!("?provider_id={}", provider.id);
    links.push(cell::link(&visit.link(&format!("/transactions{query}&tab=all")), "Its transactions")?);
    if visit.may(Scope::LogsRead) {
        links.push(cell::link(
            &visit.link(&format!("/unmatched-callbacks{query}")),
            "Its unmatched callbacks",
        )?);
    }
    cell::actions(&links)
}

fn facts_of(visit: &Visit<'_>, provider: &Provider, cause: Html) -> Result<Html, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let services: Vec<&str> = provider.services.iter().map(|service| service_name(service)).collect();
    let books = provider.settlement.as_ref().map(|at| {
        format!(
            "Books close at {} ({}), the money comes {} business days later",
            at.time, at.zone, at.lag_days
        )
    });
    let refund = provider.fee_refund.map(refund_name);
    facts(&[
        ("Status", status(visit, provider)?),
        ("The numbers that caused it", cause),
        ("Provider", cell::text(&format!("{} ({})", provider.connection, provider.kind))?),
        ("Services", cell::text(&services.join(", "))?),
        ("Last activity", cell::maybe_time(provider.last_activity.as_deref(), zone, now)?),
        ("Priority", cell::text(&format!("{}; lower goes first", provider.priority))?),
        ("Settlement", cell::maybe(books.as_deref())?),
        ("Fee and VAT come back with a refund", cell::maybe(refund)?),
        ("Callback address", cell::id(&provider.callback_url)?),
        ("Provider id", cell::id(&provider.id)?),
        ("Added", cell::time(&provider.created_at, zone, now)?),
        ("Changed", cell::maybe_time(provider.updated_at.as_deref(), zone, now)?),
        ("Version", cell::text(&provider.version.to_string())?),
    ])
}

/// The status, why it is so, who set it and when.
pub fn status(visit: &Visit<'_>, provider: &Provider) -> Result<Html, askama::Error> {
    let mut lines = vec![
        cell::status(&provider.status)?,
        cell::text(&format!("{}, by {}", provider.status_reason, provider.status_changed_by))?,
        cell::time(&provider.status_changed_at, visit.zone(), visit.now)?,
    ];
    if provider.status_pinned {
        lines.push(cell::mark(Tone::Quiet, "pinned: monitoring leaves it alone")?);
    }
    lines.extend(providers::stuck(provider)?);
    cell::stack(&lines)
}

/// Which credentials are set; secrets by their last four characters at most.
fn credentials(
    visit: &Visit<'_>,
    provider: &Provider,
    types: Result<Vec<ProviderType>, ClientError>,
) -> Result<Html, Failure> {
    list::part(types, |types| {
        let kind = types.iter().find(|kind| kind.kind == provider.kind);
        let label = |key: &str| {
            let field = kind.and_then(|kind| kind.fields.iter().find(|field| field.key == key));
            match field {
                Some(field) => field.label.clone(),
                None if key == PATH_TOKEN => "Token in the callback address".to_owned(),
                None => key.to_owned(),
            }
        };
        let row = |(key, held): (&String, &record::Credential)| {
            let value = match (&held.value, &held.last4) {
                (Some(value), _) => cell::text(value)?,
                (None, Some(last4)) => cell::text(&format!("set, …{last4}"))?,
                (None, None) => cell::text("set")?,
            };
            let since = cell::time(&held.updated_at, visit.zone(), visit.now)?;
            Ok(Row {
                key: key.clone(),
                cells: vec![cell::text(&label(key))?, value, since],
                ..Row::default()
            })
        };
        let rows = provider.credentials.iter().map(row).collect::<Result<_, askama::Error>>()?;
        Ok(Table::new("Credentials", CREDENTIALS, rows, "None is set.").html()?)
    })
}
