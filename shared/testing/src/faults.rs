//! Killing a process: from a chosen operation on, nothing it asks of tables, queues, files or the vault is done any more.
//! And racing it: somebody else is let in before a chosen operation, so that every order of two writers can be tried.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_types::config_bag::ConfigBag;
use paywarden_store::StoreError;

use crate::flight::Flights;
use crate::refusal::Refusal;
use crate::turns::Turns;

/// What somebody else does in between, and before which operation.
type Meanwhile = (i64, Box<dyn FnOnce() + Send>);

/// Counts operations, kills, and lets others in.
pub struct Faults {
    /// Whose turn it is, for whoever lets several processes go on side by side.
    pub turns: Turns,
    /// How far away the tables are, for whoever measures with them.
    pub flights: Flights,
    left: AtomicI64,
    operations: AtomicI64,
    dead: AtomicBool,
    throttle: Mutex<(usize, usize)>,
    refusals: Mutex<BTreeMap<&'static str, (Refusal, usize)>>,
    closed: Mutex<Option<&'static str>>,
    writes_more: AtomicBool,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            turns: Turns::default(),
            flights: Flights::default(),
            left: AtomicI64::new(i64::MAX),
            operations: AtomicI64::new(0),
            dead: AtomicBool::new(false),
            throttle: Mutex::default(),
            refusals: Mutex::default(),
            closed: Mutex::default(),
            writes_more: AtomicBool::new(false),
            meanwhile: Mutex::default(),
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Faults").field("operations", &self.operations).finish_non_exhaustive()
    }
}

impl Faults {
    /// Kills the process before its operation number `count`, from 0, counting from now.
    pub fn kill_before(&self, count: i64) {
        self.operations.store(0, Ordering::SeqCst);
        self.left.store(count, Ordering::SeqCst);
    }

    /// Starts a process in the place of one that was killed; answers whether one was.
    pub fn restart(&self) -> bool {
        self.left.store(i64::MAX, Ordering::SeqCst);
        self.dead.swap(false, Ordering::SeqCst)
    }

    /// Whether the process was killed and none has taken its place.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Lets tables take only so many items of each of the next batches, as those do that are written faster than they can
    /// be. They have to be in the process.
    pub fn throttle(&self, batches: usize, items: usize) {
        *self.lock_throttle() = (batches, items);
    }

    /// How many items of the next batch are taken.
    pub(crate) fn taken(&self) -> Option<usize> {
        let mut throttle = self.lock_throttle();
        throttle.0 = throttle.0.checked_sub(1)?;
        Some(throttle.1)
    }

    fn lock_throttle(&self) -> std::sync::MutexGuard<'_, (usize, usize)> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets tables refuse an operation, by its name, so many times from now on. They have to be in the process.
    pub fn refuse(&self, operation: &'static str, refusal: Refusal, times: usize) {
        self.lock_refusals().insert(operation, (refusal, times));
    }

    /// Whether the next operation of this name is refused.
    pub(crate) fn refused(&self, operation: &str) -> Option<Refusal> {
        let mut refusals = self.lock_refusals();
        let (refusal, times) = refusals.get_mut(operation)?;
        *times = times.checked_sub(1)?;
        Some(*refusal)
    }

    fn lock_refusals(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, (Refusal, usize)>> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one table (by its logical id) answer nobody until another one is named, or none. It has to be in the process.
    pub fn close(&self, table: Option<&'static str>) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = table;
    }

    /// The table that answers nobody.
    pub(crate) fn closed(&self) -> Option<&'static str> {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what is put from now on is put as a newer version of this code would: with a member that this one does not know.
    /// The tables have to be in the process.
    pub fn write_more(&self, more: bool) {
        self.writes_more.store(more, Ordering::SeqCst);
    }

    pub(crate) fn writes_more(&self) -> bool {
        self.writes_more.load(Ordering::SeqCst)
    }

    /// Does `other` to its end before operation number `count`, from 0, counting from now; the operation waits for it. The
    /// test needs a runtime of several threads, for the thread of the one who waits is blocked.
    pub fn meanwhile<F>(&self, count: i64, other: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let wait = move || tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(other));
        self.operations.store(0, Ordering::SeqCst);
        *self.lock_meanwhile() = Some((count, Box::new(wait)));
    }

    /// Whether nobody is waiting to be let in any more.
    #[must_use]
    pub fn was_let_in(&self) -> bool {
        self.lock_meanwhile().is_none()
    }

    /// Lets nobody in any more; answers whether somebody was still waiting.
    pub fn nobody_else(&self) -> bool {
        self.lock_meanwhile().take().is_some()
    }

    fn lock_meanwhile(&self) -> std::sync::MutexGuard<'_, Option<Meanwhile>> {
        self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Operations since the count began.
    #[must_use]
    pub fn operations(&self) -> i64 {
        self.operations.load(Ordering::SeqCst)
    }

    pub(crate) fn before(&self, operation: &'static str) -> Result<(), StoreError> {
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        let due = self.lock_meanwhile().take_if(|(count, _)| *count <= number);
        if let Some((_, wait)) = due {
            wait();
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.dead.store(true, Ordering::SeqCst);
        }
        if self.is_dead() {
            return Err(StoreError::Unavailable { operation, detail: "the process was killed".to_owned() });
        }
        Ok(())
    }

    pub(crate) fn interceptor(self: &Arc<Self>) -> Interceptor {
        Interceptor(Arc::clone(self))
    }
}

/// Sees every operation on tables before it is sent.
#[derive(Debug)]
pub(crate) struct Interceptor(Arc<Faults>);

impl Intercept for Interceptor {
    fn name(&self) -> &'static str {
        "faults"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(self.0.before("DynamoDB")?)
    }
}
