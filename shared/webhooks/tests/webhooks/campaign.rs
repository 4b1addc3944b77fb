//! Receivers that misbehave in every way that is known of: nothing is lost, whatever comes twice is the same, and who says that it
//! is gone is left alone.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::webhook::{Delivery, DeliveryStatus, EndpointStatus, EventType};

use crate::mischief::{Mischief, Mischievous};
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
