//! How a world is lived through: in disorder until everything is said, then in quiet until nothing moves any more.

use paywarden_domain::time::{Clock, Timestamp};

use crate::disorder::Waiting;
use crate::office::Office;
use crate::people::Decree;
use crate::work::{Answer, Work};
use crate::world::{CROOKED, STRAIGHT, World};

/// Steps after which a world that does not come to rest is given up.
const PATIENCE: usize = 3_000;

/// Longer than any wait between two attempts at a webhook, the spread included.
const LONG_SECONDS: i64 = 5_000;

/// Past everything that expires.
const LATE_SECONDS: i64 = 36 * 3_600;

impl World {
    /// Lives through all of it.
    pub async fn live(&mut self) {
        self.say_first().await;
        for _ in 0..PATIENCE {
            if self.unsaid.iter().all(std::collections::VecDeque::is_empty)
                && self.callbacks.next_due().is_none()
                && !self.office.as_ref().is_some_and(Office::is_busy)
                && !self.awaits_repair()
            {
                break;
            }
            self.disorder().await;
        }
        self.step("everything is said".to_owned());
        self.leave_unattended();
        self.settle().await;
        self.decide_the_rest().await;
        // Whoever sweeps comes again.
        self.stage.clock.advance_seconds(LATE_SECONDS);
        for _ in 0..2 {
            self.calmly(Work::Expire, "the overdue are ended").await;
            self.settle().await;
        }
        self.close_books().await;
        self.deliver_all().await;
    }

    /// What was not decided in disorder is now, as far as it is held; the straight one's is decided when all is said, by people
    /// on whose clock it is the same time.
    async fn decide_the_rest(&mut self) {
        for party in [CROOKED, STRAIGHT] {
            for decree in std::mem::take(&mut self.undecided[party]) {
                let now = self.stage.clock.now();
                self.stage.clock.set(self.decided_at(&decree).await.unwrap_or(now));
                let work = self.deciding(party, &decree);
                self.calmly(work, &format!("{} is {}", decree.held(), decree.ruling)).await;
                self.stage.clock.set(now);
            }
        }
        self.settle().await;
    }

    /// When it was decided about the crooked one's order, if it was.
    async fn decided_at(&self, decree: &Decree) -> Option<Timestamp> {
        let id = self.id_of(CROOKED, &decree.reference, 1);
        let record = self.stage.transactions().find(&id).await.expect("the table answers")?;
        record.decisions.find(&decree.held()).map(|decision| decision.at)
    }

    /// Does something in a process that nobody disturbs.
    pub(crate) async fn calmly(&mut self, work: Work, name: &str) -> bool {
        let answer = self.wings.perform(work).await;
        self.step(format!("calmly: {name}: {answer:?}"));
        if let Answer::Refused(reason) = &answer {
            self.violations.push(format!("refused for good: {name}: {reason}"));
        }
        answer == Answer::Done
    }

    /// Applies and projects everything that is left, dead letters and batches that were put aside included.
    pub(crate) async fn settle(&mut self) {
        for _ in 0..PATIENCE {
            self.take_in(false);
            self.callbacks.redrive();
            let (applied, told) = (self.settle_callbacks().await, self.settle_streams().await);
            let worked = self.settle_office().await;
            if !applied && !told && !worked {
                return;
            }
        }
        self.violations.push("the world does not come to rest".to_owned());
    }

    async fn settle_callbacks(&mut self) -> bool {
        let Some(due) = self.callbacks.next_due() else {
            return false;
        };
        let wait = due.as_seconds() - self.stage.clock.now().as_seconds();
        self.stage.clock.advance_seconds(wait.max(0));
        let now = self.stage.clock.now();
        if let Some((number, body)) = self.callbacks.receive(&mut self.dice, now) {
            let is_done =
                self.calmly(Work::Apply(vec![body]), &format!("callback {number} is applied")).await;
            let answer = if is_done { Answer::Done } else { Answer::Failed(String::new()) };
            self.answer(Waiting::Callbacks(vec![number]), Some(answer), "");
        }
        true
    }

    async fn settle_streams(&mut self) -> bool {
        let mut told = false;
        self.told.listen(&self.stage);
        while let Some(batch) = self.projecting.next(&self.told, &mut self.dice) {
            told = true;
            self.calmly(Work::Project(batch.changes.clone()), "changes are projected").await;
            self.projecting.dealt_with(&batch, &mut self.dice);
        }
        while let Some(batch) = self.planning.next(&self.told, &mut self.dice) {
            told = true;
            self.calmly(Work::Plan(batch.changes.clone()), "webhooks are planned").await;
            self.planning.dealt_with(&batch, &mut self.dice);
        }
        for changes in self.projecting.redrive() {
            told = true;
            self.calmly(Work::ProjectLate(changes), "what was put aside is projected").await;
        }
        for changes in self.planning.redrive() {
            told = true;
            self.calmly(Work::Plan(changes), "what was put aside is planned").await;
        }
        told
    }

    /// Attempts webhooks until nothing waits in the queues and in the index; time passes when there is nothing to do.
    async fn deliver_all(&mut self) {
        let mut rests = 0;
        for _ in 0..PATIENCE {
            self.take_in(false);
            self.pointers.redrive();
            let now = self.stage.clock.now();
            if let Some((number, body)) = self.pointers.receive(&mut self.dice, now) {
                rests = 0;
                let is_done =
                    self.calmly(Work::Deliver(body), &format!("webhook {number} is attempted")).await;
                let answer = if is_done { Answer::Done } else { Answer::Failed(String::new()) };
                self.answer(Waiting::Pointers(number), Some(answer), "");
                continue;
            }
            let next = self.pointers.next_due().map(|due| due.as_seconds() - now.as_seconds());
            self.stage.clock.advance_seconds(next.unwrap_or(LONG_SECONDS));
            if next.is_none() {
                self.calmly(Work::Sweep, "due webhooks are queued").await;
                rests += 1;
            }
            if rests > 2 {
                return;
            }
        }
        self.violations.push("webhooks do not come to rest".to_owned());
    }
}
