"""Atomic writes that are under way: nobody else writes their items, and no atomic read reads them.

Plain reads go on, and see what was before.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .call import Call, actions

# The names of a table's own keys.
Keys = Mapping[str, list[str]]


class Flights:
    """The items of the atomic writes that are under way."""

    def __init__(self) -> None:
        self.written: set[str] = set()

    def clash(self, call: Call, keys: Keys) -> int | None:
        """The place among its actions of the first item that somebody else is writing."""
        items = items_of(call, keys)
        return next((place for place, item in enumerate(items) if item in self.written), None)

    @contextmanager
    def under_way(self, call: Call, keys: Keys) -> Iterator[None]:
        """Keeps others away while an atomic write is done."""
        items = set(items_of(call, keys)) if call.operation == "TransactWriteItems" else set()
        self.written |= items
        try:
            yield
        finally:
            self.written -= items


def items_of(call: Call, keys: Keys) -> list[str]:
    """What a call writes, or reads as one, by table and key, in the order of its actions. Batches are not here: of them the
    service leaves out what it cannot write, which `cut` does."""
    match call.operation:
        case "TransactWriteItems" | "TransactGetItems":
            return [item(action, keys) for action in actions(call.request)]
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [item(call.request, keys)]
    return []


def item(write: dict[str, Any], keys: Keys) -> str:
    """One item's name."""
    table = str(write.get("TableName"))
    of = write.get("Key") or write.get("Item") or {}
    return json.dumps([table, *(of.get(name) for name in keys.get(table, []))])
