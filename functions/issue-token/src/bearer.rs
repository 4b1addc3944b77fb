//! Whom a token is for.

use paywarden_domain::access::Role;
use paywarden_domain::client::{Addresses, Client};
use paywarden_domain::id::MerchantId;
use paywarden_domain::person::Person;
use paywarden_domain::principal::Principal;

/// A client or a person of a merchant.
pub enum Bearer {
    Client(Box<Client>),
    Person { merchant_id: MerchantId, person: Person },
}

impl Bearer {
    pub fn merchant_id(&self) -> &MerchantId {
        match self {
            Self::Client(client) => &client.merchant_id,
            Self::Person { merchant_id, .. } => merchant_id,
        }
    }

    pub fn principal(&self) -> Principal {
        match self {
            Self::Client(client) => Principal::Client(client.id.clone()),
            Self::Person { person, .. } => Principal::Person(person.id.clone()),
        }
    }

    pub fn role(&self) -> Role {
        match self {
            Self::Client(client) => client.role,
            Self::Person { person, .. } => person.role,
        }
    }

    /// Where its tokens are good. From where people may sign in is their provider's to say.
    pub fn addresses(&self) -> Addresses {
        match self {
            Self::Client(client) => client.allowed_addresses.clone(),
            Self::Person { .. } => Addresses::default(),
        }
    }
}
