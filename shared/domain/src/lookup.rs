//! Lookup ids: the transactions API names statuses and payment methods by opaque ids. They are derived from the word,
//! so they are the same in every deployment and need no table.

use crate::id::{LookupId, PaymentMethodId};
use crate::vocabulary::{Method, Status};

/// The id of a status.
#[must_use]
pub fn status_lookup_id(status: Status) -> LookupId {
    LookupId::derived("status/1", &[status.as_str().as_bytes()])
}

/// The id of a payment method.
#[must_use]
pub fn payment_method_id(method: Method) -> PaymentMethodId {
    PaymentMethodId::derived("method/1", &[method.as_str().as_bytes()])
}

/// The status behind an id, if there is one.
#[must_use]
pub fn find_status(id: &str) -> Option<Status> {
    Status::ALL.iter().copied().find(|status| status_lookup_id(*status).as_str() == id)
}

/// The payment method behind an id, if there is one.
#[must_use]
pub fn find_method(id: &str) -> Option<Method> {
    Method::ALL.iter().copied().find(|method| payment_method_id(*method).as_str() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_resolve() {
        assert_eq!(find_status(status_lookup_id(Status::Paid).as_str()), Some(Status::Paid));
        assert_eq!(find_method(payment_method_id(Method::Qris).as_str()), Some(Method::Qris));
        assert_eq!(find_status("loo_nothing"), None);
        // Clients keep these ids: they must not move between releases.
        assert_eq!(status_lookup_id(Status::Paid).as_str(), "loo_qbt7afx13y52427dt2203rdy7k");
    }
}
