//! The query: which transactions are asked for, and in which order.

use std::fmt;

use paywarden_domain::bounds::{ATTRIBUTE_CHARACTERS, ID_CHARACTERS, PROVIDER_ID_CHARACTERS, is_text};
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::lookup::{find_method, find_status, payment_method_id, status_lookup_id};
use paywarden_domain::time::Zone;
use paywarden_domain::transaction::reference::is_reference;
use paywarden_domain::vocabulary::{Direction, Method, Status, StatusGroup};
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_store::transactions::list::{AmountRange, Filters, Order, TimeRange};

/// Everything this endpoint takes.
pub const PARAMETERS: &[&str] = &[
    "transaction_status_lookups_id",
    "charged_at_start_date",
    "charged_end_date",
    "status_changed_at_start_date",
    "status_changed_at_end_date",
    "payment_methods_id",
    "direction",
    "provider_id",
    "method",
    "status",
    "status_group",
    "transaction_reference",
    "reference",
    "provider_transaction_id",
    "stuck",
    "held",
    "amount_min",
    "amount_max",
    "customers_id",
    "destination",
    "created_at_start_date",
    "created_at_end_date",
    "order",
    "limit",
    "cursor",
];

/// What is asked for.
pub struct Asked {
    pub filters: Filters,
    /// Payments that are open longer than the merchant's normally are; the handler knows its limits.
    pub stuck: bool,
    pub order: Order,
    /// An exact reference, which resolves to ids without any index.
    pub reference: Option<String>,
    /// A provider's id of a payment, which leads to its record without any index.
    pub provider_transaction_id: Option<String>,
    /// Filters that exclude each other: nothing can be found.
    pub contradictory: bool,
}

/// Reads the filters.
pub fn read(query: &QueryReader<'_>, zone: &Zone) -> Result<Asked, Problem> {
    let statuses = Choice::of([
        query.words("transaction_status_lookups_id", status_by_id)?,
        query.words("status", Status::parse)?,
        statuses_of_groups(query)?,
    ]);
    let methods = Choice::of([
        query.words("payment_methods_id", method_by_id)?,
        query.words("method", Method::parse)?,
        vec![],
    ]);
    let (min, max) = query.amounts("amount_min", "amount_max")?;
    let filters = Filters {
        statuses: statuses.values.into_iter().collect(),
        methods: methods.values.into_iter().collect(),
        providers: query.words("provider_id", ProviderId::parse)?.into_iter().collect(),
        direction: query.word("direction", Direction::parse)?,
        reference_prefix: query.parsed("reference", reference)?,
        stuck: None,
        held: query.word("held", flag)?,
        amount: AmountRange { min, max },
        customers_id: query.parsed("customers_id", |value| text(value, ID_CHARACTERS))?,
        // A detail of the method may be the destination.
        destination: query.parsed("destination", |value| text(value, ATTRIBUTE_CHARACTERS))?,
        created: range(query, "created_at_start_date", "created_at_end_date", zone)?,
        charged: range(query, "charged_at_start_date", "charged_end_date", zone)?,
        status_changed: range(query, "status_changed_at_start_date", "status_changed_at_end_date", zone)?,
    };
    Ok(Asked {
        filters,
        stuck: query.word("stuck", flag)?.unwrap_or(false),
        order: query.word("order", order)?.unwrap_or(Order::Descending),
        reference: query.parsed("transaction_reference", reference)?,
        provider_transaction_id: query
            .parsed("provider_transaction_id", |value| text(value, PROVIDER_ID_CHARACTERS))?,
        contradictory: statuses.contradictory || methods.contradictory,
    })
}

/// Values that every one of several filters allows.
struct Choice<T> {
    values: Vec<T>,
    contradictory: bool,
}

impl<T: Copy + PartialEq> Choice<T> {
    /// Filters that were not given (empty ones) allow everything.
    fn of(filters: [Vec<T>; 3]) -> Self {
        let mut given = filters.into_iter().filter(|values| !values.is_empty());
        let Some(first) = given.next() else {
            return Self { values: Vec::new(), contradictory: false };
        };
        let values =
            given.fold(first, |left, right| left.into_iter().filter(|value| right.contains(value)).collect());
        Self { contradictory: values.is_empty(), values }
    }
}

fn statuses_of_groups(query: &QueryReader<'_>) -> Result<Vec<Status>, Problem> {
    let groups = query.words("status_group", StatusGroup::parse)?;
    Ok(Status::ALL.iter().copied().filter(|status| groups.contains(&status.group())).collect())
}

fn status_by_id(id: &str) -> Result<Status, String> {
    find_status(id)
        .ok_or_else(|| expected(Status::ALL.iter().map(|status| (status_lookup_id(*status), *status))))
}

fn method_by_id(id: &str) -> Result<Method, String> {
    find_method(id)
        .ok_or_else(|| expected(Method::ALL.iter().map(|method| (payment_method_id(*method), *method))))
}

fn expected(allowed: impl Iterator<Item = (impl fmt::Display, impl fmt::Display)>) -> String {
    let allowed: Vec<String> = allowed.map(|(id, word)| format!("{id} ({word})")).collect();
    format!("expected one of {}", allowed.join(", "))
}

fn order(text: &str) -> Result<Order, &'static str> {
    match text {
        "desc" => Ok(Order::Descending),
        "asc" => Ok(Order::Ascending),
        _ => Err("expected one of desc, asc"),
    }
}

fn flag(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_| "expected one of true, false")
}

fn reference(text: &str) -> Result<String, &'static str> {
    if is_reference(text) { Ok(text.to_owned()) } else { Err("expected 1 to 128 printable characters") }
}

fn text(value: &str, longest: usize) -> Result<String, String> {
    if is_text(value, longest) {
        Ok(value.to_owned())
    } else {
        Err(format!("expected 1 to {longest} printable characters"))
    }
}

/// A range from its first day, second or moment through its last.
fn range(query: &QueryReader<'_>, from: &str, until: &str, zone: &Zone) -> Result<TimeRange, Problem> {
    let (from, until) = query.moments(from, until, zone)?;
    Ok(TimeRange { from, until })
}

/// What ties a cursor to its list. A filter that is added here voids no cursor of those who do not use it.
pub fn binding(merchant: &MerchantId, asked: &Asked) -> Listing {
    let filters = &asked.filters;
    let ranges = [
        ("created_from", filters.created.from),
        ("created_until", filters.created.until),
        ("charged_from", filters.charged.from),
        ("charged_until", filters.charged.until),
        ("status_changed_from", filters.status_changed.from),
        ("status_changed_until", filters.status_changed.until),
    ];
    let binding = Listing::new("list-transactions/2", merchant)
        .with("ascending", &(asked.order == Order::Ascending))
        .with("transaction_reference", &asked.reference)
        .with("status", &filters.statuses)
        .with("method", &filters.methods)
        .with("provider_id", &filters.providers)
        .with("direction", &filters.direction)
        .with("reference", &filters.reference_prefix)
        .with("provider_transaction_id", &asked.provider_transaction_id)
        .with("stuck", &asked.stuck)
        .with("held", &filters.held.map(|held| held.to_string()))
        .with("amount_min", &filters.amount.min.map(|amount| amount.to_string()))
        .with("amount_max", &filters.amount.max.map(|amount| amount.to_string()))
        .with("customers_id", &filters.customers_id)
        .with("destination", &filters.destination);
    ranges.iter().fold(binding, |binding, (name, moment)| binding.with(name, moment))
}
