"""Answers as AWS sends them: the shape differs by service, and SDKs look at each part of it."""

import json
import zlib
from dataclasses import dataclass
from typing import Any

# SQS spoke the query protocol first; old codes stand in a header, for SDKs that know those.
# https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
QUERY_CODES = {"QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue"}

# How an error is called in full in the body. SQS, KMS and Secrets Manager: a bare name is enough for every SDK.
NAMESPACES = {
    "dynamodb": "com.amazonaws.dynamodb.v20120810#",
    "sqs": "com.amazonaws.sqs#",
}
VALIDATION = {"dynamodb": "com.amazon.coral.validate#"}

CONTENT_TYPES = {"dynamodb": "application/x-amz-json-1.0", "sqs": "application/x-amz-json-1.0"}


@dataclass
class Answer:
    """A status, headers and a body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def members(self) -> dict[str, Any]:
        """Its body as JSON."""
        members: dict[str, Any] = json.loads(self.body or b"{}")
        return members

    def saying(self, members: dict[str, Any]) -> "Answer":
        """The same answer with another JSON body."""
        body = json.dumps(members).encode()
        headers = {**self.headers, "content-length": str(len(body))}
        if "x-amz-crc32" in headers:
            headers["x-amz-crc32"] = str(zlib.crc32(body))
        return Answer(self.status, headers, body)


def error(service: str, code: str, message: str, status: int = 400, **members: Any) -> Answer:
    """What a service says that does not do what it is asked."""
    if service == "s3":
        text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return Answer(status, {"content-type": "application/xml"}, text.encode())
    if service == "lambda":
        answer = Answer(status, {"content-type": "application/json", "x-amzn-errortype": code}, b"")
        return answer.saying({"Type": "User" if status < 500 else "Service", "message": message})
    headers = {"content-type": CONTENT_TYPES.get(service, "application/x-amz-json-1.1"), "x-amzn-errortype": code}
    if service == "dynamodb":
        # Of DynamoDB only the body says which error it is.
        del headers["x-amzn-errortype"]
        headers["x-amz-crc32"] = ""
    if service == "sqs":
        fault = "Sender" if status < 500 else "Receiver"
        headers["x-amzn-query-error"] = f"{QUERY_CODES.get(code, code)};{fault}"
    namespace = (VALIDATION if code == "ValidationException" else NAMESPACES).get(service, "")
    spelt = "Message" if code == "TransactionCanceledException" else "message"
    return Answer(status, headers, b"").saying({"__type": namespace + code, spelt: message, **members})


def cancelled(count: int, reasons: dict[int, tuple[str, str]]) -> Answer:
    """An atomic write or read of so many actions that did not happen, and at which places because of what."""
    codes = [reasons.get(place, ("None", ""))[0] for place in range(count)]
    listed = [{"Code": code, "Message": reasons[place][1]} if place in reasons else {"Code": code}
              for place, code in enumerate(codes)]
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]"
    return error("dynamodb", "TransactionCanceledException", message, CancellationReasons=listed)
