//! Amounts: all their digits, in groups of three, with the currency. They arrive as decimals and are never calculated with floats.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// An amount as the API tells it, as a number or as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount(pub Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text,
            other => return Err(de::Error::custom(format!("expected an amount, found {other}"))),
        };
        Decimal::from_str_exact(&digits).map(Self).map_err(de::Error::custom)
    }
}

impl Amount {
    /// `1,234,567.50`: a comma between thousands, a point before decimals, as the API's own numbers have them.
    pub fn grouped(self) -> String {
        let text = self.0.to_string();
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("−", text));
        let (whole, decimals) =
            text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let first = whole.len() % 3;
        let groups = whole.bytes().enumerate().fold(String::new(), |mut grouped, (place, digit)| {
            if place > 0 && place % 3 == first {
                grouped.push(',');
            }
            grouped.push(char::from(digit));
            grouped
        });
        decimals.map_or_else(|| format!("{sign}{groups}"), |decimals| format!("{sign}{groups}.{decimals}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_stays() {
        for (json, shown) in [
            ("75000", "75,000"),
            ("500.25", "500.25"),
            ("\"1234567.5\"", "1,234,567.5"),
            ("999", "999"),
            ("1000", "1,000"),
            ("0", "0"),
            ("-4500", "−4,500"),
            ("79228162514264337593543950335", "79,228,162,514,264,337,593,543,950,335"),
            ("0.000000000000000001", "0.000000000000000001"),
        ] {
            let amount: Amount = serde_json::from_str(json).expect(json);
            assert_eq!(amount.grouped(), shown, "{json}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        assert!(serde_json::from_str::<Amount>("true").is_err());
        assert!(serde_json::from_str::<Amount>("\"ten\"").is_err());
        // More digits than a decimal holds are refused, and not rounded.
        assert!(serde_json::from_str::<Amount>("0.12345678901234567890123456789012").is_err());
    }
}
