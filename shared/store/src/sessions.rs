//! The sessions table. A row goes when its session has been over for a while.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::{ClientId, MerchantId, SessionId};
use paywarden_domain::session::Session;
use paywarden_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key, number, text, to_item};
use crate::error::readable;

/// The index of a merchant's sessions, in the order of their beginning.
const BY_MERCHANT: &str = "by-merchant";

/// A session as it lies in the table.
#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    session: Session,
    /// Its place in the index.
    begun: String,
    /// When DynamoDB may remove it, in seconds since 1970.
    expires_at: i64,
}

impl Row {
    fn of(session: &Session) -> Self {
        let (begun, expires_at) = (position(session), session.good_until().as_seconds());
        Self { session: session.clone(), begun, expires_at }
    }
}

/// Where a session stands among its merchant's.
#[must_use]
pub fn position(session: &Session) -> String {
    format!("{}#{}", session.created_at, session.id)
}

/// Sessions by id.
pub struct Sessions {
    dynamo: Dynamo,
    table: String,
}

impl Sessions {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The session, whoever's it is. Read consistently: a revoked one gets no token from then on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", id.as_str()), true).await?;
        item.map(|item| from_item::<Row>(&self.table, item).map(|row| row.session)).transpose()
    }

    /// Adds a session.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with its token.
    pub async fn begin(&self, session: &Session) -> Result<(), StoreError> {
        let item = to_item(&self.table, &Row::of(session))?;
        self.dynamo.put(&self.table, item, Some("attribute_not_exists(id)")).await
    }

    /// Puts a session that was used in the place of what it was before: with the token of this hash, and not revoked.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was used or revoked meanwhile.
    pub async fn replace(&self, session: &Session, token_hash: &str) -> Result<(), StoreError> {
        let item = to_item(&self.table, &Row::of(session))?;
        let values = Item::from([(":before".to_owned(), text(token_hash))]);
        let condition = "token_hash = :before AND attribute_not_exists(revoked_at)";
        self.dynamo.put_if(&self.table, item, condition, values).await
    }

    /// Revokes a session; one that is revoked, or not there any more, stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn revoke(&self, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key("id", id.as_str())))
            .update_expression("SET revoked_at = :now")
            .condition_expression("attribute_exists(id) AND attribute_not_exists(revoked_at)")
            .expression_attribute_values(":now", text(now.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error));
        match output {
            Ok(output) => {
                self.dynamo.measure(output.consumed_capacity());
                Ok(())
            }
            Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A page of the merchant's sessions behind the position `after`, oldest first, and the position behind it if there may be
    /// more. Only those that go on; so a page may hold fewer than `limit`, even none. One that just began may not be listed yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<Session>, Option<String>), StoreError> {
        let output = self
            .of_merchant(merchant)
            .key_condition_expression("merchant_id = :merchant AND begun > :after")
            // Less than any time, where there is none.
            .expression_attribute_values(":after", text(after.unwrap_or("!")))
            .filter_expression("expires_at > :now AND attribute_not_exists(revoked_at)")
            .expression_attribute_values(":now", number(now.as_seconds()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let last = output.last_evaluated_key.as_ref().and_then(|key| key.get("begun")?.as_s().ok().cloned());
        Ok((self.sessions(output.items.unwrap_or_default())?, last))
    }

    /// Revokes what a client began.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`]; some are revoked then.
    pub async fn revoke_of(
        &self,
        merchant: &MerchantId,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let query = self
            .of_merchant(merchant)
            .key_condition_expression("merchant_id = :merchant")
            .filter_expression("client_id = :client AND attribute_not_exists(revoked_at)")
            .expression_attribute_values(":client", text(client.as_str()));
        let items = self.dynamo.query_all(query).await?;
        for session in self.sessions(items)? {
            self.revoke(&session.id, now).await?;
        }
        Ok(())
    }

    fn of_merchant(&self, merchant: &MerchantId) -> QueryFluentBuilder {
        self.dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_MERCHANT)
            .expression_attribute_values(":merchant", text(merchant.as_str()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    fn sessions(&self, items: Vec<Item>) -> Result<Vec<Session>, StoreError> {
        readable(items.into_iter().map(|item| from_item::<Row>(&self.table, item).map(|row| row.session)))
    }
}
