//! Statements as providers write them of what they were paid: with rows that are missing, wrong, twice, or nobody's.

use std::fmt::Write as _;

use paywarden_domain::vocabulary::Method;

use crate::dice::Dice;
use crate::scenario::Scenario;
use crate::words::{Said, Speaker, Word};

/// Columns of the canonical format.
const HEADER: &str =
    "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n";

/// What the dice are thrown for, see [`Dice::of`].
const PURPOSE: u64 = 4;

/// Of a hundred payments so many are not on a statement, are there with another amount, are there twice.
const MISSING_PERCENT: usize = 15;
const WRONG_PERCENT: usize = 15;
const DOUBLED_PERCENT: usize = 10;

/// Of a hundred statements so many have a row that is nobody's.
const FOREIGN_PERCENT: usize = 30;

/// A file that a provider leaves.
#[derive(Debug, Clone)]
pub struct Paper {
    pub speaker: Speaker,
    pub name: String,
    pub text: String,
}

impl Paper {
    /// Rows below the header.
    pub fn rows(&self) -> impl Iterator<Item = &str> {
        self.text.lines().skip(1)
    }
}

/// The statements of a seed: of each provider none, one or two, in any order.
pub(super) fn drawn(scenario: &Scenario, seed: u64) -> Vec<Paper> {
    let mut dice = Dice::of(seed, PURPOSE);
    let mut papers = Vec::new();
    for speaker in Speaker::ALL {
        let mut halves = [String::new(), String::new()];
        for word in paid_to(scenario, speaker) {
            for line in lines(word, &mut dice) {
                let half = dice.below(halves.len());
                halves[half].push_str(&line);
            }
        }
        for (number, mut text) in halves.into_iter().enumerate() {
            if dice.happens(FOREIGN_PERCENT) {
                let at = scenario.first_time();
                let _ = writeln!(text, "FOREIGN-{number},,Transfer,credit,7000,IDR,{at},,SETTLED");
            }
            let (name, text) = (format!("{speaker:?}-{number}.csv"), format!("{HEADER}{text}"));
            let paper = Paper { speaker, name, text };
            // The same bytes are the same statement, under whatever name.
            let is_known = papers.iter().any(|one: &Paper| one.speaker == speaker && one.text == paper.text);
            if paper.rows().next().is_some() && !is_known {
                papers.push(paper);
            }
        }
    }
    dice.shuffle(&mut papers);
    papers
}

/// What a provider says was paid.
fn paid_to(scenario: &Scenario, speaker: Speaker) -> impl Iterator<Item = &Word> {
    let callbacks = scenario.orders.iter().flat_map(|order| &order.callbacks);
    let words = callbacks.filter(move |callback| callback.speaker == speaker).flat_map(|one| &one.words);
    words.filter(|word| word.said == Said::Paid)
}

fn lines(word: &Word, dice: &mut Dice) -> Vec<String> {
    let amount = if dice.happens(WRONG_PERCENT) { word.amount + 500 } else { word.amount };
    let direction = if word.method == Method::BankTransfer { "debit" } else { "credit" };
    let payment = word.payment.as_deref().unwrap_or_default();
    let line =
        format!("{},{payment},Transfer,{direction},{amount},IDR,{},,SETTLED\n", word.reference, word.at);
    let times = match (dice.happens(MISSING_PERCENT), dice.happens(DOUBLED_PERCENT)) {
        (true, _) => 0,
        (false, true) => 2,
        (false, false) => 1,
    };
    vec![line; times]
}
