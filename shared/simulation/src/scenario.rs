//! What a seed has said: some orders under some references, and about each a set of messages that is accepted whatever the order
//! it comes in.
//!
//! Four things keep a set so. A method is told the same by everybody. Where anything names another amount than the order's, the
//! merchant posts first: a record that such a report had opened would refuse the post. It posts first, too, where it names the
//! provider's id of the payment: once that has become a further payment, the post would be refused. And a provider gives an id to
//! one payment only. What fits nothing when it comes needs no such care: it waits for what it is about.

use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::decision::Ruling;
use paywarden_domain::vocabulary::Method;
use paywarden_testing::builders;

use crate::dice::Dice;
use crate::people::Decree;
use crate::receivers::Manner;
use crate::words::{Callback, Message, Omission, Posting, Said, Speaker, Word};

const AMOUNT: u32 = 10_000;
const OTHER_AMOUNT: u32 = 9_000;

/// The first time that providers tell: half an hour before midnight on the merchant's clocks.
const FIRST_TIME: &str = "2026-11-19T16:30:00Z";
const STEP_SECONDS: i64 = 600;
const TIMES: usize = 12;

/// Of a hundred worlds so many have an office.
const OFFICE_PERCENT: usize = 25;

/// When orders have to be paid by: long ago, or soon.
const EXPIRIES: [&str; 2] = ["2026-11-20T07:30:00Z", "2026-11-20T08:20:00Z"];

/// What a seed has.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub orders: Vec<Order>,
    /// The endpoints that each merchant has.
    pub manners: Vec<Manner>,
    /// Whether statements are compared with the ledger, and providers watched.
    pub has_office: bool,
}

/// What is said about one reference.
#[derive(Debug, Clone)]
pub struct Order {
    pub reference: String,
    pub post: Option<Posting>,
    /// Whether it has to come before everything else.
    pub posts_first: bool,
    pub callbacks: Vec<Callback>,
    /// What somebody says of the amount that is held, where there is one.
    pub decree: Option<Decree>,
}

impl Scenario {
    /// The one of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, 1);
        let orders = (0..dice.between(1, 2)).map(|number| Order::drawn(&mut dice, number)).collect();
        let endpoints = if dice.happens(30) { 2 } else { 1 };
        let manners = (0..endpoints).map(|number| Manner::drawn(&mut dice, number)).collect();
        // Dice of their own: what else a seed has is older than offices.
        let has_office = Dice::of(seed, 3).happens(OFFICE_PERCENT);
        Self { orders, manners, has_office }
    }

    /// The first time that providers tell.
    #[must_use]
    pub fn first_time(&self) -> Timestamp {
        builders::at(FIRST_TIME)
    }

    /// All references.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.orders.iter().map(|order| order.reference.as_str())
    }
}

impl Order {
    fn drawn(dice: &mut Dice, number: usize) -> Self {
        let reference = format!("ORDER-{number}");
        let method = *dice.pick(&[Method::Qris, Method::VirtualAccount, Method::BankTransfer]);
        let posts_first = dice.happens(40);
        let post = (posts_first || dice.happens(60)).then(|| {
            let post = posting(dice, &reference, method);
            Posting { payment: post.payment.filter(|_| posts_first), ..post }
        });
        let payments = payments(dice, &reference, method, posts_first);
        let words = dice.between(1, 6);
        let mut callbacks: Vec<Callback> = (0..words)
            .map(|_| {
                let payment = dice.pick(&payments).clone();
                Callback { speaker: payment.speaker, words: vec![payment.word(dice, &reference, method)] }
            })
            .collect();
        join_batches(dice, &mut callbacks);
        let decree = decree(dice, &reference, &payments);
        Self { reference, post, posts_first, callbacks, decree }
    }

    /// Its messages in a canonical order: as it is posted, then in the order of the providers' times.
    #[must_use]
    pub fn in_order(&self) -> Vec<Message> {
        let mut callbacks = self.callbacks.clone();
        callbacks.sort_by_key(|callback| callback.words.first().map(|word| (word.at, word.said)));
        let posted = self.post.iter().cloned().map(Message::Posted);
        posted.chain(callbacks.into_iter().map(Message::CalledBack)).collect()
    }
}

fn posting(dice: &mut Dice, reference: &str, method: Method) -> Posting {
    let speakers = speakers(method);
    let names = dice.happens(50).then(|| *dice.pick(speakers));
    let payment = names.filter(|_| dice.happens(40)).map(|speaker| payment_id(reference, speaker, 0));
    let expires = dice.happens(60).then(|| builders::at(dice.pick::<&str>(&EXPIRIES)));
    Posting {
        reference: reference.to_owned(),
        occurrence: 1,
        method,
        amount: AMOUNT,
        names,
        payment,
        expires,
    }
}

/// A payout is told by the one of them that has payouts and payments alike.
const fn speakers(method: Method) -> &'static [Speaker] {
    match method {
        Method::BankTransfer => &[Speaker::Generic],
        _ => &Speaker::ALL,
    }
}

fn payment_id(reference: &str, speaker: Speaker, number: usize) -> String {
    format!("{reference}-{speaker:?}-{number}").to_lowercase()
}

/// Somebody decides where one payment was tried alone: with another one, what is held may turn out to be a payment of its own,
/// and nothing is left to decide.
fn decree(dice: &mut Dice, reference: &str, payments: &[Payment]) -> Option<Decree> {
    let [Payment { amount: OTHER_AMOUNT, id: payment, .. }] = payments else {
        return None;
    };
    let ruling = *dice.pick(&[Ruling::Accepted, Ruling::Dismissed]);
    Some(Decree { reference: reference.to_owned(), amount: OTHER_AMOUNT, payment: payment.clone(), ruling })
}

/// A payment that a provider may speak of.
#[derive(Debug, Clone)]
struct Payment {
    speaker: Speaker,
    /// None where the provider names none.
    id: Option<String>,
    amount: u32,
}

/// The payments that are spoken of. Reports that name none are about whichever there is, so there is one at most beside them.
fn payments(dice: &mut Dice, reference: &str, method: Method, posts_first: bool) -> Vec<Payment> {
    let mut payments = Vec::new();
    for number in 0..dice.between(1, 3) {
        let speaker = *dice.pick(speakers(method));
        let amount = if posts_first && dice.happens(20) { OTHER_AMOUNT } else { AMOUNT };
        let id = Some(payment_id(reference, speaker, number));
        payments.push(Payment { speaker, id, amount });
    }
    if payments.len() == 1 && dice.happens(30) {
        payments.push(Payment { speaker: Speaker::Generic, id: None, amount: AMOUNT });
    }
    payments
}

impl Payment {
    fn word(&self, dice: &mut Dice, reference: &str, method: Method) -> Word {
        let said = *dice.pick(self.speaker.vocabulary());
        Word {
            reference: reference.to_owned(),
            payment: self.id.clone(),
            said,
            at: drawn_time(dice),
            amount: self.amount,
            method,
            omits: self.omission(dice, said),
        }
    }

    /// Xendit names the payment of a refund by its id alone; our own events may leave out either.
    fn omission(&self, dice: &mut Dice, said: Said) -> Omission {
        match self.speaker {
            Speaker::Xendit if said == Said::Refund => Omission::Reference,
            Speaker::Generic if self.id.is_some() && dice.happens(15) => Omission::Reference,
            Speaker::Generic if dice.happens(10) => Omission::Substance,
            Speaker::Xendit | Speaker::Midtrans | Speaker::Generic => Omission::Nothing,
        }
    }
}

fn drawn_time(dice: &mut Dice) -> Timestamp {
    let step = i64::try_from(dice.below(TIMES)).unwrap_or_default();
    builders::at(FIRST_TIME).plus_seconds(step.saturating_mul(STEP_SECONDS))
}

/// The normalised events may come together.
fn join_batches(dice: &mut Dice, callbacks: &mut Vec<Callback>) {
    if !dice.happens(30) {
        return;
    }
    let (generic, others): (Vec<_>, Vec<_>) =
        callbacks.drain(..).partition(|callback| callback.speaker == Speaker::Generic);
    let words: Vec<Word> = generic.into_iter().flat_map(|callback| callback.words).collect();
    *callbacks = others;
    if !words.is_empty() {
        callbacks.push(Callback { speaker: Speaker::Generic, words });
    }
}
