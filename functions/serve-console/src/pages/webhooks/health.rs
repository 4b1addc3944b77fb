//! How an endpoint does: in a word where there are several, in sentences where there is one.

use rust_decimal::Decimal;

use super::record::{Endpoint, Health};
use crate::failure::Failure;
use crate::pages::reconciliation::cells::moment;
use crate::view::cell;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::visit::Visit;

impl Health {
    fn is_open(&self) -> bool {
        self.breaker == "OPEN"
    }
}

/// Whether somebody should look at it: it fails, or it is told nothing.
pub fn is_in_trouble(endpoint: &Endpoint) -> bool {
    !endpoint.is_enabled() || endpoint.health.is_open() || endpoint.health.failing_since.is_some()
}

/// Its status, how it does while it is told, since when it fails and when that is looked at again.
///
/// # Errors
/// When a template fails, which none does.
pub fn cell(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, askama::Error> {
    let health = &endpoint.health;
    let mut lines = vec![cell::status(&endpoint.status)?];
    if endpoint.is_enabled() {
        let (tone, word) = word(health);
        lines.push(cell::mark(tone, word)?);
    }
    let probe = health.next_probe_at.as_ref().filter(|_| health.is_open());
    for (name, at) in [("since ", health.failing_since.as_ref()), ("next probe ", probe)] {
        if let Some(at) = at {
            lines.push(Html::join([cell::text(name)?, cell::time(at, visit.zone(), visit.now)?]));
        }
    }
    cell::stack(&lines)
}

fn word(health: &Health) -> (Tone, &'static str) {
    if health.is_open() {
        (Tone::Bad, "fails all the time")
    } else if health.failing_since.is_some() {
        (Tone::Warning, "fails")
    } else if health.last_success_at.is_some() {
        (Tone::Good, "is well")
    } else {
        (Tone::Quiet, "not tried yet")
    }
}

/// How much of the last day was taken: `98.5 % of 200`.
pub fn last_day(health: &Health) -> String {
    let share = health.success_share_last_day.as_deref().and_then(|share| share.parse::<Decimal>().ok());
    match share.and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED)) {
        Some(percent) => format!("{} % of {}", percent.normalize(), health.attempts_last_day),
        None => "no attempts".to_owned(),
    }
}

/// What is the matter with it; nothing while it is well.
///
/// # Errors
/// [`Failure`].
pub fn notice(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, Failure> {
    let notice = match endpoint.status.as_str() {
        "DISABLED" => Notice::error(disabled(visit, endpoint)),
        "PAUSED" => Notice::warning(format!(
            "It is paused. {}, and all of it is sent, oldest first, when it is resumed.",
            waiting(endpoint.health.parked)
        )),
        _ if endpoint.health.is_open() => Notice::error(parked(visit, &endpoint.health)),
        _ if endpoint.health.failing_since.is_some() => Notice::warning(format!(
            "It failed {}. When that goes on for five days it is switched off.",
            in_a_row(visit, &endpoint.health)
        )),
        _ => return Ok(Html::default()),
    };
    Ok(notice.html()?)
}

fn disabled(visit: &Visit<'_>, endpoint: &Endpoint) -> String {
    let why = match endpoint.disabled_reason.as_deref() {
        Some("gone") => "it answered 410, which says that it is gone",
        Some("failing") => "every attempt of five days failed",
        Some(reason) => reason,
        None => "nobody wrote down why",
    };
    let since = endpoint.disabled_at.as_deref().map(|at| format!(" at {}", moment(visit, at)));
    format!(
        "It was switched off{}: {why}. What happens until it is switched on again it is never told.",
        since.unwrap_or_default()
    )
}

fn parked(visit: &Visit<'_>, health: &Health) -> String {
    let probe = match &health.next_probe_at {
        Some(at) => format!("The next probe is at {}", moment(visit, at)),
        None => "The next probe is not planned yet".to_owned(),
    };
    format!(
        "What it is to be told is parked because it failed {}. {}. {probe}; when one is taken, all of it is sent, oldest first.",
        in_a_row(visit, health),
        waiting(health.parked)
    )
}

fn in_a_row(visit: &Visit<'_>, health: &Health) -> String {
    let times = match health.consecutive_failures {
        1 => "once".to_owned(),
        times => format!("{times} times in a row"),
    };
    match &health.failing_since {
        Some(since) => format!("{times} since {}", moment(visit, since)),
        None => times,
    }
}

fn waiting(parked: u64) -> String {
    match parked {
        0 => "Nothing waits".to_owned(),
        1 => "1 delivery waits".to_owned(),
        parked => format!("{parked} deliveries wait"),
    }
}
