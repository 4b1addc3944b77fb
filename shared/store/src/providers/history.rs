//! The changes of a provider, newest first.

use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::change::Change;
use serde::{Deserialize, Serialize};

use super::Providers;
use crate::StoreError;
use crate::dynamo::{Item, from_item, number, text, to_item};
use crate::error::readable;

/// A change as an item. Its owner stands under another name than in a provider's row: that keeps history out of the
/// index by merchant.
#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    id: String,
    #[serde(flatten)]
    pub(super) change: Change,
}

/// A part of a provider's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// The changes, newest first.
    pub changes: Vec<Change>,
    /// The version behind which the next part begins, if there is more.
    pub next: Option<u64>,
}

impl Providers {
    /// Changes of a provider, newest first, from before the version `before` if it is given.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn history(
        &self,
        provider: &ProviderId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<HistoryPage, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("history")
            .key_condition_expression("provider_id = :provider AND version < :before")
            .expression_attribute_values(":provider", text(provider.as_str()))
            .expression_attribute_values(":before", number(before.unwrap_or(u64::MAX)))
            .scan_index_forward(false);
        let (items, more) = self.dynamo.query_page(query, limit).await?;
        // Where the page ends, whether or not its last row can be read.
        let last = items.last().and_then(|item| item.get("version")?.as_n().ok()?.parse().ok());
        let rows = items.into_iter().map(|item| from_item::<Row>(&self.table, item).map(|row| row.change));
        Ok(HistoryPage { changes: readable(rows)?, next: last.filter(|_| more) })
    }

    pub(super) fn history_item(&self, change: &Change) -> Result<Item, StoreError> {
        let id = format!("{}#{:010}", change.provider_id, change.version);
        to_item(&self.table, &Row { id, change: change.clone() })
    }
}
