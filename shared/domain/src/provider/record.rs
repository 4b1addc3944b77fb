//! A provider as the API shows it: everything but secrets.

use serde_json::{Map, Value, json};

use crate::provider::fees::{Fee, FeeRefund, Rounding, Tariff, Tax};
use crate::provider::{CredentialSummary, Provider};
use crate::time::{Timestamp, Zone};

/// What is known of a provider beside its configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// When it last called back or was last used.
    pub last_activity: Option<Timestamp>,
    /// Payments that are open longer than they normally are, as last counted.
    pub stuck: Option<Stuck>,
}

/// How many payments are stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stuck {
    /// That many, or more when the count stopped at its bound.
    pub count: u32,
    /// Whether the count stopped at its bound.
    pub at_least: bool,
    /// When they were counted.
    pub at: Timestamp,
}

/// The provider for a merchant in `zone`.
#[must_use]
pub fn to_json(provider: &Provider, observed: &Observed, callback_url: &str, zone: &Zone) -> Value {
    let standing = &provider.standing;
    let moment = |moment: Timestamp| zone.offset_text(moment);
    let mut members = Map::from_iter([("id".to_owned(), json!(provider.id))]);
    members.insert("type".to_owned(), json!(provider.provider_type));
    members.extend(configuration(provider));
    let shown = provider.credentials.iter().map(|(key, summary)| (key.clone(), credential(summary, zone)));
    members.insert("credentials".to_owned(), Value::Object(shown.collect()));
    let rest = json!({
        "callback_url": callback_url,
        "status": standing.status,
        "status_pinned": standing.pinned,
        "status_reason": standing.reason,
        "status_changed_at": moment(standing.at),
        "status_changed_by": standing.by,
        "last_activity": observed.last_activity.map(moment),
        "stuck_payments": observed.stuck.map(|stuck| json!({
            "count": stuck.count,
            "at_least": stuck.at_least,
            "counted_at": moment(stuck.at),
        })),
        "created_at": moment(provider.created_at),
        "updated_at": provider.updated_at.map(moment),
        "version": provider.version,
    });
    if let Value::Object(rest) = rest {
        members.extend(rest);
    }
    Value::Object(members)
}

/// The provider as the audit trail shows it: what somebody can change, without the address that can be a secret.
#[must_use]
pub fn to_audit(provider: &Provider, zone: &Zone) -> Value {
    let mut shown = to_json(provider, &Observed::default(), "", zone);
    if let Value::Object(members) = &mut shown {
        members
            .retain(|name, _| !["callback_url", "last_activity", "stuck_payments"].contains(&name.as_str()));
    }
    shown
}

/// What people configure, member by member. Of a credential it tells when it was set, and a value only if that is no
/// secret.
#[must_use]
pub fn configuration(provider: &Provider) -> Map<String, Value> {
    let general = provider.tariffs.general;
    let overrides = provider.tariffs.overrides.iter();
    let overrides: Map<String, Value> =
        overrides.map(|(service, own)| (service.to_string(), tariff(own))).collect();
    let credentials = provider.credentials.iter().map(|(key, summary)| {
        (key.clone(), json!({"value": summary.value, "updated_at": summary.updated_at}))
    });
    let members = [
        ("name", json!(provider.name)),
        ("connection", json!(provider.connection)),
        ("services", json!(provider.services)),
        ("credentials", Value::Object(credentials.collect())),
        ("fee", general.fee.as_ref().map_or(Value::Null, fee)),
        ("tax", general.tax.as_ref().map_or(Value::Null, tax)),
        ("fee_refund", json!(general.fee_refund.unwrap_or(FeeRefund::CUSTOMARY))),
        ("overrides", Value::Object(overrides)),
        ("priority", json!(provider.priority)),
        ("settlement", json!(provider.settlement)),
        ("status", json!(provider.standing.status)),
        ("status_pinned", json!(provider.standing.pinned)),
        ("status_reason", json!(provider.standing.reason)),
        ("status_changed_by", json!(provider.standing.by)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn credential(summary: &CredentialSummary, zone: &Zone) -> Value {
    let mut shown = json!({"set": true, "updated_at": zone.offset_text(summary.updated_at)});
    if let Value::Object(members) = &mut shown {
        match &summary.value {
            Some(value) => members.insert("value".to_owned(), json!(value)),
            None => members.insert("last4".to_owned(), json!(summary.last4)),
        };
    }
    shown
}

/// A tariff, with nothing where it says nothing.
#[must_use]
pub fn tariff(own: &Tariff) -> Value {
    json!({"fee": own.fee.as_ref().map(fee), "tax": own.tax.as_ref().map(tax), "fee_refund": own.fee_refund})
}

fn fee(fee: &Fee) -> Value {
    match fee {
        Fee::Flat { value, currency } => {
            json!({"type": "FLAT", "value": value.normalize().to_string(), "currency": currency})
        }
        Fee::Percentage { value } => json!({"type": "PERCENTAGE", "value": value.normalize().to_string()}),
    }
}

fn tax(tax: &Tax) -> Value {
    let rounding = |rounding: Rounding| json!({"mode": rounding.mode, "scale": rounding.scale});
    json!({
        "percentage": tax.percentage.normalize().to_string(),
        "apply": tax.apply,
        "rounding": tax.rounding.map(rounding),
    })
}
