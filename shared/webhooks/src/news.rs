//! What is worth telling of a change, one family a kind of change.

use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::provider::change::{Change, ChangeKind};
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::{Timestamp, Zone};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::webhook::{Endpoint, EventType};
use paywarden_store::transactions::stream::RecordChange;
use serde_json::{Value, json};

/// Something to tell a merchant.
pub struct Announcement<'a> {
    pub merchant_id: &'a MerchantId,
    pub event: EventType,
    /// The id of what it happened to; with the version it makes the delivery's own id.
    pub subject: &'a str,
    /// The version that the change led to.
    pub version: u64,
    /// When it came to be. The same each time that the change is told of.
    pub at: Timestamp,
    /// The transaction whose timeline shows the attempts, if there is one.
    pub transaction_id: Option<&'a TransactionId>,
    pub correlation_id: Option<&'a str>,
    /// The body, for a merchant in the zone.
    pub body: Box<dyn Fn(&Zone) -> Value + Send + Sync + 'a>,
}

/// A change that may be worth telling.
pub trait News: Send + Sync {
    /// What merchants are told of it, if anything.
    fn news(&self) -> Option<Announcement<'_>>;
}

/// A write that no reader of the API could notice tells nothing. The body is exactly what the transactions API documents.
impl News for RecordChange {
    fn news(&self) -> Option<Announcement<'_>> {
        let (event, transaction) = match self {
            Self::Created(new) => (EventType::TransactionCreated, new),
            Self::Changed { old, new } if is_noticed(old, new) => (EventType::TransactionUpdated, new),
            Self::Changed { .. } | Self::Removed(_) => return None,
        };
        Some(Announcement {
            merchant_id: &transaction.merchant_id,
            event,
            subject: transaction.id.as_str(),
            version: transaction.version,
            at: transaction.updated_at.unwrap_or(transaction.created_at),
            transaction_id: Some(&transaction.id),
            correlation_id: transaction.correlation_id.as_deref(),
            body: Box::new(|zone| json!({"transactions": [TransactionRecord::new(transaction, zone)]})),
        })
    }
}

fn is_noticed(old: &Transaction, new: &Transaction) -> bool {
    let record = |transaction: &Transaction| TransactionRecord::new(transaction, &Zone::UTC);
    record(new).differs_from(&record(old))
}

/// Changes of configuration are nobody's business but the merchant's own staff's.
impl News for Change {
    fn news(&self) -> Option<Announcement<'_>> {
        (self.kind == ChangeKind::StatusChanged).then(|| Announcement {
            merchant_id: &self.merchant_id,
            event: EventType::ProviderStatusChanged,
            subject: self.provider_id.as_str(),
            version: self.version,
            at: self.at,
            transaction_id: None,
            correlation_id: None,
            body: Box::new(|zone| self.announcement(zone)),
        })
    }
}

/// An endpoint that was switched off, and nobody asked for it.
impl News for Endpoint {
    fn news(&self) -> Option<Announcement<'_>> {
        self.disabled.map(|disabled| Announcement {
            merchant_id: &self.merchant_id,
            event: EventType::EndpointDisabled,
            subject: self.id.as_str(),
            version: self.version,
            at: disabled.at,
            transaction_id: None,
            correlation_id: None,
            body: Box::new(
                |zone| json!({"event": EventType::EndpointDisabled, "webhook_endpoint": self.to_json(zone)}),
            ),
        })
    }
}

/// Whoever stopped a run knows it, and a dry run is tried out by somebody who looks.
impl News for Run {
    fn news(&self) -> Option<Announcement<'_>> {
        let has_ended_by_itself = match self.state {
            RunState::Completed | RunState::CompletedWithRejects | RunState::Failed => true,
            RunState::Queued
            | RunState::Partitioning
            | RunState::Matching
            | RunState::Reducing
            | RunState::Cancelled
            | RunState::Superseded => false,
        };
        (has_ended_by_itself && !self.scope.dry_run).then(|| Announcement {
            merchant_id: &self.scope.merchant_id,
            event: EventType::ReconciliationCompleted,
            subject: self.id.as_str(),
            version: self.version,
            at: self.finished_at.unwrap_or(self.created_at),
            transaction_id: None,
            correlation_id: Some(self.id.as_str()),
            body: Box::new(|zone| self.announcement(zone)),
        })
    }
}
