#![doc = include_str!("../README.md")]

pub mod apply;
mod crowd;
pub mod decide;
mod entries;
pub mod expire;
mod intake;
mod locate;
mod notes;
mod park;
pub mod project;
pub mod reading;
pub mod rebuild;
pub mod receive;
pub mod record;
pub mod rehearse;
pub mod replay;
mod together;
pub mod unmatched;
pub mod unmatched_days;
mod wake;
