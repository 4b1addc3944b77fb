//! Bars, drawn on the server. The numbers stand in a table beside them, so a chart is decoration and hidden from screen readers.

use askama::Template;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::html::Html;
use super::money::Amount;

/// Height of the drawing in its own units; amounts are scaled to it as whole numbers.
const HEIGHT: i64 = 100;
/// Width of what belongs to one day.
const STEP: u8 = 24;

/// What belongs to one day.
pub struct Day {
    pub label: String,
    /// Where a click leads.
    pub href: String,
    pub debit: Amount,
    pub credit: Amount,
}

struct Bar<'a> {
    day: &'a Day,
    x: i64,
    debit: i64,
    credit: i64,
}

#[derive(Template)]
#[template(path = "view/bars.html")]
struct Bars<'a> {
    bars: Vec<Bar<'a>>,
    width: i64,
}

impl Bars<'_> {
    fn top(&self, height: &i64) -> i64 {
        HEIGHT.saturating_sub(*height)
    }
}

/// A pair of bars for each day.
///
/// # Errors
/// When the template fails, which it does not.
pub fn bars(days: &[Day]) -> Result<Html, askama::Error> {
    let largest = days.iter().flat_map(|day| [day.debit.0, day.credit.0]).max().unwrap_or_default();
    let places = (0..).step_by(usize::from(STEP));
    let drawn = places.zip(days).map(|(x, day)| {
        let [debit, credit] = [day.debit, day.credit].map(|amount| height(amount.0, largest));
        Bar { day, x, debit, credit }
    });
    let bars: Vec<Bar<'_>> = drawn.collect();
    let width = bars.last().map_or(0, |bar| bar.x + i64::from(STEP));
    Html::of(&Bars { bars, width })
}

/// A bar's height of [`HEIGHT`]; whatever is more than nothing can be seen.
fn height(amount: Decimal, largest: Decimal) -> i64 {
    // Divided first: a sum may be as large as a decimal can be.
    let share = amount.checked_div(largest).and_then(|share| share.checked_mul(Decimal::from(HEIGHT)));
    let height = share.and_then(|share| share.trunc().to_i64()).unwrap_or_default();
    if amount > Decimal::ZERO { height.max(1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_amount_is_the_highest_bar() {
        let [none, one, largest] = [Decimal::ZERO, Decimal::ONE, Decimal::MAX];
        assert_eq!([none, one, largest].map(|amount| height(amount, largest)), [0, 1, HEIGHT]);
        assert_eq!([none, one].map(|amount| height(amount, one)), [0, HEIGHT]);
        assert_eq!(height(none, none), 0);
    }
}
