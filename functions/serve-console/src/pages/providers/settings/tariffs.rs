//! Fee and VAT: of all services, and of those that cost something else.

use std::collections::BTreeSet;

use paywarden_domain::provider::fees::{Fee, FeeRefund, RoundingMode, Tariff, Tariffs};
use paywarden_domain::vocabulary::Service;
use serde_json::{Map, Value, json};

use super::{Setting, number, or_null};
use crate::asked::Asked;
use crate::pages::providers::record::{Provider, service_name};
use crate::view::form::{Field, or_none, words};

/// The settings of the general tariff, and of these services' own.
pub fn settings<'a>(own: impl IntoIterator<Item = &'a str>) -> Vec<Setting> {
    let mut all = tariff("", "", "None is known");
    for service in own {
        let label = format!("{}: ", service_name(service));
        all.extend(tariff(&prefix(service), &label, "As for all services"));
    }
    all
}

fn prefix(service: &str) -> String {
    format!("overrides.{service}.")
}

/// The settings of one tariff; `none` says what it means when nothing is filled in.
fn tariff(prefix: &str, label: &str, none: &str) -> Vec<Setting> {
    let setting = |name: &str, text: &str, field: &dyn Fn(String, String) -> Field| {
        Setting::new(format!("{prefix}{name}"), format!("{label}{text}"), field)
    };
    let fees = [("FLAT", "Flat amount"), ("PERCENTAGE", "Percentage of the amount")];
    let fees = fees.map(|(word, name)| (word.to_owned(), name.to_owned())).to_vec();
    let rounding = or_none("As is customary for the currency", words(RoundingMode::WORDS.iter().copied()));
    let refunds = FeeRefund::ALL.iter().map(|refund| (refund.to_string(), refund_name(*refund).to_owned()));
    let refunds: Vec<_> = refunds.collect();
    let refunds = if prefix.is_empty() { refunds } else { or_none(none, refunds) };
    vec![
        setting("fee.type", "Fee", &|name, label| Field::choice(name, label, or_none(none, fees.clone()))),
        setting("fee.value", "Fee: amount or percentage", &Field::text)
            .with(|field| field.placeholder("1000 or 1.5")),
        setting("fee.currency", "Fee: currency of a flat amount", &Field::text)
            .with(|field| field.placeholder("IDR").help("Empty: that of the payment")),
        setting("tax.percentage", "VAT percentage", &Field::text).with(|field| {
            field.placeholder("11").help(format!("Of the fee. Empty: {}", none.to_lowercase()))
        }),
        setting("tax.apply", "Apply the VAT", &Field::flag),
        setting("tax.rounding.mode", "Rounding of fee and VAT", &|name, label| {
            Field::choice(name, label, rounding.clone())
        }),
        setting("tax.rounding.scale", "Rounding: decimals that stay", &Field::text).with(|field| {
            field.placeholder("0").help("Only beside a rounding that is not the customary one")
        }),
        setting("fee_refund", "Fee and VAT come back with a refund", &|name, label| {
            Field::choice(name, label, refunds.clone())
        }),
    ]
}

/// Whether fee and VAT come back, in words.
pub const fn refund_name(refund: FeeRefund) -> &'static str {
    match refund {
        FeeRefund::Never => "No, the provider keeps them",
        FeeRefund::FullRefund => "Yes, once all of the money went back",
        FeeRefund::ProRata => "Yes, each partial refund brings its share back",
    }
}

/// What an empty tariff begins with: VAT applies where somebody fills one in.
pub fn of_new<'a>(own: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    let ticked = own.into_iter().map(|service| (format!("{}tax.apply", prefix(service)), "true".to_owned()));
    let general = [("tax.apply", "true"), ("fee_refund", FeeRefund::CUSTOMARY.as_str())];
    general.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().chain(ticked).collect()
}

pub fn of_provider(provider: &Provider) -> Vec<(String, String)> {
    let general = Tariff { fee: provider.fee, tax: provider.tax, fee_refund: provider.fee_refund };
    let mut pairs = of_tariff("", &general);
    for (service, own) in &provider.overrides {
        pairs.extend(of_tariff(&prefix(service), own));
    }
    pairs
}

fn of_tariff(prefix: &str, tariff: &Tariff) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut put = |name: &str, value: String| pairs.push((format!("{prefix}{name}"), value));
    match tariff.fee {
        Some(Fee::Flat { value, currency }) => {
            put("fee.type", "FLAT".to_owned());
            put("fee.value", value.to_string());
            put("fee.currency", currency.map(|currency| currency.to_string()).unwrap_or_default());
        }
        Some(Fee::Percentage { value }) => {
            put("fee.type", "PERCENTAGE".to_owned());
            put("fee.value", value.to_string());
        }
        None => {}
    }
    if let Some(tax) = tariff.tax {
        put("tax.percentage", tax.percentage.to_string());
        if let Some(rounding) = tax.rounding {
            put("tax.rounding.mode", rounding.mode.to_string());
            put("tax.rounding.scale", rounding.scale.to_string());
        }
    }
    if tariff.tax.is_none_or(|tax| tax.apply) {
        put("tax.apply", "true".to_owned());
    }
    put("fee_refund", tariff.fee_refund.map(|refund| refund.to_string()).unwrap_or_default());
    pairs
}

/// The services of which a form has a tariff of their own.
pub fn services_in(form: &Asked) -> BTreeSet<String> {
    let names = form.pairs().filter_map(|(name, _)| name.strip_prefix("overrides."));
    names.filter_map(|name| name.split_once('.')).map(|(service, _)| service.to_owned()).collect()
}

/// What a form comes to for the API. A service of whose own tariff nothing is filled in has none.
pub fn body(form: &Asked) -> Map<String, Value> {
    let own = services_in(form).into_iter().map(|service| {
        let tariff = members(form, &prefix(&service));
        let is_empty = tariff.values().all(Value::is_null);
        (service, if is_empty { Value::Null } else { Value::Object(tariff) })
    });
    let overrides: Map<String, Value> = own.collect();
    let mut body = members(form, "");
    if !overrides.is_empty() {
        body.insert("overrides".to_owned(), Value::Object(overrides));
    }
    body
}

fn members(form: &Asked, prefix: &str) -> Map<String, Value> {
    let given = |name: &str| form.get(&format!("{prefix}{name}")).map(str::to_owned);
    let fee = given("fee.type").map_or(Value::Null, |kind| {
        let value = given("fee.value").unwrap_or_default();
        match given("fee.currency").filter(|_| kind == "FLAT") {
            Some(currency) => json!({"type": kind, "value": value, "currency": currency}),
            None => json!({"type": kind, "value": value}),
        }
    });
    let mode = given("tax.rounding.mode");
    let scale = given("tax.rounding.scale").unwrap_or_default();
    let rounding = mode.map_or(Value::Null, |mode| json!({"mode": mode, "scale": number(&scale)}));
    let tax = given("tax.percentage").map_or(Value::Null, |percentage| {
        json!({"percentage": percentage, "apply": given("tax.apply").is_some(), "rounding": rounding})
    });
    let refund = or_null(given("fee_refund").as_deref());
    [("fee", fee), ("tax", tax), ("fee_refund", refund)]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// The tariffs that a form comes to, to calculate with; nothing when something in it is no number or no currency.
pub fn of_form(form: &Asked) -> Option<Tariffs> {
    let general = serde_json::from_value(Value::Object(members(form, ""))).ok()?;
    let mut tariffs = Tariffs { general, ..Tariffs::default() };
    for service in services_in(form) {
        let own = serde_json::from_value(Value::Object(members(form, &prefix(&service)))).ok()?;
        if let Ok(service) = Service::parse(&service) {
            tariffs.overrides.insert(service, own);
        }
    }
    Some(tariffs)
}
