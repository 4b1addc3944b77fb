//! The clients table: who may ask for tokens.
//!
//! A client's row is written by several functions, each of which sets its own members and leaves the others: a use that is noted
//! brings no old secret back.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnConsumedCapacity, Select, TransactWriteItem, Update,
};
use paywarden_domain::client::{Client, Replacement};
use paywarden_domain::id::{ClientId, MerchantId};
use paywarden_domain::principal::Principal;
use paywarden_domain::time::Timestamp;

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key, number, text, to_item, unbuildable};
use crate::error::readable;

/// The index of a merchant's clients, by id and so in the order of their creation. Sums of failures are not in it.
const BY_MERCHANT: &str = "by-merchant";

/// A client that is there and not revoked.
const IS_LIVE: &str = "attribute_exists(id) AND attribute_not_exists(revoked_at)";

const DAY_SECONDS: i64 = 24 * 3600;

/// Clients by id.
pub struct Clients {
    dynamo: Dynamo,
    table: String,
}

/// What became of a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    Done,
    /// Who asked for it is itself revoked: whoever revokes stays.
    ByNobody,
}

impl Clients {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The client, whoever's it is. Read consistently: a revoked one gets no token from then on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", id.as_str()), true).await?;
        item.map(|item| from_item(&self.table, item)).transpose()
    }

    /// The merchant's client; somebody else's is not found.
    ///
    /// # Errors
    /// As [`Clients::find`].
    pub async fn find_of(&self, merchant: &MerchantId, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.find(id).await?.filter(|client| client.merchant_id == *merchant))
    }

    /// A page of the merchant's clients behind the position `after`, oldest first, and the position behind it if there may be more.
    /// One that was just created may not be listed yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Client>, Option<String>), StoreError> {
        let query = self.of_merchant(merchant, "merchant_id = :merchant AND id > :after");
        let output = query
            // Less than any id, where there is none.
            .expression_attribute_values(":after", text(after.unwrap_or("!")))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let last = output.last_evaluated_key.as_ref().and_then(|key| key.get("id")?.as_s().ok().cloned());
        let rows = output.items.unwrap_or_default().into_iter();
        Ok((readable(rows.map(|item| from_item(&self.table, item)))?, last))
    }

    /// How many clients the merchant has that are not revoked, but for those created a moment ago.
    ///
    /// Whoever holds a merchant to a number by this holds it roughly: two who create a client at the same time both count before
    /// either is there. That number is a guard against clients without end, and one or two more do no harm. To hold it exactly, a
    /// counter would have to be written with each creation and revocation, and be made first for each merchant that is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_live(&self, merchant: &MerchantId) -> Result<usize, StoreError> {
        let (mut count, mut start) = (0_usize, None);
        loop {
            let page = self
                .of_merchant(merchant, "merchant_id = :merchant")
                .filter_expression("attribute_not_exists(revoked_at)")
                .select(Select::Count)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            self.dynamo.measure(page.consumed_capacity());
            count = count.saturating_add(usize::try_from(page.count).unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    fn of_merchant(
        &self,
        merchant: &MerchantId,
        condition: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_MERCHANT)
            .key_condition_expression(condition)
            .expression_attribute_values(":merchant", text(merchant.as_str()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Adds a client, unless it is there already: an earlier try may have been cut off behind this.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken by another.
    pub async fn create(&self, client: &Client) -> Result<(), StoreError> {
        let item = to_item(&self.table, client)?;
        match self.dynamo.put(&self.table, item, Some("attribute_not_exists(id)")).await {
            Err(StoreError::Conflict) => {
                let found = self.find_of(&client.merchant_id, &client.id).await?;
                let same = found.filter(|found| found.secret_hash == client.secret_hash);
                same.map(|_| ()).ok_or(StoreError::Conflict)
            }
            outcome => outcome,
        }
    }

    /// Puts a new secret in the place of the one that `client` was read with.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has another by now, or is revoked.
    pub async fn replace_secret(&self, client: &Client, with: &Replacement) -> Result<(), StoreError> {
        let mut values = Item::from([
            (":hash".to_owned(), text(with.secret_hash.clone())),
            (":before".to_owned(), text(client.secret_hash.clone())),
        ]);
        let mut expression = "SET secret_hash = :hash".to_owned();
        match &with.previous {
            Some(previous) => {
                expression.push_str(", previous_secret = :previous");
                let previous = AttributeValue::M(to_item(&self.table, previous)?);
                values.insert(":previous".to_owned(), previous);
            }
            None => expression.push_str(" REMOVE previous_secret"),
        }
        let condition = format!("{IS_LIVE} AND secret_hash = :before");
        self.update(&client.id, &expression, &condition, values).await
    }

    /// Notes that a client was used.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such client.
    pub async fn note_use(&self, id: &ClientId, now: Timestamp) -> Result<(), StoreError> {
        let values = Item::from([(":now".to_owned(), text(now.to_string()))]);
        self.update(id, "SET last_used_at = :now", "attribute_exists(id)", values).await
    }

    async fn update(
        &self,
        id: &ClientId,
        expression: &str,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key("id", id.as_str())))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }

    /// Revokes a client in the name of another, in one write that holds both: two who revoke each other at the same time do not
    /// both succeed, and who is revoked revokes nobody with a token that it still has. A person has no row to hold.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the client was revoked or changed at the same time.
    pub async fn revoke(
        &self,
        id: &ClientId,
        by: &Principal,
        now: Timestamp,
    ) -> Result<Revocation, StoreError> {
        let mut actions = vec![self.revoking(id, now)?];
        if let Some(client) = by.client() {
            actions.push(self.is_live(client)?);
        }
        match self.dynamo.write_together(actions).await {
            Ok(()) => Ok(Revocation::Done),
            Err(StoreError::Conflict) if self.is_gone(by).await? => Ok(Revocation::ByNobody),
            Err(error) => Err(error),
        }
    }

    /// Whether it is a client that is not there any more.
    async fn is_gone(&self, principal: &Principal) -> Result<bool, StoreError> {
        let Some(client) = principal.client() else {
            return Ok(false);
        };
        Ok(self.find(client).await?.is_none_or(|client| !client.is_live()))
    }

    /// The row goes when nothing is left that names the client.
    fn revoking(&self, id: &ClientId, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let expires = now.plus_seconds(Client::SHOWN_DAYS.saturating_mul(DAY_SECONDS)).as_seconds();
        let update: UpdateBuilder = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key("id", id.as_str())))
            .update_expression("SET revoked_at = :now, expires_at = :expires REMOVE previous_secret")
            .condition_expression(IS_LIVE)
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":expires", number(expires));
        let update = update.build().map_err(|error| unbuildable(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn is_live(&self, id: &ClientId) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key("id", id.as_str())))
            .condition_expression(IS_LIVE);
        let check = check.build().map_err(|error| unbuildable(&error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}
