//! The page of signing in, and what it keeps for afterwards.

use askama::Template;

use crate::asked::Asked;
use crate::view::html::Html;

/// How names begin whose fields were filled in before the session was over.
const PREFIX: &str = "kept.";

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInForm<'a> {
    pub base: &'a str,
    pub return_to: &'a str,
    pub client_id: &'a str,
    /// Names and values of a form that was sent without a session.
    pub kept: Vec<(String, String)>,
    pub notice: Option<Html>,
    /// Whether people can sign in as themselves.
    pub provider: bool,
}

impl SignInForm<'_> {
    pub fn html(&self) -> Result<Html, askama::Error> {
        Html::of(self)
    }

    fn return_query(&self) -> String {
        form_urlencoded::byte_serialize(self.return_to.as_bytes()).collect()
    }
}

/// The fields of a form, for as long as it takes to sign in. Secrets are not among them.
pub struct Kept(Asked);

#[derive(Template)]
#[template(path = "kept.html")]
struct KeptPage<'a> {
    action: String,
    fields: Vec<(&'a str, &'a str)>,
}

impl Kept {
    pub fn of(form: &Asked) -> Self {
        Self(Asked::new(
            form.pairs()
                .filter(|(name, _)| !is_secret(name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        ))
    }

    /// What the page of signing in had kept.
    pub fn again(form: &Asked) -> Option<Self> {
        let kept = form.pairs().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        let kept: Vec<_> = kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        (!kept.is_empty()).then(|| Self(Asked::new(kept)))
    }

    /// As hidden fields of the page.
    pub fn fields(&self) -> Vec<(String, String)> {
        self.0.pairs().map(|(name, value)| (format!("{PREFIX}{name}"), value.to_owned())).collect()
    }

    /// The form again, to be looked at and sent.
    pub fn page(&self, base: &str, path: &str) -> Result<Html, askama::Error> {
        Html::of(&KeptPage { action: format!("{base}{path}"), fields: self.0.pairs().collect() })
    }
}

/// Whether a field may hold a secret: all of a provider's credentials may.
fn is_secret(name: &str) -> bool {
    name.starts_with("credentials.") || name.contains("secret") || name.contains("password")
}

/// The address behind the console's own that somebody is sent to: nothing that leads elsewhere.
pub fn inside(path: &str) -> String {
    let is_plain = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.starts_with("/sign-")
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(
            inside("/transactions?tab=send&reference=INV%201"),
            "/transactions?tab=send&reference=INV%201"
        );
        for hostile in [
            "",
            "https://evil.example.com/",
            "//evil.example.com",
            "/\\evil.example.com",
            "transactions",
            "/a\r\nset-cookie: x",
            "/sign-out",
            "javascript:alert(1)",
        ] {
            assert_eq!(inside(hostile), "/", "{hostile:?}");
        }
    }

    #[test]
    fn what_was_filled_in_is_kept_but_for_secrets() {
        let form =
            Asked::of_form(b"name=Brick&services=EWALLET&services=QRIS&credentials.client_secret=s3cret");
        let fields = Kept::of(&form).fields();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["kept.name", "kept.services", "kept.services"]);
        let again = Kept::again(&Asked::new(fields)).expect("something is kept");
        assert_eq!(again.0.all("services").collect::<Vec<_>>(), ["EWALLET", "QRIS"]);
        assert!(Kept::again(&Asked::of_form(b"client_id=c")).is_none());
    }
}
