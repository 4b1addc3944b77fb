//! What has to hold of the expanded template, because AWS refuses it, loses data over it or costs more for it, while the
//! emulator takes it as it comes. A rule is a function from the template to what is wrong with it; each has a test that breaks
//! a sound template and sees it found.

mod alarms;
mod gateway;
mod keeping;
mod names;
mod roles;
mod schedules;
mod sources;

use anyhow::bail;

use crate::expanded::Expanded;

/// What is wrong, a line each.
type Rule = fn(&Expanded) -> Vec<String>;

const RULES: [Rule; 16] = [
    size,
    names::carry_the_stage,
    names::of_buckets_carry_account_and_region,
    keeping::outlives_the_stack,
    gateway::has_one_stage,
    gateway::limits_name_routes,
    schedules::have_no_name,
    schedules::make_up_for_nothing,
    sources::stay_within_limits,
    sources::of_queues_report_single_failures,
    sources::of_queues_hide_messages_long_enough,
    sources::of_a_stream_are_two,
    sources::of_streams_keep_what_failed,
    roles::name_what_they_use,
    roles::of_the_console_touches_nothing,
    alarms::tell_somebody,
];

/// A stack holds 500 resources; beyond this many it is to be split while there is still room to do so.
const MOST_RESOURCES: usize = 450;

/// Fails with all that is wrong.
pub fn check(template: &Expanded) -> anyhow::Result<()> {
    let findings: Vec<String> = RULES.iter().flat_map(|rule| rule(template)).collect();
    if !findings.is_empty() {
        bail!("AWS would not take the template as it is meant:\n  {}", findings.join("\n  "));
    }
    Ok(())
}

/// SAM makes several resources of one, so what it makes is counted, with what hangs on a condition, as CloudFormation does.
fn size(template: &Expanded) -> Vec<String> {
    let count = template.resources().count();
    let large =
        format!("{count} resources are too many: a stack holds 500, and {MOST_RESOURCES} is the limit here");
    if count > MOST_RESOURCES { vec![large] } else { Vec::new() }
}

#[cfg(test)]
mod tests;
