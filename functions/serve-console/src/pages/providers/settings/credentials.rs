//! Credentials: what the type of a provider asks for. Secrets go in and never come out again.

use serde_json::{Map, Value};

use super::Setting;
use crate::asked::Asked;
use crate::pages::providers::record::{CredentialField, Provider, ProviderType};
use crate::view::form::Field;

/// The box that takes away a secret that need not be there.
const TAKE_AWAY: &str = "take_away";

/// The settings of a provider of a type; of one that is there already, secrets need not be typed again.
pub fn settings(kind: &ProviderType, current: Option<&Provider>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = kind.fields.iter().map(|field| setting(field, current)).collect();
    let gone = kind.fields.iter().filter(|field| field.secret && !field.required);
    let gone = gone.filter(|field| current.is_some_and(|now| now.credentials.contains_key(&field.key)));
    let choices: Vec<_> = gone.map(|field| (field.key.clone(), field.label.clone())).collect();
    if !choices.is_empty() {
        settings.push(Setting::new(TAKE_AWAY, "Take away for good", |name, label| {
            Field::boxes(name, label, choices)
        }));
    }
    settings
}

fn setting(about: &CredentialField, current: Option<&Provider>) -> Setting {
    let make: fn(String, String) -> Field = if about.secret {
        Field::secret
    } else if about.example.contains('\n') {
        Field::area
    } else {
        Field::text
    };
    let held = current.and_then(|provider| provider.credentials.get(&about.key));
    let stays = match held {
        Some(held) if about.secret => match &held.last4 {
            Some(last4) => format!(" Empty: it stays as it is, …{last4}."),
            None => " Empty: it stays as it is.".to_owned(),
        },
        _ => String::new(),
    };
    let help = format!("Expected: {}. {}.{stays}", about.format, about.help.trim_end_matches('.'));
    let must = about.required && !(about.secret && held.is_some());
    let setting = Setting::new(format!("credentials.{}", about.key), about.label.clone(), make);
    let setting = setting.with(|field| {
        let field = field.help(help).placeholder(about.example.clone());
        if must { field.required() } else { field }
    });
    Setting { is_secret: about.secret, ..setting }
}

pub fn of_provider(provider: &Provider) -> Vec<(String, String)> {
    let shown = provider.credentials.iter();
    shown.filter_map(|(key, held)| Some((format!("credentials.{key}"), held.value.clone()?))).collect()
}

/// What a form comes to for the API: what was filled in, or is to be taken away. Nothing when it leaves all as it is.
pub fn body(form: &Asked, kind: &ProviderType, current: Option<&Provider>) -> Map<String, Value> {
    let mut values = Map::new();
    for field in &kind.fields {
        let given = form.get(&format!("credentials.{}", field.key)).map(|text| text.replace("\r\n", "\n"));
        let held = current.and_then(|provider| provider.credentials.get(&field.key));
        let value = match (given, held) {
            (Some(given), Some(held)) if held.value.as_deref() == Some(given.as_str()) => continue,
            (Some(given), _) => given.into(),
            (None, Some(_)) if !field.secret => Value::Null,
            (None, _) if form.all(TAKE_AWAY).any(|key| key == field.key) => Value::Null,
            (None, _) => continue,
        };
        values.insert(field.key.clone(), value);
    }
    if values.is_empty() {
        return values;
    }
    [("credentials".to_owned(), Value::Object(values))].into_iter().collect()
}
