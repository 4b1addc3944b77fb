//! Small pieces: what stands in one cell of a table, or behind one name of a list.

use askama::Template;
use paywarden_domain::time::{Timestamp, Zone};

use super::html::Html;
use super::money::Amount;
use super::status::Tone;
use super::time::Moment;

type Made = Result<Html, askama::Error>;

#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct Text<'a> {
    text: &'a str,
}

/// A text.
pub fn text(text: &str) -> Made {
    Html::of(&Text { text })
}

/// A text, or a dash.
pub fn maybe(text: Option<&str>) -> Made {
    self::text(text.unwrap_or("–"))
}

#[derive(Template)]
#[template(
    source = "<span class=\"id\"><code>{{ id }}</code><button type=\"button\" class=\"copy\" aria-label=\"Copy {{ id }}\"></button></span>",
    ext = "html"
)]
struct Id<'a> {
    id: &'a str,
}

/// An id, whole, with a button that copies it.
pub fn id(id: &str) -> Made {
    Html::of(&Id { id })
}

#[derive(Template)]
#[template(
    source = "<span class=\"id\"><a href=\"{{ href }}\"><code>{{ id }}</code></a><button type=\"button\" class=\"copy\" aria-label=\"Copy {{ id }}\"></button></span>",
    ext = "html"
)]
struct LinkedId<'a> {
    href: &'a str,
    id: &'a str,
}

/// An id that leads to what it stands for.
pub fn linked_id(href: &str, id: &str) -> Made {
    Html::of(&LinkedId { href, id })
}

#[derive(Template)]
#[template(source = "<a href=\"{{ href }}\">{{ text }}</a>", ext = "html")]
struct Link<'a> {
    href: &'a str,
    text: &'a str,
}

/// A link.
pub fn link(href: &str, text: &str) -> Made {
    Html::of(&Link { href, text })
}

#[derive(Template)]
#[template(source = "<span class=\"money\">{{ amount }} <abbr>{{ currency }}</abbr></span>", ext = "html")]
struct Money<'a> {
    amount: String,
    currency: &'a str,
}

/// An amount.
pub fn money(amount: Amount, currency: &str) -> Made {
    Html::of(&Money { amount: amount.grouped(), currency })
}

#[derive(Template)]
#[template(
    source = "{% if let Some(ago) = moment.ago %}<span class=\"ago\">{{ ago }}</span> {% endif %}<time datetime=\"{{ moment.machine }}\" title=\"{{ moment.utc }}\"><span>{{ moment.day }}</span> <span>{{ moment.clock }}</span></time>",
    ext = "html"
)]
struct Time {
    moment: Moment,
}

/// A moment of the API; a text that is none is shown as it is.
pub fn time(text: &str, zone: &Zone, now: Timestamp) -> Made {
    match Moment::parse(text, zone, now) {
        Some(moment) => Html::of(&Time { moment }),
        None => self::text(text),
    }
}

/// A moment, or a dash.
pub fn maybe_time(text: Option<&str>, zone: &Zone, now: Timestamp) -> Made {
    match text {
        Some(text) => time(text, zone, now),
        None => maybe(None),
    }
}

#[derive(Template)]
#[template(
    source = "<span class=\"status {{ tone.class() }}\"><span aria-hidden=\"true\">{{ tone.sign() }}</span> {{ word }}</span>",
    ext = "html"
)]
struct Status<'a> {
    tone: Tone,
    word: &'a str,
}

/// A state.
pub fn status(word: &str) -> Made {
    Html::of(&Status { tone: Tone::of(word), word })
}

/// A remark that is to be taken in some way.
pub fn mark(tone: Tone, word: &str) -> Made {
    Html::of(&Status { tone, word })
}

#[derive(Template)]
#[template(
    source = "<progress max=\"{{ of }}\" value=\"{{ done }}\" aria-label=\"{{ said }}\"></progress> {{ said }}",
    ext = "html"
)]
struct Progress<'a> {
    done: u64,
    of: u64,
    said: &'a str,
}

/// How much of something is done, as a bar and in words.
pub fn progress(done: u64, of: u64, said: &str) -> Made {
    Html::of(&Progress { done, of, said })
}

#[derive(Template)]
#[template(source = "{% for part in parts %}<div>{{ part }}</div>{% endfor %}", ext = "html")]
struct Stack<'a> {
    parts: &'a [Html],
}

/// Several in one cell, one below the other.
pub fn stack(parts: &[Html]) -> Made {
    Html::of(&Stack { parts })
}

#[derive(Template)]
#[template(source = "<h2{% if let Some(id) = id %} id=\"{{ id }}\"{% endif %}>{{ text }}</h2>", ext = "html")]
struct Heading<'a> {
    id: Option<&'a str>,
    text: &'a str,
}

/// A heading within a page.
pub fn heading(text: &str) -> Made {
    Html::of(&Heading { id: None, text })
}

/// A heading that can be linked to.
pub fn heading_at(id: &str, text: &str) -> Made {
    Html::of(&Heading { id: Some(id), text })
}

#[derive(Template)]
#[template(source = "<p>{{ text }}</p>", ext = "html")]
struct Paragraph<'a> {
    text: &'a str,
}

/// A sentence or two.
pub fn paragraph(text: &str) -> Made {
    Html::of(&Paragraph { text })
}

#[derive(Template)]
#[template(source = "<p class=\"actions\">{% for part in parts %}{{ part }} {% endfor %}</p>", ext = "html")]
struct Actions<'a> {
    parts: &'a [Html],
}

/// Links and buttons beside one another.
pub fn actions(parts: &[Html]) -> Made {
    Html::of(&Actions { parts })
}

#[derive(Template)]
#[template(source = "<a class=\"button\" href=\"{{ href }}\">{{ text }}</a>", ext = "html")]
struct ButtonLink<'a> {
    href: &'a str,
    text: &'a str,
}

/// A link that looks like a button, to a page where something is done.
pub fn button_link(href: &str, text: &str) -> Made {
    Html::of(&ButtonLink { href, text })
}

#[derive(Template)]
#[template(
    source = "<details{% if open %} open{% endif %}><summary>{{ summary }}</summary>{{ body }}</details>",
    ext = "html"
)]
struct Folded<'a> {
    summary: &'a str,
    body: &'a Html,
    open: bool,
}

/// Something that is not looked at every time.
pub fn folded(summary: &str, body: &Html, open: bool) -> Made {
    Html::of(&Folded { summary, body, open })
}
