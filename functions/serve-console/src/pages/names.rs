//! What providers are called, for pages that are told their ids.

use paywarden_domain::access::Scope;
use serde::Deserialize;

use crate::failure::Failure;
use crate::view::cell;
use crate::view::filters::Filter;
use crate::view::html::Html;
use crate::visit::{Visit, segment};

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
}

/// The merchant's providers; none where they may not be seen or cannot be had now, and pages show ids then.
#[derive(Default)]
pub struct Providers(Vec<Named>);

impl Providers {
    /// # Errors
    /// [`Failure`] when nobody is signed in any more, or it is our own fault.
    pub async fn read(visit: &Visit<'_>) -> Result<Self, Failure> {
        if !visit.may(Scope::ProvidersRead) {
            return Ok(Self::default());
        }
        match visit.api.page("/providers?limit=100", "providers", None).await {
            Ok(page) => Ok(Self(page.items)),
            Err(error) => match Failure::from(error) {
                Failure::Unavailable { .. } | Failure::Refused(_) => Ok(Self::default()),
                failure => Err(failure),
            },
        }
    }

    /// A provider's name, or its id.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.iter().find(|named| named.id == id).map_or(id, |named| named.name.as_str())
    }

    /// Ids and names. One that is asked for is among them even if it is not there any more.
    pub fn choices(&self, asked: Option<&str>) -> Vec<(String, String)> {
        let mut choices: Vec<(String, String)> =
            self.0.iter().map(|named| (named.id.clone(), named.name.clone())).collect();
        if let Some(asked) = asked.filter(|asked| choices.iter().all(|(id, _)| id != asked)) {
            choices.push((asked.to_owned(), asked.to_owned()));
        }
        choices
    }

    /// The filter by provider: by name where there are names, else by id.
    pub fn filter(&self, visit: &Visit<'_>) -> Filter {
        if self.0.is_empty() {
            return Filter::text("provider_id", "Provider", "prv_…");
        }
        Filter::choice("provider_id", "Provider", self.choices(visit.query.get("provider_id")))
    }

    /// A provider's name, which leads to it where providers may be seen.
    ///
    /// # Errors
    /// When a template fails, which none does.
    pub fn cell(&self, visit: &Visit<'_>, id: &str) -> Result<Html, askama::Error> {
        if !visit.may(Scope::ProvidersRead) {
            return cell::text(id);
        }
        cell::link(&visit.link(&format!("/providers/{}", segment(id))), self.name(id))
    }
}
