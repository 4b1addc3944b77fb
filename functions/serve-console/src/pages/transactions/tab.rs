//! The tabs of the list: Send Money, Receive Money, and both, which is where other pages lead that do not know which it is.

use paywarden_domain::vocabulary::{Direction, Method};

use crate::failure::Failure;
use crate::view::html::Html;
use crate::view::tabs::{Tab, tabs};
use crate::visit::Visit;

/// Which of them it is: one of a direction, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown(Option<Direction>);

const BOTH: &str = "all";

impl Shown {
    /// Money that comes in unless the address says otherwise.
    pub fn of(visit: &Visit<'_>) -> Self {
        match visit.query.text("tab") {
            BOTH => Self(None),
            tab => Self(Some(Direction::parse(tab).unwrap_or(Direction::Receive))),
        }
    }

    pub fn word(self) -> &'static str {
        self.0.map_or(BOTH, Direction::as_str)
    }

    /// What the API is asked for beside the filters.
    pub fn pairs(self) -> Vec<(&'static str, &'static str)> {
        self.0.map(|direction| ("direction", direction.as_str())).into_iter().collect()
    }

    /// How it can be paid.
    pub fn methods(self) -> impl Iterator<Item = Method> {
        let methods = Method::ALL.iter().copied();
        methods.filter(move |method| self.0.is_none_or(|direction| method.direction() == direction))
    }

    /// # Errors
    /// When the template fails, which it does not.
    pub fn html(self, visit: &Visit<'_>) -> Result<Html, Failure> {
        let all = [
            (Self(Some(Direction::Send)), "Send Money"),
            (Self(Some(Direction::Receive)), "Receive Money"),
            (Self(None), "Both"),
        ];
        let all = all.map(|(tab, name)| Tab {
            name: name.to_owned(),
            href: visit.here(&format!("tab={}", tab.word())),
            is_current: tab == self,
            count: None,
        });
        Ok(tabs("Direction", &all)?)
    }
}
