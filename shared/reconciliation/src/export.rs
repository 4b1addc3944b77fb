//! Files of the ledger's days, for merchants who want them.
//!
//! A day is written in parts, each a file of the same name whenever it is written, so that doing it again overwrites it; then it is
//! noted, which makes the files count, and it is not written again. Rows are read one after the other and a part is on the disk
//! alone, so memory does not grow with the day.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::Arc;

use csv::Writer;
use paywarden_domain::finance_row::FinanceRow;
use paywarden_domain::id::MerchantId;
use paywarden_domain::ledger_export::{ExportedDay, part_key};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::spreadsheet::cell;
use paywarden_domain::time::{Clock, Day, Timestamp};
use paywarden_store::StoreError;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery, LedgerTable};
use paywarden_store::merchants::Merchants;
use paywarden_store::objects::Objects;
use paywarden_store::providers::Providers;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde_json::Value;

use crate::StepError;
use crate::desk::Desk;

/// Rows of a part: some fifty megabytes.
pub const PART_ROWS: u64 = 200_000;

/// Rows read from a partition of the ledger at a time.
const PAGE: usize = 500;

/// Writes what is due.
pub struct Exporter {
    merchants: Merchants,
    providers: Providers,
    ledger: LedgerTable,
    table: Reconciliation,
    objects: Arc<dyn Objects>,
    clock: Arc<dyn Clock>,
    /// Rows that a file holds.
    pub part_rows: u64,
}

impl Exporter {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            providers: stores.providers()?,
            ledger: stores.ledger()?,
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            clock: stores.clock(),
            part_rows: PART_ROWS,
        })
    }

    /// Writes what is due, merchant by merchant. One merchant's trouble is no other's: it is told in the log and tried again at the
    /// next tick.
    ///
    /// # Errors
    /// The last of the failures, when all is looked at.
    pub async fn run(&self) -> Result<(), StepError> {
        let (now, mut written, mut failure) = (self.clock.now(), 0_usize, None);
        // Who has no provider has no ledger.
        let owners: BTreeSet<MerchantId> =
            self.providers.all().await?.into_iter().map(|provider| provider.merchant_id).collect();
        for merchant_id in &owners {
            match self.export_due(merchant_id, now).await {
                Ok(count) => written = written.saturating_add(count),
                Err(error) => {
                    let (merchant_id, error_detail) = (merchant_id.as_str(), error.to_string());
                    tracing::error!(merchant_id, error_detail, "a merchant's export failed");
                    failure = Some(error);
                }
            }
        }
        tracing::info!(merchants = owners.len(), written, "ledgers exported");
        failure.map_or(Ok(()), Err)
    }

    /// Writes the merchant's days that are due and were not written; answers how many.
    async fn export_due(&self, merchant_id: &MerchantId, now: Timestamp) -> Result<usize, StepError> {
        let merchant = self.merchants.get(merchant_id).await?;
        let due = merchant.settings.ledger_export.map(|export| export.due_days(&merchant.zone, now));
        let mut written = 0_usize;
        for day in due.unwrap_or_default() {
            if self.table.exported_day(merchant_id, day).await?.is_some() {
                continue;
            }
            let export = self.export(&merchant, day).await?;
            match self.table.note_export(merchant_id, &export).await {
                // Somebody else has written it under the same names.
                Ok(()) | Err(StoreError::Conflict) => written = written.saturating_add(1),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(written)
    }

    /// Writes all rows of a day, newest first as the list has them. A day without any is a file with a header.
    async fn export(&self, merchant: &Merchant, day: Day) -> Result<ExportedDay, StepError> {
        let (desk, filters) = (Desk::of("export")?, LedgerFilters::default());
        let mut walk = self.ledger.walk(LedgerQuery {
            merchant: &merchant.id,
            shard_count: merchant.shard_count,
            from: day,
            until: day,
            filters: &filters,
            limit: PAGE,
            after: None,
        });
        let (mut part, mut parts, mut rows) = (Part::create(desk.file("part"))?, 1_u32, 0_u64);
        while let Some(row) = walk.next().await? {
            for movement in &row.movements {
                if part.rows >= self.part_rows {
                    part.keep(self.objects.as_ref(), &part_key(&merchant.id, day, parts)).await?;
                    part = Part::create(desk.file("part"))?;
                    parts = parts.saturating_add(1);
                }
                part.push(&FinanceRow::new(&row, movement, &merchant.zone))?;
                rows = rows.saturating_add(1);
            }
        }
        part.keep(self.objects.as_ref(), &part_key(&merchant.id, day, parts)).await?;
        Ok(ExportedDay { day, parts, rows, written_at: self.clock.now() })
    }
}

/// A part that is being written.
struct Part {
    path: PathBuf,
    writer: Writer<BufWriter<File>>,
    rows: u64,
}

impl Part {
    fn create(path: PathBuf) -> Result<Self, StepError> {
        let mut writer = Writer::from_writer(BufWriter::new(File::create(&path)?));
        writer.write_record(FinanceRow::MEMBERS)?;
        Ok(Self { path, writer, rows: 0 })
    }

    fn push(&mut self, row: &FinanceRow) -> Result<(), StepError> {
        let row = serde_json::to_value(row).map_err(std::io::Error::from)?;
        let cells = FinanceRow::MEMBERS.iter().map(|name| cell(row.get(*name).unwrap_or(&Value::Null)));
        self.writer.write_record(cells)?;
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }

    async fn keep(mut self, objects: &dyn Objects, key: &str) -> Result<(), StepError> {
        self.writer.flush()?;
        Ok(objects.keep(key, &self.path).await?)
    }
}
