//! What goes from the function that receives a callback to the one that applies it: reports that have been verified
//! and understood, and the message they came in.

use serde::{Deserialize, Serialize};

use crate::id::MerchantId;
use crate::time::Timestamp;
use crate::transaction::ProviderBinding;
use crate::transaction::report::{Report, TrustGrade};

/// A verified callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedCallback {
    pub merchant_id: MerchantId,
    pub provider: ProviderBinding,
    /// How far it can be believed.
    pub grade: TrustGrade,
    pub received_at: Timestamp,
    /// The id that follows it to the webhook.
    pub correlation_id: String,
    /// What it says; nothing when it is of no payment.
    pub reports: Vec<Report>,
    /// The body, bounded, without secrets, personal data masked.
    pub raw_body: String,
    /// Whether its one report fitted nothing when it came: it waits for what it is about, or is about to.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub waits: bool,
}

impl VerifiedCallback {
    /// One of its reports alone, to wait for what it is about.
    #[must_use]
    pub fn waiting(&self, report: &Report) -> Self {
        Self { reports: vec![report.clone()], waits: true, ..self.clone() }
    }
}
