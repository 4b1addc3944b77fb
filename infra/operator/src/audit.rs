//! The audit trail of what operators do: the same that the API keeps of everybody else.

use std::io::{ErrorKind, Write};

use anyhow::Context;
use paywarden_domain::actor::Actor;
use paywarden_domain::audit::{AuditEntry, Outcome};
use paywarden_domain::id::{AuditId, MerchantId};
use paywarden_domain::time::{Clock, Zone};
use paywarden_store::audit::Wanted;
use paywarden_store::system::{SystemClock, SystemEntropy};

use crate::options::Change;
use crate::stage::Stage;

/// Entries that are shown at most.
const SHOWN: u16 = 100;

/// Does what changes something between two writes of its entry. What cannot be written down is not done.
pub async fn audited(
    stage: &Stage,
    change: Change,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let (at, trail) = (SystemClock.now(), stage.stores.audit_trail()?);
    let entry = AuditEntry {
        id: AuditId::mint(at, &SystemEntropy),
        merchant_id: change.merchant.map(|id| MerchantId::parse(&id)).transpose()?,
        at,
        by: Actor::Operator,
        identity: Some(identity(stage).await?),
        address: None,
        request_id: String::new(),
        action: change.action.to_owned(),
        target: format!("operator {} {}", change.action, change.arguments).trim_end().to_owned(),
        subject: None,
        outcome: Outcome::Begun,
        status: None,
        error_code: None,
        before: None,
        after: None,
    };
    trail.write(&entry).await?;
    let done = work.await;
    let outcome = if done.is_ok() { Outcome::Done } else { Outcome::Failed };
    trail.write(&AuditEntry { outcome, ..entry }).await?;
    done
}

/// Who the credentials of the account are.
async fn identity(stage: &Stage) -> anyhow::Result<String> {
    let caller = aws_sdk_sts::Client::new(&stage.config).get_caller_identity().send().await;
    let caller = caller.context("AWS does not say whose the credentials are")?;
    caller.arn.context("AWS names nobody")
}

/// Prints the newest entries of a merchant, or of what is about the whole stage, as JSON, a line each.
pub async fn show(stage: &Stage, merchant: Option<&MerchantId>) -> anyhow::Result<()> {
    let (reader, zone) = (stage.stores.audit_reader()?, Zone::parse("UTC")?);
    let page = reader.page(merchant, &Wanted::default(), None, SHOWN).await?;
    let mut output = std::io::stdout().lock();
    for entry in &page.entries {
        match writeln!(output, "{}", entry.to_json(&zone)) {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            written => written?,
        }
    }
    Ok(())
}
