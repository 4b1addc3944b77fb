//! An identity provider on a loopback port: its two documents, and keys to sign with.

use std::sync::{Arc, Mutex, OnceLock};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a private key of 32 bytes begins in PKCS #8, of Ed25519 and of P-256.
const ED25519: &str = "302e020100300506032b657004220420";
const P256: &str = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";

/// A key that signs.
pub struct SigningKey {
    pub id: &'static str,
    pub algorithm: Algorithm,
    key: EncodingKey,
}

impl SigningKey {
    /// An RSA key. There is one in a process: each takes a while to find.
    pub fn rsa(id: &'static str) -> Self {
        static KEY: OnceLock<Vec<u8>> = OnceLock::new();
        let key = KEY.get_or_init(|| {
            let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
            key.to_pkcs1_der().unwrap().as_bytes().to_vec()
        });
        Self { id, algorithm: Algorithm::RS256, key: EncodingKey::from_rsa_der(key) }
    }

    pub fn ed25519(id: &'static str) -> Self {
        Self { id, algorithm: Algorithm::EdDSA, key: EncodingKey::from_ed_der(&private(ED25519, id)) }
    }

    pub fn p256(id: &'static str) -> Self {
        Self { id, algorithm: Algorithm::ES256, key: EncodingKey::from_ec_der(&private(P256, id)) }
    }

    pub fn public(&self) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap());
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    pub fn header(&self) -> Header {
        Header { kid: Some(self.id.to_owned()), ..Header::new(self.algorithm) }
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(&self.header(), claims)
    }

    pub fn sign_under(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }
}

/// 32 bytes that differ from id to id.
fn private(prefix: &str, id: &str) -> Vec<u8> {
    let mut key = data_encoding::HEXLOWER.decode(prefix.as_bytes()).unwrap();
    key.extend([7; 32].into_iter().zip(id.bytes().cycle()).map(|(seven, byte): (u8, u8)| seven ^ byte));
    key
}

/// What it answers.
#[derive(Default)]
struct Documents {
    description: Value,
    keys: Value,
    status: u16,
    fetches: usize,
}

/// The provider. It is gone when the test is over.
pub struct Provider {
    pub issuer: String,
    documents: Arc<Mutex<Documents>>,
}

impl Provider {
    /// With these keys.
    pub async fn start(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let description = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")});
        let documents = Arc::new(Mutex::new(Documents { description, status: 200, ..Documents::default() }));
        let served = Arc::clone(&documents);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                answer(connection, &served).await;
            }
        });
        let provider = Self { issuer, documents };
        provider.publish(keys);
        provider
    }

    /// Puts other keys in the place of what it has.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.publish_set(json!({"keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>()}));
    }

    pub fn publish_set(&self, set: Value) {
        self.documents.lock().unwrap().keys = set;
    }

    pub fn describe(&self, member: &str, value: Value) {
        self.documents.lock().unwrap().description[member] = value;
    }

    /// Answers everything with this status from now on.
    pub fn fail_with(&self, status: u16) {
        self.documents.lock().unwrap().status = status;
    }

    /// How often it was asked for its keys or for where they are.
    pub fn fetches(&self) -> usize {
        self.documents.lock().unwrap().fetches
    }
}

async fn answer(mut connection: TcpStream, documents: &Mutex<Documents>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut part = [0; 1024];
        match connection.read(&mut part).await {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let (status, body) = {
        let mut documents = documents.lock().unwrap();
        documents.fetches += 1;
        let is_keys = request.starts_with(b"GET /keys ");
        let body = if is_keys { &documents.keys } else { &documents.description };
        (documents.status, body.to_string())
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nlocation: /keys\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = connection.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = connection.shutdown().await;
}
