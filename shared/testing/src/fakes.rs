//! Stand-ins for what is not in the process: the clock, randomness, queues, files and KMS.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::StoreError;
use paywarden_store::objects::Objects;
use paywarden_store::queue::{BATCH, Message, Queue};
use paywarden_store::vault::pieces::{self, Decrypter, Encrypter};
use paywarden_store::vault::{Context, Opener, Vault};

use crate::faults::Faults;

/// A clock that stands until it is moved.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that shows `text`, an RFC 3339 time.
    #[must_use]
    pub fn at(text: &str) -> Self {
        Self(AtomicI64::new(Timestamp::parse(text).expect("the test names a time").as_micros()))
    }

    /// Sets the clock, back if need be.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).expect("test clocks stay within the calendar")
    }
}

/// Bytes that look random and are the same in every run. Each instance is a SplitMix64 sequence from its seed.
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.next().to_le_bytes();
            chunk.copy_from_slice(random.get(..chunk.len()).unwrap_or_default());
        }
    }
}

/// A queue that keeps what it is sent, and can be told to fail.
#[derive(Default)]
pub struct MemoryQueue {
    messages: Mutex<Vec<Message>>,
    failures: AtomicU64,
    refusals: AtomicU64,
    faults: Option<Arc<Faults>>,
}

impl MemoryQueue {
    /// A queue that dies with the process.
    #[must_use]
    pub fn with_faults(faults: &Arc<Faults>) -> Self {
        Self { faults: Some(Arc::clone(faults)), ..Self::default() }
    }

    /// Takes everything that was sent.
    #[must_use]
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut *self.messages.lock().expect("no test panics while it holds the queue"))
    }

    /// Lets the next `count` sends fail; a batch is one.
    pub fn fail_next(&self, count: u64) {
        self.failures.store(count, Ordering::SeqCst);
    }

    /// Does not take the next `count` messages that come in batches.
    pub fn refuse_next(&self, count: u64) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    async fn before(&self, operation: &'static str) -> Result<(), StoreError> {
        if let Some(faults) = &self.faults {
            faults.turns.wait().await;
            faults.before(operation)?;
        }
        if takes_one(&self.failures) {
            return Err(StoreError::Unavailable { operation, detail: "told to fail".to_owned() });
        }
        Ok(())
    }

    fn keep(&self, message: Message) {
        self.messages.lock().expect("no test panics while it holds the queue").push(message);
    }
}

/// Takes one from a count; answers whether there was one.
fn takes_one(count: &AtomicU64) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, message: Message) -> Result<(), StoreError> {
        self.before("SendMessage").await?;
        self.keep(message);
        Ok(())
    }

    async fn send_batch(&self, messages: Vec<Message>) -> Result<Vec<usize>, StoreError> {
        assert!((1..=BATCH).contains(&messages.len()), "a batch of {} messages", messages.len());
        self.before("SendMessageBatch").await?;
        let mut refused = Vec::new();
        for (place, message) in messages.into_iter().enumerate() {
            if takes_one(&self.refusals) { refused.push(place) } else { self.keep(message) }
        }
        Ok(refused)
    }
}

/// Files in memory.
pub struct MemoryObjects {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    faults: Arc<Faults>,
}

impl MemoryObjects {
    /// No files, which are out of reach when the process dies.
    #[must_use]
    pub fn with_faults(faults: &Arc<Faults>) -> Self {
        Self { objects: Mutex::default(), faults: Arc::clone(faults) }
    }

    /// Puts an object there, as somebody else does.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        self.lock().insert(key.to_owned(), bytes.to_vec());
    }

    /// An object's text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.lock().get(key).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Takes all objects away whose keys begin so.
    pub fn remove(&self, prefix: &str) {
        self.lock().retain(|key, _| !key.starts_with(prefix));
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.objects.lock().expect("no test panics while it holds the files")
    }
}

fn failed(operation: &'static str, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable { operation, detail: error.to_string() }
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn fetch(&self, key: &str, to: &Path) -> Result<bool, StoreError> {
        self.faults.turns.wait().await;
        self.faults.before("GetObject")?;
        let found = self.lock().get(key).cloned();
        let Some(bytes) = found else {
            return Ok(false);
        };
        std::fs::write(to, bytes).map_err(|error| failed("GetObject", &error))?;
        Ok(true)
    }

    async fn keep(&self, key: &str, from: &Path) -> Result<(), StoreError> {
        self.faults.turns.wait().await;
        self.faults.before("PutObject")?;
        let bytes = std::fs::read(from).map_err(|error| failed("PutObject", &error))?;
        self.put(key, &bytes);
        Ok(())
    }

    async fn keep_text(&self, key: &str, text: String) -> Result<(), StoreError> {
        self.faults.turns.wait().await;
        self.faults.before("PutObject")?;
        self.put(key, text.as_bytes());
        Ok(())
    }

    async fn upload_url(&self, key: &str, seconds: u32) -> Result<String, StoreError> {
        Ok(format!("https://files.example/{key}?put&expires={seconds}"))
    }

    async fn download_url(&self, key: &str, file_name: &str, seconds: u32) -> Result<String, StoreError> {
        Ok(format!("https://files.example/{key}?get={file_name}&expires={seconds}"))
    }
}

/// A vault that writes the context beside the secret, in base 64, and opens only under the same one. A secret that shows
/// up as it is has not been through it. It takes no more at once than KMS.
pub struct MemoryVault(Arc<Faults>);

impl MemoryVault {
    /// A vault that is out of reach when the process dies.
    #[must_use]
    pub fn with_faults(faults: &Arc<Faults>) -> Self {
        Self(Arc::clone(faults))
    }
}

#[async_trait]
impl Decrypter for MemoryVault {
    async fn decrypt(&self, context: &Context, ciphertext: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.0.turns.wait().await;
        self.0.before("Decrypt")?;
        let plaintext = ciphertext.strip_prefix(format!("{}\n", context.to_text()).as_bytes());
        plaintext.map(<[u8]>::to_vec).ok_or_else(|| StoreError::Unavailable {
            operation: "Decrypt",
            detail: "sealed under another context".to_owned(),
        })
    }
}

#[async_trait]
impl Encrypter for MemoryVault {
    async fn encrypt(&self, context: &Context, plaintext: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.0.before("Encrypt")?;
        if plaintext.len() > pieces::LIMIT {
            let detail = format!("{} bytes are more than KMS encrypts", plaintext.len());
            return Err(StoreError::Unavailable { operation: "Encrypt", detail });
        }
        Ok([context.to_text().as_bytes(), b"\n", &plaintext].concat())
    }
}

#[async_trait]
impl Opener for MemoryVault {
    async fn open(&self, context: &Context, sealed: &str) -> Result<String, StoreError> {
        pieces::open(self, context, sealed).await
    }
}

#[async_trait]
impl Vault for MemoryVault {
    async fn seal(&self, context: &Context, secret: &str) -> Result<String, StoreError> {
        pieces::seal(self, context, secret).await
    }
}
