//! A receiver behind https that signed its certificate itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// An authority and its only receiver in one, called `receiver.example`, from 2020 to 2120. The key is nobody's secret.
pub const CERTIFICATE: &[u8] = include_bytes!("receiver.der");
const KEY: &[u8] = include_bytes!("receiver.key.der");

/// Starts one that answers 200; counts what it was told.
pub async fn start() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, posts) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (acceptor, counted) = (acceptor(), Arc::clone(&posts));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(serve(acceptor.clone(), connection, Arc::clone(&counted)));
        }
    });
    (address, posts)
}

fn acceptor() -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], PrivateKeyDer::try_from(KEY).unwrap());
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

async fn serve(acceptor: TlsAcceptor, connection: TcpStream, posts: Arc<AtomicUsize>) {
    // Whoever does not trust it says no more.
    let Ok(mut connection) = acceptor.accept(connection).await else {
        return;
    };
    if connection.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
        posts.fetch_add(1, Ordering::SeqCst);
        let answer = b"HTTP/1.1 200 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let _ = connection.write_all(answer).await;
    }
    let _ = connection.shutdown().await;
}
