//! What a provider charges: a fee, and the VAT on the fee.
//!
//! The fee of a payment is worked out when it succeeds, by the configuration of that moment, and kept on the record
//! with the version of that configuration, the rounding used, and whether it comes back when the money does. A later
//! change of fees changes no payment that was charged before.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::vocabulary::{Service, words};

words! {
    /// What happens to digits that a currency's smallest step cuts off.
    pub enum RoundingMode {
        /// Half a step and more goes up.
        HalfUp = "HALF_UP",
        /// Half a step goes to the even neighbour.
        HalfEven = "HALF_EVEN",
        /// Always down.
        Down = "DOWN",
        /// Always up.
        Up = "UP",
    }
}

/// How fees and VAT are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// What happens to the digits beyond the scale.
    pub mode: RoundingMode,
    /// Decimals that stay: 0 for whole units.
    pub scale: u32,
}

impl Rounding {
    /// The custom of a currency's country. Indonesia cuts tax to the full rupiah (tax invoices carry no fractions, and
    /// the Directorate General of Taxes rounds down); South Africa rounds half up to the cent; elsewhere half up to the
    /// currency's minor unit.
    #[must_use]
    pub fn customary(currency: Currency) -> Self {
        if currency == Currency::IDR {
            Self { mode: RoundingMode::Down, scale: 0 }
        } else {
            Self { mode: RoundingMode::HalfUp, scale: currency.exponent() }
        }
    }

    /// `amount` in steps of this rounding.
    #[must_use]
    pub fn round(self, amount: Decimal) -> Decimal {
        let strategy = match self.mode {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
            RoundingMode::Down => RoundingStrategy::ToZero,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
        };
        amount.round_dp_with_strategy(self.scale, strategy).normalize()
    }
}

/// The fee of one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fee {
    /// The same for every payment.
    Flat {
        #[serde(with = "rust_decimal::serde::str")]
        value: Decimal,
        /// In which currency; none means that of the payment.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        currency: Option<Currency>,
    },
    /// A part of the amount.
    Percentage {
        /// 1.5 means 1.5 % of the amount.
        #[serde(with = "rust_decimal::serde::str")]
        value: Decimal,
    },
}

/// VAT on the fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// 11 means 11 % of the fee.
    #[serde(with = "rust_decimal::serde::str")]
    pub percentage: Decimal,
    /// Whether it is charged.
    pub apply: bool,
    /// How fee and VAT are rounded, if not as is customary for the currency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rounding: Option<Rounding>,
}

words! {
    /// Whether fee and VAT come back when money of a payment goes back, by refund or reversal. Providers differ, and one
    /// differs by product: of cards, Xendit gives a percentage back in proportion and a fixed fee with a full refund only
    /// (docs.xendit.co/credit-cards/integrations/refunds); of wallets it gives both back with a void, and perhaps not with a
    /// refund (docs.xendit.co/ewallet/payment-flows/void-and-refund); others keep them
    /// (woocommerce.com/document/payments/faq/fees-refund).
    pub enum FeeRefund {
        /// The provider keeps them.
        Never = "NEVER",
        /// They come back once all of the money went back; a part of it brings nothing back.
        FullRefund = "FULL_REFUND",
        /// Each part of the money brings its share of them back, and the last part what is left.
        ProRata = "PRO_RATA",
    }
}

impl FeeRefund {
    /// What holds where nobody says otherwise, and of what was charged before there was a choice.
    pub const CUSTOMARY: Self = Self::FullRefund;
}

/// Fee and VAT, either of which may not be known, and whether they come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tariff {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fee: Option<Fee>,
    /// The VAT on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tax: Option<Tax>,
    /// Whether both come back with the money, if not as is customary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fee_refund: Option<FeeRefund>,
}

/// The tariffs of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tariffs {
    /// What goes for every service without one of its own.
    #[serde(flatten)]
    pub general: Tariff,
    /// What single services cost. A part that an override leaves out is the general one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub overrides: BTreeMap<Service, Tariff>,
}

/// What one payment cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charges {
    /// The provider's fee, in the payment's currency.
    #[serde(with = "rust_decimal::serde::str")]
    pub fee: Decimal,
    /// The VAT on it.
    #[serde(with = "rust_decimal::serde::str")]
    pub tax: Decimal,
    /// How both were rounded.
    pub rounding: Rounding,
    /// Whether they come back with the money.
    pub fee_refund: FeeRefund,
    /// The version of the provider's configuration that produced them.
    pub configuration: u64,
}

impl Charges {
    /// Fee and VAT together.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.fee.checked_add(self.tax).unwrap_or(self.fee)
    }

    /// How much of `charge`, the fee or the VAT, has come back once `returned` of a payment of `whole` went back. Shares are
    /// rounded as the charges were, of what went back so far rather than of each part, so that all parts together bring
    /// all of it back, to the last step.
    #[must_use]
    pub fn come_back(&self, charge: Decimal, returned: Decimal, whole: Decimal) -> Decimal {
        match self.fee_refund {
            FeeRefund::Never => Decimal::ZERO,
            FeeRefund::FullRefund | FeeRefund::ProRata if returned >= whole => charge,
            FeeRefund::FullRefund => Decimal::ZERO,
            FeeRefund::ProRata => {
                let share = charge.checked_mul(returned).and_then(|product| product.checked_div(whole));
                // A product that no decimal can hold comes back with the last part.
                share.map_or(Decimal::ZERO, |share| self.rounding.round(share))
            }
        }
    }
}

/// The tariffs of a provider as they are at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    pub tariffs: Tariffs,
    /// The version of the configuration they are of.
    pub configuration: u64,
}

impl Tariffs {
    /// What a service costs.
    #[must_use]
    pub fn of(&self, service: Service) -> Tariff {
        let own = self.overrides.get(&service).copied().unwrap_or_default();
        Tariff {
            fee: own.fee.or(self.general.fee),
            tax: own.tax.or(self.general.tax),
            fee_refund: own.fee_refund.or(self.general.fee_refund),
        }
    }
}

impl Terms {
    /// What a payment of this service costs. `None` when no fee is configured for it, or only one in another currency:
    /// a cost that is not known is not zero.
    #[must_use]
    pub fn charge(&self, service: Service, payment: Money) -> Option<Charges> {
        let Tariff { fee, tax, fee_refund } = self.tariffs.of(service);
        let rounding =
            tax.and_then(|tax| tax.rounding).unwrap_or_else(|| Rounding::customary(payment.currency()));
        let fee = match fee? {
            Fee::Flat { currency: Some(currency), .. } if currency != payment.currency() => return None,
            Fee::Flat { value, .. } => value,
            Fee::Percentage { value } => percentage_of(payment.amount(), value)?,
        };
        let fee = rounding.round(fee);
        let tax = match tax {
            Some(Tax { percentage, apply: true, .. }) => rounding.round(percentage_of(fee, percentage)?),
            Some(Tax { apply: false, .. }) | None => Decimal::ZERO,
        };
        let fee_refund = fee_refund.unwrap_or(FeeRefund::CUSTOMARY);
        Some(Charges { fee, tax, rounding, fee_refund, configuration: self.configuration })
    }
}

fn percentage_of(amount: Decimal, percentage: Decimal) -> Option<Decimal> {
    amount.checked_mul(percentage)?.checked_div(Decimal::ONE_HUNDRED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        crate::money::parse_decimal(text).unwrap()
    }

    fn money(amount: &str, currency: Currency) -> Money {
        Money::parse_payment(amount, currency).unwrap()
    }

    fn terms(fee: Fee, percentage: &str, apply: bool) -> Terms {
        let tax = Tax { percentage: decimal(percentage), apply, rounding: None };
        let general = Tariff { fee: Some(fee), tax: Some(tax), fee_refund: None };
        Terms { tariffs: Tariffs { general, overrides: BTreeMap::new() }, configuration: 3 }
    }

    fn flat(value: &str) -> Fee {
        Fee::Flat { value: decimal(value), currency: None }
    }

    fn percent(value: &str) -> Fee {
        Fee::Percentage { value: decimal(value) }
    }

    #[test]
    fn the_golden_cases() {
        type Case =
            (&'static str, &'static str, Currency, Fee, &'static str, bool, &'static str, &'static str);
        let cases: &[Case] = &[
            ("a payout", "8500000", Currency::IDR, flat("4500"), "11", true, "4500", "495"),
            ("VAT of 16.5 rupiah is cut", "10000", Currency::IDR, flat("150"), "11", true, "150", "16"),
            (
                "1.5 % of an odd amount is cut",
                "10001",
                Currency::IDR,
                percent("1.5"),
                "11",
                true,
                "150",
                "16",
            ),
            ("the toggle is off", "10000", Currency::IDR, flat("150"), "11", false, "150", "0"),
            ("half a cent goes up", "10.50", Currency::ZAR, percent("5"), "15", true, "0.53", "0.08"),
            (
                "below half a cent goes down",
                "100.10",
                Currency::ZAR,
                percent("2.5"),
                "15",
                true,
                "2.5",
                "0.38",
            ),
            ("nothing", "10000", Currency::IDR, flat("0"), "11", true, "0", "0"),
        ];
        for (name, amount, currency, fee, percentage, apply, expected_fee, expected_tax) in cases {
            let charges =
                terms(*fee, percentage, *apply).charge(Service::SendMoney, money(amount, *currency));
            let charges = charges.unwrap();
            assert_eq!(charges.fee, decimal(expected_fee), "{name}: fee");
            assert_eq!(charges.tax, decimal(expected_tax), "{name}: tax");
            assert_eq!(charges.configuration, 3);
        }
    }

    #[test]
    fn a_service_with_its_own_fee_keeps_the_general_tax() {
        let mut terms = terms(flat("4500"), "11", true);
        let own = Tariff { fee: Some(percent("0.7")), ..Tariff::default() };
        terms.tariffs.overrides.insert(Service::QrCodePayment, own);
        let payment = money("100000", Currency::IDR);
        assert_eq!(terms.charge(Service::QrCodePayment, payment).unwrap().total(), decimal("777"));
        assert_eq!(terms.charge(Service::SendMoney, payment).unwrap().total(), decimal("4995"));
    }

    #[test]
    fn a_fee_in_another_currency_is_not_known() {
        let fee = Fee::Flat { value: decimal("4500"), currency: Some(Currency::IDR) };
        let terms = terms(fee, "11", true);
        assert_eq!(terms.charge(Service::CreditCard, money("100", Currency::ZAR)), None);
        assert!(terms.charge(Service::CreditCard, money("100", Currency::IDR)).is_some());
        assert_eq!(Terms::default().charge(Service::CreditCard, money("100", Currency::ZAR)), None);
    }

    #[test]
    fn an_explicit_rounding_wins() {
        let mut terms = terms(flat("150"), "11", true);
        let rounding = Rounding { mode: RoundingMode::Up, scale: 0 };
        terms.tariffs.general.tax =
            Some(Tax { percentage: decimal("11"), apply: true, rounding: Some(rounding) });
        let charges = terms.charge(Service::EWallet, money("10000", Currency::IDR)).unwrap();
        assert_eq!((charges.tax, charges.rounding), (decimal("17"), rounding));
    }

    proptest! {
        #[test]
        fn charges_fit_the_currency_and_never_go_below_zero(
            minor in 1_i64..1_000_000_000_000,
            rate in 0_u32..10_000,
            vat in 0_u32..3_000,
            rupiah in any::<bool>(),
        ) {
            let currency = if rupiah { Currency::IDR } else { Currency::ZAR };
            let payment = Money::from_minor(minor, 2, currency).unwrap();
            let rate = Decimal::new(rate.into(), 2);
            let terms = terms(Fee::Percentage { value: rate }, &Decimal::new(vat.into(), 2).to_string(), true);
            let charges = terms.charge(Service::EWallet, payment).unwrap();
            for amount in [charges.fee, charges.tax] {
                prop_assert!(amount >= Decimal::ZERO);
                prop_assert!(amount.scale() <= charges.rounding.scale);
            }
            let exact = payment.amount() * rate / Decimal::ONE_HUNDRED;
            let step = Decimal::new(1, charges.rounding.scale);
            prop_assert!((charges.fee - exact).abs() < step);
        }
    }
}
