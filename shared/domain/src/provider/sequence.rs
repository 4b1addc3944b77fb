//! Sequencing: which of a merchant's providers a payment of a service goes to first, and why.
//!
//! Only ACTIVE providers take part. Priority decides, lower first; among equals the expected cost for the amount, what
//! is known before what is not; among equals again the one that was added first.

use rust_decimal::Decimal;

use crate::money::Money;
use crate::provider::{Charges, Provider, ProviderStatus};
use crate::vocabulary::Service;

/// A provider in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked<'a> {
    pub provider: &'a Provider,
    /// What the payment would cost, if the amount was given and a fee is configured.
    pub cost: Option<Charges>,
    /// Why it stands here.
    pub reason: String,
}

/// A provider that takes no part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded<'a> {
    pub provider: &'a Provider,
    pub reason: String,
}

/// The sequence of a service for a payment, whose amount may not be known.
#[must_use]
pub fn sequence<'a>(
    providers: &'a [Provider],
    service: Service,
    payment: Option<Money>,
) -> (Vec<Ranked<'a>>, Vec<Excluded<'a>>) {
    let (mut ranked, mut excluded) = (Vec::new(), Vec::new());
    for provider in providers {
        match reason_against(provider, service) {
            Some(reason) => excluded.push(Excluded { provider, reason }),
            None => {
                let cost = payment.and_then(|payment| provider.terms().charge(service, payment));
                let reason = reason_for(provider, payment, cost.as_ref());
                ranked.push(Ranked { provider, cost, reason });
            }
        }
    }
    ranked.sort_by_key(|one| place(one.provider, one.cost.as_ref()));
    excluded.sort_by(|one, other| one.provider.id.cmp(&other.provider.id));
    (ranked, excluded)
}

/// The first of the sequence.
#[must_use]
pub fn first(providers: &[Provider], service: Service, payment: Money) -> Option<&Provider> {
    sequence(providers, service, Some(payment)).0.first().map(|first| first.provider)
}

type Place<'a> = (u32, bool, Decimal, &'a str);

fn place<'a>(provider: &'a Provider, cost: Option<&Charges>) -> Place<'a> {
    let total = cost.map_or(Decimal::ZERO, Charges::total);
    (provider.priority, cost.is_none(), total, provider.id.as_str())
}

fn reason_against(provider: &Provider, service: Service) -> Option<String> {
    if !provider.services.contains(&service) {
        return Some(format!("does not offer {service}"));
    }
    (provider.status() != ProviderStatus::Active)
        .then(|| format!("is {}: {}", provider.status(), provider.standing.reason))
}

fn reason_for(provider: &Provider, payment: Option<Money>, cost: Option<&Charges>) -> String {
    let priority = format!("priority {}", provider.priority);
    match (payment, cost) {
        (None, _) => priority,
        (Some(_), None) => format!("{priority}; its cost for this currency is not known"),
        (Some(payment), Some(cost)) => format!(
            "{priority}; costs {} {}: fee {}, VAT {}",
            cost.total().normalize(),
            payment.currency(),
            cost.fee,
            cost.tax
        ),
    }
}
