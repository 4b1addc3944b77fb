//! The words of the API: methods, directions, statuses, services. Each enum reads and writes exactly the words the
//! API documents, and knows them all, so that a refusal can list what is allowed.

use serde::{Deserialize, Serialize};

/// A word that is none of the allowed ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {}", allowed.join(", "))]
pub struct UnknownWord {
    pub allowed: &'static [&'static str],
}

/// Declares an enum that is written as words: `ALL`, `WORDS`, `as_str`, `parse`, `Display`, serde as text.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every word, in declaration order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word the API uses.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word the API uses, case included.
            ///
            /// # Errors
            /// [`UnknownWord`](crate::vocabulary::UnknownWord), which lists the allowed ones.
            pub fn parse(text: &str) -> Result<Self, $crate::vocabulary::UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::vocabulary::UnknownWord { allowed: Self::WORDS }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// The words of these values, separated by commas.
#[must_use]
pub fn words_of<T: Copy>(values: &[T], word: impl Fn(T) -> &'static str) -> String {
    values.iter().map(|value| word(*value)).collect::<Vec<_>>().join(", ")
}

words! {
    /// How a payment is made.
    pub enum Method {
        /// Indonesia's QR standard.
        Qris = "QRIS",
        /// An electronic wallet (DANA, OVO, …).
        EWallet = "EWALLET",
        /// A bank account number made for one payment or one customer.
        VirtualAccount = "VIRTUAL_ACCOUNT",
        /// A card.
        CreditCard = "CREDIT_CARD",
        /// An authenticated South African debit order.
        DebiCheck = "DEBICHECK",
        /// An unauthenticated South African debit order.
        EftDebit = "EFT_DEBIT",
        /// Money sent to a bank account.
        BankTransfer = "BANK_TRANSFER",
    }
}

words! {
    /// Where the money goes, seen from the merchant.
    pub enum Direction {
        /// Send Money: out of the merchant's funds.
        Send = "send",
        /// Receive Money: into the merchant's funds.
        Receive = "receive",
    }
}

words! {
    /// The state of a transaction.
    pub enum Status {
        /// Waits for the payer.
        Pending = "PENDING",
        /// Under way.
        Processing = "PROCESSING",
        /// Money came in.
        Paid = "PAID",
        /// Money went out.
        Completed = "COMPLETED",
        /// The time to pay ran out.
        Expired = "EXPIRED",
        /// Refused by the provider or the bank; "unpaid" for a debit order.
        Failed = "FAILED",
        /// Undone after it had succeeded.
        Reversed = "REVERSED",
    }
}

words! {
    /// The three groups of the list view.
    pub enum StatusGroup {
        /// Open.
        Processing = "processing",
        /// Money moved.
        Success = "success",
        /// Ended without money, or undone.
        Failed = "failed",
    }
}

words! {
    /// What a provider can be used for.
    pub enum Service {
        /// QRIS payments.
        QrCodePayment = "QR_CODE_PAYMENT",
        /// Electronic wallets.
        EWallet = "EWALLET",
        /// Virtual accounts.
        VirtualAccount = "VIRTUAL_ACCOUNT",
        /// Cards.
        CreditCard = "CREDIT_CARD",
        /// DebiCheck and EFT debit orders.
        DebitOrder = "DEBIT_ORDER",
        /// Payouts to bank accounts.
        SendMoney = "SEND_MONEY",
    }
}

impl Status {
    /// Whether something may still happen in the normal course.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self.group() {
            StatusGroup::Processing => true,
            StatusGroup::Success | StatusGroup::Failed => false,
        }
    }

    /// Whether money moved.
    #[must_use]
    pub const fn is_success(self) -> bool {
        match self.group() {
            StatusGroup::Success => true,
            StatusGroup::Processing | StatusGroup::Failed => false,
        }
    }

    /// Whether somebody refused or undid it. A payment that nobody made in time is no such failure.
    #[must_use]
    pub const fn is_refused_or_undone(self) -> bool {
        match self {
            Self::Failed | Self::Reversed => true,
            Self::Pending | Self::Processing | Self::Paid | Self::Completed | Self::Expired => false,
        }
    }

    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Processing => "Processing",
            Self::Paid => "Paid",
            Self::Completed => "Completed",
            Self::Expired => "Expired",
            Self::Failed => "Failed",
            Self::Reversed => "Reversed",
        }
    }

    /// Its group in the list view.
    #[must_use]
    pub const fn group(self) -> StatusGroup {
        match self {
            Self::Pending | Self::Processing => StatusGroup::Processing,
            Self::Paid | Self::Completed => StatusGroup::Success,
            Self::Expired | Self::Failed | Self::Reversed => StatusGroup::Failed,
        }
    }
}

impl Method {
    /// The direction money moves in.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::BankTransfer => Direction::Send,
            Self::Qris
            | Self::EWallet
            | Self::VirtualAccount
            | Self::CreditCard
            | Self::DebiCheck
            | Self::EftDebit => Direction::Receive,
        }
    }

    /// The service a provider must offer for it.
    #[must_use]
    pub const fn service(self) -> Service {
        match self {
            Self::Qris => Service::QrCodePayment,
            Self::EWallet => Service::EWallet,
            Self::VirtualAccount => Service::VirtualAccount,
            Self::CreditCard => Service::CreditCard,
            Self::DebiCheck | Self::EftDebit => Service::DebitOrder,
            Self::BankTransfer => Service::SendMoney,
        }
    }

    /// What the status API's ids of this method begin with.
    #[must_use]
    pub const fn status_id_prefix(self) -> &'static str {
        match self {
            Self::Qris => "QR_",
            Self::EWallet => "EW_",
            Self::VirtualAccount => "VA_",
            Self::CreditCard => "CC_",
            Self::DebiCheck | Self::EftDebit => "DO_",
            Self::BankTransfer => "SM_",
        }
    }

    /// The status before any provider has said anything.
    #[must_use]
    pub const fn initial_status(self) -> Status {
        match self {
            Self::Qris | Self::EWallet | Self::VirtualAccount | Self::CreditCard => Status::Pending,
            Self::DebiCheck | Self::EftDebit | Self::BankTransfer => Status::Processing,
        }
    }

    /// The status that means success.
    #[must_use]
    pub const fn success_status(self) -> Status {
        match self.direction() {
            Direction::Receive => Status::Paid,
            Direction::Send => Status::Completed,
        }
    }

    /// Whether a failure reported after a success undoes it: a debit order comes back unpaid days later, a payout is
    /// returned by the receiving bank. Elsewhere a later failure is a late or mistaken report.
    #[must_use]
    pub const fn success_can_be_undone(self) -> bool {
        match self {
            Self::DebiCheck | Self::EftDebit | Self::BankTransfer => true,
            Self::Qris | Self::EWallet | Self::VirtualAccount | Self::CreditCard => false,
        }
    }

    /// Whether it is a South African debit order, whose failure reads "unpaid".
    #[must_use]
    pub const fn is_debit_order(self) -> bool {
        match self.service() {
            Service::DebitOrder => true,
            Service::QrCodePayment
            | Service::EWallet
            | Service::VirtualAccount
            | Service::CreditCard
            | Service::SendMoney => false,
        }
    }

    /// The members of `attributes`, in the order of the status API's document.
    #[must_use]
    pub const fn attribute_keys(self) -> &'static [&'static str] {
        match self {
            Self::Qris => &["qrData", "nmid"],
            Self::EWallet => &["code", "deeplink"],
            Self::VirtualAccount => &["code", "va_number", "va_name"],
            Self::CreditCard => &["brand", "last4"],
            Self::DebiCheck | Self::EftDebit => &["bank_code", "account_last4"],
            Self::BankTransfer => &["bankAccountNo", "bankShortCode", "bankAccountHolderName", "bankName"],
        }
    }

    /// The attribute that says where the money goes or comes from, when the caller gives no destination.
    #[must_use]
    pub const fn destination_attribute(self) -> Option<&'static str> {
        match self {
            Self::EWallet | Self::VirtualAccount => Some("code"),
            Self::CreditCard => Some("brand"),
            Self::DebiCheck | Self::EftDebit => Some("bank_code"),
            Self::BankTransfer => Some("bankShortCode"),
            Self::Qris => None,
        }
    }

    /// How long a payment of this method is normally open, in seconds, unless the merchant has said otherwise; one that is
    /// open longer is stuck. Wallets and codes are paid at once or never, virtual accounts within a day, bank files take days.
    #[must_use]
    pub const fn normally_open_seconds(self) -> i64 {
        const HOUR: i64 = 3600;
        match self {
            Self::Qris | Self::EWallet | Self::CreditCard => HOUR,
            Self::BankTransfer => 4 * HOUR,
            Self::VirtualAccount => 26 * HOUR,
            Self::DebiCheck => 3 * 24 * HOUR,
            Self::EftDebit => 6 * 24 * HOUR,
        }
    }

    /// The name of the type in the console.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Qris => "QR Code Payment",
            Self::EWallet => "eWallet",
            Self::VirtualAccount => "Virtual Account",
            Self::CreditCard => "Credit Card",
            Self::DebiCheck => "DebiCheck",
            Self::EftDebit => "EFT Debit Order",
            Self::BankTransfer => "Transfer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Ok(*status));
        }
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Ok(*method));
        }
    }

    #[test]
    fn a_refusal_lists_what_is_allowed() {
        let refusal = Direction::parse("sideways").unwrap_err();
        assert_eq!(refusal.to_string(), "expected one of send, receive");
    }

    #[test]
    fn success_follows_the_direction_and_starts_are_open() {
        for method in Method::ALL {
            assert!(method.initial_status().is_open());
            assert!(method.success_status().is_success());
            assert_eq!(method.success_status() == Status::Completed, method.direction() == Direction::Send);
        }
    }
}
