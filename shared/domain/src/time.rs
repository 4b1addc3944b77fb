//! Time: UTC microseconds inside, merchants' zones at the edge. The wall clock is behind a trait.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

/// Tells the time. The process's own clock implements it once, in `lambda-kit`; tests set theirs.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A moment, in UTC, to the microsecond. Its text form `2026-11-20T08:00:00.000000Z` has a fixed width, so that
/// text order is time order wherever it is part of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(jiff::Timestamp);

/// The first instant of the year 1, in microseconds since 1970. What is earlier has a year without four digits, or none.
const EARLIEST_MICROS: i64 = -62_135_596_800_000_000;

/// A text that is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2026-11-20T08:00:00Z")]
pub struct InvalidTime;

impl Timestamp {
    /// The moment `micros` microseconds after 1970.
    ///
    /// # Errors
    /// [`InvalidTime`] outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, InvalidTime> {
        if micros < EARLIEST_MICROS {
            return Err(InvalidTime);
        }
        jiff::Timestamp::from_microsecond(micros).map(Self).map_err(|_| InvalidTime)
    }

    /// The moment `seconds` seconds after 1970.
    ///
    /// # Errors
    /// As [`Timestamp::from_micros`].
    pub fn from_seconds(seconds: i64) -> Result<Self, InvalidTime> {
        Self::from_micros(seconds.checked_mul(1_000_000).ok_or(InvalidTime)?)
    }

    /// Reads RFC 3339, any offset; digits beyond microseconds are cut.
    ///
    /// # Errors
    /// [`InvalidTime`].
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| InvalidTime)?;
        Self::from_micros(moment.as_microsecond())
    }

    /// Reads an HTTP date, `Fri, 20 Nov 2026 08:00:00 GMT`.
    ///
    /// # Errors
    /// [`InvalidTime`].
    pub fn parse_http_date(text: &str) -> Result<Self, InvalidTime> {
        let parsed = jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text.trim())
            .map_err(|_| InvalidTime)?;
        Self::from_micros(parsed.as_microsecond())
    }

    /// Takes the moment that `civil` names in `zone`; the earlier one when clocks went back over it.
    ///
    /// # Errors
    /// [`InvalidTime`] at the ends of the calendar.
    pub fn from_civil(civil: DateTime, zone: &TimeZone) -> Result<Self, InvalidTime> {
        let moment = zone.to_ambiguous_timestamp(civil).compatible().map_err(|_| InvalidTime)?;
        Self::from_micros(moment.as_microsecond())
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Milliseconds since 1970, 0 before.
    #[must_use]
    pub fn as_millis(self) -> u64 {
        u64::try_from(self.0.as_millisecond()).unwrap_or(0)
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// This moment `seconds` later, or earlier; it stops at the ends of the calendar.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let later =
            self.0.checked_add(SignedDuration::from_secs(seconds)).map(jiff::Timestamp::as_microsecond);
        later.ok().and_then(|micros| Self::from_micros(micros).ok()).unwrap_or(self)
    }

    /// One microsecond later.
    #[must_use]
    pub fn next(self) -> Self {
        Self::from_micros(self.as_micros().saturating_add(1)).unwrap_or(self)
    }

    /// RFC 3339 in UTC with milliseconds, `2025-01-20T03:30:03.737Z`.
    #[must_use]
    pub fn to_rfc3339_millis(self) -> String {
        format!("{:.3}", self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.6}", self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, InvalidTime> {
        Self::parse(&text)
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

/// A calendar day. Its text form is `YYYY-MM-DD`, so that text order is time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// A text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a day as YYYY-MM-DD")]
pub struct InvalidDay;

impl Day {
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`InvalidDay`].
    pub fn parse(text: &str) -> Result<Self, InvalidDay> {
        parse_day(text).map(Self).ok_or(InvalidDay)
    }

    /// The month it is in, `YYYY-MM`.
    #[must_use]
    pub fn month(self) -> String {
        self.0.strftime("%Y-%m").to_string()
    }

    /// The day `count` days later, or earlier when it is negative; the calendar's ends are not passed.
    #[must_use]
    pub fn plus_days(self, count: i32) -> Self {
        self.0.checked_add(jiff::Span::new().days(count)).map_or(self, Self)
    }

    /// The day `count` business days (Monday to Friday) earlier.
    #[must_use]
    pub fn minus_business_days(self, count: u32) -> Self {
        let is_business = |day: Self| !matches!(day.0.weekday(), Weekday::Saturday | Weekday::Sunday);
        let mut day = self;
        for _ in 0..count {
            day = day.plus_days(-1);
            while !is_business(day) {
                day = day.plus_days(-1);
            }
        }
        day
    }

    /// Days since 1970.
    #[must_use]
    pub fn number(self) -> i32 {
        let since = self.0.since(Date::constant(1970, 1, 1)).map(|span| span.get_days());
        since.unwrap_or_default()
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The first day of the month after.
    #[must_use]
    pub fn first_of_next_month(self) -> Self {
        self.0.last_of_month().tomorrow().map_or(self, Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl TryFrom<String> for Day {
    type Error = InvalidDay;

    fn try_from(text: String) -> Result<Self, InvalidDay> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// A merchant's time zone, by its IANA name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

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

    /// Reads a date filter as the moment it begins: a day's first instant, a second's, or the moment itself.
    /// Takes `YYYY-MM-DD`, `YYYY-MM-DD HH:mm:ss` (both on this zone's clocks) and RFC 3339.
    ///
    /// # Errors
    /// [`InvalidFilterTime`].
    pub fn filter_start(&self, text: &str) -> Result<Timestamp, InvalidFilterTime> {
        match FilterTime::parse(text)? {
            FilterTime::Day(day) => self.start_of_day(day),
            FilterTime::Second(second) => Ok(Timestamp::from_civil(second, &self.0)?),
            FilterTime::Moment(moment) => Ok(moment),
        }
    }

    /// Reads a date filter as the first moment after it: the next day, the next second, or the next instant.
    /// A second that the clocks show twice ends when it ends for the second time.
    ///
    /// # Errors
    /// [`InvalidFilterTime`].
    pub fn filter_end(&self, text: &str) -> Result<Timestamp, InvalidFilterTime> {
        match FilterTime::parse(text)? {
            FilterTime::Day(day) => self.start_of_day(day.tomorrow().map_err(|_| InvalidFilterTime)?),
            FilterTime::Second(second) => {
                let last = self.0.to_ambiguous_timestamp(second).later().map_err(|_| InvalidFilterTime)?;
                Ok(Timestamp::from_micros(last.as_microsecond())?.plus_seconds(1))
            }
            FilterTime::Moment(moment) if moment.as_micros().rem_euclid(1_000_000) == 0 => {
                Ok(moment.plus_seconds(1))
            }
            FilterTime::Moment(moment) => Ok(moment.next()),
        }
    }

    /// The day's first instant; where clocks skip midnight, the first that exists.
    fn start_of_day(&self, day: Date) -> Result<Timestamp, InvalidFilterTime> {
        let start = day.to_zoned(self.0.clone()).map_err(|_| InvalidFilterTime)?;
        Ok(Timestamp::from_micros(start.timestamp().as_microsecond())?)
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

/// A text that no date filter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a date as YYYY-MM-DD, YYYY-MM-DD HH:mm:ss or RFC 3339")]
pub struct InvalidFilterTime;

impl From<InvalidTime> for InvalidFilterTime {
    fn from(_: InvalidTime) -> Self {
        Self
    }
}

enum FilterTime {
    Day(Date),
    Second(DateTime),
    Moment(Timestamp),
}

impl FilterTime {
    fn parse(text: &str) -> Result<Self, InvalidFilterTime> {
        if let Some(day) = parse_day(text) {
            return Ok(Self::Day(day));
        }
        if let Some(second) = parse_civil(text) {
            return Ok(Self::Second(second));
        }
        Ok(Self::Moment(Timestamp::parse(text)?))
    }
}

/// `YYYY-MM-DD` and nothing else: the calendar library alone would also take week dates and more.
fn parse_day(text: &str) -> Option<Date> {
    has_shape(text, "dddd-dd-dd").then(|| text.parse().ok()).flatten()
}

/// `YYYY-MM-DD HH:mm:ss` and nothing else.
fn parse_civil(text: &str) -> Option<DateTime> {
    has_shape(text, "dddd-dd-dd dd:dd:dd").then(|| text.parse().ok()).flatten()
}

fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, mark)| match mark {
            b'd' => byte.is_ascii_digit(),
            _ => byte == mark,
        })
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

/// Whole days, as seconds.
#[must_use]
pub fn days(count: i64) -> i64 {
    count.saturating_mul(24.hours().get_hours().into()).saturating_mul(3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn text_has_a_fixed_width_and_reads_back() {
        for text in
            ["2026-11-20T08:00:00.000000Z", "0001-01-01T00:00:00.000001Z", "9999-12-30T21:59:59.000000Z"]
        {
            assert_eq!(at(text).to_string(), text);
        }
        assert_eq!(at("2025-08-19T14:28:58.123456789+07:00").to_string(), "2025-08-19T07:28:58.123456Z");
    }

    #[test]
    fn times_are_written_on_the_merchants_clocks() {
        let moment = at("2025-08-19T07:28:58Z");
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

    #[test]
    fn filters_cover_whole_days_seconds_and_moments() {
        let cases = [
            ("Asia/Jakarta", "2024-06-14", "2024-06-13T17:00:00Z", "2024-06-14T17:00:00Z"),
            ("Asia/Jakarta", "2024-02-29", "2024-02-28T17:00:00Z", "2024-02-29T17:00:00Z"),
            ("America/New_York", "2024-03-10", "2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z"),
            ("America/New_York", "2024-11-03", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z"),
            ("America/New_York", "2024-11-03 01:30:00", "2024-11-03T05:30:00Z", "2024-11-03T06:30:01Z"),
            ("Europe/London", "2024-03-31 01:30:00", "2024-03-31T01:30:00Z", "2024-03-31T01:30:01Z"),
            ("UTC", "2024-06-14T10:00:00Z", "2024-06-14T10:00:00Z", "2024-06-14T10:00:01Z"),
            ("UTC", "2024-06-14T10:00:00.5Z", "2024-06-14T10:00:00.5Z", "2024-06-14T10:00:00.500001Z"),
        ];
        for (name, text, start, end) in cases {
            let zone = Zone::parse(name).unwrap();
            assert_eq!(zone.filter_start(text), Ok(at(start)), "{name} {text}");
            assert_eq!(zone.filter_end(text), Ok(at(end)), "{name} {text}");
        }
    }

    #[test]
    fn impossible_and_foreign_dates_are_refused() {
        for text in
            ["2024-02-30", "14-06-2024", "2024-6-14", "tomorrow", "", "2024-06-14 25:00:00", "2024-W10-1"]
        {
            assert_eq!(Zone::UTC.filter_start(text), Err(InvalidFilterTime), "{text}");
        }
    }
}
