//! Deliveries that are over, for whoever sends them again.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::{DeliveryId, EndpointId, ReplayId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::DeliveryStatus;
use paywarden_domain::webhook::replay::Selection;

use super::deliveries::Deliveries;
use crate::StoreError;
use crate::dynamo::{Item, number, text};

/// Sorts behind every id of a delivery, and before every other row of an endpoint.
const END: &str = "whd_~";

/// Which deliveries are looked for.
pub struct EndedQuery<'a> {
    pub endpoint: &'a EndpointId,
    pub selection: &'a Selection,
    /// Those that were planned by then.
    pub planned_by: Timestamp,
    /// What this replay has put back is found too, though it is not over any more.
    pub replay: Option<&'a ReplayId>,
    /// The last one that was found before.
    pub after: Option<&'a DeliveryId>,
    pub limit: usize,
    /// Rows that are looked at, whether they are found or not; some more at the end of a page.
    pub look_at_most: usize,
}

/// A delivery that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub id: DeliveryId,
    /// The delivery within which it went out, if it did not by itself.
    pub batch_id: Option<DeliveryId>,
}

/// Some of them, the oldest first.
#[derive(Debug, Default)]
pub struct EndedPage {
    pub found: Vec<Ended>,
    /// How far it was looked, if there may be more.
    pub next: Option<DeliveryId>,
}

impl Deliveries {
    /// Deliveries that are over and are asked for. Those that went out within another one are found where they are asked for by
    /// themselves or by their transaction; a range of time holds the other one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ended(&self, query: &EndedQuery<'_>) -> Result<EndedPage, StoreError> {
        let (mut page, mut looked_at, mut after) = (EndedPage::default(), 0_usize, query.after.cloned());
        let Some((first, end)) = bounds(query.selection) else {
            return Ok(page);
        };
        loop {
            let start = after.map_or_else(|| first.clone(), |after| behind(&after).max(first.clone()));
            if start > end {
                return Ok(page);
            }
            let (found, looked, last) = self.look_for(query, (start, &end)).await?;
            looked_at = looked_at.saturating_add(looked);
            page.found.extend(found);
            if page.found.len() > query.limit {
                page.found.truncate(query.limit);
                page.next = page.found.last().map(|last| last.id.clone());
                return Ok(page);
            }
            if last.is_none() || page.found.len() == query.limit || looked_at >= query.look_at_most {
                page.next = last;
                return Ok(page);
            }
            after = last;
        }
    }

    /// What one request finds, how many rows it looked at, and the last of those if there may be more.
    async fn look_for(
        &self,
        query: &EndedQuery<'_>,
        (start, end): (String, &str),
    ) -> Result<(Vec<Ended>, usize, Option<DeliveryId>), StoreError> {
        let Wanted { expression, values } = Wanted::of(query);
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :endpoint AND sk BETWEEN :start AND :end")
            .filter_expression(expression)
            .projection_expression("sk, batch_id")
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values))
            .expression_attribute_values(":endpoint", text(query.endpoint.as_str()))
            .expression_attribute_values(":start", text(start))
            .expression_attribute_values(":end", text(end))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let last = output.last_evaluated_key.as_ref().and_then(|key| id(key, "sk"));
        let looked_at = usize::try_from(output.scanned_count).unwrap_or_default();
        let found = output.items.unwrap_or_default();
        Ok((found.iter().filter_map(ended).collect(), looked_at, last))
    }
}

fn ended(item: &Item) -> Option<Ended> {
    Some(Ended { id: id(item, "sk")?, batch_id: id(item, "batch_id") })
}

fn id(item: &Item, attribute: &str) -> Option<DeliveryId> {
    DeliveryId::parse(item.get(attribute)?.as_s().ok()?).ok()
}

fn behind(id: &DeliveryId) -> String {
    format!("{id}~")
}

/// The first and the last sort key that are asked for, both included; none where nothing can be found.
fn bounds(selection: &Selection) -> Option<(String, String)> {
    let first = selection.from.map_or_else(|| DeliveryId::PREFIX.to_owned(), first_at);
    // No delivery is the first of its time, so that the end is excluded.
    let end = selection.until.map_or_else(|| END.to_owned(), first_at);
    let (first, end) = match &selection.delivery_id {
        Some(id) if id.as_str() < first.as_str() || id.as_str() > end.as_str() => return None,
        Some(id) => (id.to_string(), id.to_string()),
        None => (first, end),
    };
    (first <= end).then_some((first, end))
}

fn first_at(at: Timestamp) -> String {
    DeliveryId::first_at(at).to_string()
}

/// What is not in the key.
struct Wanted {
    expression: String,
    values: Item,
}

impl Wanted {
    fn of(query: &EndedQuery<'_>) -> Self {
        let selection = query.selection;
        let planned_by = (":planned_by".to_owned(), text(query.planned_by.to_string()));
        let mut wanted =
            Self { expression: "created_at <= :planned_by".to_owned(), values: Item::from([planned_by]) };
        let equal = [
            ("transaction_id", selection.transaction_id.as_ref().map(|id| id.as_str())),
            ("event", selection.event.map(|event| event.as_str())),
        ];
        for (name, value) in equal.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            wanted.expression.push_str(&format!(" AND {name} = :{name}"));
            wanted.values.insert(format!(":{name}"), text(value));
        }
        let standing = wanted.standing(query);
        wanted.expression.push_str(&format!(" AND ({standing})"));
        wanted
    }

    /// How it ended, or that it counts though it has not.
    fn standing(&mut self, query: &EndedQuery<'_>) -> String {
        let mut ways = vec![self.ending(query.selection)];
        if query.selection.delivery_id.is_some() || query.selection.transaction_id.is_some() {
            ways.push("#status = :gathered".to_owned());
            self.values.insert(":gathered".to_owned(), text(DeliveryStatus::Gathered.as_str()));
        }
        if let Some(replay) = query.replay {
            ways.push("replay_id = :replay".to_owned());
            self.values.insert(":replay".to_owned(), text(replay.as_str()));
        }
        ways.join(" OR ")
    }

    fn ending(&mut self, selection: &Selection) -> String {
        let ended = [DeliveryStatus::Delivered, DeliveryStatus::Failed];
        let asked = ended.into_iter().filter(|status| selection.status.is_none_or(|asked| asked == *status));
        let mut names = Vec::new();
        for (place, status) in asked.enumerate() {
            names.push(format!(":ended{place}"));
            self.values.insert(format!(":ended{place}"), text(status.as_str()));
        }
        let ending = format!("#status IN ({})", names.join(", "));
        let Some(class) = selection.http_class else {
            return ending;
        };
        let lowest = class.saturating_mul(100);
        self.values.insert(":lowest".to_owned(), number(lowest));
        self.values.insert(":highest".to_owned(), number(lowest.saturating_add(99)));
        format!("{ending} AND http_status BETWEEN :lowest AND :highest")
    }
}
