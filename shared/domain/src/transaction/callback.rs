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
    /// How often it was put off because others were writing the same record.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub put_off: u32,
}

impl VerifiedCallback {
    /// One of its reports alone, to wait for what it is about.
    #[must_use]
    pub fn waiting(&self, report: &Report) -> Self {
        Self { reports: vec![report.clone()], waits: true, put_off: 0, ..self.clone() }
    }

    /// These of its reports, to be applied later than others that are about the same.
    #[must_use]
    pub fn put_off(&self, reports: Vec<Report>) -> Self {
        Self { reports, put_off: self.put_off.saturating_add(1), ..self.clone() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}
