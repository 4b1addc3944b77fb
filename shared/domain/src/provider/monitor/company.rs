//! Company: one provider's silence is held against the others. A provider that is silent while others are heard has a fault
//! of its own; when all fall silent together it is rather we who do not hear, or a merchant who sells nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::MerchantId;
use crate::provider::{Provider, ProviderType};
use crate::vocabulary::words;

/// So many silent providers, with nobody heard of any type, are our own fault rather than that of each.
const MANY: usize = 3;

/// How a provider is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// It called back a moment ago.
    Heard,
    /// It has not for longer than chance explains.
    Silent,
}

/// What is heard of the others while a provider is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nothing that says anything: no other provider of the merchant is watched, or each of them may well be quiet.
    Unknown,
    /// Another provider of the merchant is heard.
    Heard,
    /// All that should be heard are silent.
    Silent,
}

words! {
    /// Why a silence is not held against a provider.
    pub enum Excuse {
        /// It calls, and we refuse what it says: its credentials with us are wrong.
        Refused = "callbacks_refused",
        /// Everybody is silent: our own address of callbacks may not be reached, or the merchant sells nothing.
        AllSilent = "all_silent",
        /// No payments are recorded that it could tell anything of.
        NothingToSay = "no_payments",
    }
}

/// How many are heard and silent.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    heard: usize,
    silent: usize,
}

impl Count {
    fn add(&mut self, voice: Voice) {
        match voice {
            Voice::Heard => self.heard = self.heard.saturating_add(1),
            Voice::Silent => self.silent = self.silent.saturating_add(1),
        }
    }
}

/// All providers that are heard or silent.
#[derive(Debug, Default)]
pub struct Voices {
    by_type: BTreeMap<ProviderType, Count>,
    by_merchant: BTreeMap<MerchantId, Count>,
}

impl Voices {
    /// Counts one.
    pub fn add(&mut self, provider: &Provider, voice: Voice) {
        self.by_type.entry(provider.provider_type).or_default().add(voice);
        self.by_merchant.entry(provider.merchant_id.clone()).or_default().add(voice);
    }

    /// The company of a silent provider. It is counted itself.
    #[must_use]
    pub fn company_of(&self, provider: &Provider) -> Company {
        let own = self.by_merchant.get(&provider.merchant_id).copied().unwrap_or_default();
        if self.is_all_silent() || (own.silent > 1 && own.heard == 0) {
            Company::Silent
        } else if own.heard > 0 {
            Company::Heard
        } else {
            Company::Unknown
        }
    }

    /// Whether many are silent and no type is mostly heard. One type alone that falls silent with everybody has its own fault.
    fn is_all_silent(&self) -> bool {
        let silent: usize = self.by_type.values().map(|count| count.silent).sum();
        silent >= MANY && self.by_type.values().all(|count| count.silent > count.heard)
    }
}
