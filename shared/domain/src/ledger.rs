//! Ledger entries: the money that a transaction moved, as debits and credits on business days.
//!
//! Open and failed transactions move no money and have no entries. A success moves the amount, and costs the fee and
//! the VAT on it, on the day it was charged; a refund moves its part back on its day, and a reversal what no refund had
//! moved before. Fee and VAT come back with it as the record's charges say. The sum of a transaction's entries is what its
//! provider should settle.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, TransactionId};
use crate::money::{Currency, Money};
use crate::provider::fees::Charges;
use crate::reconciliation::row::Kind;
use crate::time::{Day, Timestamp};
use crate::transaction::{ProviderBinding, Transaction};
use crate::vocabulary::{Direction, Method, Status, words};

words! {
    /// What an entry stands for.
    pub enum EntryType {
        /// The amount itself.
        Transfer = "Transfer",
        /// The provider's fee.
        Fee = "Fee",
        /// The tax on the fee.
        Tax = "Tax",
        /// A part that went back.
        Refund = "Refund",
        /// What another amount, which a person accepted, makes of one that was booked before.
        Correction = "Correction",
    }
}

words! {
    /// Which side an entry stands on, seen from the merchant.
    pub enum Side {
        /// Money goes out.
        Debit = "debit",
        /// Money comes in.
        Credit = "credit",
    }
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What it stands for.
    pub entry_type: EntryType,
    pub side: Side,
    /// How much, never negative.
    pub amount: Decimal,
    pub currency: Currency,
    pub at: Timestamp,
    /// The business day that is on the merchant's clocks.
    pub day: Day,
}

/// The entries of a transaction as it is: what came, then what went back.
#[must_use]
pub fn entries(transaction: &Transaction) -> Vec<LedgerEntry> {
    let Some(charged_at) = transaction.charged_at() else {
        return Vec::new();
    };
    let mut book = Book::of(transaction);
    match transaction.corrected_at() {
        None => book.take(transaction.settled(), transaction.settled_charges(), charged_at),
        Some(corrected_at) => {
            book.take(transaction.money, transaction.charges.as_ref(), charged_at);
            book.correct(corrected_at);
        }
    }
    let (refunds, _) = transaction.booked_refunds();
    for refund in refunds {
        book.give_back(EntryType::Refund, refund.money.amount(), refund.at);
    }
    if let Some(reversed_at) = transaction.reversed_at() {
        // What was refunded has gone back already.
        book.give_back(EntryType::Transfer, book.kept(), reversed_at);
    }
    book.entries
}

/// What a payment cost.
fn charges(charges: Option<&Charges>) -> [(EntryType, Decimal); 2] {
    let (fee, tax) = charges.map(|one| (one.fee, one.tax)).unwrap_or_default();
    [(EntryType::Fee, fee), (EntryType::Tax, tax)]
}

/// The entries of a transaction while they are made.
struct Book<'a> {
    transaction: &'a Transaction,
    /// The side on which the amount came.
    forth: Side,
    /// How much of the amount went back so far.
    returned: Decimal,
    entries: Vec<LedgerEntry>,
}

impl<'a> Book<'a> {
    fn of(transaction: &'a Transaction) -> Self {
        let forth = match transaction.direction() {
            Direction::Receive => Side::Credit,
            Direction::Send => Side::Debit,
        };
        Self { transaction, forth, returned: Decimal::ZERO, entries: Vec::new() }
    }

    /// The amount came, and cost what it did.
    fn take(&mut self, money: Money, cost: Option<&Charges>, at: Timestamp) {
        self.enter(EntryType::Transfer, self.forth, money.amount(), at);
        for (charge, amount) in charges(cost) {
            self.enter(charge, Side::Debit, amount, at);
        }
    }

    /// What was booked stays; what differs is booked beside it.
    fn correct(&mut self, at: Timestamp) {
        let transaction = self.transaction;
        let (booked, settled) = (transaction.money.amount(), transaction.settled().amount());
        self.differ(EntryType::Correction, self.forth, (booked, settled), at);
        let (booked, settled) =
            (charges(transaction.charges.as_ref()), charges(transaction.settled_charges()));
        for ((charge, booked), (_, settled)) in booked.into_iter().zip(settled) {
            self.differ(charge, Side::Debit, (booked, settled), at);
        }
    }

    fn differ(
        &mut self,
        entry_type: EntryType,
        side: Side,
        (booked, settled): (Decimal, Decimal),
        at: Timestamp,
    ) {
        let more = settled.checked_sub(booked).unwrap_or_default();
        let side = if more.is_sign_negative() { side.opposite() } else { side };
        self.enter(entry_type, side, more.abs(), at);
    }

    /// How much of the amount has not gone back. More than all of it can, where somebody accepted that.
    fn kept(&self) -> Decimal {
        let amount = self.transaction.settled().amount();
        amount.checked_sub(self.returned).unwrap_or_default().max(Decimal::ZERO)
    }

    /// A part of the amount goes back, and with it what its provider gives back of fee and VAT.
    fn give_back(&mut self, entry_type: EntryType, amount: Decimal, at: Timestamp) {
        let (before, whole) = (self.returned, self.transaction.settled().amount());
        self.enter(entry_type, self.forth.opposite(), amount, at);
        self.returned = before.checked_add(amount).unwrap_or(whole);
        let Some(terms) = self.transaction.settled_charges() else {
            return;
        };
        for (charge, amount) in charges(Some(terms)) {
            let come_back = |returned| terms.come_back(amount, returned, whole);
            let share = come_back(self.returned).checked_sub(come_back(before));
            self.enter(charge, Side::Credit, share.unwrap_or_default(), at);
        }
    }

    /// Nothing is no entry.
    fn enter(&mut self, entry_type: EntryType, side: Side, amount: Decimal, at: Timestamp) {
        if amount.is_zero() {
            return;
        }
        self.entries.push(LedgerEntry {
            entry_type,
            side,
            amount,
            currency: self.transaction.money.currency(),
            at,
            day: self.transaction.zone.day_of(at),
        });
    }
}

/// What one transaction moved on one business day, and what finance wants to see beside it. Reading a day's money reads
/// these rows and no transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    pub merchant_id: MerchantId,
    /// The partition of the owner's lists that the transaction is in.
    pub shard: u16,
    pub day: Day,
    /// The first movement of the day.
    pub at: Timestamp,
    pub transaction_id: TransactionId,
    /// The merchant's order id.
    pub reference: String,
    /// Who carries it, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider: Option<ProviderBinding>,
    /// The provider's own id of the payment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider_transaction_id: Option<String>,
    /// The same as the provider's statements show it, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id_on_statements: Option<String>,
    /// What bank statements show.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payment_reference: Option<String>,
    /// How it is paid.
    pub method: Method,
    pub status: Status,
    /// The currency of all its movements.
    pub currency: Currency,
    /// When it was logged.
    pub created_at: Timestamp,
    /// When anything last changed, if it has.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated_at: Option<Timestamp>,
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paid_at: Option<Timestamp>,
    /// When it has to be paid by, or expired.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expired_at: Option<Timestamp>,
    /// The day's movements: the amount first, then fee and tax, then what went back.
    pub movements: Vec<Movement>,
}

/// One entry of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What it stands for.
    pub entry_type: EntryType,
    pub side: Side,
    /// How much, never negative.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    pub at: Timestamp,
}

impl LedgerRow {
    /// One movement as a row that a statement can be held against, its values in the order of
    /// [`RowFields`](crate::reconciliation::RowFields). Statements know transfers, fees and taxes; what
    /// went back is a transfer the other way.
    #[must_use]
    pub fn reconciliation_values(&self, movement: &Movement) -> [String; 10] {
        let kind = match movement.entry_type {
            EntryType::Transfer | EntryType::Refund | EntryType::Correction => Kind::Transfer,
            EntryType::Fee => Kind::Fee,
            EntryType::Tax => Kind::Tax,
        };
        [
            self.transaction_id.to_string(),
            self.reference.clone(),
            self.provider_transaction_id.clone().unwrap_or_default(),
            self.payment_reference.clone().unwrap_or_default(),
            kind.to_string(),
            movement.side.to_string(),
            movement.amount.to_string(),
            self.currency.to_string(),
            movement.at.to_string(),
            self.status_of(movement).to_string(),
        ]
    }

    /// The provider's id of the payment as a statement is expected to show it; empty when none is known.
    #[must_use]
    pub fn id_on_statements(&self) -> &str {
        self.id_on_statements.as_deref().or(self.provider_transaction_id.as_deref()).unwrap_or_default()
    }

    /// The status of one movement, as a provider's statement tells it line by line: what moved the money stays a success
    /// when it is undone later, and what moved it back is a reversal.
    #[must_use]
    pub fn status_of(&self, movement: &Movement) -> Status {
        let forth = match (movement.entry_type, self.method.direction()) {
            (EntryType::Transfer | EntryType::Correction, Direction::Receive)
            | (EntryType::Refund, Direction::Send) => Side::Credit,
            (EntryType::Transfer | EntryType::Correction, Direction::Send)
            | (EntryType::Refund, Direction::Receive)
            | (EntryType::Fee | EntryType::Tax, Direction::Receive | Direction::Send) => Side::Debit,
        };
        if movement.side == forth { self.method.success_status() } else { Status::Reversed }
    }
}

/// The entries of a transaction as it is, by business day.
#[must_use]
pub fn rows(transaction: &Transaction) -> Vec<LedgerRow> {
    let mut days: BTreeMap<Day, Vec<Movement>> = BTreeMap::new();
    for LedgerEntry { entry_type, side, amount, at, day, .. } in entries(transaction) {
        days.entry(day).or_default().push(Movement { entry_type, side, amount: amount.normalize(), at });
    }
    days.into_iter().map(|(day, movements)| row(transaction, day, movements)).collect()
}

fn row(transaction: &Transaction, day: Day, movements: Vec<Movement>) -> LedgerRow {
    let at = movements.iter().map(|movement| movement.at).min();
    LedgerRow {
        merchant_id: transaction.merchant_id.clone(),
        shard: transaction.shard,
        day,
        at: at.unwrap_or(transaction.created_at),
        transaction_id: transaction.id.clone(),
        reference: transaction.reference.clone(),
        provider: transaction.provider.clone(),
        provider_transaction_id: transaction.provider_transaction_id.clone(),
        id_on_statements: transaction.learned.id_on_statements().map(str::to_owned),
        payment_reference: transaction.payment_reference().map(str::to_owned),
        method: transaction.method,
        status: transaction.status(),
        currency: transaction.money.currency(),
        created_at: transaction.created_at,
        updated_at: transaction.updated_at,
        paid_at: transaction.charged_at(),
        expired_at: transaction.expires_or_expired_at(),
        movements,
    }
}
