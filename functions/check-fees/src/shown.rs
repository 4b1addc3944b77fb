//! What is shown of what was counted.

use paywarden_domain::money::{Currency, amount_number};
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::record::tariff;
use paywarden_domain::reconciliation::fees::{ChargeSums, FeeSums, MonthCheck};
use paywarden_domain::time::Zone;
use paywarden_domain::vocabulary::Service;
use paywarden_reconciliation::fees::DifferingRow;
use serde_json::{Value, json};

/// How much of the month runs have judged.
pub fn coverage(provider: &Provider, check: &MonthCheck) -> Value {
    json!({"provider_id": provider.id, "provider_name": provider.name, "days_judged": check.days.len()})
}

/// A provider's month by service and currency, of one service or of all.
pub fn by_service<'a>(
    provider: &'a Provider,
    check: &'a MonthCheck,
    service: Option<Service>,
) -> impl Iterator<Item = Value> + 'a {
    let is_asked = move |own: &Option<Service>| service.is_none() || *own == service;
    let asked = check.sums.iter().filter(move |((own, _), _)| is_asked(own));
    asked.map(|((service, currency), sums)| line(provider, (*service, *currency), sums))
}

fn line(provider: &Provider, (service, currency): (Option<Service>, Currency), sums: &FeeSums) -> Value {
    json!({
        "provider_id": provider.id,
        "provider_name": provider.name,
        "service": service,
        "currency": currency,
        "fee": charge(&sums.fee),
        "tax": charge(&sums.tax),
        "differing": sums.differing,
        "tariff": service.map(|service| tariff(&provider.tariffs.of(service))),
    })
}

fn charge(sums: &ChargeSums) -> Value {
    json!({
        "recorded": amount_number(sums.recorded),
        "taken": sums.is_stated.then(|| amount_number(sums.taken)),
        "difference": sums.difference().map(amount_number),
        "not_stated": amount_number(sums.not_stated),
        "unsettled": amount_number(sums.unsettled),
    })
}

/// A row behind what differs.
pub fn row(row: &DifferingRow, zone: &Zone) -> Value {
    json!({"date": row.day, "service": row.service, "exception": row.exception.to_json(zone)})
}
