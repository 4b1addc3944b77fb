//! The back office of a world, where it has one: statements that providers leave, runs that compare them with the ledger, people
//! who look at what those find, and monitoring that watches the providers; all of it while payments still move.

mod closing;
mod papers;
mod work;

use std::collections::BTreeSet;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{ProviderId, RunId};
use paywarden_domain::provider::{ProviderStatus, Standing};
use paywarden_domain::reconciliation::exception::Action;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_reconciliation::decide::Decision;
use paywarden_store::queue::Message;

pub use self::papers::Paper;
pub use self::work::{OfficeWork, Step};
use crate::disorder::{Task, Waiting};
use crate::party::Party;
use crate::queues::Mailbox;
use crate::scenario::Scenario;
use crate::words::Speaker;
use crate::work::Work;
use crate::world::{CROOKED, World};

/// What there is of it, and what waits in it.
pub struct Office {
    /// All statements that come to a party.
    pub drawn: Vec<Paper>,
    /// Those that have not come yet, by party.
    papers: [Vec<Paper>; 2],
    /// What the bucket tells of files that came.
    arrivals: Mailbox,
    /// The queues between the steps of runs, in the order of [`Step::ALL`].
    steps: [Mailbox; 3],
    /// The runs that were begun by hand when everything had come to rest: which party's, of whose statements.
    pub closing: Vec<(usize, Speaker, RunId)>,
    /// Providers that somebody has taken out of routing for good.
    pub pinned: BTreeSet<ProviderId>,
}

/// What happens in an office.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Leave,
    Arrive,
    Schedule,
    Step,
    Look,
    Stop,
    Monitor,
    Pin,
}

/// How often, beside each other.
const TURNS: [(usize, Turn); 8] = [
    (6, Turn::Leave),
    (10, Turn::Arrive),
    (4, Turn::Schedule),
    (24, Turn::Step),
    (4, Turn::Look),
    (1, Turn::Stop),
    (4, Turn::Monitor),
    (1, Turn::Pin),
];

/// Of a hundred files so many are left a second time, under another name.
const COPIED_PERCENT: usize = 20;

/// Who waits in it for the answer of a process.
pub(crate) enum Clerk {
    Arrival(usize),
    Step(Step, usize),
    /// Whoever wants a provider to be left alone.
    Pinning(ProviderId),
}

impl Office {
    /// Why somebody wants a provider to be left alone.
    pub const PINNED_FOR: &str = "it is being mended";

    /// The one of a seed, if it has one.
    #[must_use]
    pub fn of(scenario: &Scenario, seed: u64) -> Option<Self> {
        let papers = scenario.has_office.then(|| papers::drawn(scenario, seed))?;
        Some(Self {
            papers: [papers.clone(), papers.clone()],
            drawn: papers,
            arrivals: Mailbox::default(),
            steps: Default::default(),
            closing: Vec::new(),
            pinned: BTreeSet::new(),
        })
    }

    /// Whether something is still to come to the one of whom everything is said in disorder, or waits for somebody.
    pub(crate) fn is_busy(&self) -> bool {
        !self.papers[CROOKED].is_empty() || self.next_due().is_some()
    }

    fn next_due(&self) -> Option<Timestamp> {
        std::iter::once(&self.arrivals).chain(&self.steps).filter_map(Mailbox::next_due).min()
    }

    /// What is left to be done with a queue's message, and who waits for it.
    fn task(clerk: Clerk, body: String) -> Task {
        let (work, name) = match clerk {
            Clerk::Step(step, number) => {
                (OfficeWork::Step(step, body), format!("{step:?} of message {number}"))
            }
            Clerk::Arrival(_) | Clerk::Pinning(_) => {
                let name = format!("{body} is taken in");
                (OfficeWork::Arrive(body), name)
            }
        };
        Task { work: Work::Office(work), name, waiting: Waiting::Clerk(clerk) }
    }
}

impl World {
    /// What is to be done next in the office; `None` when that is nothing, or nothing that a process does.
    pub(crate) async fn draw_office(&mut self) -> Option<Task> {
        match self.dice.weighted(&TURNS)? {
            Turn::Leave => {
                let paper = self.office.as_mut()?.papers[CROOKED].pop()?;
                self.leave(CROOKED, &paper);
                None
            }
            Turn::Arrive => self.draw_arrival(),
            Turn::Step => self.draw_step(),
            Turn::Schedule => Some(routine(OfficeWork::Schedule, "what is due is begun")),
            Turn::Monitor => Some(routine(OfficeWork::Monitor, "providers are watched")),
            Turn::Look => self.draw_look().await,
            Turn::Stop => self.draw_stop().await,
            Turn::Pin => self.draw_pin(),
        }
    }

    /// A provider leaves a statement in the bucket, perhaps twice; whoever listens to the bucket is told.
    pub(crate) fn leave(&mut self, party: usize, paper: &Paper) {
        let mut names = vec![paper.name.clone()];
        if self.dice.happens(COPIED_PERCENT) {
            names.push(format!("copy-of-{}", paper.name));
        }
        for name in names {
            let of = &self.parties[party];
            let key = format!("statements/{}/{}/{name}", of.merchant.id, of.id_of(paper.speaker));
            self.stage.objects.put(&key, paper.text.as_bytes());
            self.step(format!("{:?} leaves {key}", paper.speaker));
            let told = Message { body: key, delay_seconds: 0, group: None, correlation_id: None };
            let now = self.stage.clock.now();
            self.office.iter_mut().for_each(|office| office.arrivals.put(&told, now));
        }
    }

    fn draw_arrival(&mut self) -> Option<Task> {
        let now = self.stage.clock.now();
        let (number, key) = self.office.as_mut()?.arrivals.receive(&mut self.dice, now)?;
        Some(Office::task(Clerk::Arrival(number), key))
    }

    fn draw_step(&mut self) -> Option<Task> {
        let now = self.stage.clock.now();
        let step = *self.dice.pick(&Step::ALL);
        let (number, body) = self.office.as_mut()?.steps[step as usize].receive(&mut self.dice, now)?;
        Some(Office::task(Clerk::Step(step, number), body))
    }

    /// Somebody looks at what a run has found, and says something of it.
    async fn draw_look(&mut self) -> Option<Task> {
        let speaker = *self.dice.pick(&Speaker::ALL);
        let of = &self.parties[CROOKED];
        let open = self.stage.reconciliation().open_exceptions(&of.merchant.id, of.id_of(speaker)).await;
        let open = open.expect("exceptions can be read");
        let merchant = of.merchant.id.clone();
        let exception = open.get(self.dice.below(open.len()))?;
        let action = *self.dice.pick(&[Action::Assign, Action::Resolve, Action::Void]);
        let assignee = (action == Action::Assign).then(|| "finance".to_owned());
        let decision =
            Decision { id: exception.id.clone(), action, reason: "as the bank says".to_owned(), assignee };
        let name = format!("somebody says {action} of {}", exception.id);
        Some(routine(OfficeWork::Decide(merchant, decision), &name))
    }

    /// Somebody stops a run.
    async fn draw_stop(&mut self) -> Option<Task> {
        let runs = self.runs(CROOKED).await;
        let run = runs.get(self.dice.below(runs.len()))?;
        let work = OfficeWork::Stop(run.scope.merchant_id.clone(), run.id.clone());
        Some(routine(work, &format!("somebody stops {}", run.id)))
    }

    /// Somebody takes a provider out of routing, and wants it to be left alone.
    fn draw_pin(&mut self) -> Option<Task> {
        let speaker = *self.dice.pick(&Speaker::ALL);
        let of = &self.parties[CROOKED];
        let id = of.id_of(speaker).clone();
        let standing = Standing {
            status: ProviderStatus::Maintenance,
            pinned: true,
            by: Actor::Operator,
            at: self.stage.clock.now(),
            reason: Office::PINNED_FOR.to_owned(),
        };
        let work = OfficeWork::Pin(of.merchant.id.clone(), id.clone(), standing);
        let task = routine(work, &format!("somebody takes {speaker:?} out of routing"));
        Some(Task { waiting: Waiting::Clerk(Clerk::Pinning(id)), ..task })
    }

    /// Takes in what processes have left in the queues between the steps of runs.
    pub(crate) fn take_in_steps(&mut self, sent: impl Fn(Message) -> Message) {
        let now = self.stage.clock.now();
        let Some(office) = self.office.as_mut() else {
            return;
        };
        for (mailbox, queue) in office.steps.iter_mut().zip(&self.stage.reconciliation_queues) {
            queue.take().into_iter().map(&sent).for_each(|message| mailbox.put(&message, now));
        }
    }

    /// Tells whoever waits in the office what became of a process.
    pub(crate) fn answer_clerk(&mut self, clerk: &Clerk, is_done: bool) {
        let now = self.stage.clock.now();
        let Some(office) = self.office.as_mut() else {
            return;
        };
        let (mailbox, number) = match clerk {
            Clerk::Arrival(number) => (&mut office.arrivals, *number),
            Clerk::Step(step, number) => (&mut office.steps[*step as usize], *number),
            Clerk::Pinning(id) => {
                office.pinned.extend(is_done.then(|| id.clone()));
                return;
            }
        };
        match is_done {
            true => mailbox.dealt_with(number, &mut self.dice),
            false => mailbox.failed(number, &mut self.dice, now),
        }
    }
}

fn routine(work: OfficeWork, name: &str) -> Task {
    Task { work: Work::Office(work), name: name.to_owned(), waiting: Waiting::Nobody }
}

impl Party {
    /// The id of the provider that speaks so.
    #[must_use]
    pub fn id_of(&self, speaker: Speaker) -> &ProviderId {
        &self.provider(speaker).provider.id
    }
}
