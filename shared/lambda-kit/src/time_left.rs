//! The time that a function has: whoever uses it up is ended by Lambda, and the caller gets the gateway's 502 for something that
//! only takes long today. So the answer is given up a little earlier, and the caller is asked to try again.

use std::future::Future;
use std::time::Duration;

use lambda_http::RequestExt;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::system::SystemClock;

use crate::answer::Answer;
use crate::problem::Problem;

/// What is left to say so, in milliseconds.
const LAST_WORD_MS: u64 = 1_000;

/// How long a request may be worked on; as long as it likes where nobody has set an end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLeft(Option<Duration>);

impl TimeLeft {
    /// Of the invocation that carries this request.
    pub(crate) fn of_request(request: &lambda_http::Request) -> Self {
        let deadline_ms = request.lambda_context_ref().map_or(0, |context| context.deadline);
        Self::until(deadline_ms, SystemClock.now())
    }

    /// `deadline_ms` is in milliseconds since 1970, 0 if there is none.
    fn until(deadline_ms: u64, now: Timestamp) -> Self {
        let left_ms = deadline_ms.saturating_sub(now.as_millis()).saturating_sub(LAST_WORD_MS);
        Self((deadline_ms > 0).then(|| Duration::from_millis(left_ms)))
    }

    /// The outcome of this work, or that the service is not available for the moment. What was written by then stays: the same
    /// request can be made again.
    pub(crate) async fn spend(
        self,
        work: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        let Some(left) = self.0 else {
            return work.await;
        };
        let outcome = tokio::time::timeout(left, work).await;
        outcome.unwrap_or_else(|_| Err(Problem::unavailable().with_detail("the function's time was up")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_a_second_before_the_function_does() {
        let now = Timestamp::from_seconds(1_000).unwrap();
        let left = |deadline_ms| TimeLeft::until(deadline_ms, now).0.map(|left| left.as_millis());
        assert_eq!(left(1_015_000), Some(14_000));
        assert_eq!(left(1_000_500), Some(0));
        assert_eq!(left(999_000), Some(0), "it is over");
        assert_eq!(left(0), None, "nobody set one");
    }
}
