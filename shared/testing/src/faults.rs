//! Killing a process: from a chosen operation on, nothing it asks of tables, queues or files is done any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_types::config_bag::ConfigBag;
use paywarden_store::StoreError;

/// Counts operations, and kills.
#[derive(Debug)]
pub struct Faults {
    left: AtomicI64,
    operations: AtomicI64,
    dead: AtomicBool,
}

impl Default for Faults {
    fn default() -> Self {
        Self { left: AtomicI64::new(i64::MAX), operations: AtomicI64::new(0), dead: AtomicBool::new(false) }
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

    /// Operations since the count began.
    #[must_use]
    pub fn operations(&self) -> i64 {
        self.operations.load(Ordering::SeqCst)
    }

    pub(crate) fn before(&self, operation: &'static str) -> Result<(), StoreError> {
        self.operations.fetch_add(1, Ordering::SeqCst);
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.dead.store(true, Ordering::SeqCst);
        }
        if self.dead.load(Ordering::SeqCst) {
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
