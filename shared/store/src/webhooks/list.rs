//! An endpoint's deliveries, newest or oldest first, narrowed.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::webhook::replay::Selection;

use super::deliveries::Deliveries;
use super::row::{BookedDelivery, Row};
use crate::StoreError;
use crate::dynamo::{Item, number, text};
use crate::error::readable;

/// Rows that one request reads at most, when few of them are what is asked for.
const READ_AT_MOST: usize = 2000;

/// Sorts behind every id of a delivery, and before every other row of an endpoint.
const END: &str = "whd_~";

/// What is asked for.
pub struct DeliveryQuery<'a> {
    pub endpoint: &'a EndpointId,
    pub selection: &'a Selection,
    pub newest_first: bool,
    pub limit: usize,
    /// The last one of the page before.
    pub after: Option<&'a DeliveryId>,
}

/// Some of them. There may be fewer than were asked for, and more behind `next`.
#[derive(Debug, Default)]
pub struct DeliveryPage {
    pub deliveries: Vec<BookedDelivery>,
    /// How far it was looked, if there may be more.
    pub next: Option<DeliveryId>,
}

impl Deliveries {
    /// A page of an endpoint's deliveries. One that cannot be read is left out, logged and counted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn list(&self, query: &DeliveryQuery<'_>) -> Result<DeliveryPage, StoreError> {
        let (mut page, mut read, mut after) = (DeliveryPage::default(), 0, query.after.cloned());
        loop {
            let limit = query.limit.saturating_sub(page.deliveries.len());
            let (items, looked_at, last) = self.look(query, after.as_ref(), limit).await?;
            read = looked_at.saturating_add(read);
            let rows = readable(items.into_iter().map(|item| Row::read(&self.table, item)))?;
            page.deliveries.extend(rows.into_iter().map(BookedDelivery::from));
            if page.deliveries.len() > query.limit {
                page.deliveries.truncate(query.limit);
                page.next = page.deliveries.last().map(|last| last.delivery.id.clone());
                return Ok(page);
            }
            if last.is_none() || page.deliveries.len() >= query.limit || read >= READ_AT_MOST {
                page.next = last;
                return Ok(page);
            }
            after = last;
        }
    }

    /// Reads some rows: those that fit, how many were looked at, and the last of those.
    async fn look(
        &self,
        query: &DeliveryQuery<'_>,
        after: Option<&DeliveryId>,
        limit: usize,
    ) -> Result<(Vec<Item>, usize, Option<DeliveryId>), StoreError> {
        let Filter { expression, names, values } = Filter::of(query.selection);
        let (first, end) = bounds(query, after);
        if first > end {
            return Ok((Vec::new(), 0, None));
        }
        // Of rows that are filtered each page would hold few: more are looked at.
        let limit = if expression.is_some() { limit.saturating_mul(10).min(READ_AT_MOST / 4) } else { limit };
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :endpoint AND sk BETWEEN :first AND :end")
            .set_filter_expression(expression)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(Some(values))
            .expression_attribute_values(":endpoint", text(query.endpoint.as_str()))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":end", text(end))
            .scan_index_forward(!query.newest_first)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let last = output.last_evaluated_key.as_ref();
        let last = last.and_then(|key| DeliveryId::parse(key.get("sk")?.as_s().ok()?).ok());
        let looked_at = usize::try_from(output.scanned_count).unwrap_or_default();
        Ok((output.items.unwrap_or_default(), looked_at, last))
    }
}

/// The first and the last sort key that are asked for, both included.
fn bounds(query: &DeliveryQuery<'_>, after: Option<&DeliveryId>) -> (String, String) {
    let Selection { delivery_id, from, until, .. } = query.selection;
    if let Some(id) = delivery_id {
        return (id.to_string(), id.to_string());
    }
    let first =
        from.map_or_else(|| DeliveryId::PREFIX.to_owned(), |from| DeliveryId::first_at(from).to_string());
    // No delivery is the first of its time, so that the end is excluded.
    let end = until.map_or_else(|| END.to_owned(), |until| DeliveryId::first_at(until).to_string());
    match after {
        None => (first, end),
        Some(after) if query.newest_first => (first, crate::dynamo::just_before(after.as_str())),
        Some(after) => (format!("{after}~"), end),
    }
}

/// What is not in the key.
struct Filter {
    expression: Option<String>,
    names: Option<std::collections::HashMap<String, String>>,
    values: Item,
}

impl Filter {
    fn of(selection: &Selection) -> Self {
        let mut parts = Vec::new();
        let mut values = Item::new();
        let equal = [
            ("transaction_id", selection.transaction_id.as_ref().map(|id| id.as_str())),
            ("status", selection.status.map(|status| status.as_str())),
            ("event", selection.event.map(|event| event.as_str())),
        ];
        let equal = equal.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut names = std::collections::HashMap::new();
        for (name, value) in equal {
            parts.push(format!("#{name} = :{name}"));
            names.insert(format!("#{name}"), name.to_owned());
            values.insert(format!(":{name}"), text(value));
        }
        if let Some(class) = selection.http_class {
            parts.push("http_status BETWEEN :lowest AND :highest".to_owned());
            values.insert(":lowest".to_owned(), number(class.saturating_mul(100)));
            values.insert(":highest".to_owned(), number(class.saturating_mul(100).saturating_add(99)));
        }
        Self {
            expression: (!parts.is_empty()).then(|| parts.join(" AND ")),
            names: (!names.is_empty()).then_some(names),
            values,
        }
    }
}
