//! Alarms.

use serde_json::Value;

use crate::expanded::{Expanded, branches};

/// An alarm without an action is a lamp in an empty room. Which topic it tells is a parameter, so a condition may stand before
/// it. One that is told nothing of its metric knows what to think of that.
pub fn tell_somebody(template: &Expanded) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        for property in ["AlarmActions", "OKActions"] {
            let tells = branches(&alarm[property])
                .into_iter()
                .filter_map(Value::as_array)
                .any(|told| !told.is_empty());
            if !tells {
                findings.push(format!("{id}: its {property} tell nobody"));
            }
        }
        if alarm["TreatMissingData"].is_null() {
            findings.push(format!("{id}: it is to say what missing data means"));
        }
    }
    findings
}
