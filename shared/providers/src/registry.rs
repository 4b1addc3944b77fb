//! What an adapter is, and which there are.

use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_domain::vocabulary::Service;

use crate::brick::Brick;
use crate::callback::{Acknowledgement, Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::debit_order::DebitOrder;
use crate::generic::Generic;
use crate::heard::Heard;
use crate::midtrans::Midtrans;
use crate::snap::Snap;
use crate::xendit::Xendit;

/// One credential that a type asks for.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub key: &'static str,
    /// What the provider calls it.
    pub label: &'static str,
    /// Whether the type works without it.
    pub required: bool,
    /// Whether it must never be shown.
    pub secret: bool,
    /// What a value looks like, in words.
    pub format: &'static str,
    /// Where to find it.
    pub help: &'static str,
    pub example: &'static str,
    /// Whether a value can be one.
    pub accepts: fn(&str) -> bool,
}

/// Takes any text.
pub(crate) fn any_text(value: &str) -> bool {
    !value.trim().is_empty()
}

/// What a kind of provider is, and what it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    pub provider_type: ProviderType,
    /// Its name, for people.
    pub name: &'static str,
    /// How one is connected to it.
    pub connection: Connection,
    /// What it can be used for.
    pub services: &'static [Service],
    /// The credentials it needs.
    pub fields: &'static [Field],
    /// Whether the provider proves nothing by itself, so that the address of its callbacks has to carry a token that
    /// nobody can guess, kept as [`PATH_TOKEN`](paywarden_domain::provider::PATH_TOKEN) among the credentials.
    pub needs_path_token: bool,
    /// Members, at any depth, whose values prove where a callback comes from: never stored.
    pub secret_members: &'static [&'static str],
    /// Members, at any depth, that hold personal data: stored masked.
    pub personal_members: &'static [&'static str],
}

impl Profile {
    /// The credential of this key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// Speaks with one kind of provider.
pub trait Adapter: Sync {
    /// What it speaks with.
    fn profile(&self) -> &'static Profile;

    /// Judges where a callback comes from. Secrets are compared in constant time. A message that proves nothing and is
    /// documented to prove nothing has the grade none: it is answered, and `parse` makes no report of it.
    ///
    /// # Errors
    /// [`Refusal`] when it is not to be believed.
    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal>;

    /// Reads what a callback tells. What is of no payment, and an event that is not known, is told by its name and not booked.
    /// To be called through [`hear`](crate::hear), which judges whether records could hold it.
    ///
    /// # Errors
    /// [`Malformed`] naming the member that is not as the provider documents it.
    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed>;

    /// What the provider wants to hear when its callback was taken, with what it reported.
    fn acknowledgement(&self, _callback: &Callback<'_>, _reports: &[Report]) -> Acknowledgement {
        Acknowledgement::default()
    }
}

/// The adapter of a type.
#[must_use]
pub fn adapter(provider_type: ProviderType) -> &'static dyn Adapter {
    match provider_type {
        ProviderType::Xendit => &Xendit,
        ProviderType::Midtrans => &Midtrans,
        ProviderType::Brick => &Brick,
        ProviderType::Snap => &Snap,
        ProviderType::DebitOrder => &DebitOrder,
        ProviderType::Generic => &Generic,
    }
}
