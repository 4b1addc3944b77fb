//! Schedules.

use crate::expanded::Expanded;

/// SAM names a schedule after its function and event, without the stage, unless it is told to omit the name.
pub fn have_no_name(template: &Expanded) -> Vec<String> {
    let named = schedules(template).filter(|(_, schedule)| !schedule["Properties"]["Name"].is_null());
    named.map(|(id, _)| format!("{id}: a schedule is not to be named")).collect()
}

/// The scheduler tries a call again for a day, 185 times: after an outage a sweep of every minute would come in hordes.
pub fn make_up_for_nothing(template: &Expanded) -> Vec<String> {
    let retried = schedules(template).filter(|(_, schedule)| {
        let policy = &schedule["Properties"]["Target"]["RetryPolicy"];
        policy["MaximumRetryAttempts"] != 0 || policy["MaximumEventAgeInSeconds"] != 60
    });
    retried.map(|(id, _)| format!("{id}: a run that was missed is not to be made up for")).collect()
}

fn schedules(template: &Expanded) -> impl Iterator<Item = (&str, &serde_json::Value)> {
    template.of_type("AWS::Scheduler::Schedule")
}
