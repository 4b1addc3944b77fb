//! Statements: the files in which a provider says what it settled.
//!
//! A statement is its bytes and the way they are to be read. The same bytes read the same way are the same statement,
//! however often and on whichever way they come.

mod account;
mod columns;
mod reading;
mod report;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::id::{MerchantId, ProviderId, StatementId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;

pub use account::{Extent, FileAccount};
pub use columns::{
    ChargeSign, Columns, FieldColumns, Footer, InvalidMinorUnits, MinorUnits, SettledStatus, SignConvention,
    Values,
};
pub use reading::{Format, READING_VERSION, Reading};
pub use report::{Check, LineProblem, ParseReport, SideTotal};

words! {
    /// Where a statement stands.
    pub enum StatementStatus {
        /// Its file has not come yet.
        AwaitingUpload = "AWAITING_UPLOAD",
        /// Every line was read, and what the file says of itself holds.
        Parsed = "PARSED",
        /// Some lines could not be read, or a count or a total in the file does not hold. The others take part.
        ParsedWithErrors = "PARSED_WITH_ERRORS",
        /// It cannot be read at all.
        Rejected = "REJECTED",
        /// The same bytes were there before.
        Duplicate = "DUPLICATE",
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub id: StatementId,
    pub merchant_id: MerchantId,
    pub provider_id: ProviderId,
    /// How it is to be read; without one, its header tells.
    pub reading: Option<Reading>,
    /// What its sender calls it.
    pub file_name: Option<String>,
    pub status: StatementStatus,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// The statement that had the same bytes before.
    pub duplicate_of: Option<StatementId>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: Option<String>,
    /// Its length in bytes.
    pub bytes: Option<u64>,
    /// What was read of it.
    pub report: Option<ParseReport>,
    pub by: Actor,
    /// When it was announced, or came by itself.
    pub created_at: Timestamp,
    /// When its file was read.
    pub read_at: Option<Timestamp>,
}

impl Statement {
    /// Longest name of a file, in characters.
    pub const FILE_NAME_CHARACTERS: usize = 128;

    /// How long after it was announced it is late, in seconds.
    pub const LATE_SECONDS: Range<i64> = 3_600..5_400;

    /// One whose file is still to come.
    #[must_use]
    pub fn announced(
        id: StatementId,
        (merchant_id, provider_id): (MerchantId, ProviderId),
        reading: Option<Reading>,
        by: Actor,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            merchant_id,
            provider_id,
            reading,
            file_name: None,
            status: StatementStatus::AwaitingUpload,
            reason: None,
            duplicate_of: None,
            sha256: None,
            bytes: None,
            report: None,
            by,
            created_at: now,
            read_at: None,
        }
    }

    /// Whether runs can use it.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        match self.status {
            StatementStatus::Parsed | StatementStatus::ParsedWithErrors => true,
            StatementStatus::AwaitingUpload | StatementStatus::Rejected | StatementStatus::Duplicate => false,
        }
    }

    /// Whether a file under its name is still taken for it. One that was read stays what it is: runs may have used it.
    #[must_use]
    pub const fn awaits_file(&self) -> bool {
        match self.status {
            StatementStatus::AwaitingUpload | StatementStatus::Rejected => true,
            StatementStatus::Parsed | StatementStatus::ParsedWithErrors | StatementStatus::Duplicate => false,
        }
    }

    /// Whether it was announced an hour ago and its file was never read: nobody put it there, or what told of it was lost. Said for
    /// [half an hour](Self::LATE_SECONDS), so that whoever looks every quarter of an hour hears of it once or twice.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        let age = now.as_seconds().saturating_sub(self.created_at.as_seconds());
        self.status == StatementStatus::AwaitingUpload && Self::LATE_SECONDS.contains(&age)
    }

    /// The statement as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        json!({
            "id": self.id,
            "provider_id": self.provider_id,
            "status": self.status,
            "reason": self.reason,
            "duplicate_of": self.duplicate_of,
            "format": self.report.as_ref().map(|report| report.format).or_else(|| self.reading.as_ref().map(Reading::format)),
            "file_name": self.file_name,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "report": self.report.as_ref().map(|report| report.to_json(zone)),
            "created_by": self.by,
            "created_at": zone.offset_text(self.created_at),
            "read_at": self.read_at.map(|at| zone.offset_text(at)),
        })
    }
}
