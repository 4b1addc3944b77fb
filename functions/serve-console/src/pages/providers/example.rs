//! What fee and VAT come to for an amount, worked out as payments are charged.

use askama::Template;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::provider::fees::{Charges, Fee, Rounding, RoundingMode, Tariffs, Tax, Terms};
use paywarden_domain::vocabulary::Service;
use rust_decimal::Decimal;

use super::record::service_name;
use crate::asked::Asked;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};

const COLUMNS: &[Column] = &[
    Column::new("Service"),
    Column::amount("Fee"),
    Column::amount("VAT on the fee"),
    Column::amount("Together"),
];

/// The fields that say for which payment.
const AMOUNT: &str = "example.amount";
const CURRENCY: &str = "example.currency";

/// The payment that is asked about, in the words it was asked in.
struct Question {
    amount: String,
    currency: String,
}

impl Question {
    /// What was asked, else a payment in the currency of the fee.
    fn of(asked: &Asked, tariffs: &Tariffs) -> Self {
        let own = match tariffs.general.fee {
            Some(Fee::Flat { currency, .. }) => currency,
            _ => None,
        };
        Self {
            amount: asked.get(AMOUNT).unwrap_or("100000").to_owned(),
            currency: asked
                .get(CURRENCY)
                .map_or_else(|| own.unwrap_or(Currency::IDR).to_string(), str::to_uppercase),
        }
    }

    fn payment(&self) -> Option<Money> {
        Money::parse_payment(&self.amount, Currency::parse(&self.currency).ok()?).ok()
    }
}

#[derive(Template)]
#[template(path = "providers/example.html")]
struct Asking<'a> {
    /// The id of the form that it belongs to.
    form: &'a str,
    amount: &'a str,
    currency: &'a str,
}

/// The example with a form of its own, that asks for another amount: for a page that shows what is set. `action` is that page.
///
/// # Errors
/// [`Failure`].
pub fn of_page(asked: &Asked, tariffs: &Tariffs, services: &[String], action: &str) -> Result<Html, Failure> {
    let question = Question::of(asked, tariffs);
    let form = Form::new(action, "Work it out")
        .searching()
        .field(Field::text(AMOUNT, "For a payment of").value(&question.amount))
        .field(Field::text(CURRENCY, "Currency of the payment").value(&question.currency));
    Ok(Html::join([
        shown(&question, Some(tariffs), services)?,
        cell::folded("For another amount", &form.html()?, false)?,
    ]))
}

/// The example of what stands in another form of the page, with the button that works it out. `tariffs` are nothing when what
/// is filled in cannot be calculated with.
///
/// # Errors
/// [`Failure`].
pub fn of_form(
    asked: &Asked,
    tariffs: Option<&Tariffs>,
    services: &[String],
    form: &str,
) -> Result<Html, Failure> {
    let question = Question::of(asked, tariffs.unwrap_or(&Tariffs::default()));
    let asking = Asking { form, amount: &question.amount, currency: &question.currency };
    Ok(Html::join([
        cell::heading_at("example", "Worked example")?,
        shown(&question, tariffs, services)?,
        Html::of(&asking)?,
    ]))
}

fn shown(question: &Question, tariffs: Option<&Tariffs>, services: &[String]) -> Result<Html, Failure> {
    let Some(payment) = question.payment() else {
        let said = format!("{} {} is no amount of a payment.", question.amount, question.currency);
        return Ok(Notice::warning(said).html()?);
    };
    let Some(tariffs) = tariffs else {
        return Ok(Notice::warning("Fee or VAT is not a number, so nothing can be worked out.").html()?);
    };
    let mut rows = Vec::new();
    for (name, service) in lines(tariffs, services) {
        rows.push(row(&name, tariffs, service, payment)?);
    }
    let caption = format!("Fee and VAT of {} {}", Amount(payment.amount()).grouped(), payment.currency());
    let table = Table::new(&caption, COLUMNS, rows, "It offers no service.").html()?;
    Ok(Html::join([cell::paragraph(&format!("{caption}:"))?, table]))
}

/// One line for all services where they cost the same, else one for each.
fn lines(tariffs: &Tariffs, services: &[String]) -> Vec<(String, Service)> {
    let known =
        services.iter().filter_map(|name| Some((service_name(name).to_owned(), Service::parse(name).ok()?)));
    if tariffs.overrides.is_empty() {
        return vec![("Every service".to_owned(), Service::EWallet)];
    }
    known.collect()
}

fn row(name: &str, tariffs: &Tariffs, service: Service, payment: Money) -> Result<Row, askama::Error> {
    let terms = Terms { tariffs: tariffs.clone(), configuration: 0 };
    let tariff = tariffs.of(service);
    let cells = match (terms.charge(service, payment), tariff.fee) {
        (Some(charges), Some(fee)) => worked(name, &charges, fee, tariff.tax, payment)?,
        (_, None) => unknown(name, "No fee is known.")?,
        (None, Some(_)) => unknown(name, "The fee is in another currency, so it is not known.")?,
    };
    Ok(Row { key: name.to_owned(), cells, ..Row::default() })
}

fn unknown(name: &str, why: &str) -> Result<Vec<Html>, askama::Error> {
    Ok(vec![cell::text(name)?, cell::text(why)?, cell::maybe(None)?, cell::maybe(None)?])
}

fn worked(
    name: &str,
    charges: &Charges,
    fee: Fee,
    tax: Option<Tax>,
    payment: Money,
) -> Result<Vec<Html>, askama::Error> {
    let currency = payment.currency().to_string();
    let money = |amount: Decimal| cell::money(Amount(amount.normalize()), &currency);
    let how_fee = match fee {
        Fee::Flat { value, .. } => format!("flat {}", Amount(value.normalize()).grouped()),
        Fee::Percentage { value } => share(value, payment.amount()),
    };
    let how_tax = match tax {
        Some(Tax { percentage, apply: true, .. }) => share(percentage, charges.fee),
        Some(Tax { percentage, .. }) => format!("{} % is not applied", percentage.normalize()),
        None => "none is known".to_owned(),
    };
    Ok(vec![
        cell::stack(&[cell::text(name)?, cell::text(&rounded(charges.rounding, &currency))?])?,
        cell::stack(&[money(charges.fee)?, cell::text(&how_fee)?])?,
        cell::stack(&[money(charges.tax)?, cell::text(&how_tax)?])?,
        money(charges.total())?,
    ])
}

/// `0.7 % of 12,345 = 86.415`: before it is rounded.
fn share(percentage: Decimal, of: Decimal) -> String {
    let exact = of.checked_mul(percentage).and_then(|product| product.checked_div(Decimal::ONE_HUNDRED));
    let exact = exact.map_or_else(String::new, |exact| format!(" = {}", Amount(exact.normalize()).grouped()));
    format!("{} % of {}{exact}", percentage.normalize(), Amount(of.normalize()).grouped())
}

/// How fee and VAT are rounded, each by itself.
fn rounded(rounding: Rounding, currency: &str) -> String {
    let how = match rounding.mode {
        RoundingMode::HalfUp => "half up",
        RoundingMode::HalfEven => "half to even",
        RoundingMode::Down => "down",
        RoundingMode::Up => "up",
    };
    match rounding.scale {
        0 => format!("Fee and VAT are each rounded {how} to the full {currency}"),
        scale => format!("Fee and VAT are each rounded {how} to {scale} decimals of {currency}"),
    }
}
