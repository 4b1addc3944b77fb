//! Forms that do something. What the API refuses is shown at the field it names, and what was filled in stays.

use askama::Template;
use paywarden_api_client::Refusal;

use super::html::Html;
use super::notice::Notice;
use crate::asked::Asked;

/// A field. Its name is the API's member, with points between the members of a member.
#[derive(Debug, Clone)]
pub struct Field {
    name: String,
    label: String,
    help: String,
    is_required: bool,
    kind: FieldKind,
    values: Vec<String>,
    error: Option<String>,
}

#[derive(Debug, Clone)]
enum FieldKind {
    Text {
        placeholder: String,
    },
    /// Typed unseen, and never filled in by us.
    Secret,
    Area,
    Choice(Vec<(String, String)>),
    Boxes(Vec<(String, String)>),
    /// One box.
    Flag,
    /// A file of the person's own.
    File,
    Day,
}

type Choices = Vec<(String, String)>;

impl Field {
    fn new(name: impl Into<String>, label: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: String::new(),
            is_required: false,
            kind,
            values: Vec::new(),
            error: None,
        }
    }

    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, FieldKind::Text { placeholder: String::new() })
    }

    pub fn secret(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, FieldKind::Secret)
    }

    pub fn area(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, FieldKind::Area)
    }

    /// One of several; one that need not be chosen has an empty choice in front.
    pub fn choice(name: impl Into<String>, label: impl Into<String>, choices: Choices) -> Self {
        Self::new(name, label, FieldKind::Choice(choices))
    }

    /// A file; the form is sent in parts.
    pub fn file(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, FieldKind::File)
    }

    /// Any of several.
    pub fn boxes(name: impl Into<String>, label: impl Into<String>, choices: Choices) -> Self {
        Self::new(name, label, FieldKind::Boxes(choices))
    }

    pub fn flag(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, FieldKind::Flag)
    }

    pub fn day(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, FieldKind::Day)
    }

    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// With a sentence that says what is expected.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// With an example in the empty field.
    #[must_use]
    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        if let FieldKind::Text { placeholder } = &mut self.kind {
            *placeholder = text.into();
        }
        self
    }

    /// Filled in.
    #[must_use]
    pub fn value(self, value: impl Into<String>) -> Self {
        Self { values: vec![value.into()], ..self }
    }

    fn text_value(&self) -> &str {
        self.values.first().map(String::as_str).unwrap_or_default()
    }

    fn has(&self, value: &str) -> bool {
        self.values.iter().any(|held| held == value)
    }

    fn is_ticked(&self) -> bool {
        self.has("true")
    }

    /// What it is called in the page.
    fn id(&self) -> String {
        format!("field-{}", self.name.replace(['.', '[', ']'], "-"))
    }

    /// The id of the sentence below it, if there is one.
    fn described_by(&self) -> Option<String> {
        (!self.help.is_empty() || self.error.is_some()).then(|| format!("{}-about", self.id()))
    }
}

/// A form.
#[derive(Template)]
#[template(path = "view/form.html")]
pub struct Form {
    action: String,
    submit: String,
    fields: Vec<Field>,
    hidden: Vec<(String, String)>,
    /// Fields of a form that looks things up, and changes nothing.
    is_search: bool,
    /// What it does cannot be undone.
    is_destructive: bool,
    notice: Option<Html>,
    id: Option<String>,
}

impl Form {
    /// A form that does something; `submit` says what.
    pub fn new(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            submit: submit.into(),
            fields: Vec::new(),
            hidden: Vec::new(),
            is_search: false,
            is_destructive: false,
            notice: None,
            id: None,
        }
    }

    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    #[must_use]
    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// As a form that only looks something up: its fields become the address.
    #[must_use]
    pub fn searching(self) -> Self {
        Self { is_search: true, ..self }
    }

    /// As one that cannot be undone.
    #[must_use]
    pub fn destructive(self) -> Self {
        Self { is_destructive: true, ..self }
    }

    /// With an id, for boxes elsewhere on the page that belong to it.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// With what was filled in before. Secrets are not filled in again.
    #[must_use]
    pub fn filled(mut self, asked: &Asked) -> Self {
        for field in self.fields.iter_mut().filter(|field| !matches!(field.kind, FieldKind::Secret)) {
            let values = asked.all(&field.name).map(str::to_owned).collect();
            field.values = values;
        }
        self
    }

    /// With what the API refused: at the field it is about, else above all.
    ///
    /// # Errors
    /// When a template fails, which none does.
    pub fn refused(mut self, refusal: &Refusal) -> Result<Self, askama::Error> {
        let about = refusal.parameter.as_deref().unwrap_or_default();
        match self.fields.iter_mut().find(|field| field.name == about) {
            Some(field) => field.error = Some(refusal.message.clone()),
            None => self.notice = Some(Notice::of_refusal(refusal).html()?),
        }
        Ok(self)
    }

    /// # Errors
    /// When the template fails, which it does not.
    pub fn html(&self) -> Result<Html, askama::Error> {
        Html::of(self)
    }

    fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, FieldKind::File))
    }

    fn method(&self) -> &'static str {
        if self.is_search { "get" } else { "post" }
    }
}

/// Choices of words that are shown as they are.
pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Choices {
    words.into_iter().map(|word| (word.to_owned(), word.to_owned())).collect()
}

/// Choices with an empty one in front.
pub fn or_none(name: &str, mut choices: Choices) -> Choices {
    choices.insert(0, (String::new(), name.to_owned()));
    choices
}
