//! A world from a seed: two merchants in one stage with the same orders under the same references.
//!
//! About the orders of the *crooked* one everything is said in any order, more than once, by processes that meet and die. About
//! those of the *straight* one the same is said once, in a canonical order, by processes that live. In the end both have to look
//! the same; the straight one is the oracle of the other, and being in the same tables it shows that nothing of one merchant is
//! ever seen with the other.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use paywarden_domain::id::TransactionId;
use paywarden_domain::time::Clock;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_payments::record::PaymentOrder;
use paywarden_store::queue::Message as Queued;
use paywarden_testing::{NEWER_MEMBER, TestStage};
use serde_json::Value;

use crate::bodies::Sent;
use crate::dice::Dice;
use crate::office::Office;
use crate::outages::{Broken, Outage};
use crate::party::Party;
use crate::people::Decree;
use crate::queues::Mailbox;
use crate::receivers::Receivers;
use crate::scenario::Scenario;
use crate::streams::{Consumer, Told};
use crate::words::Message;
use crate::work::{Wings, Work, draft};

/// The one of whom everything is said in disorder.
pub const CROOKED: usize = 0;
/// The one of whom it is said in order.
pub const STRAIGHT: usize = 1;

/// Where webhooks may go, and the waits between attempts: one that a queue holds, and one that the index holds.
/// And so few rows to a shard that a run has several.
const SETTINGS: [(&str, &str); 3] = [
    ("WEBHOOK_ALLOW_LOOPBACK", "true"),
    ("WEBHOOK_RETRY_SECONDS", "5,3600"),
    ("RECONCILIATION_SHARD_ROWS", "3"),
];

/// The world.
pub struct World {
    pub scenario: Scenario,
    pub stage: TestStage,
    pub wings: Arc<Wings>,
    pub receivers: Receivers,
    /// The crooked one and the straight one.
    pub parties: [Party; 2],
    pub(crate) dice: Dice,
    /// What the crooked one says before anything else.
    pub(crate) said_first: VecDeque<Message>,
    /// What is still to be said, by party.
    pub(crate) unsaid: [VecDeque<Message>; 2],
    /// What is still to be decided, by party.
    pub(crate) undecided: [Vec<Decree>; 2],
    pub(crate) callbacks: Mailbox,
    pub(crate) pointers: Mailbox,
    pub told: Told,
    pub(crate) projecting: Consumer,
    pub(crate) planning: Consumer,
    /// What is done beside the payments, where it is.
    pub office: Option<Office>,
    /// Every callback that was queued.
    pub queued: Vec<VerifiedCallback>,
    /// The correlation ids of the callbacks that were acknowledged.
    pub acknowledged: BTreeSet<String>,
    /// Attempts at webhooks that were cut off, failed, or were made by two at once: each may have posted and booked nothing.
    pub interrupted: usize,
    /// What is to be broken for a while, if anything.
    pub(crate) outage: Option<Outage>,
    said: usize,
    /// What happened, step by step.
    pub steps: Vec<String>,
    /// What must not have happened.
    pub violations: Vec<String>,
}

impl World {
    /// Opens the world of a seed, in which something may be broken for a while.
    pub async fn open(seed: u64, broken: Option<Broken>) -> Self {
        let mut scenario = Scenario::of(seed);
        scenario.has_office |= Self::needs_office(broken);
        let stage = TestStage::in_process();
        let receivers = Receivers::open().await;
        let well: Vec<_> = scenario.manners.iter().map(crate::receivers::Manner::of_the_well).collect();
        let parties = [
            Party::open(&stage, (CROOKED, "Crooked"), &scenario.manners, &receivers).await,
            Party::open(&stage, (STRAIGHT, "Straight"), &well, &receivers).await,
        ];
        let mut dice = Dice::of(seed, 2);
        let (said_first, rest) = disordered(&scenario, &mut dice);
        let unsaid = [rest, ordered(&scenario)];
        let decrees: Vec<Decree> = scenario.orders.iter().filter_map(|order| order.decree.clone()).collect();
        let office = Office::of(&scenario, seed);
        let wings = Wings::over(stage.stores_with(None, &SETTINGS));
        stage.faults.turns.take();
        Self {
            scenario,
            stage,
            wings,
            receivers,
            parties,
            dice,
            said_first,
            unsaid,
            undecided: [decrees.clone(), decrees],
            callbacks: Mailbox::default(),
            pointers: Mailbox::default(),
            told: Told::default(),
            projecting: Consumer::default(),
            planning: Consumer::default(),
            office,
            queued: Vec::new(),
            acknowledged: BTreeSet::new(),
            interrupted: 0,
            outage: broken.map(Outage::of),
            said: 0,
            steps: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// What has to be done for a message to be said, and the id that follows it.
    pub(crate) fn saying(&mut self, party: usize, message: &Message) -> (Work, String) {
        self.said += 1;
        let of = &self.parties[party];
        let correlation_id = format!("{}-{}", of.name, self.said);
        let work = match message {
            Message::Posted(posting) => Work::Post {
                merchant: of.merchant.clone(),
                order: Box::new(PaymentOrder {
                    draft: draft(posting),
                    provider_id: posting.names.map(|speaker| of.provider(speaker).provider.id.clone()),
                }),
                correlation_id: correlation_id.clone(),
            },
            Message::CalledBack(callback) => Work::Receive {
                provider: Box::new(of.provider(callback.speaker).clone()),
                sent: Sent::of(callback, &of.keys, self.stage.clock.now()),
                correlation_id: correlation_id.clone(),
            },
        };
        (work, correlation_id)
    }

    /// What has to be done for something to be decided.
    pub(crate) fn deciding(&self, party: usize, decree: &Decree) -> Work {
        Work::Decide {
            merchant: self.parties[party].merchant.id.clone(),
            transaction: self.id_of(party, &decree.reference, 1),
            decree: decree.clone(),
        }
    }

    /// Takes in what processes have left in the queues, perhaps processes of a newer version.
    pub(crate) fn take_in(&mut self, is_newer: bool) {
        let now = self.stage.clock.now();
        let sent = |message: Queued| if is_newer { with_more(message) } else { message };
        for message in self.stage.transaction_events.take().into_iter().map(sent) {
            self.queued.extend(serde_json::from_str::<VerifiedCallback>(&message.body));
            self.callbacks.put(&message, now);
        }
        for queue in [&self.stage.webhook_deliveries, &self.stage.webhook_retries] {
            for message in queue.take().into_iter().map(sent) {
                self.pointers.put(&message, now);
            }
        }
        self.take_in_steps(sent);
    }

    /// The callbacks that are kept on the timeline of one of the crooked one's orders.
    pub(crate) async fn kept(&self, reference: &str) -> Vec<(Subject, Entry)> {
        let merchant = &self.parties[CROOKED].merchant.id;
        let id = TransactionId::of(merchant, reference, 1);
        let subject = Subject::Transaction(id);
        let page = self.stage.timeline().list(&subject, 100, None).await.expect("the table answers");
        let kept = page.entries.into_iter().filter(|entry| entry.kind == EntryKind::ProviderMessage);
        kept.map(|entry| (subject.clone(), entry)).collect()
    }

    /// The record of an order.
    #[must_use]
    pub fn id_of(&self, party: usize, reference: &str, occurrence: u32) -> TransactionId {
        TransactionId::of(&self.parties[party].merchant.id, reference, occurrence)
    }

    /// Notes a step.
    pub(crate) fn step(&mut self, step: String) {
        let at = self.stage.clock.now();
        self.steps.push(format!("{at} {step}"));
    }
}

/// A message with a member that this version does not know.
fn with_more(message: Queued) -> Queued {
    let mut body: Value = serde_json::from_str(&message.body).expect("messages are JSON");
    body[NEWER_MEMBER] = Value::Bool(true);
    Queued { body: body.to_string(), ..message }
}

/// What is said first, and everything else in any order.
fn disordered(scenario: &Scenario, dice: &mut Dice) -> (VecDeque<Message>, VecDeque<Message>) {
    let (mut first, mut rest) = (VecDeque::new(), Vec::new());
    for order in &scenario.orders {
        for message in order.in_order() {
            let is_first = order.posts_first && matches!(message, Message::Posted(_));
            if is_first { first.push_back(message) } else { rest.push(message) }
        }
    }
    dice.shuffle(&mut rest);
    (first, rest.into())
}

fn ordered(scenario: &Scenario) -> VecDeque<Message> {
    scenario.orders.iter().flat_map(crate::scenario::Order::in_order).collect()
}
