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

/// Posted first, it would have been accepted; so it is when the providers were quicker.
#[tokio::test]
async fn a_post_that_names_a_payment_which_is_a_further_one_of_its_own_order() {
    let workshop = Workshop::open().await;
    for payment in ["pay_1", "pay_2"] {
        workshop.report(&[of_payment(payment)]).await;
    }
    let mut draft = Draft { provider_transaction_id: Some("pay_2".to_owned()), ..builders::draft("INV0045") };
    draft.merchant_fields.customers_id = Some("cus_1".to_owned());
    let step = Step::Post(Box::new(PaymentOrder { draft, provider_id: Some(workshop.provider.id.clone()) }));
    for _ in 0..2 {
        assert_eq!(workshop.attempt(&step).await, Ok("known"));
    }
    for (occurrence, payment) in [(1, "pay_1"), (2, "pay_2")] {
        let record = workshop.find("INV0045", occurrence).await.unwrap();
        assert_eq!(record.provider_transaction_id.as_deref(), Some(payment));
        assert_eq!(record.merchant_fields.customers_id.as_deref(), Some("cus_1"), "{occurrence}");
    }
}
