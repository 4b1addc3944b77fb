//! Which provider a payment goes to first, and why; and the order of priorities.

use askama::Error;
use paywarden_api_client::{ClientError, Refusal};
use paywarden_domain::access::Scope;
use paywarden_domain::vocabulary::Service;
use serde::Deserialize;
use serde_json::json;

use super::record::{refusal, service_choices, service_name};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::form::{Field, Form, or_none};
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, list};
use crate::visit::{Visit, segment};

const RANKED: &[Column] = &[
    Column::new("Place"),
    Column::new("Provider"),
    Column::amount("Priority"),
    Column::amount("Expected cost"),
    Column::new("Why"),
];

const EXCLUDED: &[Column] =
    &[Column::new("Provider"), Column::amount("Priority"), Column::new("Why it takes no part")];

/// What the view asks for.
const ASKED: [&str; 3] = ["service", "amount", "currency"];

#[derive(Deserialize)]
struct Sequence {
    sequence: Vec<Ranked>,
    excluded: Vec<Excluded>,
}

#[derive(Deserialize)]
struct Ranked {
    provider_id: String,
    name: String,
    priority: u32,
    expected_cost: Option<Amount>,
    reason: String,
}

#[derive(Deserialize)]
struct Excluded {
    provider_id: String,
    name: String,
    priority: u32,
    reason: String,
}

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    page(visit, &visit.query, None).await
}

/// Orders providers as the form says.
pub async fn order(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let asked = &visit.form;
    let ids: Vec<&str> = asked
        .pairs()
        .filter(|(name, id)| name.starts_with("place.") && !id.is_empty())
        .map(|(_, id)| id)
        .collect();
    match visit.post("/providers/priorities", &json!({"provider_ids": ids})).await {
        Ok(_) => {
            let kept = asked.query(|name| ASKED.contains(&name));
            Ok(Reply::SeeOther(visit.link(&format!("/providers/sequence?{kept}&done=ordered"))))
        }
        Err(error) => page(visit, asked, Some(refusal(error)?)).await,
    }
}

/// The service that is asked about; payments by QR code unless the address says otherwise.
fn service(asked: &Asked) -> &str {
    asked.get("service").unwrap_or(Service::QrCodePayment.as_str())
}

/// The question in the API's words.
fn query(asked: &Asked) -> String {
    let given = ["amount", "currency"].iter().filter_map(|name| Some((*name, asked.get(name)?)));
    let pairs = [("service", service(asked))].into_iter().chain(given);
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn read(visit: &Visit<'_>, asked: &Asked) -> Result<Sequence, ClientError> {
    visit.get(&format!("/providers/sequence?{}", query(asked))).await?.json()
}

async fn page(visit: &Visit<'_>, asked: &Asked, refusal: Option<Refusal>) -> Result<Reply, Failure> {
    let sequence = read(visit, asked).await;
    let done = match visit.query.get("done") {
        Some("ordered") => Notice::done("The priorities are as you ordered them.").html()?,
        _ => Html::default(),
    };
    let shown = list::part(sequence, |sequence| {
        Ok(Html::join([
            ranked(visit, asked, &sequence.sequence)?,
            excluded(visit, &sequence.excluded)?,
            priorities(visit, asked, &sequence, refusal.as_ref())?,
        ]))
    })?;
    let body = [done, question(visit, asked)?, shown];
    let page = Page::new("Who is first for a payment, and why", Entry::Providers, Html::join(body));
    Ok(page.with_status(refusal.map_or(200, |refusal| refusal.status)).into())
}

fn question(visit: &Visit<'_>, asked: &Asked) -> Result<Html, Error> {
    let services = service_choices(Service::WORDS.iter().copied());
    Form::new(visit.link("/providers/sequence"), "Show the sequence")
        .searching()
        .field(Field::choice("service", "Service", services).value(service(asked)))
        .field(Field::text("amount", "Amount").placeholder("100000").value(asked.text("amount")))
        .field(
            Field::text("currency", "Currency")
                .placeholder("IDR")
                .value(asked.text("currency"))
                .help("Costs are compared where amount and currency are both given"),
        )
        .html()
}

fn ranked(visit: &Visit<'_>, asked: &Asked, ranked: &[Ranked]) -> Result<Html, Error> {
    let row = |(place, one): (usize, &Ranked)| {
        let cost = match one.expected_cost {
            Some(cost) => cell::money(cost, asked.text("currency"))?,
            None => cell::maybe(None)?,
        };
        let cells = vec![
            cell::text(&format!("{place}."))?,
            cell::link(&visit.link(&format!("/providers/{}", segment(&one.provider_id))), &one.name)?,
            cell::text(&one.priority.to_string())?,
            cost,
            cell::text(&one.reason)?,
        ];
        Ok(Row { key: one.provider_id.clone(), cells, ..Row::default() })
    };
    let rows = (1..).zip(ranked).map(row).collect::<Result<_, Error>>()?;
    let caption = format!("Sequence for {}", service_name(service(asked)));
    let table = Table::new(&caption, RANKED, rows, "No active provider offers this service.").html()?;
    Ok(Html::join([cell::heading(&caption)?, table]))
}

fn excluded(visit: &Visit<'_>, excluded: &[Excluded]) -> Result<Html, Error> {
    let row = |one: &Excluded| {
        let cells = vec![
            cell::link(&visit.link(&format!("/providers/{}", segment(&one.provider_id))), &one.name)?,
            cell::text(&one.priority.to_string())?,
            cell::text(&one.reason)?,
        ];
        Ok(Row { key: one.provider_id.clone(), cells, ..Row::default() })
    };
    let rows = excluded.iter().map(row).collect::<Result<_, Error>>()?;
    let table = Table::new("Out", EXCLUDED, rows, "No provider is out.").html()?;
    Ok(Html::join([cell::heading("Who is out")?, table]))
}

/// The form that gives the priorities 1, 2, 3 …
fn priorities(
    visit: &Visit<'_>,
    asked: &Asked,
    sequence: &Sequence,
    refusal: Option<&Refusal>,
) -> Result<Html, Failure> {
    if !visit.may(Scope::ProvidersWrite) || sequence.sequence.is_empty() && sequence.excluded.is_empty() {
        return Ok(Html::default());
    }
    let ranked = sequence.sequence.iter().map(|one| (&one.provider_id, &one.name));
    let all = ranked.chain(sequence.excluded.iter().map(|one| (&one.provider_id, &one.name)));
    let all: Vec<_> = all.map(|(id, name)| (id.clone(), name.clone())).collect();
    let mut form = Form::new(visit.link("/providers/sequence"), "Give these priorities");
    for name in ASKED {
        form = form.hidden(name, asked.text(name));
    }
    for place in 1..=all.len() {
        let field =
            Field::choice(format!("place.{place}"), format!("{place}."), or_none("nobody", all.clone()));
        let now = sequence.sequence.get(place.saturating_sub(1)).map(|one| one.provider_id.clone());
        form = form.field(field.value(now.unwrap_or_default()));
    }
    if let Some(refusal) = refusal {
        form = form.filled(asked).refused(refusal)?;
    }
    let said = "Priorities hold for all services. Whoever is named gets 1, 2, 3 …, all or none; the others keep theirs.";
    let body = Html::join([cell::paragraph(said)?, form.html()?]);
    Ok(Html::join([
        cell::heading_at("priorities", "Change the order")?,
        cell::folded("Give priorities…", &body, refusal.is_some())?,
    ]))
}
