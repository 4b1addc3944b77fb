//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::merchant::Merchant;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Changes what the body names and nothing else.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let body = request.json()?;
    let found = deps.merchants.find_latest(&caller.merchant_id).await?;
    let merchant = found.ok_or_else(|| Problem::not_found("merchant"))?;
    request.require_version(merchant.version)?;
    let before = merchant.to_json();
    let changed = merchant.with_changes(&body)?;
    let merchant = if changed == merchant { merchant } else { replaced(deps, merchant, changed).await? };
    let answer = Answer::ok(&json!({"status": true, "merchant": merchant.to_json()}))?;
    let change = Changed::between(before, merchant.to_json());
    Ok(answer.with_version(merchant.version).with_change(change))
}

/// Puts what was changed in the place of what was read.
async fn replaced(deps: &Deps, merchant: Merchant, changed: Merchant) -> Result<Merchant, Problem> {
    let changed = changed.changed(deps.clock.now());
    deps.merchants.replace(&changed, merchant.version).await?;
    Ok(changed)
}

#[cfg(test)]
mod tests;
