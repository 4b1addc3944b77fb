//! The audit table: who changed what, by merchant and time. Whoever writes to it can neither read, change nor remove anything: an
//! entry's key has random bytes in it, so that nobody meets an entry but by having written it.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use paywarden_domain::actor::Actor;
use paywarden_domain::audit::{AuditEntry, Outcome};
use paywarden_domain::id::MerchantId;
use paywarden_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, from_item, just_before, text, to_item};
use crate::error::readable;

const DAY_SECONDS: i64 = 24 * 3600;

/// Before every position and behind every position.
const ENDS: (&str, &str) = ("!", "~");

/// Pages of the table that are looked through for one of the API.
const LOOKS: usize = 10;

#[derive(Serialize, Deserialize)]
struct Row {
    /// The merchant, or [`STAGE`].
    pk: String,
    /// When, and the entry's id.
    sk: String,
    #[serde(flatten)]
    entry: AuditEntry,
    /// When DynamoDB may remove it, in seconds since 1970.
    expires_at: i64,
}

/// Whose entries those are that are about no merchant.
const STAGE: &str = "stage";

fn partition(merchant: Option<&MerchantId>) -> &str {
    merchant.map_or(STAGE, MerchantId::as_str)
}

fn position(entry: &AuditEntry) -> String {
    format!("{}#{}", entry.at, entry.id)
}

/// The trail, to be written.
pub struct AuditTrail {
    dynamo: Dynamo,
    table: String,
}

impl AuditTrail {
    pub(crate) fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// Writes an entry down; with its outcome it takes its own place.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn write(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let expires = entry.at.plus_seconds(AuditEntry::KEPT_DAYS.saturating_mul(DAY_SECONDS));
        let row = Row {
            pk: partition(entry.merchant_id.as_ref()).to_owned(),
            sk: position(entry),
            entry: entry.clone(),
            expires_at: expires.as_seconds(),
        };
        self.dynamo.put(&self.table, to_item(&self.table, &row)?, None).await
    }
}

/// Which entries are asked for; nothing given is all of them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    pub by: Option<Actor>,
    pub action: Option<String>,
    /// The id of what was to change.
    pub subject: Option<String>,
    /// One of these.
    pub outcomes: Vec<Outcome>,
}

/// Part of the trail.
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// The position behind it, if there may be more. A page can be short and still have one.
    pub next: Option<String>,
}

/// The trail, to be read.
pub struct AuditReader {
    dynamo: Dynamo,
    table: String,
}

impl AuditReader {
    pub(crate) fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The merchant's entries behind a position, or those about the whole stage, at most `limit`. It looks through ten pages of the table at most: where few of many
    /// entries fit, a page is short.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn page(
        &self,
        merchant: Option<&MerchantId>,
        wanted: &Wanted,
        behind: Option<&str>,
        limit: u16,
    ) -> Result<AuditPage, StoreError> {
        let mut page = AuditPage { entries: Vec::new(), next: behind.map(str::to_owned) };
        for _ in 0..LOOKS {
            let (low, high) = wanted.range(page.next.as_deref());
            if low > high {
                page.next = None;
                break;
            }
            let left = limit.saturating_sub(u16::try_from(page.entries.len()).unwrap_or(limit));
            let (items, more) = self.dynamo.query_page(self.query(merchant, (low, high)), left).await?;
            page.next = items.last().and_then(|item| item.get("sk")?.as_s().ok()).cloned().filter(|_| more);
            let rows: Vec<Row> = readable(items.into_iter().map(|item| from_item(&self.table, item)))?;
            page.entries.extend(rows.into_iter().map(|row| row.entry).filter(|entry| wanted.fits(entry)));
            if page.next.is_none() || page.entries.len() >= usize::from(limit) {
                break;
            }
        }
        Ok(page)
    }

    /// Newest first, within a range of positions.
    fn query(&self, merchant: Option<&MerchantId>, (low, high): (String, String)) -> QueryFluentBuilder {
        self.dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", text(partition(merchant)))
            .expression_attribute_values(":low", text(low))
            .expression_attribute_values(":high", text(high))
            .scan_index_forward(false)
    }
}

impl Wanted {
    /// The first and the last position that can be asked for. A moment's own text sorts before the entries of that moment.
    fn range(&self, behind: Option<&str>) -> (String, String) {
        let low = self.from.map_or_else(|| ENDS.0.to_owned(), |from| from.to_string());
        let until = self.until.map_or_else(|| ENDS.1.to_owned(), |until| until.to_string());
        (low, behind.map_or(until, just_before))
    }

    fn fits(&self, entry: &AuditEntry) -> bool {
        self.by.as_ref().is_none_or(|by| *by == entry.by)
            && self.action.as_ref().is_none_or(|action| *action == entry.action)
            && self.subject.as_ref().is_none_or(|subject| entry.subject.as_ref() == Some(subject))
            && (self.outcomes.is_empty() || self.outcomes.contains(&entry.outcome))
    }
}
