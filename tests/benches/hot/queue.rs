//! A queue as SQS is one: a message that is handed out is out of sight for a while, and a dead letter when that was too often.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use serde_json::Value;

/// `BatchSize`, `VisibilityTimeout` and `maxReceiveCount`, as the template has them.
const BATCH: usize = 10;
const OUT_OF_SIGHT: Duration = Duration::from_secs(90);
const RECEIVES: u32 = 8;

/// A message that was handed out.
#[derive(Clone)]
pub struct Received {
    id: String,
    body: String,
    receives: u32,
}

/// What became of a payment: when it came, and when somebody was last done with it.
struct Payment {
    came: Instant,
    done: Option<Instant>,
    is_dead: bool,
}

#[derive(Default)]
struct State {
    lying: Vec<(Instant, Received)>,
    payments: BTreeMap<String, Payment>,
    sent: usize,
    put_off: usize,
    out_of_sight: usize,
    longest_batch: Duration,
}

/// The queue.
#[derive(Default)]
pub struct Queue(Mutex<State>);

impl Received {
    /// As Lambda gets them.
    pub fn event(batch: &[Self]) -> SqsEvent {
        let message = |received: &Self| {
            let mut message = SqsMessage::default();
            message.message_id = Some(received.id.clone());
            message.body = Some(received.body.clone());
            message
        };
        let mut event = SqsEvent::default();
        event.records = batch.iter().map(message).collect();
        event
    }

    fn payment(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body.get("correlation_id").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Queue {
    /// Takes in a message for later.
    pub fn send(&self, body: &str, delay_seconds: u32) {
        let mut state = self.0.lock().unwrap();
        state.sent += 1;
        state.put_off += usize::from(delay_seconds > 0);
        let (now, id) = (Instant::now(), state.sent.to_string());
        let message = Received { id, body: body.to_owned(), receives: 0 };
        let payment = state.payments.entry(message.payment());
        payment.or_insert(Payment { came: now, done: None, is_dead: false }).done = None;
        state.lying.push((now + Duration::from_secs(delay_seconds.into()), message));
    }

    /// Hands out what is in sight.
    pub fn receive(&self) -> Vec<Received> {
        let (mut state, now) = (self.0.lock().unwrap(), Instant::now());
        let mut batch = Vec::new();
        for (due, message) in state.lying.iter_mut().filter(|(due, _)| *due <= now).take(BATCH) {
            *due = now + OUT_OF_SIGHT;
            message.receives += 1;
            batch.push(message.clone());
        }
        batch
    }

    /// A batch was worked on. What failed comes again when it is in sight again.
    pub fn end(&self, batch: Vec<Received>, failed: &[String], took: Duration) {
        let (mut state, now) = (self.0.lock().unwrap(), Instant::now());
        state.longest_batch = state.longest_batch.max(took);
        for message in batch {
            let has_failed = failed.contains(&message.id);
            let is_dead = has_failed && message.receives >= RECEIVES;
            state.out_of_sight += usize::from(has_failed);
            if has_failed && !is_dead {
                continue;
            }
            state.lying.retain(|(_, lying)| lying.id != message.id);
            let payment = message.payment();
            // It may be in the queue again by itself.
            let comes_again = state.lying.iter().any(|(_, lying)| lying.payment() == payment);
            if let (false, Some(payment)) = (comes_again, state.payments.get_mut(&payment)) {
                payment.done = Some(now);
                payment.is_dead |= is_dead;
            }
        }
    }

    /// Whether so many payments came and nothing of them is left.
    pub fn has_settled(&self, payments: usize) -> bool {
        let state = self.0.lock().unwrap();
        state.payments.len() >= payments && state.lying.is_empty()
    }

    /// Tells what became of everything.
    pub fn say(&self) {
        let state = self.0.lock().unwrap();
        let waits = state.payments.values().filter_map(|payment| Some(payment.done? - payment.came));
        let mut waits: Vec<_> = waits.collect();
        waits.sort();
        let at =
            |part: usize| waits.get((waits.len() * part / 100).min(waits.len() - 1)).unwrap().as_secs_f64();
        println!("  waited: half {:.1} s, 95 of 100 {:.1} s, longest {:.1} s", at(50), at(95), at(100));
        println!("  put off for some seconds: {} times", state.put_off);
        println!("  out of sight for 90 s: {} times", state.out_of_sight);
        println!("  dead: {}", state.payments.values().filter(|payment| payment.is_dead).count());
        println!("  longest batch: {:.1} s of the function's 15", state.longest_batch.as_secs_f64());
    }
}
