"""DynamoDB: requests as a whole, and operands. Keys of indexes stand apart, they need the table's schema.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

import re
from collections.abc import Iterator
from typing import Any

from ..answers import Answer, error
from ..call import Call, actions

REQUEST_BYTES = 16 * 1024 * 1024
OPERANDS = 100

IN = re.compile(r"\bIN\s*\(([^()]*)\)", re.IGNORECASE)
EXPRESSIONS = ("ConditionExpression", "FilterExpression", "KeyConditionExpression")


def refusal(call: Call) -> Answer | None:
    """A request that is too large, or compares with too much."""
    if len(call.body) > REQUEST_BYTES:
        return error("dynamodb", "ValidationException", "Request size limit exceeded", 400)
    for expression in expressions(call.request):
        for listed in IN.findall(expression):
            count = listed.count(",") + 1
            if count > OPERANDS:
                message = (
                    "Invalid expression: The IN operator is provided with too many operands; "
                    f"number of operands: {count}"
                )
                return error("dynamodb", "ValidationException", message)
    return None


def expressions(request: dict[str, Any]) -> Iterator[str]:
    """What is compared, in every part of a request."""
    for part in (request, *actions(request)):
        yield from (part[name] for name in EXPRESSIONS if isinstance(part.get(name), str))
