//! The template as CloudFormation gets it. SAM makes stages, roles, mappings and schedules of a few lines, with defaults of
//! its own, so the rules look at what it makes and not at what is written.

use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::paths::root;
use crate::tools::PythonTools;

/// An expanded template. Intrinsic functions stand in it as they are, and so does what hangs on a condition.
pub struct Expanded(Value);

impl Expanded {
    /// Expands the project's, with the translator that the SAM CLI deploys with.
    pub fn of_the_project(tools: &PythonTools) -> anyhow::Result<Self> {
        let mut python = Command::new(tools.tool("python"));
        python.current_dir(root()).args(["infra/local/expand_template.py", "infra/template.yaml"]);
        let output = python.output().context("Python could not be started")?;
        if !output.status.success() {
            bail!("the template cannot be expanded:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Self(serde_json::from_slice(&output.stdout).context("the expanded template is no JSON")?))
    }

    /// One that is at hand.
    #[cfg(test)]
    pub fn new(template: Value) -> Self {
        Self(template)
    }

    /// All resources: logical id and resource.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Value)> {
        let resources = self.0["Resources"].as_object();
        resources.into_iter().flatten().map(|(id, resource)| (id.as_str(), resource))
    }

    /// Those of one type.
    pub fn of_type(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.resources().filter(move |(_, resource)| resource["Type"] == name)
    }

    /// The names of its buckets.
    pub fn bucket_names(&self) -> impl Iterator<Item = &str> {
        self.of_type("AWS::S3::Bucket").filter_map(|(_, bucket)| text(&bucket["Properties"]["BucketName"]))
    }

    /// The resource that a value refers to, if it is of the type.
    pub fn referred<'a>(&'a self, value: &'a Value, name: &str) -> Option<(&'a str, &'a Value)> {
        let id = value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str())?;
        let resource = self.0["Resources"].get(id)?;
        (resource["Type"] == name).then_some((id, resource))
    }
}

/// What a value may be: itself, or either branch of an `Fn::If`. A branch that stands for no value is left out.
pub fn branches(value: &Value) -> Vec<&Value> {
    match value["Fn::If"].as_array() {
        Some(parts) => parts.iter().skip(1).flat_map(branches).collect(),
        None if value.is_null() || value["Ref"] == "AWS::NoValue" => Vec::new(),
        None => vec![value],
    }
}

/// The numbers that a value may be, and the default where it is not given.
pub fn numbers(value: &Value, default: i64) -> Vec<i64> {
    let given: Vec<i64> = branches(value).into_iter().filter_map(Value::as_i64).collect();
    if given.is_empty() { vec![default] } else { given }
}

/// The bucket that an ARN is of, also of an object in it.
pub fn bucket(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:${AWS::Partition}:s3:::").and_then(|rest| rest.split('/').next())
}

/// A text, with the names of what is put into it still in braces.
pub fn text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value["Fn::Sub"].as_str())
}

/// A value that may be one or a list of several, as a list.
pub fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
