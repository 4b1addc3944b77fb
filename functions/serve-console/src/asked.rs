//! What a browser sent: the parameters of an address, the fields of a form.

/// Longest form that is read, in bytes: a statement's rows are not sent through here.
pub const LONGEST_FORM: usize = 64 * 1024;

/// Names and values in the order they came; a name may come several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(Vec<(String, String)>);

impl Asked {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The fields of a form.
    pub fn of_form(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// What was given under a name; an empty text counts as nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().find(|(found, value)| found == name && !value.trim().is_empty());
        given.map(|(_, value)| value.trim())
    }

    /// The same, and nothing as an empty text.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Everything that was given under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let given = self.0.iter().filter(move |(found, _)| found == name);
        given.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As a query string, of the names that `keep` wants.
    pub fn query(&self, keep: impl Fn(&str) -> bool) -> String {
        let kept = self.pairs().filter(|(name, value)| keep(name) && !value.trim().is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }
}
