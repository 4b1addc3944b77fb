//! Amounts of rows as whole minor units.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::money::{Currency, parse_decimal};

/// The minor units of an amount, which has no sign and no more decimals than its currency. `None` for any other text.
pub(super) fn minor_units(text: &str, currency: Currency) -> Option<i64> {
    plain(text, currency.exponent()).or_else(|| {
        let scale = Decimal::from(10_i64.checked_pow(currency.exponent())?);
        let minor = parse_decimal(text).ok()?.checked_mul(scale)?;
        Some(minor).filter(|minor| minor.fract().is_zero() && !minor.is_sign_negative())?.to_i64()
    })
}

/// The common case, digits with at most a point in them, without a detour.
fn plain(text: &str, exponent: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let decimals = u32::try_from(fraction.len()).ok()?;
    if whole.is_empty() || whole.len() > 14 || decimals > exponent {
        return None;
    }
    let mut minor: i64 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        minor = minor.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    minor.checked_mul(10_i64.checked_pow(exponent.checked_sub(decimals)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_minor_units() {
        for (text, currency, expected) in [
            ("10000", Currency::IDR, Some(1_000_000)),
            ("500.25", Currency::ZAR, Some(50_025)),
            ("500.2", Currency::ZAR, Some(50_020)),
            ("0", Currency::ZAR, Some(0)),
            ("5e2", Currency::ZAR, Some(50_000)),
            ("500.250", Currency::ZAR, Some(50_025)),
            ("500.255", Currency::ZAR, None),
            ("-5", Currency::ZAR, None),
            ("", Currency::ZAR, None),
            ("1.2.3", Currency::ZAR, None),
            ("99999999999999999999", Currency::ZAR, None),
        ] {
            assert_eq!(minor_units(text, currency), expected, "{text}");
        }
    }
}
