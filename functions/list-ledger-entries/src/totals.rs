//! Debits and credits by currency, and what of them is fees and taxes, from the running totals: of all that is asked for, day by
//! day, and group by group.

use std::collections::BTreeMap;

use paywarden_domain::money::{Currency, amount_number};
use paywarden_domain::time::Day;
use paywarden_domain::totals::{Sums, Totals, TotalsKey};
use paywarden_store::ledger::LedgerFilters;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// What sums are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Provider,
    Method,
    Status,
    Day,
}

impl GroupBy {
    /// Reads its word.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "provider" => Ok(Self::Provider),
            "method" => Ok(Self::Method),
            "status" => Ok(Self::Status),
            "day" => Ok(Self::Day),
            _ => Err("expected one of provider, method, status, day"),
        }
    }

    /// The group of a sum; none of what no provider is known to have carried.
    fn group(self, key: &TotalsKey) -> Option<String> {
        match self {
            Self::Provider => key.provider.as_ref().map(ToString::to_string),
            Self::Method => Some(key.method.to_string()),
            Self::Status => Some(key.status.to_string()),
            Self::Day => Some(key.day.to_string()),
        }
    }
}

/// The sums of what is asked for, one object per currency.
pub fn by_currency(totals: &Totals, filters: &LedgerFilters) -> Vec<Value> {
    currencies(totals.iter().filter(|(key, _)| filters.match_sums(key)))
}

/// The same, day by day: an object for each day and currency in which money moved. Together they are the whole.
pub fn by_day(totals: &Totals, filters: &LedgerFilters) -> Vec<Value> {
    let mut days: BTreeMap<Day, Vec<(&TotalsKey, &Sums)>> = BTreeMap::new();
    for one in totals.iter().filter(|(key, _)| filters.match_sums(key)) {
        days.entry(one.0.day).or_default().push(one);
    }
    let dated = |(day, own)| currencies(own).into_iter().map(move |totals| of_day(day, totals));
    days.into_iter().flat_map(dated).collect()
}

/// The same, group by group in the order of their names. Together they are the whole.
pub fn by_group(totals: &Totals, filters: &LedgerFilters, group_by: GroupBy) -> Vec<Value> {
    let mut groups: BTreeMap<Option<String>, Vec<(&TotalsKey, &Sums)>> = BTreeMap::new();
    for one in totals.iter().filter(|(key, _)| filters.match_sums(key)) {
        groups.entry(group_by.group(one.0)).or_default().push(one);
    }
    let shown = groups.into_iter().map(|(group, own)| (group, currencies(own)));
    let moved = shown.filter(|(_, totals)| !totals.is_empty());
    moved.map(|(group, totals)| json!({"group": group, "totals": totals})).collect()
}

fn currencies<'a>(all: impl IntoIterator<Item = (&'a TotalsKey, &'a Sums)>) -> Vec<Value> {
    let mut sums: BTreeMap<Currency, Sums> = BTreeMap::new();
    for (key, own) in all {
        sums.entry(key.currency).or_default().add(own);
    }
    sums.retain(|_, own| !own.is_zero());
    sums.into_iter().map(|(currency, own)| to_json(currency, &own)).collect()
}

fn of_day(day: Day, mut totals: Value) -> Value {
    if let Some(members) = totals.as_object_mut() {
        members.insert("date".to_owned(), json!(day));
    }
    totals
}

fn to_json(currency: Currency, sums: &Sums) -> Value {
    let net = sums.credit.checked_sub(sums.debit).unwrap_or(Decimal::ZERO);
    json!({
        "currency": currency,
        "debit": amount_number(sums.debit),
        "credit": amount_number(sums.credit),
        "net": amount_number(net),
        "fee": amount_number(sums.fee),
        "tax": amount_number(sums.tax),
        "count": sums.count,
    })
}
