//! What pages of the reference are put together from, beside what all pages are.

use askama::Template;

use crate::view::html::Html;

type Made = Result<Html, askama::Error>;

/// A piece of a paragraph.
struct Piece<'a> {
    is_code: bool,
    text: &'a str,
}

#[derive(Template)]
#[template(
    source = "{% for paragraph in paragraphs %}<p>{% for piece in paragraph %}{% if piece.is_code %}<code>{{ piece.text }}</code>{% else %}{{ piece.text }}{% endif %}{% endfor %}</p>{% endfor %}",
    ext = "html"
)]
struct Prose<'a> {
    paragraphs: Vec<Vec<Piece<'a>>>,
}

/// A text of the document: paragraphs between empty lines, code between back quotes.
pub fn prose(text: &str) -> Made {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let paragraphs = paragraphs.map(pieces).collect();
    Html::of(&Prose { paragraphs })
}

fn pieces(paragraph: &str) -> Vec<Piece<'_>> {
    let parts = paragraph.split('`').enumerate();
    parts.map(|(place, text)| Piece { is_code: place % 2 == 1, text }).collect()
}

#[derive(Template)]
#[template(source = "<code>{{ text }}</code>", ext = "html")]
struct Code<'a> {
    text: &'a str,
}

/// A name of the document.
pub fn code(text: &str) -> Made {
    Html::of(&Code { text })
}

#[derive(Template)]
#[template(
    source = "<div class=\"raw\"><button type=\"button\" class=\"copy\" data-copy-next aria-label=\"Copy: {{ name }}\"></button><pre tabindex=\"0\">{{ text }}</pre></div>",
    ext = "html"
)]
struct Raw<'a> {
    name: &'a str,
    text: &'a str,
}

/// A text as it is, with a button that copies it.
pub fn raw(name: &str, text: &str) -> Made {
    Html::of(&Raw { name, text })
}
