//! A provider's settings in an object from outside: the same members when it is added and when it is changed.

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::money::Currency;
use paywarden_domain::provider::fees::{Fee, FeeRefund, Rounding, RoundingMode, Tariff, Tariffs, Tax};
use paywarden_domain::provider::settlement::{ClockTime, Settlement};
use paywarden_domain::provider::{Connection, Provider};
use paywarden_domain::time::Zone;
use paywarden_domain::vocabulary::{Service, words_of};
use rust_decimal::Decimal;

const NAME_CHARACTERS: usize = 64;
const MAX_PRIORITY: u32 = 1000;
const MAX_LAG_DAYS: u32 = 30;
/// Decimals of a percentage, or of a flat fee without a currency.
const MAX_DECIMALS: u32 = 4;
/// A flat fee stays below this.
const MAX_FLAT_FEE: i64 = 1_000_000_000_000;

/// Reads what the body says into `provider`; what it does not name stays as it is, `null` takes away what may be
/// absent. `offered` are the services of its type.
///
/// # Errors
/// Naming the member and what was expected.
pub fn read_into(
    provider: &mut Provider,
    fields: &Fields<'_>,
    offered: &[Service],
) -> Result<(), InvalidField> {
    if let Some(name) = fields.text("name", NAME_CHARACTERS)? {
        provider.name = name;
    }
    if let Some(connection) = fields.parsed("connection", Connection::parse)? {
        provider.connection = connection;
    }
    if let Some(services) = services(fields, offered)? {
        provider.services = services;
    }
    if let Some(priority) = fields.integer("priority", 1..=MAX_PRIORITY)? {
        provider.priority = priority;
    }
    read_tariffs(&mut provider.tariffs, fields, offered)?;
    if fields.is_cleared("settlement") {
        provider.settlement = None;
    } else if let Some(settlement) = fields.nested("settlement")? {
        provider.settlement = Some(read_settlement(&settlement)?);
    }
    Ok(())
}

fn services(fields: &Fields<'_>, offered: &[Service]) -> Result<Option<Vec<Service>>, InvalidField> {
    let Some(mut services) = fields.words("services", Service::parse)? else {
        return Ok(None);
    };
    services.sort();
    services.dedup();
    if services.is_empty() || services.iter().any(|service| !offered.contains(service)) {
        let message = format!("expected at least one of {}", words_of(offered, |service| service.as_str()));
        return Err(fields.refused("services", message));
    }
    Ok(Some(services))
}

fn read_tariffs(tariffs: &mut Tariffs, fields: &Fields<'_>, offered: &[Service]) -> Result<(), InvalidField> {
    read_tariff(&mut tariffs.general, fields)?;
    if fields.is_cleared("overrides") {
        tariffs.overrides.clear();
    }
    let Some(overrides) = fields.nested("overrides")? else {
        return Ok(());
    };
    for name in overrides.names() {
        let service = Service::parse(name).ok().filter(|service| offered.contains(service));
        let service = service.ok_or_else(|| {
            let allowed = words_of(offered, |service| service.as_str());
            overrides.refused(name, format!("expected one of {allowed}"))
        })?;
        match overrides.nested(name)? {
            None => {
                tariffs.overrides.remove(&service);
            }
            Some(own) => {
                read_tariff(tariffs.overrides.entry(service).or_default(), &own)?;
                own.finish()?;
            }
        }
    }
    Ok(())
}

fn read_tariff(tariff: &mut Tariff, fields: &Fields<'_>) -> Result<(), InvalidField> {
    if fields.is_cleared("fee") {
        tariff.fee = None;
    } else if let Some(fee) = fields.nested("fee")? {
        tariff.fee = Some(read_fee(&fee)?);
    }
    if fields.is_cleared("tax") {
        tariff.tax = None;
    } else if let Some(tax) = fields.nested("tax")? {
        tariff.tax = Some(read_tax(&tax)?);
    }
    if fields.is_cleared("fee_refund") {
        tariff.fee_refund = None;
    } else if let Some(fee_refund) = fields.parsed("fee_refund", FeeRefund::parse)? {
        tariff.fee_refund = Some(fee_refund);
    }
    Ok(())
}

fn read_fee(fields: &Fields<'_>) -> Result<Fee, InvalidField> {
    let kind = fields.required("type", |text| match text {
        "FLAT" | "PERCENTAGE" => Ok(text == "FLAT"),
        _ => Err("expected one of FLAT, PERCENTAGE"),
    })?;
    let fee = if kind {
        let currency = fields.parsed("currency", Currency::parse)?;
        let decimals = currency.map_or(MAX_DECIMALS, Currency::exponent);
        Fee::Flat { value: bounded(fields, "value", MAX_FLAT_FEE, decimals)?, currency }
    } else {
        Fee::Percentage { value: bounded(fields, "value", 100, MAX_DECIMALS)? }
    };
    fields.finish()?;
    Ok(fee)
}

fn read_tax(fields: &Fields<'_>) -> Result<Tax, InvalidField> {
    let percentage = bounded(fields, "percentage", 100, MAX_DECIMALS)?;
    let apply = fields.flag("apply")?.unwrap_or(true);
    let rounding = fields.nested("rounding")?.as_ref().map(read_rounding).transpose()?;
    fields.finish()?;
    Ok(Tax { percentage, apply, rounding })
}

fn read_rounding(fields: &Fields<'_>) -> Result<Rounding, InvalidField> {
    let mode = fields.required("mode", RoundingMode::parse)?;
    let scale = fields.integer("scale", 0..=3)?.ok_or_else(|| fields.refused("scale", "is required"))?;
    fields.finish()?;
    Ok(Rounding { mode, scale })
}

/// A number from 0 through `limit` with at most `decimals` decimals.
fn bounded(fields: &Fields<'_>, name: &str, limit: i64, decimals: u32) -> Result<Decimal, InvalidField> {
    let value = fields.decimal(name)?.normalize();
    if value.is_sign_negative() && !value.is_zero()
        || value > Decimal::from(limit)
        || value.scale() > decimals
    {
        let expected = format!("expected a number from 0 to {limit} with at most {decimals} decimals");
        return Err(fields.refused(name, expected));
    }
    Ok(value)
}

fn read_settlement(fields: &Fields<'_>) -> Result<Settlement, InvalidField> {
    let time = fields.required("time", ClockTime::parse)?;
    let zone = fields.required("zone", Zone::parse)?;
    let lag_days = fields.integer("lag_days", 0..=MAX_LAG_DAYS)?;
    let lag_days = lag_days.ok_or_else(|| fields.refused("lag_days", "is required"))?;
    fields.finish()?;
    Ok(Settlement { time, zone, lag_days })
}
