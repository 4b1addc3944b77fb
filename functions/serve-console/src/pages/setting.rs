//! What can be set of a thing: the fields of its forms, what they are filled in with, and what somebody filled in beside what there
//! is by now.

use askama::Error;

use crate::asked::Asked;
use crate::view::cell;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::table::{Column, Row, Table};

/// One thing that can be set.
pub struct Setting {
    /// The API's member, with points between the members of a member.
    pub name: String,
    pub label: String,
    pub field: Field,
    /// Typed unseen: nowhere shown, not even to whoever typed it.
    pub is_secret: bool,
}

impl Setting {
    /// A setting whose field is made of its name and label, such as by [`Field::text`].
    pub fn new(
        name: impl Into<String>,
        label: impl Into<String>,
        field: impl FnOnce(String, String) -> Field,
    ) -> Self {
        let (name, label) = (name.into(), label.into());
        Self { field: field(name.clone(), label.clone()), name, label, is_secret: false }
    }

    /// The same with something more about its field.
    #[must_use]
    pub fn with(self, change: impl FnOnce(Field) -> Field) -> Self {
        Self { field: change(self.field), ..self }
    }
}

/// A form with these settings, filled in.
pub fn filled(form: Form, settings: &[Setting], with: &Asked) -> Form {
    form.fields(settings.iter().map(|setting| setting.field.clone())).filled(with)
}

const DIFFERENCES: &[Column] =
    &[Column::new("Setting"), Column::new("You have"), Column::new("There is now")];

/// What somebody filled in beside what there is by now, where both differ.
///
/// # Errors
/// When a template fails, which none does.
pub fn differences(settings: &[Setting], filled: &Asked, now: &Asked) -> Result<Html, Error> {
    let differing = settings
        .iter()
        .filter(|setting| !setting.is_secret && values(filled, &setting.name) != values(now, &setting.name));
    let row = |setting: &Setting| {
        let shown = |asked: &Asked| cell::maybe(Some(values(asked, &setting.name)).as_deref());
        let cells = vec![cell::text(&setting.label)?, shown(filled)?, shown(now)?];
        Ok(Row { key: setting.name.clone(), cells, ..Row::default() })
    };
    let rows = differing.map(row).collect::<Result<_, Error>>()?;
    let same = "What you filled in is what there is now.";
    Table::new("What you have and what there is now", DIFFERENCES, rows, same).html()
}

/// What stands under a name, as one text.
fn values(asked: &Asked, name: &str) -> String {
    let values: Vec<&str> = asked.all(name).collect();
    match values.as_slice() {
        [] => "–".to_owned(),
        ["true"] => "yes".to_owned(),
        values => values.join(", ").replace("\r\n", "\n"),
    }
}

/// A whole number as the API takes it; what is none is sent as it is, for the API to say what it expects.
pub fn number(text: &str) -> serde_json::Value {
    text.parse::<u32>().map_or_else(|_| text.into(), Into::into)
}

/// A text, or null for nothing.
pub fn or_null(text: Option<&str>) -> serde_json::Value {
    text.map_or(serde_json::Value::Null, Into::into)
}
