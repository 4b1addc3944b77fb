//! The stage of the API, and its limits.

use serde_json::Value;

use crate::expanded::Expanded;

/// A second stage would be a way around the limits of the first. A deployment makes one too, if it names one.
pub fn has_one_stage(template: &Expanded) -> Vec<String> {
    let stages = template.of_type("AWS::ApiGateway::Stage");
    let made_beside = template.of_type("AWS::ApiGateway::Deployment");
    let names: Vec<String> = stages
        .chain(made_beside)
        .map(|(_, resource)| &resource["Properties"]["StageName"])
        .filter(|name| !name.is_null())
        .map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned))
        .collect();
    if names.len() == 1 {
        Vec::new()
    } else {
        vec![format!("the API has {} stages: {}", names.len(), names.join(", "))]
    }
}

/// A limit for a route that does not exist limits nothing, and nobody says so. AWS wants the slashes of a path as `~1`, with a
/// plain one in front.
pub fn limits_name_routes(template: &Expanded) -> Vec<String> {
    let mut findings = Vec::new();
    for (_, stage) in template.of_type("AWS::ApiGateway::Stage") {
        let stage = &stage["Properties"];
        let api = template.referred(&stage["RestApiId"], "AWS::ApiGateway::RestApi");
        let paths = api.map_or(&Value::Null, |(_, api)| &api["Properties"]["Body"]["paths"]);
        for limit in stage["MethodSettings"].as_array().into_iter().flatten() {
            if !names_a_route(limit, paths) {
                findings.push(format!("no route is {} {}", limit["HttpMethod"], limit["ResourcePath"]));
            }
        }
    }
    findings
}

fn names_a_route(limit: &Value, paths: &Value) -> bool {
    let (path, method) = (limit["ResourcePath"].as_str(), limit["HttpMethod"].as_str());
    let (Some(path), Some(method)) = (path, method) else {
        return false;
    };
    if (path, method) == ("/*", "*") {
        return true;
    }
    let segments = path.strip_prefix('/').filter(|path| path.starts_with("~1") && !path.contains('/'));
    segments.is_some_and(|path| !paths[path.replace("~1", "/")][method.to_lowercase()].is_null())
}
