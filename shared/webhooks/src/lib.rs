#![doc = include_str!("../README.md")]

pub mod attempt;
mod breaker;
pub mod deliver;
pub mod drain;
pub mod endpoints;
pub mod errand;
pub mod gather;
pub mod lanes;
pub mod news;
mod note;
mod park;
pub mod plan;
mod pointer;
mod post;
mod probe;
pub mod replay;
pub mod replaying;
mod resolver;
mod slow;
mod standing;
pub mod sweep;

pub use standing::EndpointKey;
