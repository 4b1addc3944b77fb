//! The API over HTTP on this machine: what a page takes when its answers come over a network.

use std::future::poll_fn;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use paywarden_api_client::{Transport, TransportError};

use super::FakeApi;
use crate::transport::OverTheNetwork;

/// The console's own way over the network, and what went over it.
#[derive(Default)]
pub struct Watched {
    network: OverTheNetwork,
    requests: Mutex<Vec<Request<Bytes>>>,
}

#[async_trait]
impl Transport for Watched {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.requests.lock().unwrap().push(request.clone());
        self.network.send(request).await
    }
}

impl Watched {
    /// The requests since this was asked last.
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

/// How long a future works: all its turns together, and not what it waits for in between.
pub async fn worked(work: impl Future) -> Duration {
    let (mut work, mut worked) = (pin!(work), Duration::ZERO);
    poll_fn(|context| {
        let started = Instant::now();
        let turn = work.as_mut().poll(context);
        worked += started.elapsed();
        turn.map(drop)
    })
    .await;
    worked
}

/// Answers over HTTP as was said of the API, at once, for as long as the process lives; where, is answered.
pub(super) fn serve(api: Arc<FakeApi>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    thread::spawn(move || {
        for caller in listener.incoming() {
            let (api, caller) = (Arc::clone(&api), caller.unwrap());
            thread::spawn(move || converse(&api, &caller));
        }
    });
    address
}

/// One request after the other, none of which has a body.
fn converse(api: &FakeApi, mut caller: &TcpStream) {
    caller.set_nodelay(true).unwrap();
    let mut lines = BufReader::new(caller).lines().map_while(Result::ok);
    while let Some(asked) = lines.next() {
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        let path = asked.split(' ').nth(1).and_then(|path| path.strip_prefix("/v1")).unwrap();
        let answer = api.answer(&Method::GET, path).unwrap();
        let mut text = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", answer.status(), answer.body().len());
        for (name, value) in answer.headers() {
            text += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
        let bytes = [text.as_bytes(), b"\r\n", answer.body()].concat();
        caller.write_all(&bytes).unwrap();
    }
}
