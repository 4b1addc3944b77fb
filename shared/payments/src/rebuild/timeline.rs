//! The entries of a timeline that a record still tells.

use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_store::StoreError;
use serde_json::json;

use super::Rebuilder;

/// A change that was written so lately is left to the stream.
const REST_SECONDS: i64 = 15 * 60;

/// Entries read at a time.
const PAGE: u16 = 100;

/// What a timeline tells already.
#[derive(Default)]
struct Told {
    is_received: bool,
    /// The status that was told last.
    status: Option<String>,
}

impl Rebuilder {
    pub(super) async fn mend_timeline(&self, record: &Transaction) -> Result<bool, StoreError> {
        let written_at = record.updated_at.unwrap_or(record.created_at);
        if written_at.plus_seconds(REST_SECONDS) > self.clock.now() {
            return Ok(false);
        }
        let subject = Subject::Transaction(record.id.clone());
        let told = self.told_of(&subject).await?;
        let missing: Vec<_> = [received(record, &told), status(record, &told)]
            .into_iter()
            .flatten()
            .map(|entry| (subject.clone(), entry))
            .collect();
        self.timeline.append(&missing).await?;
        Ok(!missing.is_empty())
    }

    async fn told_of(&self, subject: &Subject) -> Result<Told, StoreError> {
        let (mut told, mut after) = (Told::default(), None::<String>);
        loop {
            let page = self.told.list(subject, PAGE, after.as_deref()).await?;
            for entry in &page.entries {
                let (is_received, member) = match entry.kind {
                    EntryKind::Received => (true, "status"),
                    EntryKind::StatusChanged => (told.is_received, "to"),
                    _ => continue,
                };
                let status = entry.detail.get(member).and_then(|status| status.as_str());
                told = Told { is_received, status: status.map(str::to_owned) };
            }
            after = page.next;
            if after.is_none() {
                return Ok(told);
            }
        }
    }
}

fn received(record: &Transaction, told: &Told) -> Option<Entry> {
    let detail = json!({
        "status": told.status,
        "method": record.method,
        "amount": record.money.amount_text(),
        "currency": record.money.currency(),
        "occurrence": record.occurrence,
        "rebuilt": true,
    });
    let identity = [record.id.as_str(), "rebuilt"];
    let summary = format!("Received: {}", record.money);
    (!told.is_received)
        .then(|| Entry::new(EntryKind::Received, record.created_at, "paywarden", &identity, summary, detail))
}

fn status(record: &Transaction, told: &Told) -> Option<Entry> {
    let status = record.status();
    if told.status.as_deref() == Some(status.as_str()) {
        return None;
    }
    let detail = json!({
        "from": told.status,
        "to": status,
        "charged_at": record.charged_at(),
        "unpaid_reason": record.unpaid_reason(),
        "charges": record.settled_charges(),
        "version": record.version,
        "rebuilt": true,
    });
    let identity = [record.id.as_str(), "rebuilt", status.as_str()];
    let summary = format!("The status became {status}; how is not told");
    let at = record.status_changed_at;
    Some(Entry::new(EntryKind::StatusChanged, at, "paywarden", &identity, summary, detail))
}
