//! Time zones, and what their clocks show.

use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Day, InvalidTime, Timestamp, days, has_shape};

/// A merchant's time zone, by its IANA name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(pub(super) TimeZone);

/// A name that is no IANA time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an IANA time zone such as Asia/Jakarta")]
pub struct UnknownZone;

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Finds a zone by its IANA name.
    ///
    /// # Errors
    /// [`UnknownZone`].
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name).map(Self).map_err(|_| UnknownZone)
    }

    /// The zone's IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The day that `moment` is in, on this zone's clocks.
    #[must_use]
    pub fn day_of(&self, moment: Timestamp) -> Day {
        Day(self.0.to_datetime(moment.0).date())
    }

    /// The day, as days since 1970, that a second since 1970 is in on this zone's clocks.
    #[must_use]
    pub fn day_number(&self, second: i64) -> i32 {
        let offset = jiff::Timestamp::from_second(second).map(|moment| self.0.to_offset(moment).seconds());
        let shown = second.saturating_add(i64::from(offset.unwrap_or_default()));
        i32::try_from(shown.div_euclid(days(1))).unwrap_or_default()
    }

    /// `YYYY-MM-DD HH:mm:ss` on this zone's clocks, as the transactions API writes times.
    #[must_use]
    pub fn clock_text(&self, moment: Timestamp) -> String {
        self.0.to_datetime(moment.0).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `2025-08-19T14:28:58+07:00`, as the status API writes times.
    #[must_use]
    pub fn offset_text(&self, moment: Timestamp) -> String {
        moment.0.to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// `2025-08-19T14:28:58.123+07:00`, as timelines write times.
    #[must_use]
    pub fn offset_text_millis(&self, moment: Timestamp) -> String {
        moment.0.to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The moment at which this zone's clocks show `hour:minute` on a day: the first of two, and the next that exists where
    /// clocks skip it.
    #[must_use]
    pub fn moment_of(&self, day: Day, hour: u8, minute: u8) -> Option<Timestamp> {
        let [hour, minute] = [hour, minute].map(|part| i8::try_from(part).ok());
        let civil = day.0.to_datetime(Time::new(hour?, minute?, 0, 0).ok()?);
        let zoned = self.0.to_ambiguous_timestamp(civil).compatible().ok()?;
        Timestamp::from_micros(zoned.as_microsecond()).ok()
    }

    /// The moment that a text names in the given `strptime` format: on this zone's clocks, or with the offset that the text
    /// has itself. A day alone is its first instant.
    ///
    /// # Errors
    /// [`InvalidTime`].
    pub fn parse_formatted(&self, format: &str, text: &str) -> Result<Timestamp, InvalidTime> {
        let parts = BrokenDownTime::parse(format, text).map_err(|_| InvalidTime)?;
        if let Ok(moment) = parts.to_timestamp() {
            return Timestamp::from_micros(moment.as_microsecond());
        }
        let day = || parts.to_date().map(|day| day.to_datetime(Time::midnight()));
        let civil = parts.to_datetime().or_else(|_| day()).map_err(|_| InvalidTime)?;
        Timestamp::from_civil(civil, &self.0)
    }

    /// The moment that `YYYY-MM-DD HH:mm:ss` names on this zone's clocks.
    ///
    /// # Errors
    /// [`InvalidTime`].
    pub fn parse_clock_text(&self, text: &str) -> Result<Timestamp, InvalidTime> {
        Timestamp::from_civil(parse_civil(text).ok_or(InvalidTime)?, &self.0)
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

/// `YYYY-MM-DD HH:mm:ss` and nothing else.
pub(super) fn parse_civil(text: &str) -> Option<DateTime> {
    has_shape(text, "dddd-dd-dd dd:dd:dd").then(|| text.parse().ok()).flatten()
}

/// A zone that is a fixed number of hours from UTC, for providers whose times carry no offset.
#[must_use]
pub fn fixed_hours(hours: i8) -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(hours))
}

/// Reads `YYYY-MM-DD HH:mm:ss` on the clocks of `zone`.
///
/// # Errors
/// [`InvalidTime`].
pub fn parse_civil_in(text: &str, zone: &TimeZone) -> Result<Timestamp, InvalidTime> {
    Timestamp::from_civil(parse_civil(text).ok_or(InvalidTime)?, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_on_the_zone_s_clocks() {
        let number = |zone: &str, moment: &str| {
            Zone::parse(zone).unwrap().day_number(Timestamp::parse(moment).unwrap().as_seconds())
        };
        let cases = [
            ("UTC", "1970-01-01T23:59:59Z", 0),
            ("UTC", "1969-12-31T23:59:59Z", -1),
            ("Asia/Jakarta", "2026-11-20T16:59:59Z", 20_777),
            ("Asia/Jakarta", "2026-11-20T17:00:00Z", 20_778),
            // The days on which the clocks are put back and forward.
            ("Europe/Amsterdam", "2026-10-24T22:00:00Z", 20_751),
            ("Europe/Amsterdam", "2026-10-25T22:59:59Z", 20_751),
            ("Europe/Amsterdam", "2026-10-25T23:00:00Z", 20_752),
        ];
        for (zone, moment, day) in cases {
            assert_eq!(number(zone, moment), day, "{zone} {moment}");
        }
    }

    #[test]
    fn times_are_written_on_the_merchants_clocks() {
        let moment = Timestamp::parse("2025-08-19T07:28:58Z").unwrap();
        let cases = [
            ("Asia/Jakarta", "2025-08-19 14:28:58", "2025-08-19T14:28:58+07:00"),
            ("Africa/Johannesburg", "2025-08-19 09:28:58", "2025-08-19T09:28:58+02:00"),
            ("America/New_York", "2025-08-19 03:28:58", "2025-08-19T03:28:58-04:00"),
            ("UTC", "2025-08-19 07:28:58", "2025-08-19T07:28:58+00:00"),
        ];
        for (name, clock, offset) in cases {
            let zone = Zone::parse(name).unwrap();
            assert_eq!(
                (zone.clock_text(moment).as_str(), zone.offset_text(moment).as_str()),
                (clock, offset)
            );
            assert_eq!(zone.name(), name);
        }
    }
}
