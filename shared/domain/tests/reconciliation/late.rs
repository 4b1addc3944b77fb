//! Statements that were announced and never came.

use paywarden_domain::provider::ProviderType;
use paywarden_domain::statement::{Statement, StatementStatus};
use paywarden_testing::builders;

#[test]
fn a_statement_is_late_when_it_was_announced_an_hour_ago_and_never_read() {
    let provider = builders::provider(&builders::merchant("one"), ProviderType::Xendit);
    let announced = Statement { status: StatementStatus::AwaitingUpload, ..builders::statement(&provider) };
    let read = Statement { status: StatementStatus::Rejected, ..announced.clone() };
    for (minutes, late) in [(0, false), (59, false), (60, true), (89, true), (90, false)] {
        let now = announced.created_at.plus_seconds(minutes * 60);
        assert_eq!((announced.is_late(now), read.is_late(now)), (late, false), "{minutes} minutes");
    }
}
