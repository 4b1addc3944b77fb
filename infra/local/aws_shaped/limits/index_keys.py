"""DynamoDB: the keys of indexes, which are as long as those of a table at the most. The emulator looks at the table's own.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..answers import Answer, error
from ..call import Call, actions
from ..schemas import Schema

PARTITION_BYTES = 2048
SORT_BYTES = 1024

SET = re.compile(r"([#\w]+)\s*=\s*(:\w+)\s*(?=,|$|\s(?:REMOVE|ADD|DELETE)\b)", re.IGNORECASE)


def refusal(call: Call, schemas: Mapping[str, Schema]) -> Answer | None:
    """A write that makes the key of an index too long."""
    for table, attributes in writes(call):
        schema = schemas.get(table)
        for index in schema.indexes if schema else ():
            for place, name in enumerate(index.keys):
                most = SORT_BYTES if place else PARTITION_BYTES
                length = size(attributes.get(name))
                if length > most:
                    message = (
                        "One or more parameter values were invalid: Size limit exceeded for Index Key "
                        f"{name} Actual Size: {length} bytes Max Size: {most} bytes IndexName: {index.name}"
                    )
                    return error("dynamodb", "ValidationException", message)
    return None


def writes(call: Call) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The attributes that a call writes, item for item, with the table."""
    request = call.request
    if call.operation == "BatchWriteItem":
        for table, listed in request.get("RequestItems", {}).items():
            yield from ((table, write.get("PutRequest", {}).get("Item", {})) for write in listed)
        return
    parts = actions(request) if call.operation == "TransactWriteItems" else [request]
    for part in parts:
        yield str(part.get("TableName")), part.get("Item") or dict(updated(part))


def updated(part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What an update sets to a value of its own; values that are reckoned are numbers, and never long."""
    names = part.get("ExpressionAttributeNames") or {}
    values = part.get("ExpressionAttributeValues") or {}
    for name, value in SET.findall(part.get("UpdateExpression") or ""):
        yield names.get(name, name), values.get(value)


def size(value: Any) -> int:
    """Bytes of a text; keys of ours are texts and short numbers."""
    text = value.get("S", "") if isinstance(value, dict) else ""
    return len(str(text).encode())
