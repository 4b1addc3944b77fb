#![doc = include_str!("../README.md")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stage that cannot start fails its test with the reason"
)]

pub mod builders;
pub mod document;
mod door;
pub mod events;
mod fakes;
mod faults;
mod flight;
mod refusal;
mod services;
mod stage;
mod template;
mod turns;
mod wire;
mod worker;

pub use door::TestDoor;
pub use fakes::{MemoryObjects, MemoryQueue, MemoryVault, SeededEntropy, TestClock};
pub use faults::Faults;
pub use flight::Flights;
pub use refusal::Refusal;
pub use stage::TestStage;
pub use turns::Turns;
pub use wire::NEWER_MEMBER;
pub use worker::TestWorker;
