//! Time: UTC microseconds inside, merchants' zones at the edge. The wall clock is behind a trait.

mod day;
mod filter;
mod timestamp;
mod zone;

pub use day::{Day, InvalidDay};
pub use filter::InvalidFilterTime;
pub use timestamp::{InvalidTime, Timestamp};
pub use zone::{UnknownZone, Zone, fixed_hours, parse_civil_in};

/// Tells the time. The process's own clock implements it once, in `lambda-kit`; tests set theirs.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Whole days, as seconds.
#[must_use]
pub fn days(count: i64) -> i64 {
    count.saturating_mul(24).saturating_mul(3600)
}

fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, mark)| match mark {
            b'd' => byte.is_ascii_digit(),
            _ => byte == mark,
        })
}
