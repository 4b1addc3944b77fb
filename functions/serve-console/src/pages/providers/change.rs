//! Changes of a provider: its settings and credentials, or what it costs. They are changes of the version that was seen; when
//! there is another by now, both are shown beside one another before anything is saved. The status is none of it.

use futures::future;
use paywarden_api_client::Refusal;
use paywarden_domain::access::Scope;
use serde_json::{Map, Value};

use super::record::{self, Provider, ProviderType, refusal, service_choices, types};
use super::settings::{Setting, credentials, differences, filled, general, of_provider, tariffs};
use super::{example, fees, new};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

/// The form's id, for the example that belongs to it.
pub const FORM: &str = "provider";

/// The hidden field with the version that was seen.
pub const VERSION: &str = "version";

const ROTATE: &str = "rotate_callback_token";
const OVERLAP: &str = "previous_credentials_valid_seconds";

/// Which of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Settings,
    Fees,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Settings => "edit",
            Self::Fees => "fees",
        }
    }

    fn title(self, provider: &Provider) -> String {
        match self {
            Self::Settings => format!("Edit {}", provider.name),
            Self::Fees => format!("Fees of {}", provider.name),
        }
    }
}

/// A provider and its type, as a form needs both.
struct Subject {
    provider: Provider,
    kind: ProviderType,
}

async fn subject(visit: &Visit<'_>, id: &str) -> Result<Subject, Failure> {
    let (provider, types) = future::join(record::read(visit, id), types(visit)).await;
    let provider = provider?;
    let kind = types?.into_iter().find(|kind| kind.kind == provider.kind).ok_or(Failure::NotFound)?;
    Ok(Subject { provider, kind })
}

/// The form, filled in with what there is.
pub async fn show(visit: &Visit<'_>, id: &str, part: Part) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    let subject = subject(visit, id).await?;
    let mut now = of_provider(&subject.provider);
    let asked_for: Vec<&str> = visit.query.all("own").collect();
    if !asked_for.is_empty() {
        let begun = tariffs::of_new(asked_for.into_iter().filter(|service| {
            subject.kind.services.iter().any(|offered| offered == service)
                && !subject.provider.overrides.contains_key(*service)
        }));
        let begun = begun.into_iter().filter(|(name, _)| name.starts_with("overrides."));
        let held = now.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
        now = Asked::new(held.chain(begun).collect());
    }
    let form = form(visit, &subject, part, &now);
    page(visit, &subject, part, &now, (Html::default(), form))
}

/// Saves it; or works out the example, when that was the button.
pub async fn save(visit: &Visit<'_>, id: &str, part: Part) -> Result<Reply, Failure> {
    let subject = subject(visit, id).await?;
    let asked = &visit.form;
    if asked.is_ticked("example") {
        return page(visit, &subject, part, asked, (Html::default(), form(visit, &subject, part, asked)));
    }
    let body = Value::Object(body(asked, &subject, part));
    match visit.patch(&record::path(id), asked.text(VERSION), &body).await {
        Ok(answer) if asked.is_ticked(ROTATE) => rotated(visit, &answer.member("provider")?),
        Ok(_) => Ok(Reply::SeeOther(subject.provider.link(visit, "?done=saved"))),
        Err(error) => again(visit, &subject, part, &refusal(error)?),
    }
}

/// The form with what was filled in and why it was refused; where somebody else was faster, with what there is by now.
fn again(visit: &Visit<'_>, subject: &Subject, part: Part, refusal: &Refusal) -> Result<Reply, Failure> {
    let asked = &visit.form;
    let form = form(visit, subject, part, asked);
    let (before, form) = if refusal.status == 412 {
        (compared(subject, part, asked)?, form)
    } else {
        (Html::default(), form.refused(refusal)?)
    };
    match page(visit, subject, part, asked, (before, form))? {
        Reply::Page(page) => Ok(page.with_status(refusal.status).into()),
        reply => Ok(reply),
    }
}

/// What somebody else saved meanwhile, beside what was filled in.
fn compared(subject: &Subject, part: Part, asked: &Asked) -> Result<Html, Failure> {
    let said = format!(
        "Somebody changed {} while you had it open: you saw version {}, it is at version {} now. Nothing was saved. Compare, \
         then save over it; secrets have to be typed again.",
        subject.provider.name,
        asked.text(VERSION),
        subject.provider.version,
    );
    let settings = settings(subject, part, asked);
    Ok(Html::join([
        Notice::warning(said).html()?,
        differences(&settings, asked, &of_provider(&subject.provider))?,
    ]))
}

fn settings(subject: &Subject, part: Part, asked: &Asked) -> Vec<Setting> {
    match part {
        Part::Settings => {
            let mut settings = general::settings(&subject.kind);
            settings.extend(credentials::settings(&subject.kind, Some(&subject.provider)));
            settings
        }
        Part::Fees => {
            let own = tariffs::services_in(asked);
            tariffs::settings(own.iter().map(String::as_str))
        }
    }
}

/// The form over the version that there is now.
fn form(visit: &Visit<'_>, subject: &Subject, part: Part, asked: &Asked) -> Form {
    let provider = &subject.provider;
    let action = provider.link(visit, &format!("/{}", part.word()));
    let over = match asked.get(VERSION) {
        Some(seen) if seen != provider.version.to_string() => format!(" over version {}", provider.version),
        _ => String::new(),
    };
    let form = Form::new(action, format!("Save {}{over}", provider.name))
        .with_id(FORM)
        .hidden(VERSION, provider.version.to_string());
    let mut settings = settings(subject, part, asked);
    if part == Part::Settings {
        settings.extend(renewal(provider));
    }
    filled(form, &settings, asked)
}

/// What happens to the credentials of before.
fn renewal(provider: &Provider) -> Vec<Setting> {
    let spans = [("", "A day"), ("0", "Not at all"), ("3600", "An hour"), ("604800", "A week")];
    let spans = spans.map(|(value, name)| (value.to_owned(), name.to_owned())).to_vec();
    let mut settings = Vec::new();
    if provider.callback_url.contains("{token}") {
        settings.push(Setting::new(ROTATE, "Make a new callback address", |name, label| {
            Field::flag(name, label).help("It is shown once, after saving")
        }));
    }
    settings.push(Setting::new(OVERLAP, "Credentials of before stay good for", |name, label| {
        Field::choice(name, label, spans).help("Where some are changed here")
    }));
    settings
}

fn body(asked: &Asked, subject: &Subject, part: Part) -> Map<String, Value> {
    if part == Part::Fees {
        return tariffs::body(asked);
    }
    let mut body = general::body(asked);
    let mut credentials = credentials::body(asked, &subject.kind, Some(&subject.provider));
    if asked.is_ticked(ROTATE) {
        credentials.insert(ROTATE.to_owned(), true.into());
    }
    let overlap = asked.get(OVERLAP).and_then(|text| text.parse::<u32>().ok());
    if let Some(seconds) = overlap.filter(|_| !credentials.is_empty()) {
        credentials.insert(OVERLAP.to_owned(), seconds.into());
    }
    body.append(&mut credentials);
    body
}

fn page(
    visit: &Visit<'_>,
    subject: &Subject,
    part: Part,
    asked: &Asked,
    (before, form): (Html, Form),
) -> Result<Reply, Failure> {
    let provider = &subject.provider;
    let mut body = vec![
        cell::actions(&[cell::link(&provider.link(visit, ""), "Back to the provider")?])?,
        Notice::hint(format!("Saving leaves its status as it is: {}.", provider.status)).html()?,
        before,
    ];
    if part == Part::Fees {
        let own = tariffs::services_in(asked);
        body.push(fees::more(
            visit,
            provider,
            service_choices(provider.services.iter().map(String::as_str)),
            &own,
        )?);
        body.push(form.html()?);
        let tariffs = tariffs::of_form(asked);
        body.push(example::of_form(asked, tariffs.as_ref(), &provider.services, FORM)?);
    } else {
        body.push(form.html()?);
    }
    Ok(Page::new(part.title(provider), Entry::Providers, Html::join(body)).into())
}

/// A callback address with a new token is shown once.
fn rotated(visit: &Visit<'_>, provider: &Provider) -> Result<Reply, Failure> {
    let body = [
        Notice::done("It is saved, and its callbacks have a new address.").html()?,
        new::address(provider)?,
        cell::actions(&[cell::button_link(&provider.link(visit, ""), "Go to its page")?])?,
    ];
    Ok(Page::new(format!("Provider {}", provider.name), Entry::Providers, Html::join(body)).into())
}
