//! The world in disorder: at each step one process or two, drawn by lot, that meet and may die.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_domain::timeline::Subject;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_payments::apply::lane;

use crate::office::Clerk;
use crate::people::Decree;
use crate::streams::Batch;
use crate::turns::{Process, side_by_side};
use crate::words::Message;
use crate::work::{Answer, Work};
use crate::world::{CROOKED, STRAIGHT, World};

/// Of a hundred processes so many are killed, each before one of its first operations.
const KILLED_PERCENT: usize = 15;
const OPERATIONS: usize = 12;

/// The same of those that work in the office: their steps have more operations, of which the last are the dearest.
const OFFICE_KILLED_PERCENT: usize = 30;
const OFFICE_OPERATIONS: usize = 20;

/// Of a hundred queues with pointers to webhooks so many lose them.
const LOST_PERCENT: usize = 5;

/// Of a hundred steps so many are two processes at once.
const MEETING_PERCENT: usize = 35;

/// Of a hundred callbacks that are applied so many are in a batch with others of their lane.
const BATCHED_PERCENT: usize = 40;

/// Seconds by which the clock jumps.
const JUMPS: [i64; 5] = [1, 30, 100, 700, 4_000];

/// What can happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Say,
    SayStraight,
    Apply,
    Expire,
    Project,
    Plan,
    Deliver,
    Sweep,
    Replay,
    Decide,
    Time,
    /// Something is done in the office.
    Office,
}

/// How often, beside each other.
const TURNS: [(usize, Turn); 12] = [
    (25, Turn::Say),
    (12, Turn::SayStraight),
    (30, Turn::Apply),
    (3, Turn::Expire),
    (8, Turn::Project),
    (8, Turn::Plan),
    (6, Turn::Deliver),
    (1, Turn::Sweep),
    (2, Turn::Replay),
    (6, Turn::Decide),
    (5, Turn::Time),
    (60, Turn::Office),
];

/// The same in a world that has no office.
const TURNS_WITHOUT_OFFICE: &[(usize, Turn)] = TURNS.split_at(11).0;

/// Who waits for the answer of a process.
pub(crate) enum Waiting {
    /// Whoever said something, under this correlation id.
    Speaker(Message, String),
    /// The queue of callbacks.
    Callbacks(Vec<usize>),
    /// The queues of webhooks.
    Pointers(usize),
    Projecting(Batch),
    Planning(Batch),
    /// Whoever decides, and does it again until it is done.
    Person(Decree),
    /// Somebody in the office.
    Clerk(Clerk),
    Nobody,
}

/// A piece of work, what it is called, and who waits for it.
pub(crate) struct Task {
    pub work: Work,
    pub name: String,
    pub waiting: Waiting,
}

impl World {
    /// Says what has to be heard before anything else, as often as it takes.
    pub(crate) async fn say_first(&mut self) {
        let rest = std::mem::replace(&mut self.unsaid[CROOKED], std::mem::take(&mut self.said_first));
        while !self.unsaid[CROOKED].is_empty() {
            let task = self.draw_message();
            self.carry_out(task.into_iter().collect()).await;
        }
        self.unsaid[CROOKED] = rest;
    }

    /// One step of a world in disorder: one process or two, any of which may be killed.
    pub(crate) async fn disorder(&mut self) {
        self.break_or_mend();
        let count = if self.dice.happens(MEETING_PERCENT) { 2 } else { 1 };
        let mut tasks = Vec::new();
        for place in 0..count {
            let turns = if self.office.is_some() { &TURNS } else { TURNS_WITHOUT_OFFICE };
            let turn = self.dice.weighted(turns);
            // What has been drawn already is sent at this moment.
            let is_late = place > 0 && turn == Some(Turn::Time);
            if let Some(turn) = turn.filter(|_| !is_late) {
                tasks.extend(self.draw(turn).await);
            }
        }
        self.carry_out(tasks).await;
    }

    async fn carry_out(&mut self, tasks: Vec<Task>) {
        let mut processes = Vec::new();
        let mut others = Vec::new();
        for Task { work, name, waiting } in tasks {
            let wings = Arc::clone(&self.wings);
            let killed_before = self.killed_before(&work);
            processes
                .push(Process { future: Box::pin(async move { wings.perform(work).await }), killed_before });
            others.push((name, killed_before, waiting));
        }
        let is_meeting = others.len() > 1;
        self.stage.faults.close(self.closed_table());
        let is_newer = self.is_next_newer();
        self.stage.faults.write_more(is_newer);
        let answers = side_by_side(&self.stage.faults.turns, &mut self.dice, processes).await;
        self.stage.faults.close(None);
        self.stage.faults.write_more(false);
        self.lose_pointers();
        self.take_in(is_newer);
        for ((name, killed_before, waiting), answer) in others.into_iter().zip(answers) {
            let meeting = if is_meeting { "meets: " } else { "" };
            let ending = match (&answer, killed_before) {
                (Some(answer), _) => format!("{answer:?}"),
                (None, killed) => format!("killed before its operation {}", killed.unwrap_or_default()),
            };
            if matches!(waiting, Waiting::Pointers(_)) && (is_meeting || answer != Some(Answer::Done)) {
                self.interrupted += 1;
            }
            self.step(format!("{meeting}{name}: {ending}"));
            self.answer(waiting, answer, &name);
        }
    }

    /// The operation before which whoever does this is killed, if it is.
    fn killed_before(&mut self, work: &Work) -> Option<usize> {
        if self.cannot_do(work) {
            return Some(0);
        }
        let (percent, operations) = match work {
            Work::Office(_) => (OFFICE_KILLED_PERCENT, OFFICE_OPERATIONS),
            _ => (KILLED_PERCENT, OPERATIONS),
        };
        self.dice.happens(percent).then(|| self.dice.below(operations))
    }

    /// A pointer to an attempt that is tried again only makes it quicker, so a queue may lose it.
    fn lose_pointers(&mut self) {
        if self.dice.happens(LOST_PERCENT) {
            for pointer in self.stage.webhook_retries.take() {
                self.step(format!("a queue loses {}", pointer.body));
            }
        }
    }

    /// What is to be done in a turn; `None` when that is nothing, or nothing that a process does.
    async fn draw(&mut self, turn: Turn) -> Option<Task> {
        let now = self.stage.clock.now();
        match turn {
            Turn::Say => self.draw_message(),
            Turn::SayStraight => {
                self.say_straight().await;
                None
            }
            Turn::Apply => self.draw_applying(),
            Turn::Expire => Some(nobodys(Work::Expire, "the overdue are ended")),
            Turn::Sweep => Some(nobodys(Work::Sweep, "due webhooks are queued")),
            Turn::Project => self.draw_projecting(),
            Turn::Plan => self.draw_planning(),
            Turn::Deliver => {
                let (number, body) = self.pointers.receive(&mut self.dice, now)?;
                let name = format!("webhook {number} is attempted");
                Some(Task { work: Work::Deliver(body), name, waiting: Waiting::Pointers(number) })
            }
            Turn::Office => self.draw_office().await,
            Turn::Replay => self.draw_replay().await,
            Turn::Decide => {
                let decree = self.undecided[CROOKED].pop()?;
                let work = self.deciding(CROOKED, &decree);
                let name =
                    format!("somebody says {} of {} in {}", decree.ruling, decree.held(), decree.reference);
                Some(Task { work, name, waiting: Waiting::Person(decree) })
            }
            Turn::Time => {
                let drawn = *self.dice.pick(&JUMPS);
                let seconds = self.outage_jump().unwrap_or(drawn);
                self.stage.clock.advance_seconds(seconds);
                self.step(format!("{seconds} seconds have passed"));
                None
            }
        }
    }

    fn draw_message(&mut self) -> Option<Task> {
        let message = self.unsaid[CROOKED].pop_front()?;
        let (work, correlation_id) = self.saying(CROOKED, &message);
        let name = format!("{correlation_id} {}", message.in_words());
        Some(Task { work, name, waiting: Waiting::Speaker(message, correlation_id) })
    }

    /// A message of the queue, and often others of its lane.
    fn draw_applying(&mut self) -> Option<Task> {
        let now = self.stage.clock.now();
        let (first, body) = self.callbacks.receive(&mut self.dice, now)?;
        let lane_of = |body: &str| lane(&serde_json::from_str::<VerifiedCallback>(body).ok()?);
        let mut batch = vec![(first, body)];
        if let Some(lane) = lane_of(&batch[0].1).filter(|_| self.dice.happens(BATCHED_PERCENT)) {
            let is_like = |body: &str| lane_of(body).as_ref() == Some(&lane);
            batch.extend(self.callbacks.receive_others(first, is_like, &mut self.dice, now));
        }
        let (numbers, bodies): (Vec<usize>, Vec<String>) = batch.into_iter().unzip();
        let name = format!("callbacks {numbers:?} are applied");
        Some(Task { work: Work::Apply(bodies), name, waiting: Waiting::Callbacks(numbers) })
    }

    fn draw_projecting(&mut self) -> Option<Task> {
        self.told.listen(&self.stage);
        let batch = self.projecting.next(&self.told, &mut self.dice)?;
        let name = format!("{} changes are projected", batch.changes.len());
        Some(Task { work: Work::Project(batch.changes.clone()), name, waiting: Waiting::Projecting(batch) })
    }

    fn draw_planning(&mut self) -> Option<Task> {
        self.told.listen(&self.stage);
        let batch = self.planning.next(&self.told, &mut self.dice)?;
        let name = format!("webhooks of {} changes are planned", batch.changes.len());
        Some(Task { work: Work::Plan(batch.changes.clone()), name, waiting: Waiting::Planning(batch) })
    }

    async fn draw_replay(&mut self) -> Option<Task> {
        let orders: Vec<String> = self.scenario.references().map(str::to_owned).collect();
        let reference = self.dice.pick(&orders).clone();
        let kept = self.kept(&reference).await;
        if kept.is_empty() {
            return None;
        }
        let (subject, entry) = self.dice.pick(&kept).clone();
        let Subject::Transaction(transaction) = subject else {
            return None;
        };
        let name = format!("{} of {reference} is read again", entry.id);
        let merchant = self.parties[CROOKED].merchant.id.clone();
        Some(nobodys(Work::Replay { merchant, transaction, entry: entry.id }, &name))
    }

    /// Tells whoever waits what became of a process. One that was killed tells nobody anything.
    pub(crate) fn answer(&mut self, waiting: Waiting, answer: Option<Answer>, name: &str) {
        let now = self.stage.clock.now();
        if let Some(Answer::Refused(reason)) = &answer {
            self.violations.push(format!("refused for good: {name}: {reason}"));
        }
        let is_done = !matches!(answer, None | Some(Answer::Failed(_)));
        match waiting {
            Waiting::Speaker(message, correlation_id) => {
                if answer == Some(Answer::Done) && matches!(message, Message::CalledBack(_)) {
                    self.acknowledged.insert(correlation_id);
                }
                self.heard(message, is_done);
            }
            Waiting::Callbacks(numbers) => {
                for number in numbers {
                    match is_done {
                        true => self.callbacks.dealt_with(number, &mut self.dice),
                        false => self.callbacks.failed(number, &mut self.dice, now),
                    }
                }
            }
            Waiting::Pointers(number) if is_done => self.pointers.dealt_with(number, &mut self.dice),
            Waiting::Pointers(number) => self.pointers.failed(number, &mut self.dice, now),
            Waiting::Projecting(batch) if is_done => self.projecting.dealt_with(&batch, &mut self.dice),
            Waiting::Projecting(batch) => self.projecting.failed(&batch),
            Waiting::Planning(batch) if is_done => self.planning.dealt_with(&batch, &mut self.dice),
            Waiting::Planning(batch) => self.planning.failed(&batch),
            Waiting::Person(decree) => {
                if !is_done || self.dice.happens(10) {
                    self.undecided[CROOKED].push(decree);
                }
            }
            Waiting::Clerk(clerk) => self.answer_clerk(&clerk, is_done),
            Waiting::Nobody => {}
        }
    }

    /// Whoever was not answered says it again, and some do who were: not at once, others may be heard first.
    fn heard(&mut self, message: Message, is_done: bool) {
        let again = if is_done { 10 } else { 100 };
        if self.dice.happens(again) {
            let waiting = &mut self.unsaid[CROOKED];
            let place = self.dice.below(waiting.len() + 1);
            waiting.insert(place, message);
        }
    }

    /// The straight one's next message: said, and applied at once.
    async fn say_straight(&mut self) {
        let Some(message) = self.unsaid[STRAIGHT].pop_front() else {
            return;
        };
        let (work, correlation_id) = self.saying(STRAIGHT, &message);
        self.take_in(false);
        self.calmly(work, &format!("{correlation_id} {}", message.in_words())).await;
        if matches!(message, Message::CalledBack(_)) {
            self.acknowledged.insert(correlation_id);
        }
        loop {
            let sent = self.stage.transaction_events.take();
            if sent.is_empty() {
                return;
            }
            for message in sent {
                self.queued.extend(serde_json::from_str::<VerifiedCallback>(&message.body));
                self.calmly(Work::Apply(vec![message.body]), "and applied").await;
            }
        }
    }
}

fn nobodys(work: Work, name: &str) -> Task {
    Task { work, name: name.to_owned(), waiting: Waiting::Nobody }
}
