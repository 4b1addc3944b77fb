//! Query strings, read strictly: a parameter that an endpoint does not know is refused by name, so that a misspelt
//! filter never answers everything.

use std::fmt;

use paywarden_domain::money::parse_decimal;
use paywarden_domain::time::{Timestamp, Zone};
use rust_decimal::Decimal;

use crate::problem::Problem;

/// Rows on a page when the caller does not say.
pub const DEFAULT_LIMIT: u16 = 50;
/// Rows on the longest page.
pub const MAX_LIMIT: u16 = 100;

/// Longest value of one parameter, in bytes.
const MAX_VALUE_BYTES: usize = 2048;

/// A query string's decoded pairs, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query(pub Vec<(String, String)>);

/// A query read against the parameters an endpoint knows.
pub struct QueryReader<'a> {
    pairs: &'a [(String, String)],
}

impl<'a> QueryReader<'a> {
    /// Checks that every parameter is one of `known`.
    ///
    /// # Errors
    /// 400 naming the first that is not, or that is too long.
    pub fn new(query: &'a Query, known: &[&str]) -> Result<Self, Problem> {
        for (name, value) in &query.0 {
            if !known.contains(&name.as_str()) {
                let expected = if known.is_empty() { "no parameters".to_owned() } else { known.join(", ") };
                return Err(Problem::invalid(name, format!("unknown parameter; expected {expected}")));
            }
            if value.len() > MAX_VALUE_BYTES {
                return Err(Problem::invalid(name, format!("expected at most {MAX_VALUE_BYTES} bytes")));
            }
        }
        Ok(Self { pairs: &query.0 })
    }

    /// The parameter's one value. An empty value counts as none.
    ///
    /// # Errors
    /// 400 when it is given more than once.
    pub fn single(&self, name: &str) -> Result<Option<&'a str>, Problem> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => Err(Problem::invalid(name, "expected one value")),
            (value, None) => Ok(value),
            (None, Some(_)) => Ok(None),
        }
    }

    /// The parameter's one value, read by `parse`.
    ///
    /// # Errors
    /// 400 when it is given more than once, or `parse` refuses it.
    pub fn parsed<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let value = self.single(name)?;
        value.map(|text| parse(text).map_err(|error| Problem::invalid(name, error.to_string()))).transpose()
    }

    /// All of the parameter's values, repeated or separated by commas, each one of a known set read by `parse`.
    ///
    /// # Errors
    /// 422 with what `parse` expects.
    pub fn words<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<T>, Problem> {
        self.values(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| parse(word).map_err(|error| Problem::unprocessable(name, error.to_string())))
            .collect()
    }

    /// The parameter's one value, one of a known set read by `parse`.
    ///
    /// # Errors
    /// 400 when it is given more than once, 422 with what `parse` expects.
    pub fn word<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let value = self.single(name)?;
        value
            .map(|text| parse(text).map_err(|error| Problem::unprocessable(name, error.to_string())))
            .transpose()
    }

    /// The least and the most of an amount, each an exact decimal from 0, without a currency.
    ///
    /// # Errors
    /// 400 for anything else, or when the least is above the most.
    pub fn amounts(&self, min: &str, max: &str) -> Result<(Option<Decimal>, Option<Decimal>), Problem> {
        let range = (self.parsed(min, amount)?, self.parsed(max, amount)?);
        match range {
            (Some(least), Some(most)) if least > most => {
                Err(Problem::invalid(min, format!("expected an amount that is not above {max}")))
            }
            range => Ok(range),
        }
    }

    /// The moments from which and before which something is asked for, by dates on the clocks of `zone`. The second date is
    /// included.
    ///
    /// # Errors
    /// 400 for what is no date, or when nothing lies between them.
    pub fn moments(
        &self,
        from: &str,
        until: &str,
        zone: &Zone,
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), Problem> {
        let start = self.parsed(from, |text| zone.filter_start(text))?;
        let end = self.parsed(until, |text| zone.filter_end(text))?;
        match (start, end) {
            (Some(start), Some(end)) if start >= end => {
                Err(Problem::invalid(from, format!("expected a start before {until}")))
            }
            range => Ok(range),
        }
    }

    /// The `limit` parameter: 1 to 100, 50 when it is absent.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn limit(&self) -> Result<u16, Problem> {
        let expected = format!("expected a whole number from 1 to {MAX_LIMIT}");
        let parse = |text: &str| match text.parse::<u16>() {
            Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            _ => Err(expected),
        };
        Ok(self.parsed("limit", parse)?.unwrap_or(DEFAULT_LIMIT))
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let name = name.to_owned();
        self.pairs
            .iter()
            .filter(move |(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

fn amount(text: &str) -> Result<Decimal, &'static str> {
    match parse_decimal(text) {
        Ok(amount) if amount >= Decimal::ZERO => Ok(amount.normalize()),
        _ => Err("expected a decimal number from 0, such as 500.25"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    #[test]
    fn unknown_parameters_are_named_with_the_known_ones() {
        let query = query("statsu=PAID");
        let problem = QueryReader::new(&query, &["status", "limit"]).err().unwrap();
        assert_eq!(problem.status(), 400);
        assert_eq!(problem.message(), "unknown parameter; expected status, limit");
    }

    #[test]
    fn limits_are_whole_numbers_within_bounds() {
        for (text, expected) in
            [("", Some(50)), ("limit=1", Some(1)), ("limit=100", Some(100)), ("limit=", Some(50))]
        {
            assert_eq!(QueryReader::new(&query(text), &["limit"]).unwrap().limit().ok(), expected, "{text}");
        }
        for text in ["limit=0", "limit=101", "limit=ten", "limit=-1", "limit=1&limit=2", "limit=99999999"] {
            assert_eq!(
                QueryReader::new(&query(text), &["limit"]).unwrap().limit().unwrap_err().status(),
                400,
                "{text}"
            );
        }
    }

    #[test]
    fn lists_repeat_or_take_commas() {
        let query = query("s=a,b&s=c&s=,");
        let words =
            QueryReader::new(&query, &["s"]).unwrap().words("s", |word| Ok::<_, String>(word.to_owned()));
        assert_eq!(words.unwrap(), ["a", "b", "c"]);
    }
    #[test]
    fn amounts_are_exact_and_in_order() {
        let read = |text: &str| {
            let query = query(text);
            let reader = QueryReader::new(&query, &["least", "most"]).unwrap();
            reader.amounts("least", "most").map_err(|problem| problem.status())
        };
        assert_eq!(read(""), Ok((None, None)));
        assert_eq!(read("least=0.10&most=0.1"), Ok((Some(Decimal::new(1, 1)), Some(Decimal::new(1, 1)))));
        for odd in ["least=-1", "least=much", "most=NaN", "most=1,5", "least=2&most=1.99"] {
            assert_eq!(read(odd), Err(400), "{odd}");
        }
    }
}
