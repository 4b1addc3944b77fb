"""A request, as far as limits and faults look at it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
INVOKE = re.compile(r"^/2015-03-31/functions/([^/]+)/invocations$")
GATEWAY = re.compile(r"^/restapis/[^/]+/[^/]+/_user_request_/")

OBJECT_OPERATIONS = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


@dataclass
class Call:
    """One request. `service` is the word in its signature, "execute-api" for the API's own callers, or empty."""

    service: str
    operation: str
    body: bytes
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    # What came, of a call that asks something else.
    came: "Call | None" = None

    @classmethod
    def of(cls, method: str, path: str, headers: Mapping[str, str], body: bytes) -> "Call":
        """Reads a request; what cannot be read is a call of no service, and the emulator says what is wrong with it."""
        signed = SCOPE.search(headers.get("authorization", ""))
        service = signed[1] if signed else ""
        target = headers.get("x-amz-target", "")
        if target:
            return cls(service, target.rpartition(".")[2], body, path, headers, parsed(body))
        if service == "s3":
            return cls(service, OBJECT_OPERATIONS.get(method, method), body, path, headers)
        if service == "lambda" and INVOKE.match(path):
            return cls(service, "Invoke", body, path, headers)
        if GATEWAY.match(path):
            return cls("execute-api", method, body, path, headers)
        return cls("", method, body, path, headers)

    @property
    def resources(self) -> list[str]:
        """The tables, queues, buckets or functions it is about, by name."""
        request = self.request
        if self.service == "s3":
            return [unquote(self.path).split("/")[1]]
        if self.operation == "Invoke":
            return [match[1] for match in [INVOKE.match(self.path)] if match]
        if "QueueUrl" in request:
            return [str(request["QueueUrl"]).rpartition("/")[2]]
        if "TransactItems" in request:
            return [str(action.get("TableName")) for action in actions(request)]
        if "RequestItems" in request:
            return list(request["RequestItems"])
        names = (request.get(name) for name in ("TableName", "KeyId", "SecretId"))
        return [str(name) for name in names if name]

    @cached_property
    def text(self) -> str:
        """Where words are looked for: the path and the body."""
        return unquote(self.path) + "\n" + self.body.decode("utf-8", "replace")

    def asking(self, request: dict[str, Any]) -> "Call":
        """The same call with another request."""
        body = json.dumps(request).encode()
        return Call(self.service, self.operation, body, self.path, self.headers, request, self.came or self)


def parsed(body: bytes) -> dict[str, Any]:
    """The members of a JSON body, none if it is something else."""
    try:
        request = json.loads(body)
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def actions(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an atomic write or read does, one dictionary an action."""
    kinds = (action for action in request.get("TransactItems", []) if isinstance(action, dict))
    return [next(iter(action.values()), {}) for action in kinds]
