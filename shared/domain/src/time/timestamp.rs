//! Moments.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment, in UTC, to the microsecond. Its text form `2026-11-20T08:00:00.000000Z` has a fixed width, so that
/// text order is time order wherever it is part of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(pub(super) jiff::Timestamp);

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
}
