//! The dates that lists are filtered by.

use jiff::civil::{Date, DateTime};

use super::day::parse_day;
use super::zone::parse_civil;
use super::{InvalidTime, Timestamp, Zone};

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

impl Zone {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
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
