//! Who may do what: roles are fixed sets of scopes.

use serde::{Deserialize, Serialize};

use crate::vocabulary::words;

words! {
    /// A permission that a route asks for.
    pub enum Scope {
        /// See transactions.
        TransactionsRead = "transactions:read",
        /// Record transactions.
        TransactionsWrite = "transactions:write",
        /// See timelines.
        LogsRead = "logs:read",
        /// See webhook endpoints and deliveries.
        WebhooksRead = "webhooks:read",
        /// Create, change and remove webhook endpoints.
        WebhooksWrite = "webhooks:write",
        /// See providers.
        ProvidersRead = "providers:read",
        /// Create and change providers.
        ProvidersWrite = "providers:write",
        /// See the finance view and reconciliation runs.
        ReconciliationRead = "reconciliation:read",
        /// Start runs, upload statements, settle exceptions.
        ReconciliationWrite = "reconciliation:write",
        /// Manage API clients.
        ClientsWrite = "clients:write",
        /// Change the merchant's settings.
        MerchantWrite = "merchant:write",
        /// See who changed what.
        AuditRead = "audit:read",
    }
}

words! {
    /// What a client is for.
    pub enum Role {
        /// The merchant's own systems.
        Merchant = "merchant",
        /// Operations and customer support.
        Operations = "operations",
        /// Finance and accounting.
        Finance = "finance",
        /// Engineers.
        Engineering = "engineering",
        /// Everything.
        Admin = "admin",
    }
}

impl Role {
    /// The scopes a client of this role has.
    #[must_use]
    pub fn scopes(self) -> &'static [Scope] {
        use Scope::{
            LogsRead, ProvidersRead, ProvidersWrite, ReconciliationRead, ReconciliationWrite,
            TransactionsRead, TransactionsWrite, WebhooksRead, WebhooksWrite,
        };
        match self {
            Self::Merchant => &[TransactionsRead, TransactionsWrite, WebhooksRead, WebhooksWrite],
            Self::Operations => &[TransactionsRead, LogsRead, ProvidersRead, ProvidersWrite],
            Self::Finance => &[TransactionsRead, ReconciliationRead, ReconciliationWrite, ProvidersRead],
            Self::Engineering => &[TransactionsRead, LogsRead, WebhooksRead, WebhooksWrite, ProvidersRead],
            Self::Admin => Scope::ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_admins_manage_clients_and_the_merchant_and_see_who_changed_what() {
        for role in Role::ALL {
            for scope in [Scope::ClientsWrite, Scope::MerchantWrite, Scope::AuditRead] {
                assert_eq!(role.scopes().contains(&scope), *role == Role::Admin, "{role} {scope}");
            }
        }
    }
}
