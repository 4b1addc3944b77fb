//! Names, which are one space for all stages of an account, and of buckets for all accounts.

use serde_json::Value;

use crate::expanded::{Expanded, text};

/// The properties that name a resource, by its type.
const NAMES: [(&str, &str); 10] = [
    ("AWS::ApiGateway::RestApi", "Name"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::KMS::Alias", "AliasName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::SecretsManager::Secret", "Name"),
    ("AWS::WAFv2::WebACL", "Name"),
    ("AWS::CloudWatch::Alarm", "AlarmName"),
];

/// A name without the stage makes the second stage of an account fail. A resource that names itself nothing is named after its
/// stack.
pub fn carry_the_stage(template: &Expanded) -> Vec<String> {
    let mut findings = Vec::new();
    for (kind, property) in NAMES {
        for (id, resource) in template.of_type(kind) {
            let name = &resource["Properties"][property];
            if !name.is_null() && !holds(name, &["${Stage}"]) {
                findings.push(format!("{id}: its name is without the stage"));
            }
        }
    }
    findings
}

/// The names of buckets are everybody's.
pub fn of_buckets_carry_account_and_region(template: &Expanded) -> Vec<String> {
    let lacks = |resource: &Value| {
        let name = &resource["Properties"]["BucketName"];
        !name.is_null() && !holds(name, &["${AWS::AccountId}", "${AWS::Region}"])
    };
    let found = template.of_type("AWS::S3::Bucket").filter(|(_, bucket)| lacks(bucket));
    found.map(|(id, _)| format!("{id}: its name is without account and region")).collect()
}

fn holds(name: &Value, parts: &[&str]) -> bool {
    text(name).is_some_and(|name| parts.iter().all(|part| name.contains(part)))
}
