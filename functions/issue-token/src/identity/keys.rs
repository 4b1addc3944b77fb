//! The provider's keys, kept for a while. A key that is not among them may be new, so they are fetched again for it; but anybody
//! can name one, so that is done seldom.

use std::sync::Arc;

use paywarden_domain::person::Issuer;
use paywarden_domain::time::{Clock, Timestamp};
use tokio::sync::Mutex;

use super::fetch::{FetchError, Fetcher};
use super::signature::VerifyingKey;

/// Seconds for which keys are believed: one that the provider has withdrawn is trusted no longer than that.
const LIFETIME_SECONDS: i64 = 600;

/// Least seconds between two fetches that were caused by an unknown key.
const FRESH_INTERVAL_SECONDS: i64 = 30;

/// Least seconds between two fetches of which the first failed.
const RETRY_SECONDS: i64 = 5;

/// Keys by id, as this process knows them.
pub struct Keys {
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Arc<VerifyingKey>>,
    fetched_at: Option<Timestamp>,
    failed: Option<(Timestamp, FetchError)>,
}

/// What is to be done for a key.
enum Step {
    Take(Arc<VerifyingKey>),
    Fetch,
    /// The provider was asked a moment ago, and had no such key.
    Refuse,
    /// It was asked a moment ago, and did not answer.
    Fail(FetchError),
}

impl Keys {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { fetcher: Fetcher::default(), clock, known: Mutex::default() }
    }

    /// The key with this id, if the provider has one. Of several who ask at the same time one fetches.
    pub async fn find(&self, issuer: &Issuer, id: &str) -> Result<Option<Arc<VerifyingKey>>, FetchError> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        match known.step(id, now) {
            Step::Take(key) => return Ok(Some(key)),
            Step::Refuse => return Ok(None),
            Step::Fail(error) => return Err(error),
            Step::Fetch => {}
        }
        match self.fetcher.keys(issuer).await {
            Ok(keys) => {
                let keys = keys.into_iter().map(Arc::new).collect();
                *known = Known { keys, fetched_at: Some(now), failed: None };
                Ok(known.find(id))
            }
            Err(error) => {
                known.failed = Some((now, error.clone()));
                Err(error)
            }
        }
    }
}

impl Known {
    fn find(&self, id: &str) -> Option<Arc<VerifyingKey>> {
        self.keys.iter().find(|key| key.id == id).cloned()
    }

    fn step(&self, id: &str, now: Timestamp) -> Step {
        let is_within = |at: Timestamp, seconds| now < at.plus_seconds(seconds);
        let fresh = |seconds| self.fetched_at.is_some_and(|at| is_within(at, seconds));
        if let Some(key) = self.find(id).filter(|_| fresh(LIFETIME_SECONDS)) {
            return Step::Take(key);
        }
        match &self.failed {
            Some((at, error)) if is_within(*at, RETRY_SECONDS) => Step::Fail(error.clone()),
            None if fresh(FRESH_INTERVAL_SECONDS) => Step::Refuse,
            _ => Step::Fetch,
        }
    }
}
