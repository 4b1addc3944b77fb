//! Keys: what a report and a record recognise each other by.
//!
//! Some reports come before what they are about: a payout is reported before it is recorded, a refund before the payment it
//! is of. Others name neither the order nor the payment, only the account number that was paid to. Such a report waits under
//! every key it carries, and is applied when a record comes to have one of them.

use std::collections::BTreeSet;
use std::fmt;

use crate::id::{EntryId, ProviderId};
use crate::json::JsonObject;
use crate::transaction::apply::contradicts;
use crate::transaction::report::Report;
use crate::transaction::{ProviderBinding, Transaction};
use crate::vocabulary::Method;

/// One thing to be recognised by, within one merchant. Its text is what it is stored under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportKey {
    /// The merchant's order id.
    Reference(String),
    /// The provider's own id of the payment.
    Payment { provider: ProviderId, id: String },
    /// The number of a virtual account.
    Account(AccountNumber),
    /// What it is listed as among what fits nothing. Only people ask for it by that.
    Listed(EntryId),
}

/// The number of a virtual account, in digits alone and without zeros before it: SNAP's numbers begin with eight places for the
/// bank's code, which banks fill up with blanks or with zeros, and people group them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// The number among a virtual account's attributes, if there is one.
    #[must_use]
    pub fn of(method: Option<Method>, attributes: &JsonObject) -> Option<Self> {
        let text = attributes.text("va_number").filter(|_| method == Some(Method::VirtualAccount))?;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0');
        (!digits.is_empty()).then(|| Self(digits.to_owned()))
    }
}

impl fmt::Display for ReportKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(reference) => write!(formatter, "reference#{reference}"),
            Self::Payment { provider, id } => write!(formatter, "payment#{provider}#{id}"),
            Self::Account(AccountNumber(digits)) => write!(formatter, "account#{digits}"),
            Self::Listed(entry) => write!(formatter, "listed#{entry}"),
        }
    }
}

impl Report {
    /// Everything that it can be recognised by when `provider` sent it.
    #[must_use]
    pub fn keys(&self, provider: &ProviderId) -> Vec<ReportKey> {
        let reference = self.reference.clone().map(ReportKey::Reference);
        let payment = self.provider_transaction_id.clone();
        let payment = payment.map(|id| ReportKey::Payment { provider: provider.clone(), id });
        let account = self.account_number().map(ReportKey::Account);
        [reference, payment, account].into_iter().flatten().collect()
    }

    /// The account number that was paid to, if it names one.
    #[must_use]
    pub fn account_number(&self) -> Option<AccountNumber> {
        AccountNumber::of(self.method, &self.attributes)
    }
}

impl Transaction {
    /// Everything that reports of it are recognised by. Of further payments under a reference only the first answers to it.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<ReportKey> {
        let reference = (self.occurrence == 1).then(|| ReportKey::Reference(self.reference.clone()));
        let attempts = self.attempts();
        let payments = attempts.iter().filter_map(|attempt| {
            let provider = attempt.provider.as_ref()?.id.clone();
            Some(ReportKey::Payment { provider, id: attempt.provider_transaction_id.clone()? })
        });
        let account = self.account_number().map(ReportKey::Account);
        payments.chain(reference).chain(account).collect()
    }

    /// The number of the virtual account that it is paid to, if that is known.
    #[must_use]
    pub fn account_number(&self) -> Option<AccountNumber> {
        AccountNumber::of(Some(self.method), &self.attributes())
    }
}

/// The reference of the order that a report of `provider` pays, of those that are paid to the account number it names. A
/// number that serves several orders says which only while one of them alone is open for that amount; nothing is guessed.
#[must_use]
pub fn account_reference<'a>(
    records: &'a [Transaction],
    report: &Report,
    provider: &ProviderId,
) -> Option<&'a str> {
    let carried: Vec<&Transaction> =
        records.iter().filter(|record| can_be_carried(record, provider)).collect();
    let open = carried.iter().filter(|record| record.status().is_open() && !contradicts(record, report));
    only(carried.iter().map(|record| record.reference.as_str()))
        .or_else(|| only(open.map(|record| record.reference.as_str())))
}

/// Whether nobody else is known to carry it.
fn can_be_carried(record: &Transaction, provider: &ProviderId) -> bool {
    let attempts = record.attempts();
    let is_named = |bound: &ProviderBinding| !bound.assumed;
    let mut named =
        attempts.iter().filter_map(|attempt| attempt.provider.as_ref()).filter(|one| is_named(one));
    named.clone().next().is_none() || named.any(|bound| bound.id == *provider)
}

/// The text that all of them are.
fn only<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let texts: BTreeSet<&str> = texts.collect();
    texts.first().copied().filter(|_| texts.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(method: Method, text: &str) -> Option<String> {
        let members = serde_json::Map::from_iter([("va_number".to_owned(), text.into())]);
        let number = AccountNumber::of(Some(method), &JsonObject::new(members).unwrap());
        number.map(|number| ReportKey::Account(number).to_string())
    }

    #[test]
    fn an_account_number_is_its_digits() {
        for padded in ["   19008 0000-1234", "000190080000 1234"] {
            let padded = number(Method::VirtualAccount, padded);
            assert_eq!(padded.as_deref(), Some("account#1900800001234"));
        }
        assert_eq!(number(Method::VirtualAccount, "n/a"), None, "a mask, or nothing");
        assert_eq!(number(Method::Qris, "1900800001234"), None, "no other method is paid to one");
    }
}
