"""The keys of tables and of their indexes, asked of the emulator once a table."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .answers import Answer
from .call import Call

Ask = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Index:
    """An index: the attributes of its key, the partition's first."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """A table."""

    keys: tuple[str, ...]
    indexes: tuple[Index, ...]

    @classmethod
    def of(cls, description: dict[str, Any]) -> "Schema":
        """Reads what DescribeTable says."""
        table = description["Table"]
        listed = [*table.get("GlobalSecondaryIndexes", []), *table.get("LocalSecondaryIndexes", [])]
        indexes = (Index(index["IndexName"], key_names(index["KeySchema"])) for index in listed)
        return cls(key_names(table["KeySchema"]), tuple(indexes))


def key_names(schema: list[dict[str, str]]) -> tuple[str, ...]:
    """Its attributes, the partition's first."""
    return tuple(key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"] != "HASH"))


class Schemas:
    """What is known of tables. A table whose indexes change is a new stack here: nothing is forgotten but by a deletion."""

    def __init__(self) -> None:
        self.known: dict[str, Schema] = {}

    async def of(self, call: Call, ask: Ask) -> dict[str, Schema]:
        """The tables that a call is about, without those that do not exist."""
        if call.operation in ("CreateTable", "UpdateTable", "DeleteTable"):
            self.known.clear()
            return {}
        for name in set(call.resources) - self.known.keys():
            answer = await ask(describe(call, name))
            if answer.status == 200:
                self.known[name] = Schema.of(answer.members)
        return {name: self.known[name] for name in call.resources if name in self.known}


def describe(call: Call, table: str) -> Call:
    """The question for a table's description, with somebody's signature who may ask it."""
    signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"authorization": signed, "x-amz-target": "DynamoDB_20120810.DescribeTable"}
    kept = {name: value for name, value in call.headers.items() if name in ("host", "content-type")}
    request = {"TableName": table}
    return Call(call.service, "DescribeTable", json.dumps(request).encode(), "/", {**kept, **headers}, request)
