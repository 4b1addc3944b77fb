//! What runs counted of fees and taxes, by provider and month.

use aws_sdk_dynamodb::types::Put;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::reconciliation::fees::MonthSheet;
use paywarden_domain::reconciliation::run::Run;
use serde::{Deserialize, Serialize};

use super::{Reconciliation, Row};
use crate::StoreError;
use crate::dynamo::{from_item, text};

/// What a run counted of a month. JSON text.
#[derive(Serialize, Deserialize)]
struct Stored {
    fees: String,
}

impl Reconciliation {
    /// What the runs counted that judged days of a month, `YYYY-MM`, of the merchant's provider: of each window the run that counts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn fee_sheets(
        &self,
        merchant: &MerchantId,
        provider: &ProviderId,
        month: &str,
    ) -> Result<Vec<MonthSheet>, StoreError> {
        let query = self
            .query()
            .key_condition_expression("pk = :fees AND begins_with(sk, :month)")
            .expression_attribute_values(":fees", text(partition(merchant, provider)))
            .expression_attribute_values(":month", text(format!("{month}#")));
        let items = self.dynamo.query_all(query).await?.into_iter();
        items.map(|item| self.parse_json(&from_item::<Row<Stored>>(&self.table, item)?.value.fees)).collect()
    }

    /// The writes of what a run counted, in the place of what the run before it of the same days did.
    pub(super) fn fee_puts(&self, run: &Run, sheets: &[MonthSheet]) -> Result<Vec<PutBuilder>, StoreError> {
        let scope = &run.scope;
        let put = |sheet: &MonthSheet| {
            let row = Row {
                pk: partition(&scope.merchant_id, &scope.provider_id),
                sk: format!("{}#{}#{}", sheet.month, scope.from, scope.until),
                list_pk: None,
                list_sk: None,
                value: Stored { fees: self.json_text(sheet)? },
            };
            Ok(Put::builder().table_name(&self.table).set_item(Some(self.item(&row)?)))
        };
        sheets.iter().map(put).collect()
    }
}

fn partition(merchant: &MerchantId, provider: &ProviderId) -> String {
    format!("{merchant}#fees#{provider}")
}
