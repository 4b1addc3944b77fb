//! Exact money. Amounts are decimals that carry their currency; they are read from and written to text, never through
//! a float.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// ISO 4217 currencies with two decimals, then the exceptions. Source: ISO 4217 list one, active codes, without funds,
/// metals and test codes.
const TWO_DECIMALS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
    MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD \
    SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";
const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Amounts stay below this: 10^15, far beyond any payment and far inside what every part stores exactly.
const LIMIT: i64 = 1_000_000_000_000_000;

/// Longest text of an amount that is looked at.
const MAX_AMOUNT_TEXT: usize = 40;

/// The exponent of each code of three letters, by its place in the alphabet of codes: files of millions of amounts ask.
static EXPONENTS: LazyLock<Vec<Option<u8>>> = LazyLock::new(|| {
    let mut exponents = vec![None; 26 * 26 * 26];
    for (codes, exponent) in [(TWO_DECIMALS, 2), (NO_DECIMALS, 0), (THREE_DECIMALS, 3)] {
        for code in codes.split_whitespace().filter_map(|code| code.as_bytes().try_into().ok()) {
            if let Some(slot) = place(code).and_then(|place| exponents.get_mut(place)) {
                *slot = Some(exponent);
            }
        }
    }
    exponents
});

/// AAA is 0, AAB is 1. `None` for what is not three capital letters.
fn place(code: [u8; 3]) -> Option<usize> {
    code.into_iter().try_fold(0_usize, |place, letter| {
        let letter = letter.checked_sub(b'A').filter(|letter| *letter < 26)?;
        place.checked_mul(26)?.checked_add(usize::from(letter))
    })
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Indonesian rupiah.
    pub const IDR: Self = Self(*b"IDR");
    /// South African rand.
    pub const ZAR: Self = Self(*b"ZAR");

    /// Reads an active ISO 4217 code in upper case.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`].
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| MoneyError::UnknownCurrency)?;
        let currency = Self(bytes);
        currency.find_exponent().map(|_| currency).ok_or(MoneyError::UnknownCurrency)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Decimals of the minor unit: 2 for ZAR and IDR, 0 for JPY.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.find_exponent().unwrap_or(2)
    }

    fn find_exponent(self) -> Option<u32> {
        let exponent = EXPONENTS.get(place(self.0)?).copied()?;
        exponent.map(u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

/// Why something is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a number in plain or scientific decimal notation.
    #[error("expected a decimal number such as 500.25")]
    NotANumber,
    /// Zero or negative.
    #[error("expected an amount greater than zero")]
    NotPositive,
    /// More decimals than the currency has.
    #[error("expected no more decimals than the currency has")]
    TooPrecise,
    /// 10^15 or more.
    #[error("expected an amount below 1000000000000000")]
    TooLarge,
    /// Not an active ISO 4217 code.
    #[error("expected an ISO 4217 currency code such as IDR or ZAR")]
    UnknownCurrency,
    /// Arithmetic between two currencies.
    #[error("amounts of different currencies cannot be combined")]
    MixedCurrencies,
}

/// An exact amount of one currency, of at most its decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    currency: Currency,
    amount: Decimal,
}

impl Money {
    /// A payment's amount: positive, below 10^15, no more decimals than the currency has.
    ///
    /// # Errors
    /// What of these it is not.
    pub fn payment(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let amount = amount.normalize();
        if amount <= Decimal::ZERO {
            Err(MoneyError::NotPositive)
        } else if amount >= Decimal::from(LIMIT) {
            Err(MoneyError::TooLarge)
        } else if amount.scale() > currency.exponent() {
            Err(MoneyError::TooPrecise)
        } else {
            Ok(Self { currency, amount })
        }
    }

    /// [`Money::payment`] from the text of a number.
    ///
    /// # Errors
    /// As [`Money::payment`], and when the text is no number.
    pub fn parse_payment(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        Self::payment(parse_decimal(text)?, currency)
    }

    /// [`Money::payment`] from minor units (cents) with the exponent the sender uses, which may differ from ISO's.
    ///
    /// # Errors
    /// As [`Money::payment`].
    pub fn from_minor(minor: i64, exponent: u32, currency: Currency) -> Result<Self, MoneyError> {
        let amount = Decimal::try_new(minor, exponent).map_err(|_| MoneyError::TooPrecise)?;
        Self::payment(amount, currency)
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The amount's digits without trailing zeros, `500.25` or `10000`.
    #[must_use]
    pub fn amount_text(&self) -> String {
        self.amount.normalize().to_string()
    }

    /// The amount as an exact JSON number.
    #[must_use]
    pub fn amount_number(&self) -> Number {
        amount_number(self.amount)
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`], or [`MoneyError::TooLarge`] beyond what a decimal holds.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::TooLarge)?;
        Ok(Self { currency: self.currency, amount: amount.normalize() })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.amount_text(), self.currency)
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MoneyText { amount: self.amount_text(), currency: self.currency().to_string() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = MoneyText::deserialize(deserializer)?;
        let currency = Currency::parse(&text.currency).map_err(D::Error::custom)?;
        Self::parse_payment(&text.amount, currency).map_err(D::Error::custom)
    }
}

/// An amount as an exact JSON number, without trailing zeros.
#[must_use]
pub fn amount_number(amount: Decimal) -> Number {
    // A decimal's text is always a JSON number; zero stands for the impossible.
    Number::from_str(&amount.normalize().to_string()).unwrap_or_else(|_| Number::from(0))
}

/// Money as it is stored and queued: text, so that no reader is tempted by a float.
#[derive(Serialize, Deserialize)]
struct MoneyText {
    amount: String,
    currency: String,
}

/// Reads a JSON number or a string that holds one, exactly.
///
/// # Errors
/// [`MoneyError::NotANumber`] for anything else, [`MoneyError::TooPrecise`] beyond 28 digits.
pub fn decimal_from_json(value: &Value) -> Result<Decimal, MoneyError> {
    match value {
        Value::Number(number) => parse_decimal(number.as_str()),
        Value::String(text) => parse_decimal(text),
        _ => Err(MoneyError::NotANumber),
    }
}

/// Reads `500.25`, `-3` or `1.5e3` exactly.
///
/// # Errors
/// [`MoneyError::NotANumber`], or [`MoneyError::TooPrecise`] when the digits do not fit a decimal.
pub fn parse_decimal(text: &str) -> Result<Decimal, MoneyError> {
    let plausible = text.len() <= MAX_AMOUNT_TEXT
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !plausible {
        return Err(MoneyError::NotANumber);
    }
    let parsed = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text)
    } else {
        Decimal::from_str_exact(text)
    };
    parsed.map_err(|error| match error {
        rust_decimal::Error::Underflow => MoneyError::TooPrecise,
        rust_decimal::Error::ExceedsMaximumPossibleValue => MoneyError::TooLarge,
        _ => MoneyError::NotANumber,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_judged_by_their_text() {
        let cases: &[(&str, Currency, Result<&str, MoneyError>)] = &[
            ("500.25", Currency::ZAR, Ok("500.25")),
            ("10000", Currency::IDR, Ok("10000")),
            ("10000.00", Currency::IDR, Ok("10000")),
            ("29999.00", Currency::IDR, Ok("29999")),
            ("1e3", Currency::IDR, Ok("1000")),
            ("0.01", Currency::ZAR, Ok("0.01")),
            ("0", Currency::ZAR, Err(MoneyError::NotPositive)),
            ("-1", Currency::ZAR, Err(MoneyError::NotPositive)),
            ("0.001", Currency::ZAR, Err(MoneyError::TooPrecise)),
            ("1e15", Currency::IDR, Err(MoneyError::TooLarge)),
            ("999999999999999.99", Currency::IDR, Ok("999999999999999.99")),
            ("NaN", Currency::IDR, Err(MoneyError::NotANumber)),
            ("", Currency::IDR, Err(MoneyError::NotANumber)),
            ("1.", Currency::IDR, Ok("1")),
            ("1,000", Currency::IDR, Err(MoneyError::NotANumber)),
            ("1 000", Currency::IDR, Err(MoneyError::NotANumber)),
            ("0x10", Currency::IDR, Err(MoneyError::NotANumber)),
        ];
        for (text, currency, expected) in cases {
            let parsed = Money::parse_payment(text, *currency).map(|money| money.amount_text());
            assert_eq!(parsed.as_deref().map_err(|error| *error), *expected, "{text}");
        }
    }

    #[test]
    fn minor_units_follow_the_senders_exponent() {
        let money = Money::from_minor(50025, 2, Currency::ZAR);
        assert_eq!(money.map(|money| money.amount_text()).as_deref(), Ok("500.25"));
        let money = Money::from_minor(10000, 0, Currency::IDR);
        assert_eq!(money.map(|money| money.amount_text()).as_deref(), Ok("10000"));
    }

    #[test]
    fn currencies_know_their_decimals() {
        for (code, exponent) in [("IDR", 2), ("ZAR", 2), ("JPY", 0), ("KWD", 3)] {
            assert_eq!(Currency::parse(code).map(Currency::exponent), Ok(exponent));
        }
        for code in ["idr", "XXX", "", "ZARR", "€"] {
            assert_eq!(Currency::parse(code), Err(MoneyError::UnknownCurrency), "{code}");
        }
    }

    #[test]
    fn currencies_do_not_mix() {
        let rand = Money::payment(Decimal::ONE, Currency::ZAR).unwrap();
        let rupiah = Money::payment(Decimal::ONE, Currency::IDR).unwrap();
        assert_eq!(rand.checked_add(rupiah), Err(MoneyError::MixedCurrencies));
    }

    proptest! {
        #[test]
        fn an_amount_survives_json_digit_by_digit(minor in 1_i64..100_000_000_000_000_000) {
            let money = Money::from_minor(minor, 2, Currency::ZAR).unwrap();
            let json = serde_json::to_string(&money.amount_number()).unwrap();
            let value: Value = serde_json::from_str(&json).unwrap();
            let back = Money::payment(decimal_from_json(&value).unwrap(), Currency::ZAR).unwrap();
            prop_assert_eq!(back, money);
            prop_assert!(!json.ends_with(".0") && !json.contains('e'));
        }
    }
}
