//! The settings there are, in the groups in which they are saved. A setting is one line here.

use paywarden_domain::vocabulary::Method;
use serde_json::Value;

use crate::view::form::Field;
use crate::view::time::span;

/// The member that has the limits of methods.
const STUCK: &str = "stuck_after_seconds";

/// Settings that are saved together.
pub struct Group {
    /// In addresses.
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub settings: Vec<Setting>,
}

/// A setting. Its name is the API's, with a point before the member of a member.
pub struct Setting {
    pub name: String,
    pub label: String,
    help: &'static str,
}

impl Setting {
    fn new(name: impl Into<String>, label: impl Into<String>, help: &'static str) -> Self {
        Self { name: name.into(), label: label.into(), help }
    }

    /// Where it stands in the merchant: its member, and the member of that.
    pub fn place(&self) -> (&str, Option<&str>) {
        self.name.split_once('.').map_or((self.name.as_str(), None), |(outer, inner)| (outer, Some(inner)))
    }

    /// What a merchant has, as it is filled in.
    pub fn shown(&self, merchant: &Value) -> String {
        let (outer, inner) = self.place();
        let value = merchant.get(outer);
        let value = inner.map_or(value, |inner| value.and_then(|value| value.get(inner)));
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// Its field. A number of seconds is told as people say it, too.
    pub fn field(&self, merchant: &Value) -> Field {
        let shown = self.shown(merchant);
        let seconds = shown.parse().ok().filter(|_| self.place().0 == STUCK);
        let help = match seconds {
            Some(seconds) => format!("{}; now {}", self.help, span(seconds)),
            None => self.help.to_owned(),
        };
        Field::text(&self.name, &self.label).help(help).value(shown)
    }
}

impl Group {
    /// The group of a name.
    pub fn find(name: &str) -> Option<Self> {
        all().into_iter().find(|group| group.name == name)
    }
}

/// All of them.
pub fn all() -> Vec<Group> {
    let stuck = |method: &Method| {
        Setting::new(format!("{STUCK}.{method}"), method.type_name(), "Seconds, 60 to 2592000")
    };
    vec![
        Group {
            name: "merchant",
            title: "Merchant",
            about: "Another time zone holds for what is recorded from then on; business days of the past stay.",
            settings: vec![
                Setting::new("name", "Name", ""),
                Setting::new("time_zone", "Time zone", "An IANA name, such as Asia/Jakarta"),
            ],
        },
        Group {
            name: "stuck",
            title: "Stuck payments",
            about: "How long a payment is normally open; one that is open longer is stuck. Empty is as usual.",
            settings: Method::ALL.iter().map(stuck).collect(),
        },
        Group {
            name: "monitoring",
            title: "Monitoring of providers",
            about: "From when on monitoring finds that a provider is in trouble. Empty is as usual.",
            settings: monitoring(),
        },
        Group {
            name: "reconciliation",
            title: "Reconciliation",
            about: "By how much amounts may differ in runs that do not say otherwise, by the larger of the two.",
            settings: tolerance(),
        },
        Group {
            name: "ledger",
            title: "Ledger export",
            about: "Each day's ledger is written to a file on the next day, from this time on. Empty is no export.",
            settings: vec![Setting::new(
                "ledger_export.at",
                "Time of day",
                "HH:MM on the merchant's clocks, such as 02:00",
            )],
        },
    ]
}

fn tolerance() -> Vec<Setting> {
    vec![
        Setting::new(
            "reconciliation.tolerance_minor",
            "Tolerance in minor units",
            "0 to 1000000000, of the currency",
        ),
        Setting::new(
            "reconciliation.tolerance_basis_points",
            "Tolerance in basis points",
            "0 to 10000, ten-thousandths of the ledger's amount",
        ),
    ]
}

fn monitoring() -> Vec<Setting> {
    vec![
        Setting::new(
            "monitoring.least_outcomes",
            "Least outcomes",
            "5 to 10000: payments of the last quarter of an hour without which nothing is judged",
        ),
        Setting::new(
            "monitoring.failures_above_usual_per_mille",
            "Failures above usual, per thousand",
            "150 to 900: how far failures in a thousand payments are above the provider's usual",
        ),
        Setting::new(
            "monitoring.silent_minutes",
            "Silence, in minutes",
            "5 to 1440: how long a silence lasts at least",
        ),
        Setting::new(
            "monitoring.missing_callbacks",
            "Missing callbacks",
            "5 to 10000: how many callbacks usually come in such a silence",
        ),
    ]
}
