//! Taking turns: whoever runs several processes of a stage at once decides before each operation which of them goes on.
//!
//! A process that waits for its turn is a future that is pending once. So a scheduler that polls one of its processes lets it do
//! exactly one operation, in any order it likes, and one that drops a process there has killed it before that operation.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;

/// Whether turns are taken, and how many were.
#[derive(Debug, Default)]
pub struct Turns {
    are_taken: AtomicBool,
    waited: AtomicU64,
}

impl Turns {
    /// From now on each operation on tables, queues, files and the vault waits for its turn.
    pub fn take(&self) {
        self.are_taken.store(true, Ordering::SeqCst);
    }

    /// How often somebody has waited for a turn. A process that is pending and has not waited waits for something else.
    #[must_use]
    pub fn waited(&self) -> u64 {
        self.waited.load(Ordering::SeqCst)
    }

    pub(crate) async fn wait(&self) {
        if !self.are_taken.load(Ordering::SeqCst) {
            return;
        }
        let mut has_waited = false;
        poll_fn(|context| {
            if has_waited {
                return Poll::Ready(());
            }
            has_waited = true;
            self.waited.fetch_add(1, Ordering::SeqCst);
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
