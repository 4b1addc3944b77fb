"""Batches of which only the first items are done, and pages that end early.

A page ends when a mebibyte was looked at, with fewer items than were asked for and a key to go on from: callers that take a
short page for the last one are wrong. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .answers import Answer, error
from .call import Call
from .refusals import TOO_FAST

Members = dict[str, Any]


@dataclass
class Cut:
    """What is still asked of the service, and how its answer tells of the rest. Without a call nothing is asked."""

    call: Call | None
    finish: Callable[[Members], Members]

    def answer(self, answer: Answer) -> Answer:
        """The answer to the whole call; of one that failed nothing is said about the rest."""
        return answer.saying(self.finish(answer.members)) if answer.status == 200 else answer

    def nothing_done(self, service: str) -> Answer:
        """The answer where nothing was asked. A table that takes nothing at all of a batch says so with an error."""
        if service == "dynamodb":
            return error("dynamodb", "ProvisionedThroughputExceededException", TOO_FAST)
        return error("sqs", "", "", 200).saying(self.finish({}))


def cut(call: Call, taken: int) -> Cut | None:
    """Cuts a call after so many items, if it has more of them."""
    match call.operation:
        case "Query" | "Scan":
            return page(call, max(1, taken))
        case "BatchWriteItem":
            return batch(call, taken, "UnprocessedItems", dict_of_writes)
        case "BatchGetItem":
            return batch(call, taken, "UnprocessedKeys", dict_of_keys)
        case "SendMessageBatch" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch":
            return messages(call, taken)
    return None


def page(call: Call, most: int) -> Cut | None:
    """A page of at most so many items."""
    asked = call.request.get("Limit")
    if asked is not None and asked <= most:
        return None
    return Cut(call.asking({**call.request, "Limit": most}), lambda members: members)


def batch(call: Call, taken: int, member: str, pack: Callable[[Members, list[tuple[str, Any]]], Members]) -> Cut | None:
    """A batch of a table, whose rest is in `member` of the answer."""
    tables: Members = call.request.get("RequestItems", {})
    items = [(table, item) for table, asked in tables.items() for item in unpacked(asked)]
    if len(items) <= taken:
        return None
    rest = pack(tables, items[taken:])
    asked = {**call.request, "RequestItems": pack(tables, items[:taken])}

    def finish(members: Members) -> Members:
        left: Members = dict(rest)
        for table, more in (members.get(member) or {}).items():
            left[table] = merged(more, left.get(table))
        return {**members, member: left}

    return Cut(call.asking(asked) if taken else None, finish)


def unpacked(asked: Any) -> list[Any]:
    """The items asked of a table: writes are a list, keys stand beside how they are to be read."""
    return list(asked["Keys"] if isinstance(asked, dict) else asked)


def dict_of_writes(_: Members, items: list[tuple[str, Any]]) -> Members:
    """Writes by table."""
    packed: Members = {}
    for table, item in items:
        packed.setdefault(table, []).append(item)
    return packed


def dict_of_keys(tables: Members, items: list[tuple[str, Any]]) -> Members:
    """Keys by table, each with how they are to be read."""
    return {table: {**tables[table], "Keys": keys} for table, keys in dict_of_writes(tables, items).items()}


def merged(more: Any, left: Any) -> Any:
    """Two rests of one table."""
    if left is None:
        return more
    if isinstance(more, dict):
        return {**more, "Keys": [*more["Keys"], *left["Keys"]]}
    return [*more, *left]


def messages(call: Call, taken: int) -> Cut | None:
    """A batch of a queue, whose rest fails, and through no fault of the sender."""
    entries: list[Members] = call.request.get("Entries", [])
    message = "Request processing has failed because of an unknown error, exception, or failure."
    failed = {"Code": "InternalFailure", "Message": message, "SenderFault": False}
    return without(call, [{"Id": entry["Id"], **failed} for entry in entries[taken:]])


def without(call: Call, failures: list[Members]) -> Cut | None:
    """A batch of a queue without the entries that fail, each told of by its id.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_BatchResultErrorEntry.html
    """
    if not failures:
        return None
    gone = {failure["Id"] for failure in failures}
    entries = [entry for entry in call.request["Entries"] if entry["Id"] not in gone]

    def finish(members: Members) -> Members:
        failed = [*members.get("Failed", []), *failures]
        return {**members, "Successful": members.get("Successful", []), "Failed": failed}

    return Cut(call.asking({**call.request, "Entries": entries}) if entries else None, finish)
