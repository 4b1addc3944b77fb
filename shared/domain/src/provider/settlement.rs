//! When a provider settles: the time of day on its clocks, and how many business days later the money comes.

use serde::{Deserialize, Serialize};

use crate::time::{Day, Timestamp, Zone};

/// A provider's settlement rhythm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The time of day at which its books close, `HH:MM`.
    pub time: ClockTime,
    /// On the clocks of this zone.
    pub zone: Zone,
    /// Business days from payment to settlement.
    pub lag_days: u32,
}

impl Settlement {
    /// When the books of a day close; `None` only at the end of the calendar.
    #[must_use]
    pub fn closes_at(&self, day: Day) -> Option<Timestamp> {
        self.time.on(day, &self.zone)
    }
}

/// A time of day, `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime {
    hour: u8,
    minute: u8,
}

/// A text that is no time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time of day as HH:MM")]
pub struct InvalidClockTime;

impl ClockTime {
    /// Reads `HH:MM`, from 00:00 to 23:59.
    ///
    /// # Errors
    /// [`InvalidClockTime`].
    pub fn parse(text: &str) -> Result<Self, InvalidClockTime> {
        let (hour, minute) = text.split_once(':').ok_or(InvalidClockTime)?;
        let two_digits = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u8>().ok()).flatten().ok_or(InvalidClockTime)
        };
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        if hour < 24 && minute < 60 { Ok(Self { hour, minute }) } else { Err(InvalidClockTime) }
    }

    /// The moment of a day at which the clocks of a zone show it; `None` only at the end of the calendar.
    #[must_use]
    pub fn on(self, day: Day, zone: &Zone) -> Option<Timestamp> {
        zone.moment_of(day, self.hour, self.minute)
    }
}

impl std::fmt::Display for ClockTime {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl TryFrom<String> for ClockTime {
    type Error = InvalidClockTime;

    fn try_from(text: String) -> Result<Self, InvalidClockTime> {
        Self::parse(&text)
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_read_back_and_others_are_refused() {
        for good in ["00:00", "09:05", "23:59"] {
            assert_eq!(ClockTime::parse(good).map(|time| time.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "9:05", "24:00", "23:60", "23:5a", "23:59:00", "+1:00"] {
            assert_eq!(ClockTime::parse(bad), Err(InvalidClockTime), "{bad}");
        }
    }
}
