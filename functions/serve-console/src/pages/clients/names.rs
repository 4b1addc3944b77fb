//! What clients are called, for pages that name them by their ids.

use std::collections::BTreeMap;

use paywarden_domain::access::Scope;
use serde::Deserialize;

use crate::failure::Failure;
use crate::visit::Visit;

/// Names by id; those of the first hundred clients, of whom most have fewer.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
}

impl Names {
    pub fn of(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

/// Asks for them; a page does without where they may not be seen or there is no answer.
///
/// # Errors
/// [`Failure`] when nobody is signed in any more, or it is our own fault.
pub async fn read(visit: &Visit<'_>) -> Result<Names, Failure> {
    if !visit.may(Scope::ClientsWrite) {
        return Ok(Names::default());
    }
    match visit.api.page::<Named>("/clients?limit=100", "clients", None).await {
        Ok(page) => Ok(Names(page.items.into_iter().map(|client| (client.id, client.name)).collect())),
        Err(error) => match Failure::from(error) {
            Failure::Unavailable { .. } | Failure::Refused(_) => Ok(Names::default()),
            failure => Err(failure),
        },
    }
}
