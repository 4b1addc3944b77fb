//! What operations consume.

use std::sync::atomic::{AtomicU64, Ordering};

/// Read and write units consumed since it was last read, in tenths of a unit.
#[derive(Default)]
pub struct Meter {
    tenths: AtomicU64,
    operations: AtomicU64,
}

/// What a request consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consumed {
    /// Capacity units, times ten: half a unit is 5.
    pub tenths: u64,
    pub operations: u64,
}

impl Meter {
    pub(super) fn take(&self) -> Consumed {
        Consumed {
            tenths: self.tenths.swap(0, Ordering::Relaxed),
            operations: self.operations.swap(0, Ordering::Relaxed),
        }
    }

    pub(super) fn add(&self, units: f64) {
        #[expect(
            clippy::float_arithmetic,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the service reports units as a float; they are multiples of a half and never negative"
        )]
        let tenths = (units * 10.0).round() as u64;
        self.tenths.fetch_add(tenths, Ordering::Relaxed);
        self.operations.fetch_add(1, Ordering::Relaxed);
    }
}
