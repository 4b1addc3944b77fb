//! Rebuilding what follows from records, beside live traffic: for when changes were lost on their way into totals, ledger or
//! timeline. Doing it again changes nothing. Whatever is written is of the version that was read last; what a later version
//! says comes by the stream.
//!
//! | view | what is done for each record that was written in the days |
//! |---|---|
//! | totals | it is counted as it says, in sums and counts, from whatever was counted of it |
//! | ledger | its rows are written; those that it does not say any more go |
//! | timeline | that it was received, and the status that it has, are entered where that is missing; what came in between only the changes themselves tell, see `cargo xtask operator replay-stream` |

mod ledger;
mod timeline;

use std::collections::BTreeMap;
use std::sync::Arc;

use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::ledger::{LedgerRow, rows};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::{Clock, Day};
use paywarden_domain::transaction::Transaction;
use paywarden_store::StoreError;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::{Timeline, TimelineReader};
use paywarden_store::totals::{TotalsChange, TotalsTable};
use paywarden_store::transactions::Transactions;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};
use paywarden_store::transactions::stream::RecordChange;

use crate::project::Projector;

/// Records read at a time.
const PAGE: usize = 500;

/// Times a record is looked at again because it was written meanwhile.
const ATTEMPTS: usize = 5;

/// What is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Totals,
    Ledger,
    Timeline,
}

/// What a rebuild came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// Records that were written in the days.
    pub looked_at: usize,
    /// Those of which something was wrong.
    pub mended: usize,
}

/// Rebuilds.
pub struct Rebuilder {
    projector: Projector,
    transactions: Transactions,
    totals: TotalsTable,
    ledger: LedgerTable,
    timeline: Timeline,
    told: TimelineReader,
    clock: Arc<dyn Clock>,
}

impl Rebuilder {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            projector: Projector::of(stores)?,
            transactions: stores.transactions()?,
            totals: stores.totals()?,
            ledger: stores.ledger()?,
            timeline: stores.timeline()?,
            told: stores.timeline_reader()?,
            clock: stores.clock(),
        })
    }

    /// Projects changes that were put aside, however much later. Rows of the ledger are those of the newest of the changes
    /// then, which may be older than what stood there: they are put right.
    ///
    /// # Errors
    /// [`StoreError`]; projecting the same again changes nothing that was done.
    pub async fn project_late(&self, changes: Vec<RecordChange>) -> Result<(), StoreError> {
        let mut written: BTreeMap<TransactionId, (MerchantId, Vec<LedgerRow>)> = BTreeMap::new();
        for change in &changes {
            let record = match change {
                RecordChange::Created(new) | RecordChange::Changed { new, .. } => new,
                RecordChange::Removed(_) => continue,
            };
            let nothing = || (record.merchant_id.clone(), Vec::new());
            written.entry(record.id.clone()).or_insert_with(nothing).1.extend(rows(record));
        }
        self.projector.project(changes).await?;
        for (id, (merchant, rows)) in written {
            self.mend(View::Ledger, &merchant, &id, rows).await?;
        }
        Ok(())
    }

    /// Rebuilds a view of a merchant's records that were written from one day through another.
    ///
    /// # Errors
    /// [`StoreError`]; what was mended stays so, and rebuilding again goes on.
    pub async fn rebuild(
        &self,
        view: View,
        merchant: &Merchant,
        (from, until): (Day, Day),
    ) -> Result<Rebuilt, StoreError> {
        let mut written = match view {
            View::Ledger => self.rows_of(merchant, (from, until)).await?,
            View::Totals | View::Timeline => BTreeMap::new(),
        };
        let (mut rebuilt, mut after, filters) = (Rebuilt::default(), None, Filters::default());
        loop {
            let query = ListQuery {
                merchant: &merchant.id,
                shard_count: merchant.shard_count,
                filters: &filters,
                order: Order::Ascending,
                limit: PAGE,
                after,
                now: self.clock.now(),
            };
            let page = self.transactions.list(&query).await?;
            for record in page.transactions.iter().filter(|record| was_written(record, (from, until))) {
                let rows = written.remove(&record.id).unwrap_or_default();
                let is_mended = self.mend(view, &merchant.id, &record.id, rows).await?;
                rebuilt.looked_at = rebuilt.looked_at.saturating_add(1);
                rebuilt.mended = rebuilt.mended.saturating_add(usize::from(is_mended));
            }
            after = page.next;
            if after.is_none() {
                return Ok(rebuilt);
            }
        }
    }

    /// Mends a view of one record, of which the ledger has these rows. Answers whether anything was wrong.
    async fn mend(
        &self,
        view: View,
        merchant: &MerchantId,
        id: &TransactionId,
        written: Vec<LedgerRow>,
    ) -> Result<bool, StoreError> {
        // A list may be a moment behind.
        let Some(record) = self.transactions.find_of(merchant, id).await? else {
            return Ok(false);
        };
        match view {
            View::Totals => self.totals.recount(&TotalsChange::to(None, &record)).await,
            View::Ledger => self.mend_ledger(record, written).await,
            View::Timeline => self.mend_timeline(&record).await,
        }
    }
}

/// Whether any version of it may have been written in the days.
fn was_written(record: &Transaction, (from, until): (Day, Day)) -> bool {
    let last = record.updated_at.unwrap_or(record.created_at);
    record.zone.day_of(record.created_at) <= until && record.zone.day_of(last) >= from
}
