//! Statements and what is known of their bytes.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::Put;
use data_encoding::HEXLOWER;
use paywarden_domain::id::{MerchantId, ProviderId, StatementId, derive_body};
use paywarden_domain::statement::{READING_VERSION, Reading, Statement};
use paywarden_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Page, Reconciliation, Row};
use crate::StoreError;
use crate::dynamo::{Item, action_put, text};

const SK: &str = "statement";

/// Statements that are looked at for one request.
const MAX_RECENT: u16 = 1_000;

/// Times the same bytes are claimed, when somebody else claims them in between.
const CLAIMS: usize = 4;

/// Whose some bytes are.
#[derive(Serialize, Deserialize)]
struct Claim {
    statement_id: StatementId,
}

#[derive(Serialize, Deserialize)]
struct LastReading {
    /// JSON text, so that its members keep their shape.
    reading: String,
}

/// A statement as an item: what is nested is one text.
#[derive(Serialize, Deserialize)]
struct Stored {
    statement: String,
}

impl Reconciliation {
    /// The merchant's statement; somebody else's is not found.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn statement(
        &self,
        merchant: &MerchantId,
        id: &StatementId,
    ) -> Result<Option<Statement>, StoreError> {
        let stored: Option<Stored> = self.read(id.as_str(), SK).await?;
        let statement = stored.map(|stored| self.parse_statement(&stored)).transpose()?;
        Ok(statement.filter(|statement| statement.merchant_id == *merchant))
    }

    fn parse_statement(&self, stored: &Stored) -> Result<Statement, StoreError> {
        self.parse_json(&stored.statement)
    }

    pub(super) fn parse_json<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
            table: self.table.clone(),
            key: String::new(),
            detail: error.to_string(),
        })
    }

    pub(super) fn json_text<T: Serialize>(&self, value: &T) -> Result<String, StoreError> {
        serde_json::to_string(value).map_err(|error| StoreError::Corrupt {
            table: self.table.clone(),
            key: "(new)".to_owned(),
            detail: error.to_string(),
        })
    }

    /// Writes a statement, in the place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_statement(&self, statement: &Statement) -> Result<(), StoreError> {
        self.dynamo.put(&self.table, self.statement_item(statement)?, None).await
    }

    fn statement_item(&self, statement: &Statement) -> Result<Item, StoreError> {
        self.item(&Row {
            pk: statement.id.to_string(),
            sk: SK.to_owned(),
            list_pk: Some(format!("{}#statements", statement.merchant_id)),
            list_sk: Some(format!("{}#{}", statement.created_at, statement.id)),
            value: Stored { statement: self.json_text(statement)? },
        })
    }

    /// A page of the merchant's statements, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn statements(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Statement>, StoreError> {
        self.list_statements(merchant, (after, " "), limit).await
    }

    /// The merchant's statements that came since then, newest first; at most a thousand. Of those that have the same bytes, read
    /// the same way by several versions of the readers, only the one that was read last is there: its rows are not two.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn statements_since(
        &self,
        merchant: &MerchantId,
        since: Timestamp,
    ) -> Result<Vec<Statement>, StoreError> {
        let (mut statements, mut after) = (Vec::new(), None::<String>);
        loop {
            let page =
                self.list_statements(merchant, (after.as_deref(), &since.to_string()), MAX_RECENT).await?;
            statements.extend(page.items);
            after = page.next;
            if after.is_none() || statements.len() >= usize::from(MAX_RECENT) {
                return Ok(without_older_readings(statements));
            }
        }
    }

    async fn list_statements(
        &self,
        merchant: &MerchantId,
        (after, from): (Option<&str>, &str),
        limit: u16,
    ) -> Result<Page<Statement>, StoreError> {
        let parse = |stored: &Stored| self.parse_statement(stored);
        self.list(&format!("{merchant}#statements"), (after, from), limit, parse).await
    }

    /// Which statement that can be used has these bytes, read this way. A claim counts for as long as its statement can be used:
    /// one whose reading was cut off claims nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn statement_with(
        &self,
        (merchant, provider): (&MerchantId, &ProviderId),
        sha256: &[u8],
        reading: &Reading,
    ) -> Result<Option<StatementId>, StoreError> {
        let claim = self.read(&contents(merchant), &content_key(provider, sha256, reading)).await?;
        self.usable(merchant, claim.as_ref()).await
    }

    async fn usable(
        &self,
        merchant: &MerchantId,
        claim: Option<&Claim>,
    ) -> Result<Option<StatementId>, StoreError> {
        let Some(claim) = claim else {
            return Ok(None);
        };
        let statement = self.statement(merchant, &claim.statement_id).await?;
        Ok(statement.filter(Statement::is_usable).map(|statement| statement.id))
    }

    /// Writes a statement that can be used, and that these bytes, read this way, are its own: both or neither, so that nobody
    /// has bytes whose rows are not there. Answers whose they are: another's if that came first, and nothing is written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`], or [`StoreError::Conflict`] when others claim them again and again.
    pub async fn put_with_content(
        &self,
        statement: &Statement,
        sha256: &[u8],
        reading: &Reading,
    ) -> Result<StatementId, StoreError> {
        let (pk, sk) =
            (contents(&statement.merchant_id), content_key(&statement.provider_id, sha256, reading));
        let value = Claim { statement_id: statement.id.clone() };
        let own = self.item(&Row { pk: pk.clone(), sk: sk.clone(), list_pk: None, list_sk: None, value })?;
        for _ in 0..CLAIMS {
            let claim: Option<Claim> = self.read(&pk, &sk).await?;
            let first = self.usable(&statement.merchant_id, claim.as_ref()).await?;
            if let Some(first) = first.filter(|first| *first != statement.id) {
                return Ok(first);
            }
            let put = Put::builder().table_name(&self.table).set_item(Some(own.clone()));
            let put = match claim {
                Some(claim) => put
                    .condition_expression("statement_id = :before")
                    .expression_attribute_values(":before", text(claim.statement_id.as_str())),
                None => put.condition_expression("attribute_not_exists(pk)"),
            };
            let item = self.statement_item(statement)?;
            let statement_put = Put::builder().table_name(&self.table).set_item(Some(item));
            match self.dynamo.write_together(vec![action_put(put)?, action_put(statement_put)?]).await {
                Ok(()) => return Ok(statement.id.clone()),
                // Somebody claimed them just now.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// How the provider's files are read that come without saying.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn last_reading(
        &self,
        merchant: &MerchantId,
        provider: &ProviderId,
    ) -> Result<Option<Reading>, StoreError> {
        let stored: Option<LastReading> =
            self.read(&format!("{merchant}#readings"), provider.as_str()).await?;
        stored.map(|stored| self.parse_json(&stored.reading)).transpose()
    }

    /// Keeps how the provider's files are to be read from now on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn keep_reading(
        &self,
        merchant: &MerchantId,
        provider: &ProviderId,
        reading: &Reading,
    ) -> Result<(), StoreError> {
        let row = Row {
            pk: format!("{merchant}#readings"),
            sk: provider.to_string(),
            list_pk: None,
            list_sk: None,
            value: LastReading { reading: self.json_text(reading)? },
        };
        self.dynamo.put(&self.table, self.item(&row)?, None).await
    }
}

/// The statements without those that newer readers read again.
fn without_older_readings(statements: Vec<Statement>) -> Vec<Statement> {
    let version = |statement: &Statement| statement.report.as_ref().map_or(0, |report| report.version);
    let content = |statement: &Statement| {
        let reading = statement.reading.as_ref()?.fingerprint();
        Some((statement.provider_id.clone(), statement.sha256.clone()?, reading))
    };
    let mut newest = BTreeMap::new();
    for statement in statements.iter().filter(|statement| statement.is_usable()) {
        if let Some(content) = content(statement) {
            let known = newest.entry(content).or_insert(0);
            *known = version(statement).max(*known);
        }
    }
    let is_newest = |statement: &Statement| {
        let newest = content(statement).and_then(|content| newest.get(&content).copied());
        newest.is_none_or(|newest| version(statement) >= newest)
    };
    statements.into_iter().filter(is_newest).collect()
}

fn contents(merchant: &MerchantId) -> String {
    format!("{merchant}#contents")
}

fn content_key(provider: &ProviderId, sha256: &[u8], reading: &Reading) -> String {
    let fingerprint = reading.fingerprint();
    let reading = derive_body(&format!("reading/{READING_VERSION}"), &[fingerprint.as_bytes()]);
    format!("{provider}#{}#{reading}", HEXLOWER.encode(sha256))
}
