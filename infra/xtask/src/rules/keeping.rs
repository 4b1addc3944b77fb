//! What holds data.

use crate::expanded::Expanded;

const HOLD_DATA: [&str; 3] = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"];

/// Data outlives its stack. What a first deployment made before it failed does not: under its fixed name it would be in the
/// way of the second.
pub fn outlives_the_stack(template: &Expanded) -> Vec<String> {
    let mut findings = Vec::new();
    for kind in HOLD_DATA {
        for (id, resource) in template.of_type(kind) {
            for (policy, wanted) in
                [("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain")]
            {
                if resource[policy] != wanted {
                    findings.push(format!("{id}: its {policy} is to be {wanted}"));
                }
            }
        }
    }
    findings
}
