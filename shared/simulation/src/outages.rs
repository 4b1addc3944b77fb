//! What is not well for a while: a table that answers nobody, a consumer that fails whatever it is given, or a deploy, with
//! processes of a newer version beside those of this one. What dies of it lies among the dead letters until somebody comes
//! back from a long holiday.

use std::fmt;

use paywarden_domain::time::{Clock, Timestamp};

use crate::work::Work;
use crate::world::World;

/// For how long a table answers nobody.
const TABLE_SECONDS: i64 = 10 * 60;

/// For how long a consumer fails: longer than a stream keeps what it tells.
const CONSUMER_SECONDS: i64 = 26 * 3_600;

/// For how long nobody looks at dead letters. A queue of the template keeps a message for fourteen days.
const UNATTENDED_SECONDS: i64 = 13 * 86_400;

/// By how many steps of time an outage is lived through.
const PARTS: i64 = 8;

/// What can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A table, by its logical id.
    Table(&'static str),
    /// Whoever does this kind of work.
    Consumer(Kind),
    /// Nothing, but half of the processes are of a newer version, which writes a member more into every item and message.
    Deploy,
}

/// Kinds of work that nobody waits for: what failed has to be done again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Apply,
    Expire,
    Project,
    Plan,
    Deliver,
    Sweep,
    /// Whoever takes files in, does the steps of runs, begins those that are due, or watches providers.
    Office,
}

/// Everything that can be broken.
pub const ALL: [Broken; 18] = [
    Broken::Table("TransactionsTable"),
    Broken::Table("ProviderReferencesTable"),
    Broken::Table("ReportKeysTable"),
    Broken::Table("TimelineTable"),
    Broken::Table("TotalsTable"),
    Broken::Table("LedgerTable"),
    Broken::Table("WebhooksTable"),
    Broken::Table("ProvidersTable"),
    Broken::Consumer(Kind::Apply),
    Broken::Consumer(Kind::Expire),
    Broken::Consumer(Kind::Project),
    Broken::Consumer(Kind::Plan),
    Broken::Consumer(Kind::Deliver),
    Broken::Consumer(Kind::Sweep),
    Broken::Deploy,
    Broken::Table("ReconciliationTable"),
    Broken::Table("ProviderHealthTable"),
    Broken::Consumer(Kind::Office),
];

impl Broken {
    /// What is called so: a table by its logical id, a consumer by what it does.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|broken| broken.to_string() == name)
    }

    const fn seconds(self) -> i64 {
        match self {
            Self::Table(_) | Self::Deploy => TABLE_SECONDS,
            Self::Consumer(_) => CONSUMER_SECONDS,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => formatter.write_str(table),
            Self::Consumer(kind) => write!(formatter, "{kind:?}"),
            Self::Deploy => formatter.write_str("Deploy"),
        }
    }
}

/// Something that is broken, and since when; not yet before the first step of disorder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    broken: Broken,
    since: Option<Timestamp>,
    is_over: bool,
}

impl Outage {
    pub(crate) const fn of(broken: Broken) -> Self {
        Self { broken, since: None, is_over: false }
    }
}

impl World {
    /// Whether it is lived through in a world that has an office.
    pub(crate) fn needs_office(broken: Option<Broken>) -> bool {
        broken.is_some_and(|broken| {
            matches!(
                broken,
                Broken::Table("ReconciliationTable" | "ProviderHealthTable") | Broken::Consumer(Kind::Office)
            )
        })
    }

    /// What is broken now.
    fn broken(&self) -> Option<Broken> {
        self.outage.filter(|outage| outage.since.is_some() && !outage.is_over).map(|outage| outage.broken)
    }

    /// Whether something is broken or is going to be.
    pub(crate) fn awaits_repair(&self) -> bool {
        self.outage.is_some_and(|outage| !outage.is_over)
    }

    /// Breaks what is to be broken, and mends it when it was broken for long enough.
    pub(crate) fn break_or_mend(&mut self) {
        let now = self.stage.clock.now();
        let Some(outage) = self.outage.as_mut().filter(|outage| !outage.is_over) else {
            return;
        };
        match outage.since {
            None => {
                outage.since = Some(now);
                let step = format!("{} is broken", outage.broken);
                self.step(step);
            }
            Some(since) if now >= since.plus_seconds(outage.broken.seconds()) => {
                outage.is_over = true;
                let step = format!("{} is mended", outage.broken);
                self.step(step);
            }
            Some(_) => {}
        }
    }

    /// How far the clock jumps while something is broken.
    pub(crate) fn outage_jump(&self) -> Option<i64> {
        self.broken().map(|broken| broken.seconds() / PARTS)
    }

    /// The table that answers nobody now.
    pub(crate) fn closed_table(&self) -> Option<&'static str> {
        match self.broken()? {
            Broken::Table(table) => Some(table),
            Broken::Consumer(_) | Broken::Deploy => None,
        }
    }

    /// Whether the next process or two are of a newer version.
    pub(crate) fn is_next_newer(&mut self) -> bool {
        self.broken() == Some(Broken::Deploy) && self.dice.happens(50)
    }

    /// Whether whoever does this fails now, whatever it is.
    pub(crate) fn cannot_do(&self, work: &Work) -> bool {
        self.broken().is_some_and(|broken| Some(broken) == work.kind().map(Broken::Consumer))
    }

    /// After an outage nobody comes for the dead letters for a long time.
    pub(crate) fn leave_unattended(&mut self) {
        if self.outage.is_some() {
            self.stage.clock.advance_seconds(UNATTENDED_SECONDS);
            self.step("nobody has looked at the dead letters for thirteen days".to_owned());
        }
    }
}
