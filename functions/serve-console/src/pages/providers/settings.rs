//! What can be set of a provider: the fields of its forms, what they are filled in with, and what they come to for the API.

pub mod credentials;
pub mod general;
pub mod tariffs;

use super::record::Provider;
use crate::asked::Asked;

pub use crate::pages::setting::{Setting, differences, filled, number, or_null};

/// What a provider's forms are filled in with. Secrets are not among it: nobody has them.
pub fn of_provider(provider: &Provider) -> Asked {
    let mut pairs = general::of_provider(provider);
    pairs.extend(tariffs::of_provider(provider));
    pairs.extend(credentials::of_provider(provider));
    Asked::new(pairs)
}
