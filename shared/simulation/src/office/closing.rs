//! How an office comes to rest: what still waits is done, what nobody could do is given up, and at last somebody has all
//! statements compared with all that is in the ledger.

use std::collections::BTreeMap;

use paywarden_domain::actor::Actor;
use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::run::{Run, RunScope, Trigger};
use paywarden_domain::statement::Statement;
use paywarden_domain::time::{Clock, Day};
use paywarden_reconciliation::start::{Starter, ids};

use super::{Clerk, Office, OfficeWork, Step};
use crate::disorder::Task;
use crate::words::Speaker;
use crate::work::{Answer, Work, wired};
use crate::world::{CROOKED, STRAIGHT, World};

/// The days of a world, with room on both sides.
const DAYS: [&str; 2] = ["2026-11-10", "2026-12-31"];

/// More runs than a world has.
const RUNS: u16 = 500;

impl World {
    /// The runs of a party.
    pub(crate) async fn runs(&self, party: usize) -> Vec<Run> {
        let merchant = &self.parties[party].merchant.id;
        self.stage.reconciliation().runs(merchant, None, RUNS).await.expect("runs can be read").items
    }

    /// Does what waits in the office, dead letters included; answers whether anything did.
    pub(crate) async fn settle_office(&mut self) -> bool {
        self.take_in(false);
        self.give_up_the_dead().await;
        let Some(office) = self.office.as_ref().filter(|office| office.next_due().is_some()) else {
            return false;
        };
        let due = office.next_due().map_or(0, |due| due.as_seconds() - self.stage.clock.now().as_seconds());
        self.stage.clock.advance_seconds(due.max(0));
        for task in self.waiting_in_office() {
            let Task { work, name, waiting } = task;
            let is_done = self.calmly(work, &name).await;
            let answer = if is_done { Answer::Done } else { Answer::Failed(String::new()) };
            self.answer(waiting, Some(answer), "");
        }
        true
    }

    /// A message of each queue that has one.
    fn waiting_in_office(&mut self) -> Vec<Task> {
        let now = self.stage.clock.now();
        let Some(office) = self.office.as_mut() else {
            return Vec::new();
        };
        let arrival = office.arrivals.receive(&mut self.dice, now);
        let arrival = arrival.map(|(number, key)| Office::task(Clerk::Arrival(number), key));
        let mut tasks: Vec<Task> = arrival.into_iter().collect();
        for (step, mailbox) in Step::ALL.into_iter().zip(&mut office.steps) {
            let message = mailbox.receive(&mut self.dice, now);
            tasks.extend(message.map(|(number, body)| Office::task(Clerk::Step(step, number), body)));
        }
        tasks
    }

    /// Files that nobody could take in come again when whoever is called for it has mended what was broken. Work on a run that
    /// failed too often gives the run up.
    async fn give_up_the_dead(&mut self) {
        let Some(office) = self.office.as_mut() else {
            return;
        };
        office.arrivals.redrive();
        let dead: Vec<String> = office.steps.iter_mut().flat_map(crate::queues::Mailbox::take_dead).collect();
        for body in dead {
            self.calmly(Work::Office(OfficeWork::GiveUp(body)), "a run is given up").await;
        }
    }

    /// All statements come, and all of them are compared with the ledger once more, for both.
    pub(crate) async fn close_books(&mut self) {
        for party in [CROOKED, STRAIGHT] {
            let papers = self.office.as_mut().map(|office| std::mem::take(&mut office.papers[party]));
            papers.iter().flatten().for_each(|paper| self.leave(party, paper));
        }
        if self.office.is_none() {
            return;
        }
        self.settle().await;
        self.calmly(Work::Office(OfficeWork::Schedule), "what is due is begun").await;
        self.settle().await;
        // A run that began later counts, and it has to be seen which did.
        self.stage.clock.advance_seconds(60);
        for party in [CROOKED, STRAIGHT] {
            for speaker in Speaker::ALL {
                self.close(party, speaker).await;
            }
        }
        self.settle().await;
        self.watch_twice().await;
    }

    /// Watches the providers until there is no news: then nothing changes any more.
    async fn watch_twice(&mut self) {
        let mut seen = Vec::new();
        for _ in 0..2 {
            self.calmly(Work::Office(OfficeWork::Monitor), "providers are watched").await;
            seen.push(self.stage.providers().all().await.expect("providers can be read"));
        }
        if seen.first() != seen.last() {
            self.violations.push("monitoring changes providers of which it heard nothing new".to_owned());
        }
    }

    /// Begins the run of all days by hand.
    async fn close(&mut self, party: usize, speaker: Speaker) {
        let of = &self.parties[party];
        let table = self.stage.reconciliation();
        let all = table.statements(&of.merchant.id, None, RUNS).await.expect("statements can be read").items;
        // The same bytes under two names are one statement.
        let theirs = all.iter().filter(|one| one.provider_id == *of.id_of(speaker) && one.is_usable());
        let used: Vec<&Statement> =
            theirs.map(|one| (&one.sha256, one)).collect::<BTreeMap<_, _>>().into_values().collect();
        if used.is_empty() {
            return;
        }
        let [from, until] = DAYS.map(|day| Day::parse(day).expect("a day"));
        let scope = RunScope {
            merchant_id: of.merchant.id.clone(),
            provider_id: of.id_of(speaker).clone(),
            from,
            until,
            as_of: None,
            statement_ids: ids(&used),
            rules: Rules::usual(&of.provider(speaker).provider, &of.merchant),
            dry_run: false,
        };
        let starter = wired(Starter::of(self.wings.stores()));
        let started = starter.start(scope, &used, Trigger::Manual, Actor::Operator).await;
        let run = started.expect("a run can be begun").into_run();
        self.step(format!("somebody begins {} for {speaker:?}", run.id));
        self.office.iter_mut().for_each(|office| office.closing.push((party, speaker, run.id.clone())));
    }
}
