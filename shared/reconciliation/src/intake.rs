//! Taking a statement in: its bytes are counted and hashed, its lines read, its rows kept in the canonical form.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use csv::{Reader, ReaderBuilder, StringRecord, Writer};
use data_encoding::HEXLOWER;
use paywarden_domain::id::{MerchantId, ProviderId, StatementId};
use paywarden_domain::reconciliation::{BookSide, RowFields};
use paywarden_domain::statement::{
    LineProblem, ParseReport, READING_VERSION, Reading, Statement, StatementStatus,
};
use paywarden_domain::time::Clock;
use paywarden_providers::statements::{Line, StatementError, read};
use paywarden_store::objects::Objects;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};
use sha2::{Digest, Sha256};

use crate::StepError;
use crate::desk::Desk;

/// Columns of a parsed statement, those of the canonical file behind them.
const PARSED_COLUMNS: [&str; 4] = ["line", "column", "expected", "text"];

/// Bytes hashed at a time.
const CHUNK: usize = 1 << 16;

/// Takes statements in.
pub struct Intake {
    /// Where they are written down.
    pub table: Reconciliation,
    /// Where their files are.
    pub objects: Arc<dyn Objects>,
    pub clock: Arc<dyn Clock>,
}

/// A file's bytes, as far as they identify it.
pub struct Bytes {
    /// Their SHA-256.
    pub sha256: Vec<u8>,
    pub count: u64,
}

impl Bytes {
    /// Reads a file through.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let (mut file, mut hash, mut count) = (File::open(path)?, Sha256::new(), 0_u64);
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = file.read(&mut chunk)?;
            if length == 0 {
                return Ok(Self { sha256: hash.finalize().to_vec(), count });
            }
            hash.update(chunk.get(..length).unwrap_or_default());
            count = count.saturating_add(u64::try_from(length).unwrap_or_default());
        }
    }

    /// The hash in hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.sha256)
    }
}

impl Intake {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            clock: stores.clock(),
        })
    }

    /// Takes in the file of a statement, and answers the statement as it is then. Doing it again comes to the same.
    ///
    /// # Errors
    /// [`StepError`], never for what stands in the file.
    pub async fn take(&self, statement: &Statement, path: &Path) -> Result<Statement, StepError> {
        let bytes = Bytes::of(path)?;
        let mut taken = Statement {
            sha256: Some(bytes.hex()),
            bytes: Some(bytes.count),
            read_at: Some(self.clock.now()),
            ..statement.clone()
        };
        let desk = Desk::of("intake")?;
        let parsed = desk.file("parsed.csv");
        match self.parse(statement, path, &parsed).await? {
            Ok((reading, report)) => {
                taken.status = if report.is_clean() {
                    StatementStatus::Parsed
                } else {
                    StatementStatus::ParsedWithErrors
                };
                (taken.reading, taken.report) = (Some(reading.clone()), Some(report));
                if let Some(first) = self.claim(&taken, (&bytes, &reading), &parsed).await? {
                    (taken.status, taken.duplicate_of) = (StatementStatus::Duplicate, Some(first));
                    self.table.put_statement(&taken).await?;
                }
            }
            Err(reason) => {
                (taken.status, taken.reason) = (StatementStatus::Rejected, Some(reason));
                self.table.put_statement(&taken).await?;
            }
        }
        tracing::info!(
            merchant_id = taken.merchant_id.as_str(),
            provider_id = taken.provider_id.as_str(),
            statement_id = taken.id.as_str(),
            status = taken.status.as_str(),
            reason = taken.reason.as_deref().unwrap_or(""),
            rows = taken.report.as_ref().map_or(0, |report| report.rows),
            errors = taken.report.as_ref().map_or(0, |report| report.errors),
            metric = "statement_taken",
            "statement taken in"
        );
        Ok(taken)
    }

    /// Keeps a statement's rows, and writes it down with the claim on its bytes, which comes last: whoever is cut off before
    /// has claimed nothing. Answers whose the bytes are, if somebody else was first.
    async fn claim(
        &self,
        taken: &Statement,
        (bytes, reading): (&Bytes, &Reading),
        parsed: &Path,
    ) -> Result<Option<StatementId>, StepError> {
        let of = (&taken.merchant_id, &taken.provider_id);
        let first = self.table.statement_with(of, &bytes.sha256, reading).await?;
        if let Some(first) = first.filter(|first| *first != taken.id) {
            return Ok(Some(first));
        }
        self.objects.keep(&parsed_key(taken), parsed).await?;
        let first = self.table.put_with_content(taken, &bytes.sha256, reading).await?;
        Ok(Some(first).filter(|first| *first != taken.id))
    }

    /// Reads a file as its sender said; if nobody said, as its header tells, else as the provider's last one was read.
    async fn parse(
        &self,
        statement: &Statement,
        path: &Path,
        to: &Path,
    ) -> Result<Result<(Reading, ParseReport), String>, StepError> {
        if let Some(reading) = &statement.reading {
            return parse_as(Some(reading), path, to);
        }
        let reason = match parse_as(None, path, to)? {
            Ok(parsed) => return Ok(Ok(parsed)),
            Err(reason) => reason,
        };
        let Some(last) = self.table.last_reading(&statement.merchant_id, &statement.provider_id).await?
        else {
            return Ok(Err(reason));
        };
        let parsed = parse_as(Some(&last), path, to)?;
        // What is no CSV at all is told once.
        Ok(parsed.map_err(|other| if other == reason { reason } else { format!("{reason}; {other}") }))
    }
}

/// Reads a file and writes its rows; the inner error is why it cannot be read.
fn parse_as(
    reading: Option<&Reading>,
    path: &Path,
    to: &Path,
) -> Result<Result<(Reading, ParseReport), String>, StepError> {
    let mut writer = Writer::from_path(to)?;
    writer.write_record(PARSED_COLUMNS.into_iter().chain(BookSide::Statement.header()))?;
    let mut sink = |line: Line| match line {
        Line::Row { line, row } => {
            let line = line.to_string();
            let values =
                [line.as_str(), "", "", ""].into_iter().chain(BookSide::Statement.to_line(row.fields()));
            writer.write_record(values).map_err(std::io::Error::from)
        }
        Line::Problem(problem) => {
            let line = problem.line.to_string();
            let values = [line.as_str(), &problem.column, &problem.expected, &problem.text];
            let nothing = BookSide::Statement.header().map(|_| "");
            writer.write_record(values.into_iter().chain(nothing)).map_err(std::io::Error::from)
        }
    };
    let report = match read(File::open(path)?, reading, &mut sink) {
        Ok(report) => report,
        Err(StatementError::Unusable(reason)) => return Ok(Err(reason)),
        Err(StatementError::Io(error)) => return Err(error.into()),
    };
    writer.flush()?;
    let known = reading.cloned().or_else(|| Reading::of_format(report.format));
    Ok(known.map(|reading| (reading, report)).ok_or_else(|| "no reading is known for it".to_owned()))
}

/// Where a statement's rows are.
#[must_use]
pub fn parsed_key(statement: &Statement) -> String {
    format!("parsed/{}.csv", statement.id)
}

/// The rows of a parsed statement.
pub(crate) struct ParsedStatement {
    reader: Reader<BufReader<File>>,
    record: StringRecord,
}

impl ParsedStatement {
    pub(crate) fn open(path: &Path) -> Result<Self, StepError> {
        let reader = ReaderBuilder::new().from_reader(BufReader::with_capacity(CHUNK, File::open(path)?));
        Ok(Self { reader, record: StringRecord::new() })
    }

    /// The next line: its number, and its values or what is wrong with it.
    pub(crate) fn next(&mut self) -> Result<Option<ParsedLine<'_>>, StepError> {
        if !self.reader.read_record(&mut self.record)? {
            return Ok(None);
        }
        let get = |place: usize| self.record.get(place).unwrap_or_default();
        let line = get(0).parse().unwrap_or_default();
        let outcome = if get(1).is_empty() {
            let behind = PARSED_COLUMNS.len();
            Ok(BookSide::Statement.of_line(|column| get(column.saturating_add(behind))))
        } else {
            let [column, expected, text] = [get(1), get(2), get(3)].map(str::to_owned);
            Err(LineProblem { line, column, expected, text })
        };
        Ok(Some((line, outcome)))
    }
}

pub(crate) type ParsedLine<'a> = (u32, Result<RowFields<&'a str>, LineProblem>);

/// The id of a statement that is known by its bytes, and by how somebody said they are to be read. Other readers may make other
/// rows of them: that is another statement.
#[must_use]
pub fn content_id(
    (merchant, provider): (&MerchantId, &ProviderId),
    content: &[u8],
    reading: Option<&Reading>,
) -> StatementId {
    id_of_hash((merchant, provider), &Sha256::digest(content), reading)
}

fn id_of_hash(
    (merchant, provider): (&MerchantId, &ProviderId),
    sha256: &[u8],
    reading: Option<&Reading>,
) -> StatementId {
    let reading = reading.map(Reading::fingerprint).unwrap_or_default();
    let parts = [merchant.as_str().as_bytes(), provider.as_str().as_bytes(), sha256, reading.as_bytes()];
    StatementId::derived(&format!("statement/{READING_VERSION}"), &parts)
}

impl Bytes {
    /// The id of a statement that came by itself with these bytes.
    #[must_use]
    pub fn delivery_id(&self, merchant: &MerchantId, provider: &ProviderId) -> StatementId {
        id_of_hash((merchant, provider), &self.sha256, None)
    }
}

/// Where the file of an announced statement is to be put.
#[must_use]
pub fn upload_key(statement: &Statement) -> String {
    format!("statements/{}/{}/{}", statement.merchant_id, statement.provider_id, statement.id)
}
