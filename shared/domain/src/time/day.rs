//! Calendar days.

use std::fmt;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::has_shape;

/// A calendar day. Its text form is `YYYY-MM-DD`, so that text order is time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub(super) Date);

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

    /// This day, and the first one of each month after it, up to `until`. They end where the calendar does.
    pub fn months_until(self, until: Self) -> impl Iterator<Item = Self> {
        let next = |day: &Self| day.0.last_of_month().tomorrow().ok().map(Self);
        std::iter::successors(Some(self), next).take_while(move |day| *day <= until)
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

/// `YYYY-MM-DD` and nothing else: the calendar library alone would also take week dates and more.
pub(super) fn parse_day(text: &str) -> Option<Date> {
    has_shape(text, "dddd-dd-dd").then(|| text.parse().ok()).flatten()
}
