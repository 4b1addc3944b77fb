#![doc = include_str!("../README.md")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a world that cannot be set up fails its run with the reason"
)]

pub mod bodies;
pub mod checks;
pub mod dice;
mod disorder;
mod life;
pub mod office;
pub mod outages;
pub mod party;
pub mod people;
pub mod queues;
pub mod receivers;
pub mod remains;
pub mod run;
pub mod scenario;
pub mod streams;
pub mod turns;
pub mod views;
pub mod words;
pub mod work;
pub mod world;
