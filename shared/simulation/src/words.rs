//! What is said about payments: by their merchant, who posts an order, and by providers, who call back.

use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::vocabulary::Method;

/// Providers that call back: two as they are, and one that signs our own normalised events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaker {
    Xendit,
    Midtrans,
    Generic,
}

impl Speaker {
    /// All of them, in the order of their ids, see [`Party`](crate::party::Party).
    pub const ALL: [Self; 3] = [Self::Xendit, Self::Midtrans, Self::Generic];

    /// What kind of provider it is.
    #[must_use]
    pub const fn provider_type(self) -> ProviderType {
        match self {
            Self::Xendit => ProviderType::Xendit,
            Self::Midtrans => ProviderType::Midtrans,
            Self::Generic => ProviderType::Generic,
        }
    }

    /// What it has words for.
    #[must_use]
    pub const fn vocabulary(self) -> &'static [Said] {
        use Said::{Expired, Failed, Odd, Paid, Pending, Processing, Refund, Reversed, Voided};
        match self {
            Self::Xendit => &[Processing, Paid, Paid, Failed, Expired, Refund],
            Self::Midtrans => {
                &[Pending, Processing, Paid, Paid, Failed, Expired, Voided, Refund, Reversed, Odd]
            }
            Self::Generic => &[Pending, Processing, Paid, Paid, Failed, Expired, Reversed, Odd],
        }
    }
}

/// What a provider says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    Pending,
    Processing,
    Paid,
    Failed,
    Expired,
    /// It was called off.
    Voided,
    /// All of the money went back.
    Reversed,
    /// A part of the money went back.
    Refund,
    /// A word that nobody knows.
    Odd,
}

/// One thing that a provider says about one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub reference: String,
    /// The provider's id of the payment, if it says one.
    pub payment: Option<String>,
    pub said: Said,
    pub at: Timestamp,
    /// In whole rupiah.
    pub amount: u32,
    pub method: Method,
    /// What it leaves out, where its provider can leave out something.
    pub omits: Omission,
}

/// What a provider leaves out: such a word may fit nothing yet, and waits for what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Omission {
    Nothing,
    /// It names its payment by the id alone.
    Reference,
    /// It does not say how much was paid, and how.
    Substance,
}

/// What a provider sends at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    pub speaker: Speaker,
    /// More than one where the provider has batches.
    pub words: Vec<Word>,
}

/// What a merchant posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub reference: String,
    pub occurrence: u32,
    pub method: Method,
    pub amount: u32,
    /// The provider that it names.
    pub names: Option<Speaker>,
    /// The provider's id of the payment, if it knows that.
    pub payment: Option<String>,
    pub expires: Option<Timestamp>,
}

/// A message about payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Posted(Posting),
    CalledBack(Callback),
}

impl Message {
    /// The message in a few words, for the log of a run.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Posted(posting) => {
                let Posting { reference, occurrence, method, amount, names, payment, expires } = posting;
                format!(
                    "posts {reference}#{occurrence} {method} {amount} by {names:?} as {payment:?} until {expires:?}"
                )
            }
            Self::CalledBack(Callback { speaker, words }) => {
                let words: Vec<String> = words.iter().map(Word::in_words).collect();
                format!("hears {speaker:?}: {}", words.join("; "))
            }
        }
    }
}

impl Word {
    fn in_words(&self) -> String {
        let Self { reference, payment, said, at, amount, omits, .. } = self;
        let without = if *omits == Omission::Nothing { String::new() } else { format!(" without {omits:?}") };
        format!("{reference} {payment:?} {said:?} {amount} at {at}{without}")
    }
}
