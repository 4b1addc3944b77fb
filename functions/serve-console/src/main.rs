//! `GET` and `POST /console/…`: the pages that people work with.
//!
//! - Called by browsers, without a token of the gateway's: whoever signed in has cookies.
//! - Reads and writes nothing itself: it asks the public API, with the token of the person who asks it, and its role may touch no
//!   table, queue, key or bucket. What somebody may not do, the API refuses.
//! - A page may be asked for as often as one likes. A form that is sent twice is for the API to judge.

mod answer;
mod asked;
mod assets;
mod cookies;
mod deps;
mod failure;
mod frame;
mod guard;
mod handler;
mod menu;
mod pages;
mod reply;
mod routes;
mod session;
mod sign_in;
#[cfg(test)]
mod testing;
mod transport;
mod view;
mod visit;

use deps::Deps;
use paywarden_lambda_kit::door::OpenDoor;

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME")).rendering(answer::render);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve_without_data(Deps::of, handler::handle).await
}
