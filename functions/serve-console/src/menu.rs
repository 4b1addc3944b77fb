//! The menu, by what somebody may see.

use paywarden_domain::access::Scope;

/// A page of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Home,
    List,
    Reconciliation,
    Runs,
    Exceptions,
    Statements,
    Fees,
    Exports,
    Logs,
    Providers,
    Unmatched,
    Webhooks,
    Reference,
    Clients,
    Sessions,
    Audit,
    Settings,
}

/// A heading of the menu with its pages.
pub struct Group {
    pub name: &'static str,
    pub entries: &'static [Entry],
}

/// All of it, in its order.
pub const GROUPS: &[Group] = &[
    Group { name: "", entries: &[Entry::Home] },
    Group { name: "Transactions", entries: &[Entry::List, Entry::Reconciliation, Entry::Logs] },
    Group {
        name: "Statements",
        entries: &[Entry::Exceptions, Entry::Runs, Entry::Statements, Entry::Fees, Entry::Exports],
    },
    Group { name: "Providers", entries: &[Entry::Providers, Entry::Unmatched] },
    Group {
        name: "Developers",
        entries: &[
            Entry::Webhooks,
            Entry::Reference,
            Entry::Clients,
            Entry::Sessions,
            Entry::Audit,
            Entry::Settings,
        ],
    },
];

impl Entry {
    /// Its name, where it is, the key behind `g` that goes there, and the scope that it asks for, if it asks for one.
    const fn about(self) -> (&'static str, &'static str, char, Option<Scope>) {
        use Scope::{
            AuditRead, ClientsWrite, LogsRead, MerchantWrite, ProvidersRead, ReconciliationRead,
            TransactionsRead, WebhooksRead,
        };
        match self {
            Self::Home => ("Home", "/", 'h', None),
            Self::List => ("List", "/transactions", 't', Some(TransactionsRead)),
            Self::Reconciliation => ("Reconciliation", "/reconciliation", 'r', Some(ReconciliationRead)),
            Self::Runs => ("Runs", "/reconciliation/runs", 'u', Some(ReconciliationRead)),
            Self::Exceptions => ("Exceptions", "/reconciliation/exceptions", 'e', Some(ReconciliationRead)),
            Self::Statements => ("Files", "/reconciliation/statements", 's', Some(ReconciliationRead)),
            Self::Fees => ("Fee check", "/reconciliation/fees", 'f', Some(ReconciliationRead)),
            Self::Exports => ("Ledger exports", "/reconciliation/exports", 'x', Some(ReconciliationRead)),
            Self::Logs => ("Logs", "/logs", 'l', Some(LogsRead)),
            Self::Providers => ("Provider Management", "/providers", 'p', Some(ProvidersRead)),
            Self::Unmatched => ("Unmatched callbacks", "/unmatched-callbacks", 'm', Some(LogsRead)),
            Self::Webhooks => ("Webhooks", "/developers/webhooks", 'w', Some(WebhooksRead)),
            Self::Reference => ("API reference", "/developers/api", 'a', None),
            Self::Clients => ("API clients", "/developers/clients", 'c', Some(ClientsWrite)),
            Self::Sessions => ("Sessions", "/developers/sessions", 'i', Some(ClientsWrite)),
            Self::Audit => ("Audit trail", "/developers/audit", 'd', Some(AuditRead)),
            Self::Settings => ("Settings", "/developers/settings", 'o', Some(MerchantWrite)),
        }
    }

    pub const fn name(self) -> &'static str {
        self.about().0
    }

    pub const fn path(self) -> &'static str {
        self.about().1
    }

    pub const fn key(self) -> char {
        self.about().2
    }

    /// Whether somebody with these scopes sees it.
    pub fn is_for(self, scopes: &[Scope]) -> bool {
        self.about().3.is_none_or(|scope| scopes.contains(&scope))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use paywarden_domain::access::Role;

    use super::*;

    fn names(role: Role) -> Vec<&'static str> {
        let entries = GROUPS.iter().flat_map(|group| group.entries);
        entries.filter(|entry| entry.is_for(role.scopes())).map(|entry| entry.name()).collect()
    }

    #[test]
    fn everybody_sees_their_own_pages() {
        assert_eq!(names(Role::Merchant), ["Home", "List", "Webhooks", "API reference"]);
        assert_eq!(
            names(Role::Operations),
            ["Home", "List", "Logs", "Provider Management", "Unmatched callbacks", "API reference"]
        );
        assert!(names(Role::Finance).contains(&"Exceptions") && !names(Role::Finance).contains(&"Logs"));
        assert_eq!(names(Role::Admin).len(), 17);
    }

    #[test]
    fn no_key_goes_to_two_pages() {
        let entries: Vec<Entry> = GROUPS.iter().flat_map(|group| group.entries).copied().collect();
        let keys: BTreeSet<char> = entries.iter().map(|entry| entry.key()).collect();
        assert_eq!(keys.len(), entries.len());
    }
}
