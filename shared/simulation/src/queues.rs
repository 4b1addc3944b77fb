//! A queue as SQS is one: what was sent comes at least once, in any order, late where that was asked for, and again after a
//! process that failed; what fails too often lies among the dead letters until somebody sends it back.

use paywarden_domain::time::Timestamp;
use paywarden_store::queue::Message;

use crate::dice::Dice;

/// How often a message is handed out before it is a dead letter: the least of the template's queues.
const RECEIVES: usize = 5;

/// How often a message comes again that was taken before.
const REPEATS: usize = 2;

/// Seconds for which a message is out of sight while somebody works on it.
const VISIBILITY_SECONDS: i64 = 90;

struct Lying {
    number: usize,
    body: String,
    due: Timestamp,
    receives: usize,
    repeats: usize,
}

/// Messages that were sent and not taken for good.
#[derive(Default)]
pub struct Mailbox {
    lying: Vec<Lying>,
    dead: Vec<Lying>,
    sent: usize,
}

impl Mailbox {
    /// Takes in what was sent.
    pub fn put(&mut self, message: &Message, now: Timestamp) {
        let due = now.plus_seconds(message.delay_seconds.into());
        let number = self.sent;
        self.sent += 1;
        self.lying.push(Lying { number, body: message.body.clone(), due, receives: 0, repeats: 0 });
    }

    /// Hands out one of the messages that are due, with the number to tell it by. It is not out of sight for others: they
    /// may be handed the same.
    pub fn receive(&mut self, dice: &mut Dice, now: Timestamp) -> Option<(usize, String)> {
        let due: Vec<usize> = (0..self.lying.len()).filter(|index| self.lying[*index].due <= now).collect();
        if due.is_empty() {
            return None;
        }
        let message = &mut self.lying[*dice.pick(&due)];
        message.receives += 1;
        Some((message.number, message.body.clone()))
    }

    /// Hands out some of the other messages that are due and like the one of that number, as a batch has them.
    pub fn receive_others(
        &mut self,
        number: usize,
        is_like: impl Fn(&str) -> bool,
        dice: &mut Dice,
        now: Timestamp,
    ) -> Vec<(usize, String)> {
        let others = self.lying.iter_mut().filter(|message| message.number != number && message.due <= now);
        let like = others.filter(|message| is_like(&message.body));
        let handed = like.filter(|_| dice.happens(50)).map(|message| {
            message.receives += 1;
            (message.number, message.body.clone())
        });
        handed.collect()
    }

    /// A message was dealt with. What was taken out of the queue may come again all the same.
    pub fn dealt_with(&mut self, number: usize, dice: &mut Dice) {
        let repeated = dice.happens(15);
        let Some(index) = self.lying.iter().position(|message| message.number == number) else {
            return;
        };
        let message = &mut self.lying[index];
        if repeated && message.repeats < REPEATS {
            message.repeats += 1;
            message.receives = 0;
        } else {
            self.lying.remove(index);
        }
    }

    /// Whoever had a message failed: it comes again, at once or when it is in sight again.
    pub fn failed(&mut self, number: usize, dice: &mut Dice, now: Timestamp) {
        let waits = dice.happens(50);
        let Some(index) = self.lying.iter().position(|message| message.number == number) else {
            return;
        };
        let message = &mut self.lying[index];
        if waits {
            message.due = now.plus_seconds(VISIBILITY_SECONDS);
        }
        if message.receives >= RECEIVES {
            let message = self.lying.remove(index);
            self.dead.push(message);
        }
    }

    /// Sends the dead letters back, because what killed them is mended.
    pub fn redrive(&mut self) {
        for message in self.dead.drain(..) {
            self.lying.push(Lying { receives: 0, ..message });
        }
    }

    /// Takes the dead letters out, for whoever has another use for them.
    pub fn take_dead(&mut self) -> Vec<String> {
        self.dead.drain(..).map(|message| message.body).collect()
    }

    /// When the next message can be handed out; `None` when none is left.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.lying.iter().map(|message| message.due).min()
    }
}
