//! Receivers that misbehave in every way that is known of: nothing is lost, whatever comes twice is the same, and who says that it
//! is gone is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::replay::Selection;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, EndpointStatus, EventType};
use paywarden_webhooks::replay::ReplayKeeper;

use crate::mischief::{self, Mischief, Mischievous};
use crate::tls_server;
use crate::workshop::Workshop;

use Mischief::{Answers, ClosesBehindHead, Drips, Hangs, IsBusy, IsLate, Rambles, Redirects, Resets};

/// Waits of the schedule, long enough for every list here.
const WAITS: &str = "1,2,4,8,15,30,60,120,1200,1200,1200,1200";

/// What a receiver was sent of some deliveries, and what became of those.
struct Told {
    workshop: Workshop,
    receiver: Mischievous,
    deliveries: Vec<Delivery>,
}

/// Tells a receiver that does these things of some versions of a payment, until nothing is left to do.
async fn told(list: &'static [Mischief], versions: u64) -> Told {
    let (workshop, receiver) = (Workshop::retrying(WAITS).await, Mischievous::doing(list).await);
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    let mut planned = Vec::new();
    for version in 1..=versions {
        let delivery = workshop.planned(&endpoint, version).await;
        workshop.queue(&delivery).await;
        planned.push(delivery);
    }
    workshop.work().await;
    let mut deliveries = Vec::new();
    for delivery in planned {
        deliveries.push(workshop.stored(&delivery.key()).await);
    }
    Told { workshop, receiver, deliveries }
}

impl Told {
    /// Every delivery has arrived, and nothing came that was not the same as before.
    fn has_all(&self) {
        for delivery in &self.deliveries {
            assert_eq!(delivery.status, DeliveryStatus::Delivered, "{delivery:?}");
        }
        let sent: BTreeMap<&str, &str> =
            self.deliveries.iter().map(|delivery| (delivery.id.as_str(), delivery.body.as_str())).collect();
        let posts = self.receiver.posts();
        for post in &posts {
            assert_eq!(sent.get(post.id.as_str()), Some(&post.body.as_str()));
        }
        let arrived: BTreeSet<&str> = posts.iter().map(|post| post.id.as_str()).collect();
        assert_eq!(arrived.len(), self.deliveries.len());
    }
}

#[tokio::test]
async fn failures_of_every_quick_kind_are_survived() {
    let lists: [&[Mischief]; 8] = [
        &[Answers(500), Answers(502), Answers(503)],
        &[Answers(404), Answers(400), Answers(301)],
        &[IsBusy(None), IsBusy(Some(0)), IsBusy(Some(3000))],
        &[Redirects, Redirects],
        &[Resets, Resets],
        &[ClosesBehindHead, ClosesBehindHead],
        &[Rambles, Rambles],
        &[Answers(500), Resets, Answers(200), Rambles, Redirects, Answers(200), ClosesBehindHead],
    ];
    for list in lists {
        told(list, 3).await.has_all();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let told = told(&[Redirects], 1).await;
    told.has_all();
    assert_eq!(told.receiver.posts().len(), 2, "one that was sent elsewhere, and one that was taken");
}

#[tokio::test]
async fn a_burst_of_failures_opens_the_breaker_and_loses_nothing() {
    const BURST: [Mischief; 9] = [Answers(500); 9];
    let told = told(&BURST, 8).await;
    told.has_all();
}

#[tokio::test]
async fn who_hangs_is_given_up_after_the_time_that_an_attempt_has() {
    let told = told(&[Hangs], 1).await;
    told.has_all();
    assert_eq!(told.deliveries[0].attempts, 2);
}

#[tokio::test]
async fn who_drips_has_no_more_time_than_others() {
    let told = told(&[Drips], 1).await;
    told.has_all();
    assert_eq!(told.deliveries[0].attempts, 2);
}

#[tokio::test]
async fn an_answer_in_the_last_moment_counts() {
    let told = told(&[IsLate], 1).await;
    told.has_all();
    assert_eq!(told.deliveries[0].attempts, 1);
}

#[tokio::test]
async fn nothing_is_sent_behind_410() {
    let told = told(&[Answers(500), Answers(410)], 4).await;
    assert_eq!(told.receiver.posts().len(), 2);
    let endpoint = &told.deliveries[0].endpoint_id;
    assert_eq!(told.workshop.endpoint_status(endpoint).await, EndpointStatus::Disabled);
    let delivered = told.deliveries.iter().filter(|delivery| delivery.status == DeliveryStatus::Delivered);
    assert_eq!(delivered.count(), 0);
}

/// Receivers behind https that cannot show who they are: one vouches for itself, and under another name; the others speak something
/// else.
async fn strangers() -> [SocketAddr; 3] {
    let (vouching_for_itself, _) = tls_server::start().await;
    let plain = mischief::saying(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    // A record of a handshake with nothing in it that belongs there.
    let babbling = mischief::saying(&[0x16, 3, 3, 0, 4, 0xff, 0xff, 0xff, 0xff]).await;
    [vouching_for_itself, plain, babbling]
}

/// An endpoint whose address leads to a stranger, until somebody mends it.
struct Misled {
    workshop: Workshop,
    receiver: Mischievous,
    endpoint: EndpointId,
    deliveries: Vec<Delivery>,
}

impl Misled {
    /// One that is to be told of some versions of a payment.
    async fn to(stranger: SocketAddr, retry_seconds: &str, versions: u64) -> Self {
        let (workshop, receiver) = (Workshop::retrying(retry_seconds).await, Mischievous::doing(&[]).await);
        let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        workshop.change(&endpoint, |endpoint| endpoint.url = format!("https://{stranger}/hooks")).await;
        let mut deliveries = Vec::new();
        for version in 1..=versions {
            let delivery = workshop.planned(&endpoint, version).await;
            workshop.queue(&delivery).await;
            deliveries.push(delivery);
        }
        Self { workshop, receiver, endpoint, deliveries }
    }

    async fn mend(&self) {
        let url = format!("http://{}/hooks", self.receiver.address);
        self.workshop.change(&self.endpoint, |endpoint| endpoint.url = url).await;
    }

    async fn statuses(&self) -> BTreeSet<DeliveryStatus> {
        let mut statuses = BTreeSet::new();
        for delivery in &self.deliveries {
            statuses.insert(self.workshop.stored(&delivery.key()).await.status);
        }
        statuses
    }

    /// Why the attempts failed that are booked, of all deliveries.
    fn errors(&self) -> Vec<String> {
        let rows = self.workshop.rows("WebhooksTable").into_iter();
        let attempts = rows.filter(|row| row.contains_key("number"));
        attempts.map(|row| row.get("error").cloned().unwrap_or_default()).collect()
    }

    /// All of it has arrived, each once.
    async fn has_all(&self) {
        assert_eq!(self.statuses().await, BTreeSet::from([DeliveryStatus::Delivered]));
        let mut posts: Vec<_> = self.receiver.posts().into_iter().map(|post| (post.id, post.body)).collect();
        posts.sort();
        let sent = |delivery: &Delivery| (delivery.id.to_string(), delivery.body.clone());
        let mut sent: Vec<_> = self.deliveries.iter().map(sent).collect();
        sent.sort();
        assert_eq!(posts, sent);
    }
}

#[tokio::test]
async fn a_stranger_is_tried_again_by_the_schedule() {
    for stranger in strangers().await {
        let misled = Misled::to(stranger, "5,3600", 1).await;
        misled.workshop.work_now().await;
        assert_eq!((misled.errors(), misled.receiver.posts().len()), (vec!["tls_error".to_owned()], 0));
        misled.mend().await;
        misled.workshop.work().await;
        misled.has_all().await;
        assert_eq!(misled.errors(), ["tls_error", ""]);
    }
}

#[tokio::test]
async fn what_a_stranger_was_to_be_told_fails_in_the_end_and_can_be_replayed() {
    for stranger in strangers().await {
        let misled = Misled::to(stranger, "5,3600", 1).await;
        misled.workshop.work().await;
        assert_eq!(misled.statuses().await, BTreeSet::from([DeliveryStatus::Failed]));
        assert_eq!((misled.errors(), misled.receiver.posts().len()), (vec!["tls_error".to_owned(); 3], 0));
        misled.mend().await;
        let keeper = ReplayKeeper::of(&misled.workshop.stage.stores_with(None, &[])).unwrap();
        let endpoint = misled.workshop.endpoint_of(&misled.endpoint).await;
        let delivery_id = Some(misled.deliveries[0].id.clone());
        let selection = Selection { delivery_id, ..Selection::default() };
        let counted = keeper.count(&endpoint.id, &selection).await.unwrap();
        keeper.begin(&endpoint, selection, counted).await.unwrap();
        misled.workshop.work().await;
        misled.has_all().await;
    }
}

/// Its breaker opens, and the others are parked.
#[tokio::test]
async fn what_many_were_to_tell_a_stranger_is_parked_until_somebody_mends_it() {
    for stranger in strangers().await {
        let misled = Misled::to(stranger, WAITS, 8).await;
        misled.workshop.work_now().await;
        assert_eq!(
            misled.statuses().await,
            BTreeSet::from([DeliveryStatus::Pending, DeliveryStatus::Parked])
        );
        assert_eq!((misled.errors(), misled.receiver.posts().len()), (vec!["tls_error".to_owned(); 5], 0));
        misled.mend().await;
        misled.workshop.work().await;
        misled.has_all().await;
    }
}
