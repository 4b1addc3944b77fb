//! Secrets: whoever asks for one is cut off before each single operation and asks again, under the same `Idempotency-Key`. At any
//! moment what is posted can be verified by somebody who knows what he was told until then, or is told in the end.

use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_domain::webhook::{Endpoint, EventType};
use paywarden_store::StoreError;
use paywarden_store::kept_answers::{Asked, Known};
use paywarden_store::stores::Stores;
use paywarden_store::vault::{Context, Opener};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_webhooks::endpoints::{AddError, Adder, Rotator};

use crate::receiver::{Post, Receiver};
use crate::workshop::{Workshop, spelled};

/// For as long nobody else takes a request on that was cut off, in seconds.
const BUSY_SECONDS: i64 = 30;

const OVERLAP_SECONDS: i64 = 3600;

/// An endpoint, who reads what it is sent, and who keeps it.
struct Keeping {
    workshop: Workshop,
    stores: Stores,
    receiver: Receiver,
    endpoint: EndpointId,
    versions: u64,
}

impl Keeping {
    async fn new() -> Self {
        let workshop = Workshop::open().await;
        let stores = workshop.stage.stores_with(None, &[]);
        let receiver = Receiver::answering(&[]).await;
        let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        Self { workshop, stores, receiver, endpoint, versions: 0 }
    }

    async fn stored(&self) -> StoredEndpoint {
        let found = self.stores.endpoints().unwrap().find(&self.workshop.merchant.id, &self.endpoint).await;
        found.unwrap().unwrap()
    }

    async fn opened(&self, sealed: &str) -> String {
        let context = Context::endpoint(&self.workshop.merchant.id, &self.endpoint);
        self.workshop.stage.vault.open(&context, sealed).await.unwrap()
    }

    async fn secret(&self) -> String {
        self.opened(&self.stored().await.sealed_secret).await
    }

    /// Posts something, and answers the post.
    async fn posted(&mut self) -> Post {
        self.versions += 1;
        let delivery = self.workshop.planned(&self.endpoint, self.versions).await;
        let pointer = spelled(&Pointer { key: delivery.key(), attempt: 1 });
        self.workshop.courier().run(pointer).await.unwrap();
        self.receiver.posts().pop().unwrap()
    }

    /// Rotates for somebody who sends no key; what is told is the secret.
    async fn rotate(&self, overlap_seconds: i64) -> Result<String, StoreError> {
        let rotator = Rotator::of(&self.stores).unwrap();
        let stored = rotator.find(&self.workshop.merchant.id, &self.endpoint).await?;
        let (_, key) = rotator.rotate(stored.unwrap(), overlap_seconds).await?;
        Ok(key.reveal())
    }

    /// Answers once what is asked for under one key, as the door of the API does.
    async fn once(
        &self,
        work: impl Future<Output = Result<String, StoreError>>,
    ) -> Result<String, StoreError> {
        let answers = self.stores.kept_answers().unwrap();
        let asked = Asked {
            merchant_id: self.workshop.merchant.id.clone(),
            id: "who, what and key".to_owned(),
            fingerprint: "the request".to_owned(),
        };
        match answers.begin(asked).await? {
            Known::ToBeDone(hold, beginning) => {
                let told = beginning.run(work).await?;
                // An answer is given also where it cannot be kept.
                let _ = answers.keep(&hold, &told).await;
                Ok(told)
            }
            Known::Answered(told) => Ok(told),
            Known::Busy => Err(StoreError::Conflict),
            Known::Otherwise => panic!("another request"),
        }
    }

    async fn rotate_once(&self, overlap_seconds: i64) -> Result<String, StoreError> {
        self.once(self.rotate(overlap_seconds)).await
    }
}

fn is_signed_with(post: &Post, secret: &str) -> bool {
    let secret = SigningSecret::parse(secret).unwrap();
    secret.verifies(&post.id, post.timestamp, post.body.as_bytes(), &post.signature)
}

/// A request that is cut off once it has made so many operations, and asked again until it is answered. Between the two something is
/// posted. Answers how many operations that were.
async fn rotation(kill: i64, overlap_seconds: i64) -> i64 {
    let mut keeping = Keeping::new().await;
    let case = format!("killed before operation {kill}, {overlap_seconds} seconds");
    let known = keeping.secret().await;
    let stage = &keeping.workshop.stage;
    stage.faults.kill_before(kill);
    let mut told = Vec::from_iter(keeping.rotate_once(overlap_seconds).await);
    let operations = stage.faults.operations();
    stage.faults.restart();
    let between = keeping.posted().await;
    keeping.workshop.stage.clock.advance_seconds(BUSY_SECONDS);
    // Whoever was answered asks again, too: he may not have heard it.
    for _ in 0..2 {
        told.push(keeping.rotate_once(overlap_seconds).await.unwrap());
    }
    let secret = told.pop().unwrap();
    assert!(told.iter().all(|other| *other == secret) && secret != known, "{case}: one secret is told");
    assert!(is_signed_with(&between, &known) || is_signed_with(&between, &secret), "{case}");
    let stored = keeping.stored().await;
    assert_eq!(stored.endpoint.version, 2, "{case}: rotated once");
    assert_eq!(keeping.opened(&stored.sealed_secret).await, secret, "{case}");
    let post = keeping.posted().await;
    let signs_along = overlap_seconds > 0;
    assert_eq!(
        (is_signed_with(&post, &secret), is_signed_with(&post, &known)),
        (true, signs_along),
        "{case}"
    );
    keeping.workshop.stage.clock.advance_seconds(overlap_seconds);
    let post = keeping.posted().await;
    assert_eq!((is_signed_with(&post, &secret), is_signed_with(&post, &known)), (true, false), "{case}");
    operations
}

#[tokio::test]
async fn a_kill_before_any_operation_of_a_rotation_tells_one_secret() {
    for overlap_seconds in [OVERLAP_SECONDS, 0] {
        let operations = rotation(i64::MAX, overlap_seconds).await;
        assert!(operations >= 8, "{operations} operations");
        for kill in 0..operations {
            rotation(kill, overlap_seconds).await;
        }
    }
}

/// Until its time is over, to the second.
#[tokio::test]
async fn the_secret_before_signs_along_until_its_time() {
    let mut keeping = Keeping::new().await;
    let known = keeping.secret().await;
    keeping.rotate_once(OVERLAP_SECONDS).await.unwrap();
    keeping.workshop.stage.clock.advance_seconds(OVERLAP_SECONDS - 1);
    assert!(is_signed_with(&keeping.posted().await, &known));
    keeping.workshop.stage.clock.advance_seconds(1);
    assert!(!is_signed_with(&keeping.posted().await, &known));
}

/// Without a key a request that is sent again makes another secret: the one that nobody has heard of is the one before it then. The
/// last one is cut off behind its end.
#[tokio::test]
async fn a_kill_of_a_rotation_without_a_key_leaves_nothing_that_cannot_be_verified() {
    let mut kill = 0;
    loop {
        let mut keeping = Keeping::new().await;
        let known = keeping.secret().await;
        keeping.workshop.stage.faults.kill_before(kill);
        let first = keeping.rotate(OVERLAP_SECONDS).await;
        keeping.workshop.stage.faults.restart();
        let between = keeping.posted().await;
        let secret = keeping.rotate(OVERLAP_SECONDS).await.unwrap();
        let behind = keeping.posted().await;
        assert!(is_signed_with(&between, &known), "killed before operation {kill}");
        assert!(is_signed_with(&behind, &secret), "killed before operation {kill}");
        assert_eq!(keeping.secret().await, secret);
        if first.is_ok() {
            assert!(kill >= 4, "{kill} operations");
            return;
        }
        kill += 1;
    }
}

/// As many endpoints as a merchant may have, but for one.
async fn nearly_all(keeping: &Keeping) -> Vec<EndpointId> {
    let mut all = vec![keeping.endpoint.clone()];
    for _ in 2..Endpoint::LIMIT {
        all.push(keeping.workshop.endpoint(keeping.receiver.address, EventType::DEFAULT).await);
    }
    all
}

/// Adds an endpoint; what is told is its secret.
async fn add(keeping: &Keeping) -> Result<String, StoreError> {
    let adder = Adder::of(&keeping.stores).unwrap();
    let wanted = async {
        let url = format!("http://{}/hooks", keeping.receiver.address);
        let wanted = Endpoint { url, ..adder.blank(&keeping.workshop.merchant.id) };
        let added: Result<(Endpoint, SigningKey), AddError> = adder.add(wanted).await;
        match added {
            Ok((_, key)) => Ok(key.reveal()),
            Err(AddError::Store(error)) => Err(error),
            Err(error @ AddError::TooMany) => panic!("{error}"),
        }
    };
    keeping.once(wanted).await
}

/// Also of the last endpoint that a merchant may have: the one that was cut off behind its writing is not one too many.
#[tokio::test]
async fn a_kill_before_any_operation_of_adding_an_endpoint_adds_one() {
    let mut kill = 0;
    loop {
        let mut keeping = Keeping::new().await;
        let others = nearly_all(&keeping).await;
        keeping.workshop.stage.faults.kill_before(kill);
        let mut told = Vec::from_iter(add(&keeping).await);
        let is_over = keeping.workshop.stage.faults.operations() <= kill;
        keeping.workshop.stage.faults.restart();
        keeping.workshop.stage.clock.advance_seconds(BUSY_SECONDS);
        for _ in 0..2 {
            told.push(add(&keeping).await.unwrap());
        }
        let secret = told.pop().unwrap();
        assert!(told.iter().all(|other| *other == secret), "killed before operation {kill}");
        let endpoints =
            keeping.stores.endpoints().unwrap().list(&keeping.workshop.merchant.id).await.unwrap();
        let ids = endpoints.into_iter().map(|stored| stored.endpoint.id);
        let added: Vec<_> = ids.filter(|id| !others.contains(id)).collect();
        [keeping.endpoint] = added.try_into().unwrap();
        assert_eq!(keeping.secret().await, secret, "killed before operation {kill}");
        assert!(is_signed_with(&keeping.posted().await, &secret), "killed before operation {kill}");
        if is_over {
            assert!(kill >= 6, "{kill} operations");
            return;
        }
        kill += 1;
    }
}
