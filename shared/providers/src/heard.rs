//! What is heard in a callback: reports about payments, and what is not booked. Nothing that a known sender tells is lost, and
//! nothing of it that no record could hold goes on.

use paywarden_domain::bounds::{self, EVENT_CHARACTERS};
use paywarden_domain::transaction::report::Report;

use crate::admission::admit;
use crate::callback::{Callback, Malformed};
use crate::registry::Adapter;

/// What a callback tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    /// What it reports about payments.
    pub reports: Vec<Report>,
    /// What else it tells.
    pub unbooked: Vec<Unbooked>,
}

/// Something that a callback tells and that is not booked. It is listed for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbooked {
    /// The provider's name of it, bounded; none where a report could not be taken.
    pub event: Option<String>,
    /// Why it is not booked.
    pub reason: String,
}

impl Heard {
    /// One report about a payment.
    pub(crate) fn report(report: Report) -> Self {
        Self { reports: vec![report], unbooked: Vec::new() }
    }

    /// An event that is not booked, for this reason.
    pub(crate) fn other(event: &str, reason: &str) -> Self {
        let name: String =
            event.chars().filter(|letter| !letter.is_control()).take(EVENT_CHARACTERS).collect();
        let event = Some(name).filter(|name| bounds::is_text(name, EVENT_CHARACTERS));
        Self { reports: Vec::new(), unbooked: vec![Unbooked { event, reason: reason.to_owned() }] }
    }

    /// A report that cannot be taken.
    fn refused(malformed: &Malformed) -> Self {
        Self { reports: Vec::new(), unbooked: vec![Unbooked { event: None, reason: malformed.to_string() }] }
    }

    /// What the rows of a batch tell. One that cannot be read takes no other along.
    ///
    /// # Errors
    /// [`Malformed`] of the first when none of them can be read.
    pub(crate) fn of_rows(rows: impl Iterator<Item = Result<Self, Malformed>>) -> Result<Self, Malformed> {
        let (mut whole, mut readable, mut first) = (Self::default(), false, None);
        for row in rows {
            let heard = match row {
                Ok(heard) => {
                    readable = true;
                    heard
                }
                Err(malformed) => {
                    readable |= malformed.beyond_bounds;
                    let heard = Self::refused(&malformed);
                    first = first.or(Some(malformed));
                    heard
                }
            };
            whole.reports.extend(heard.reports);
            whole.unbooked.extend(heard.unbooked);
        }
        first.filter(|_| !readable).map_or(Ok(whole), Err)
    }

    /// What of it can be taken: a report that no record could hold is not booked.
    fn admitted(self) -> Self {
        let mut admitted = Self { reports: Vec::new(), unbooked: self.unbooked };
        for report in self.reports {
            match admit(&report) {
                Ok(()) => admitted.reports.push(report),
                Err(malformed) => admitted.unbooked.extend(Self::refused(&malformed).unbooked),
            }
        }
        admitted
    }
}

/// Reads a callback: the one way from what a provider sent to what may go into records.
///
/// # Errors
/// [`Malformed`] for what the sender cannot have meant. Texts that are too long or hold control characters are no such thing:
/// sending them again would help nobody, so what they are a part of is not booked.
pub fn hear(adapter: &dyn Adapter, callback: &Callback<'_>) -> Result<Heard, Malformed> {
    match adapter.parse(callback) {
        Ok(heard) => Ok(heard.admitted()),
        Err(malformed) if malformed.beyond_bounds => Ok(Heard::refused(&malformed)),
        Err(malformed) => Err(malformed),
    }
}
