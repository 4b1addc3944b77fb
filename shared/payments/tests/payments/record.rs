//! What a merchant's post comes to where a provider was first.

use paywarden_domain::transaction::draft::Draft;
use paywarden_payments::record::PaymentOrder;
use paywarden_testing::builders;

use crate::workshop::{Step, Workshop, of_payment, paid};

/// The record that the provider opened has no id of the payment yet; the one that the post brings is another record's.
#[tokio::test]
async fn a_post_that_fills_in_a_payment_id_of_another_record_is_refused_for_good() {
    let workshop = Workshop::open().await;
    workshop.report(&[paid()]).await;
    let mut other = of_payment("pay_1");
    other.reference = Some("OTHER".to_owned());
    workshop.report(&[other]).await;
    let draft = Draft { provider_transaction_id: Some("pay_1".to_owned()), ..builders::draft("INV0045") };
    let step = Step::Post(Box::new(PaymentOrder { draft, provider_id: Some(workshop.provider.id.clone()) }));
    assert_eq!(workshop.attempt(&step).await, Ok("the provider's id stands for something else"));
    assert_eq!(workshop.record().await.version, 1, "nothing was written");
}
