//! States, each with a colour, a sign and its word: nobody has to tell colours apart.

/// How a state is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Waiting,
    Warning,
    Bad,
    Quiet,
}

impl Tone {
    /// The class of its colour.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }

    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Waiting => "◷",
            Self::Warning => "!",
            Self::Bad => "✕",
            Self::Quiet => "–",
        }
    }

    /// How a word of the API is to be taken; a word that is newer than this console is shown without a colour.
    pub fn of(word: &str) -> Self {
        match word {
            "PAID" | "COMPLETED" | "ACTIVE" | "ENABLED" | "SUCCEEDED" | "accepted" | "matched" | "parsed"
            | "RESOLVED" | "DELIVERED" | "done" => Self::Good,
            "PENDING" | "PROCESSING" | "QUEUED" | "RUNNING" | "UPLOADING" | "GATHERING" | "begun"
            | "pending" | "parsing" => Self::Waiting,
            "MAINTENANCE" | "EXPIRED" | "REVERSED" | "held" | "OPEN" | "ASSIGNED" | "PAUSED" | "PARKED" => {
                Self::Warning
            }
            "FAILED" | "INACTIVE" | "DISABLED" | "refused" | "failed" => Self::Bad,
            _ => Self::Quiet,
        }
    }
}
