//! Days of the ledger that were written to files.

use paywarden_domain::id::MerchantId;
use paywarden_domain::ledger_export::ExportedDay;
use paywarden_domain::time::Day;
use serde::{Deserialize, Serialize};

use super::{Page, Reconciliation, Row, last_of};
use crate::StoreError;
use crate::dynamo::{from_item, text};
use crate::error::readable;

/// JSON text.
#[derive(Serialize, Deserialize)]
struct Stored {
    export: String,
}

impl Reconciliation {
    /// The merchant's day, if it was written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn exported_day(
        &self,
        merchant: &MerchantId,
        day: Day,
    ) -> Result<Option<ExportedDay>, StoreError> {
        let stored: Option<Stored> = self.read(&partition(merchant), &day.to_string()).await?;
        stored.map(|stored| self.parse_json(&stored.export)).transpose()
    }

    /// Notes that a day was written: from now on its files count.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody has noted it.
    pub async fn note_export(&self, merchant: &MerchantId, export: &ExportedDay) -> Result<(), StoreError> {
        let row = Row {
            pk: partition(merchant),
            sk: export.day.to_string(),
            list_pk: None,
            list_sk: None,
            value: Stored { export: self.json_text(export)? },
        };
        self.dynamo.put(&self.table, self.item(&row)?, Some("attribute_not_exists(pk)")).await
    }

    /// A page of the merchant's days that were written, newest first, from behind the position `after`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn exported_days(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ExportedDay>, StoreError> {
        let query = self
            .query()
            .key_condition_expression("pk = :exports AND sk < :after")
            .expression_attribute_values(":exports", text(partition(merchant)))
            // Every day sorts before a tilde.
            .expression_attribute_values(":after", text(after.unwrap_or("~")))
            .scan_index_forward(false);
        let (items, more) = self.dynamo.query_page(query, limit).await?;
        let next = last_of(&items, "sk").filter(|_| more);
        let parse = |item| self.parse_json(&from_item::<Row<Stored>>(&self.table, item)?.value.export);
        Ok(Page { items: readable(items.into_iter().map(parse))?, next })
    }
}

fn partition(merchant: &MerchantId) -> String {
    format!("{merchant}#exports")
}
