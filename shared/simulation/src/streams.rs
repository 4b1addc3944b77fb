//! The stream of a table as Lambda hands it out: in order within a lane, in batches that are cut anew when one fails, more than
//! once where nobody knows whether it was taken, and put aside after as many tries as the template says.

use paywarden_store::transactions::stream::{RecordChange, changes};
use paywarden_testing::TestStage;

use crate::dice::Dice;

/// Shards, and lanes of them: changes of one record stay in one lane, whose batches come one after the other.
const LANES: usize = 4;

/// `MaximumRetryAttempts`.
const RETRIES: usize = 5;

/// Changes of one batch at most. The template's hundred would never cut these worlds.
const BATCH: usize = 8;

/// Everything that the transactions table has told so far.
#[derive(Default)]
pub struct Told {
    pub changes: Vec<RecordChange>,
    heard: Option<String>,
}

impl Told {
    /// Hears what is new.
    pub fn listen(&mut self, stage: &TestStage) {
        let event = stage.transaction_changes_behind(self.heard.as_deref());
        if let Some(last) = event.records.last() {
            self.heard.clone_from(&last.change.sequence_number);
        }
        self.changes.extend(changes(event).expect("what was written can be read"));
    }

    fn of_lane(&self, lane: usize) -> impl Iterator<Item = &RecordChange> {
        self.changes.iter().filter(move |change| lane_of(change) == lane)
    }
}

fn lane_of(change: &RecordChange) -> usize {
    let (RecordChange::Created(of) | RecordChange::Changed { new: of, .. } | RecordChange::Removed(of)) =
        change;
    of.id.body().bytes().map(usize::from).sum::<usize>() % LANES
}

#[derive(Clone, Copy, Default)]
struct Lane {
    taken: usize,
    /// How long the batch is that is tried again, half of the one that failed.
    cut: Option<usize>,
    tries: usize,
    repeats: usize,
    is_busy: bool,
}

/// A batch that is handed out.
#[derive(Clone)]
pub struct Batch {
    lane: usize,
    pub changes: Vec<RecordChange>,
}

/// Somebody who reads a stream.
#[derive(Default)]
pub struct Consumer {
    lanes: [Lane; LANES],
    /// What was put aside.
    aside: Vec<Vec<RecordChange>>,
}

impl Consumer {
    /// Cuts a batch from one of the lanes that have something and are not being worked on.
    pub fn next(&mut self, told: &Told, dice: &mut Dice) -> Option<Batch> {
        let ready: Vec<usize> = (0..LANES)
            .filter(|lane| {
                !self.lanes[*lane].is_busy && told.of_lane(*lane).count() > self.lanes[*lane].taken
            })
            .collect();
        if ready.is_empty() {
            return None;
        }
        let lane = *dice.pick(&ready);
        let state = &mut self.lanes[lane];
        state.is_busy = true;
        let length = state.cut.unwrap_or_else(|| dice.between(1, BATCH));
        let changes = told.of_lane(lane).skip(state.taken).take(length).cloned().collect();
        Some(Batch { lane, changes })
    }

    /// A batch was dealt with. It may be handed out again all the same, cut anew.
    pub fn dealt_with(&mut self, batch: &Batch, dice: &mut Dice) {
        let repeated = dice.happens(15);
        let state = &mut self.lanes[batch.lane];
        state.is_busy = false;
        if repeated && state.repeats < 2 {
            state.repeats += 1;
        } else {
            let taken = state.taken + batch.changes.len();
            *state = Lane { taken, ..Lane::default() };
        }
    }

    /// A batch failed: half of it comes again, or it is put aside.
    pub fn failed(&mut self, batch: &Batch) {
        let state = &mut self.lanes[batch.lane];
        state.is_busy = false;
        if state.tries >= RETRIES {
            let taken = state.taken + batch.changes.len();
            *state = Lane { taken, ..Lane::default() };
            self.aside.push(batch.changes.clone());
        } else {
            state.tries += 1;
            state.cut = Some(batch.changes.len().div_ceil(2));
        }
    }

    /// What was put aside, for somebody who has mended what was wrong.
    pub fn redrive(&mut self) -> Vec<Vec<RecordChange>> {
        std::mem::take(&mut self.aside)
    }
}
