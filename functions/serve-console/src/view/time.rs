//! Moments: on the merchant's clocks with their offset, with how long ago in front while that says more than the date.

use paywarden_domain::time::{Timestamp, Zone};

/// Half a second's worth of a clock ahead of ours is still now.
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A moment as the API tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `2026-11-21`.
    pub day: String,
    /// `18:06:08 +07:00`.
    pub clock: String,
    /// `2026-11-21T18:06:08+07:00`.
    pub machine: String,
    /// `2026-11-21T11:06:08.000Z`.
    pub utc: String,
    /// `2 h ago`, within a day.
    pub ago: Option<String>,
}

impl Moment {
    /// Reads a time of the API, which is on the merchant's clocks or has an offset; nothing if it is neither.
    pub fn parse(text: &str, zone: &Zone, now: Timestamp) -> Option<Self> {
        moment(text, zone).map(|moment| Self::of(moment, zone, now))
    }

    pub fn of(moment: Timestamp, zone: &Zone, now: Timestamp) -> Self {
        let machine = zone.offset_text(moment);
        let offset = machine.get(19..).unwrap_or_default();
        let since = now.as_seconds().saturating_sub(moment.as_seconds());
        Self {
            day: machine.get(..10).unwrap_or_default().to_owned(),
            clock: format!("{} {offset}", machine.get(11..19).unwrap_or_default()),
            utc: moment.to_rfc3339_millis(),
            ago: (since.abs() < DAY_SECONDS).then(|| relative(since)),
            machine,
        }
    }
}

/// The moment that a text of the API names.
pub fn moment(text: &str, zone: &Zone) -> Option<Timestamp> {
    zone.parse_clock_text(text).or_else(|_| Timestamp::parse(text)).ok()
}

fn relative(since: i64) -> String {
    match since {
        ..0 => format!("in {}", span(-since)),
        0..5 => "now".to_owned(),
        _ => format!("{} ago", span(since)),
    }
}

/// How long something takes or took, in its two largest units at most: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
pub fn span(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / DAY_SECONDS);
    let two = |large: i64, large_unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min"),
        3_600..86_400 => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_on_the_merchants_clocks() {
        let zone = Zone::parse("Asia/Jakarta").expect("a zone");
        let now = Timestamp::parse("2026-11-21T12:06:08Z").expect("a time");
        for text in ["2026-11-21 18:06:08", "2026-11-21T11:06:08Z", "2026-11-21T18:06:08.000+07:00"] {
            let moment = Moment::parse(text, &zone, now).expect(text);
            assert_eq!((moment.day.as_str(), moment.clock.as_str()), ("2026-11-21", "18:06:08 +07:00"));
            assert_eq!(moment.machine, "2026-11-21T18:06:08+07:00");
            assert_eq!(moment.utc, "2026-11-21T11:06:08.000Z");
            assert_eq!(moment.ago.as_deref(), Some("1 h ago"));
        }
        assert_eq!(Moment::parse("yesterday", &zone, now), None);
        let long_ago = Moment::parse("2026-11-01 00:00:00", &zone, now).expect("a time");
        assert_eq!(long_ago.ago, None);
    }

    #[test]
    fn spans_have_two_units_at_most() {
        let spans = [0, 59, 60, 3_599, 3_600, 12_000, 86_400, 187_200].map(span);
        assert_eq!(spans, ["0 s", "59 s", "1 min", "59 min", "1 h", "3 h 20 min", "1 d", "2 d 4 h"]);
        assert_eq!(relative(-90), "in 1 min");
        assert_eq!(relative(3), "now");
    }
}
