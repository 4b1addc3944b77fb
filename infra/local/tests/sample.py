"""Calls to test with."""

import json
from typing import Any

from aws_shaped.call import Call

TARGETS = {"dynamodb": "DynamoDB_20120810", "sqs": "AmazonSQS", "kms": "TrentService", "secretsmanager": "secretsmanager"}


def headers(service: str, operation: str = "") -> dict[str, str]:
    """What a signed request of this service has."""
    scope = f"20260101/us-east-1/{service}/aws4_request"
    signed = {"authorization": f"AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=0"}
    return {**signed, "x-amz-target": f"{TARGETS[service]}.{operation}"} if service in TARGETS else signed


def call(service: str, operation: str, request: dict[str, Any]) -> Call:
    """A request of the JSON protocols."""
    return Call.of("POST", "/", headers(service, operation), json.dumps(request).encode())


def put(table: str, **attributes: str) -> dict[str, Any]:
    """What writes one item of texts."""
    return {"TableName": table, "Item": {name: {"S": text} for name, text in attributes.items()}}
