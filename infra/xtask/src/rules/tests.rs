//! A sound template, and what is found when one thing of it is broken.

use serde_json::{Value, json};

use super::*;

fn sound() -> Value {
    serde_json::from_str(include_str!("tests/sound.json")).unwrap()
}

/// What a rule finds when the value at a place is another one, or gone if that is null.
fn found(rule: Rule, place: &str, value: Value) -> Vec<String> {
    let mut template = sound();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = template.pointer_mut(&format!("/Resources/{parent}")).unwrap();
    match parent {
        Value::Array(values) => values[name.parse::<usize>().unwrap()] = value,
        parent if value.is_null() => drop(parent.as_object_mut().unwrap().remove(name).unwrap()),
        parent => parent[name] = value,
    }
    rule(&Expanded::new(template))
}

#[test]
fn a_sound_template_breaks_no_rule() {
    check(&Expanded::new(sound())).unwrap();
}

#[test]
fn a_stack_that_is_full_is_found() {
    let mut template = sound();
    for number in 0..MOST_RESOURCES {
        template["Resources"][format!("Another{number}")] = json!({"Type": "AWS::SQS::Queue"});
    }
    assert_eq!(size(&Expanded::new(template)).len(), 1);
}

#[test]
fn names_that_another_stage_has_too_are_found() {
    for (resource, property) in
        [("Transactions", "TableName"), ("Worker", "FunctionName"), ("Queue", "QueueName")]
    {
        let place = format!("{resource}/Properties/{property}");
        assert_eq!(found(names::carry_the_stage, &place, json!("paywarden-fixed")).len(), 1, "{place}");
        assert_eq!(found(names::carry_the_stage, &place, Value::Null), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn a_bucket_that_another_account_or_region_has_too_is_found() {
    for name in ["paywarden-${Stage}-${AWS::AccountId}", "paywarden-${Stage}-${AWS::Region}"] {
        let rule = names::of_buckets_carry_account_and_region;
        assert_eq!(found(rule, "Bucket/Properties/BucketName", json!({"Fn::Sub": name})).len(), 1, "{name}");
    }
}

#[test]
fn data_that_goes_with_its_stack_is_found() {
    for resource in ["Transactions", "Bucket", "Key"] {
        for (policy, value) in [
            ("DeletionPolicy", Value::Null),
            // A first deployment that failed would be in the way of the second.
            ("DeletionPolicy", json!("Retain")),
            ("UpdateReplacePolicy", Value::Null),
        ] {
            let place = format!("{resource}/{policy}");
            assert_eq!(found(keeping::outlives_the_stack, &place, value).len(), 1, "{place}");
        }
    }
}

/// What SAM makes where it is not told the version of OpenAPI.
#[test]
fn a_second_stage_is_found() {
    let findings = found(gateway::has_one_stage, "ApiDeployment0a1b2c/Properties/StageName", json!("Stage"));
    assert_eq!(findings, ["the API has 2 stages: v1, Stage"]);
}

#[test]
fn a_limit_of_no_route_is_found() {
    for (path, method) in [
        ("/oauth/token", "POST"),
        ("/~1oauth~1tokens", "POST"),
        ("~1oauth~1token", "POST"),
        ("/~1oauth~1token", "GET"),
        ("/~1callbacks~1{provider_id}", "POST"),
    ] {
        let limit = json!({"ResourcePath": path, "HttpMethod": method});
        let findings = found(gateway::limits_name_routes, "Apiv1Stage/Properties/MethodSettings/1", limit);
        assert_eq!(findings.len(), 1, "{method} {path}");
    }
}

#[test]
fn a_schedule_with_a_name_is_found() {
    let name = json!("WorkerEveryMinute");
    assert_eq!(found(schedules::have_no_name, "WorkerEveryMinute/Properties/Name", name).len(), 1);
}

#[test]
fn a_schedule_that_is_made_up_for_is_found() {
    let rule = schedules::make_up_for_nothing;
    assert_eq!(found(rule, "WorkerEveryMinute/Properties/Target/RetryPolicy", Value::Null).len(), 1);
    let often = json!({"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 185});
    assert_eq!(found(rule, "WorkerEveryMinute/Properties/Target/RetryPolicy", often).len(), 1);
}

#[test]
fn a_mapping_beyond_lambdas_limits_is_found() {
    for (place, value) in [
        ("WorkerMessages/Properties/BatchSize", json!(11)),
        ("WorkerMessages/Properties/ScalingConfig/MaximumConcurrency", json!(1)),
        ("WorkerChanges/Properties/BatchSize", json!(10_001)),
        ("WorkerChanges/Properties/MaximumBatchingWindowInSeconds", json!({"Fn::If": ["IsLocal", 0, 301]})),
        ("WorkerChanges/Properties/ParallelizationFactor", json!(11)),
        ("WorkerChanges/Properties/MaximumRetryAttempts", json!(-2)),
    ] {
        assert_eq!(found(sources::stay_within_limits, place, value).len(), 1, "{place}");
    }
}

#[test]
fn a_queue_whose_good_messages_fail_with_a_bad_one_is_found() {
    let place = "WorkerMessages/Properties/FunctionResponseTypes";
    assert_eq!(found(sources::of_queues_report_single_failures, place, Value::Null).len(), 1);
}

#[test]
fn messages_that_show_again_too_soon_are_found() {
    let rule = sources::of_queues_hide_messages_long_enough;
    for (place, value) in [
        ("Queue/Properties/VisibilityTimeout", json!(74)),
        ("Queue/Properties/VisibilityTimeout", Value::Null),
        ("Worker/Properties/Timeout", json!(31)),
        ("WorkerMessages/Properties/MaximumBatchingWindowInSeconds", json!(16)),
        ("WorkerMessages/Properties/FunctionName", json!({"Ref": "Nobody"})),
    ] {
        assert_eq!(found(rule, place, value).len(), 1, "{place}");
    }
}

#[test]
fn a_third_reader_of_a_stream_is_found() {
    let mut template = sound();
    for reader in ["Second", "Third"] {
        template["Resources"][reader] = template["Resources"]["WorkerChanges"].clone();
    }
    assert_eq!(sources::of_a_stream_are_two(&Expanded::new(template)).len(), 1);
}

#[test]
fn a_stream_whose_failures_are_forgotten_is_found() {
    let rule = sources::of_streams_keep_what_failed;
    let place = "WorkerChanges/Properties/DestinationConfig/OnFailure/Destination";
    let by_name = "arn:${AWS::Partition}:s3:::paywarden-${Stage}-${AWS::AccountId}-${AWS::Region}";
    for destination in [json!({"Fn::GetAtt": ["Bucket", "Arn"]}), json!({"Fn::Sub": by_name})] {
        assert_eq!(found(rule, place, destination), Vec::<String>::new());
    }
    for destination in
        [json!({"Fn::GetAtt": ["Queue", "Arn"]}), json!("arn:${AWS::Partition}:s3:::other"), Value::Null]
    {
        assert_eq!(found(rule, place, destination.clone()).len(), 1, "{destination}");
    }
}

#[test]
fn a_role_that_may_more_than_it_names_is_found() {
    let statement = |index| format!("WorkerRole/Properties/Policies/0/PolicyDocument/Statement/{index}");
    for (place, value) in [
        ("0/Action", json!(["dynamodb:*"])),
        ("0/Resource", json!("*")),
        (
            "0/Resource",
            json!({"Fn::Sub": "arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/paywarden"}),
        ),
        ("1/Resource", json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::*/*"})),
        // The bucket's name before it carried the region.
        (
            "1/Resource",
            json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::paywarden-${Stage}-${AWS::AccountId}/work/*"}),
        ),
    ] {
        assert!(!found(roles::name_what_they_use, &statement(place), value).is_empty(), "{place}");
    }
}

#[test]
fn a_console_that_may_touch_data_is_found() {
    let mut template = sound();
    let mut role = template["Resources"]["WorkerRole"].clone();
    assert!(role["Properties"]["Policies"].is_array(), "the sample has a role with statements: {role}");
    template["Resources"]["ServeConsoleFunctionRole"] = role.clone();
    assert_eq!(roles::of_the_console_touches_nothing(&Expanded::new(template.clone())).len(), 1);
    role["Properties"]["Policies"] = json!([]);
    template["Resources"]["ServeConsoleFunctionRole"] = role;
    assert_eq!(roles::of_the_console_touches_nothing(&Expanded::new(template)), Vec::<String>::new());
}

#[test]
fn an_alarm_that_tells_nobody_is_found() {
    let place = |property: &str| format!("Alarm/Properties/{property}");
    for (property, value) in [
        ("AlarmActions", Value::Null),
        ("OKActions", json!([])),
        ("OKActions", json!({"Fn::If": ["HasAlarmTopic", {"Ref": "AWS::NoValue"}, []]})),
        ("TreatMissingData", Value::Null),
    ] {
        assert_eq!(found(alarms::tell_somebody, &place(property), value).len(), 1, "{property}");
    }
}
