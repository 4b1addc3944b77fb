#![doc = include_str!("../README.md")]

pub mod attempt;
pub mod deliver;
pub mod endpoints;
pub mod errand;
pub mod news;
pub mod plan;
mod pointer;
pub mod replay;
pub mod replaying;
mod resolver;
pub mod sweep;
