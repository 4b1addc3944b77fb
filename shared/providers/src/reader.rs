//! Reading JSON callbacks member by member, naming what was expected where it is not.

use paywarden_domain::bounds::{self, MESSAGE_CHARACTERS, PAYMENT_REFERENCE_CHARACTERS};
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::{Currency, Money, decimal_from_json};
use paywarden_domain::time::Timestamp;
use serde_json::{Map, Value};

use crate::callback::Malformed;

/// Longest text taken from a callback, in characters. What a text may be in a record is judged of the whole report.
const MAX_TEXT_CHARACTERS: usize = MESSAGE_CHARACTERS;

/// An object of a callback and the path to it.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    members: &'a Map<String, Value>,
    path: &'static str,
}

/// Parses a body as a JSON object.
pub(crate) fn parse_object(body: &[u8]) -> Result<Map<String, Value>, Malformed> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(malformed("body", "expected a JSON object")),
        Err(error) => Err(malformed("body", &format!("expected JSON: {error}"))),
    }
}

pub(crate) fn malformed(field: &str, expected: &str) -> Malformed {
    Malformed { field: field.to_owned(), expected: expected.to_owned(), beyond_bounds: false }
}

/// A text that is too long, or not printable.
pub(crate) fn beyond_bounds(field: &str, expected: &str) -> Malformed {
    Malformed { beyond_bounds: true, ..malformed(field, expected) }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(members: &'a Map<String, Value>) -> Self {
        Self { members, path: "" }
    }

    /// The object in a member.
    pub(crate) fn find_object(&self, name: &'static str) -> Option<Self> {
        Some(Self { members: self.members.get(name)?.as_object()?, path: name })
    }

    /// The object in a member that has to be there.
    pub(crate) fn object(&self, name: &'static str) -> Result<Self, Malformed> {
        self.find_object(name).ok_or_else(|| self.expected(name, "expected an object"))
    }

    /// The objects in a list that may be absent.
    pub(crate) fn find_objects(&self, name: &str) -> Result<Vec<&'a Map<String, Value>>, Malformed> {
        let expected = || self.expected(name, "expected a list of objects");
        let items = match self.value(name) {
            None => return Ok(Vec::new()),
            Some(value) => value.as_array().ok_or_else(expected)?,
        };
        items.iter().map(|item| item.as_object().ok_or_else(expected)).collect()
    }

    /// The member's value; null counts as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A text that may be absent; an empty one counts as absent, numbers are taken by their digits.
    pub(crate) fn find_text(&self, name: &str) -> Result<Option<String>, Malformed> {
        let text = match self.value(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(self.expected(name, "expected a text")),
        };
        if text.chars().count() > MAX_TEXT_CHARACTERS {
            let expected = format!("expected at most {MAX_TEXT_CHARACTERS} characters");
            return Err(Malformed { beyond_bounds: true, ..self.expected(name, &expected) });
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Words for people that may be absent, such as a bank's message: lines become one, and what is too long is cut.
    pub(crate) fn find_words(&self, name: &str) -> Result<Option<String>, Malformed> {
        let Some(Value::String(text)) = self.value(name) else {
            return self.find_text(name);
        };
        let words: Vec<&str> =
            text.split(|letter: char| letter.is_control() || letter.is_whitespace()).collect();
        let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let cut: String = words.chars().take(MESSAGE_CHARACTERS).collect();
        Ok(Some(cut).filter(|words| !words.is_empty()))
    }

    /// A text that has to be there.
    pub(crate) fn text(&self, name: &str) -> Result<String, Malformed> {
        self.find_text(name)?.ok_or_else(|| self.expected(name, "is required"))
    }

    /// An amount, as a number or a text, in `currency`.
    pub(crate) fn money(&self, name: &str, currency: Currency) -> Result<Money, Malformed> {
        let value = self.value(name).ok_or_else(|| self.expected(name, "is required"))?;
        let amount = decimal_from_json(value).and_then(|amount| Money::payment(amount, currency));
        amount.map_err(|error| self.expected(name, &error.to_string()))
    }

    /// An amount that may be absent.
    pub(crate) fn find_money(&self, name: &str, currency: Currency) -> Result<Option<Money>, Malformed> {
        self.value(name).map(|_| self.money(name, currency)).transpose()
    }

    /// The currency in a member, or `default` where the provider leaves it out.
    pub(crate) fn currency(&self, name: &str, default: Currency) -> Result<Currency, Malformed> {
        let Some(code) = self.find_text(name)? else {
            return Ok(default);
        };
        Currency::parse(&code).map_err(|error| self.expected(name, &error.to_string()))
    }

    /// An RFC 3339 time that may be absent.
    pub(crate) fn find_time(&self, name: &str) -> Result<Option<Timestamp>, Malformed> {
        let Some(text) = self.find_text(name)? else {
            return Ok(None);
        };
        Timestamp::parse(&text).map(Some).map_err(|error| self.expected(name, &error.to_string()))
    }

    /// The first of these times that is there, else the time of receipt.
    pub(crate) fn first_time(&self, names: &[&str], received_at: Timestamp) -> Result<Timestamp, Malformed> {
        for name in names {
            if let Some(moment) = self.find_time(name)? {
                return Ok(moment);
            }
        }
        Ok(received_at)
    }

    /// A refusal that names the member with the path to it.
    pub(crate) fn expected(&self, name: &str, expected: &str) -> Malformed {
        let field = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        malformed(&field, expected)
    }
}

/// An object of those attributes that are known.
pub(crate) fn attributes(members: &[(&str, Option<String>)]) -> Result<JsonObject, Malformed> {
    let known =
        members.iter().filter_map(|(key, value)| Some(((*key).to_owned(), Value::String(value.clone()?))));
    JsonObject::new(known.collect()).map_err(|error| beyond_bounds("attributes", &error.to_string()))
}

/// What a bank statement will show, as far as it is one: banks' own references are longer in some places, and are no reason
/// to leave a payment unbooked.
pub(crate) fn fitting_reference(text: Option<String>) -> Option<String> {
    text.filter(|text| bounds::is_text(text, PAYMENT_REFERENCE_CHARACTERS))
}
