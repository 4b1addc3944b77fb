//! Deliveries as the API shows them.

use paywarden_domain::time::Zone;
use paywarden_domain::webhook::{Delivery, request};
use serde_json::{Value, json};

use super::attempted::Attempted;
use super::row::BookedDelivery;

impl BookedDelivery {
    /// The delivery as a list shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let Self { delivery, book } = self;
        let members: Vec<_> = delivery.members.iter().map(|member| &member.delivery_id).collect();
        json!({
            "id": delivery.id,
            "event": delivery.event,
            "status": delivery.status,
            "transaction_id": delivery.transaction_id,
            "version": delivery.version,
            "attempts": delivery.attempts,
            "http_status": delivery.http_status,
            "error": delivery.error,
            "created_at": zone.offset_text_millis(delivery.created_at),
            "next_attempt_at": delivery.next_attempt_at.map(|at| zone.offset_text_millis(at)),
            "last_attempt_at": book.last().map(|attempted| zone.offset_text_millis(attempted.at)),
            "batch_id": delivery.batch_id,
            "members": members,
            "replay_id": delivery.replay_id,
        })
    }

    /// The same with its body and the attempts at it.
    #[must_use]
    pub fn to_detailed_json(&self, zone: &Zone) -> Value {
        let mut shown = self.to_json(zone);
        if let Value::Object(members) = &mut shown {
            let attempts: Vec<_> = self.book.iter().map(|attempted| self.attempt(attempted, zone)).collect();
            members.insert("body".to_owned(), json!(self.delivery.body));
            members.insert("attempt_log".to_owned(), json!(attempts));
        }
        shown
    }

    /// An attempt with what was sent beside the body, if anything was.
    fn attempt(&self, attempted: &Attempted, zone: &Zone) -> Value {
        let mut shown = attempted.to_json(zone);
        let headers = attempted.signature.as_ref().map(|signature| {
            json!({
                "content-type": request::CONTENT_TYPE,
                "user-agent": request::USER_AGENT,
                (request::ID): self.delivery.id,
                (request::TIMESTAMP): attempted.at.as_seconds().to_string(),
                (request::SIGNATURE): signature,
            })
        });
        if let Value::Object(members) = &mut shown {
            members.insert("request_headers".to_owned(), json!(headers));
        }
        shown
    }
}

impl From<Delivery> for BookedDelivery {
    /// One that was not attempted yet.
    fn from(delivery: Delivery) -> Self {
        Self { delivery, book: Vec::new() }
    }
}
