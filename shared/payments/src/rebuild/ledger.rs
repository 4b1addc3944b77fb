//! The rows of the ledger.

use std::collections::BTreeMap;

use paywarden_domain::id::TransactionId;
use paywarden_domain::ledger::{LedgerRow, rows};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::Day;
use paywarden_domain::transaction::Transaction;
use paywarden_store::StoreError;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};

use super::{ATTEMPTS, PAGE, Rebuilder};

/// How far before the days a row of them may lie: a report that comes late dates a payment back.
const DAYS_BACK: i32 = 31;

impl Rebuilder {
    /// The rows that the ledger has, of these days and some before.
    pub(super) async fn rows_of(
        &self,
        merchant: &Merchant,
        (from, until): (Day, Day),
    ) -> Result<BTreeMap<TransactionId, Vec<LedgerRow>>, StoreError> {
        let (mut rows, filters, mut after) = (BTreeMap::new(), LedgerFilters::default(), None);
        loop {
            let query = LedgerQuery {
                merchant: &merchant.id,
                shard_count: merchant.shard_count,
                from: from.plus_days(-DAYS_BACK),
                until,
                filters: &filters,
                limit: PAGE,
                after: after.as_deref(),
            };
            let page = self.ledger.list(&query).await?;
            for (row, _) in page.lines {
                let of_it: &mut Vec<LedgerRow> = rows.entry(row.transaction_id.clone()).or_default();
                if !of_it.contains(&row) {
                    of_it.push(row);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(rows);
            }
        }
    }

    /// Writes the rows of a record in the place of those that the ledger has. Should the record be written meanwhile, what was
    /// written here may have come after what the stream wrote: it is done again.
    pub(super) async fn mend_ledger(
        &self,
        mut record: Transaction,
        mut written: Vec<LedgerRow>,
    ) -> Result<bool, StoreError> {
        let mut is_mended = false;
        for _ in 0..ATTEMPTS {
            let right = rows(&record);
            if !is_mended && is_same(&written, &right) {
                return Ok(false);
            }
            self.ledger.project(&[(written, right.clone())]).await?;
            is_mended = true;
            match self.transactions.find_of(&record.merchant_id, &record.id).await? {
                Some(now) if now.version != record.version => record = now,
                _ => return Ok(true),
            }
            written = right;
        }
        Err(StoreError::Conflict)
    }
}

/// Whether both have the same rows, as they are written.
fn is_same(one: &[LedgerRow], other: &[LedgerRow]) -> bool {
    one.len() == other.len() && other.iter().all(|row| one.contains(row))
}
