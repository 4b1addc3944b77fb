//! Debits and credits by currency, from the running totals.

use std::collections::BTreeMap;

use paywarden_domain::money::{Currency, amount_number};
use paywarden_domain::totals::{Sums, Totals};
use paywarden_store::ledger::LedgerFilters;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The sums of what is asked for, one object per currency.
pub fn by_currency(totals: &Totals, filters: &LedgerFilters) -> Vec<Value> {
    let mut sums: BTreeMap<Currency, Sums> = BTreeMap::new();
    for (key, own) in totals.iter().filter(|(key, _)| filters.match_sums(key)) {
        sums.entry(key.currency).or_default().add(own);
    }
    sums.retain(|_, own| !own.is_zero());
    sums.into_iter().map(|(currency, own)| to_json(currency, &own)).collect()
}

fn to_json(currency: Currency, sums: &Sums) -> Value {
    let net = sums.credit.checked_sub(sums.debit).unwrap_or(Decimal::ZERO);
    json!({
        "currency": currency,
        "debit": amount_number(sums.debit),
        "credit": amount_number(sums.credit),
        "net": amount_number(net),
        "count": sums.count,
    })
}
