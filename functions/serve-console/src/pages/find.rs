//! `/find`: from whatever id somebody has to the page of its transaction.

use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde::Deserialize;

use crate::failure::Failure;
use crate::reply::Reply;
use crate::visit::{Visit, segment};

#[derive(Deserialize)]
struct Found {
    id: String,
}

/// An id of ours leads to its page, a reference to the record that stands for it, and everything else, such as a provider's own id,
/// to the list of what has it.
pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::TransactionsRead)?;
    let id = visit.query.text("id");
    if id.is_empty() {
        return Ok(Reply::SeeOther(visit.link("/transactions")));
    }
    for path in [format!("/transactions/{}", segment(id)), format!("/transactions/record/{}", segment(id))] {
        match visit.get(&path).await {
            Ok(answer) => {
                let found: Found = answer.member("transaction")?;
                return Ok(Reply::SeeOther(visit.link(&format!("/transactions/{}", segment(&found.id)))));
            }
            Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 404) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let query: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    Ok(Reply::SeeOther(visit.link(&format!("/transactions?tab=all&provider_transaction_id={query}"))))
}
