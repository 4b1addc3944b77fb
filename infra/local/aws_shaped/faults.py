"""Which fault strikes which call.

Tests talk of faults in JSON, of which every member but `fault` may be left out:

    {"seed": 7, "faults": [{"fault": "throttled", "operations": "TransactWriteItems", "resources": "*-totals",
                            "words": ["mer_…"], "share": 0.3, "times": 20}]}

`operations` and `resources` are patterns of names (`*`, `?`, `[…]`). Of `words` at least one has to be in the path or the body
of a call: tests share a stack, and a merchant of their own keeps their faults to themselves. `share` of the calls that fit are
struck, by a draw that depends on the seed, the fault and how many calls have fitted before; `times` calls at the most.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Self

from .call import Call

KINDS = frozenset({
    # The operation is not done: a table or queue says it is asked too much, an item that it is written too fast, or by others.
    "too_many", "throttled", "conflict",
    # It is not done: the service fails.
    "failed",
    # No answer ever comes, though it was done, or nothing was.
    "silent_after", "silent_before",
    # Only the first items of a batch, or of a page, are done.
    "cut",
    # A message is kept twice.
    "twice",
    # The way there takes `milliseconds`, in which an atomic write keeps others away from its items.
    "distant",
})

# What strikes only some operations: nobody else can be told so.
ONLY = {
    "conflict": {"TransactWriteItems", "TransactGetItems", "PutItem", "UpdateItem", "DeleteItem"},
    "cut": {"Query", "Scan", "BatchWriteItem", "BatchGetItem",
            "SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"},
    "throttled": {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan",
                  "TransactGetItems", "TransactWriteItems", "UpdateItem"},
    "twice": {"SendMessage", "SendMessageBatch"},
}


class Misspelt(ValueError):
    """A set of faults that nobody can understand."""


@dataclass
class Fault:
    """One kind of fault, what it strikes, and how often."""

    kind: str
    operations: str = "*"
    resources: str = "*"
    words: tuple[str, ...] = ()
    share: float = 1.0
    times: int | None = None
    taken: int = 1
    milliseconds: int = 0
    seed: str = ""
    fitted: int = 0
    struck: int = 0

    @classmethod
    def parse(cls, members: Mapping[str, Any], seed: str) -> Self:
        """Reads one. A member that is not known would be a fault that silently strikes more than was meant."""
        given = dict(members)
        kind = given.pop("fault", None)
        if kind not in KINDS:
            raise Misspelt(f"fault: {kind!r} is none of {', '.join(sorted(KINDS))}")
        unknown = given.keys() - {"operations", "resources", "words", "share", "times", "taken", "milliseconds"}
        if unknown:
            raise Misspelt(f"no such member: {', '.join(sorted(unknown))}")
        return cls(kind=kind, seed=seed, **{**given, "words": tuple(given.get("words", ()))})

    def fits(self, call: Call) -> bool:
        """Whether a call is one of those it strikes a share of."""
        if call.operation not in ONLY.get(self.kind, {call.operation}):
            return False
        if not fnmatchcase(call.operation, self.operations):
            return False
        if self.resources != "*" and not any(fnmatchcase(name, self.resources) for name in call.resources):
            return False
        return not self.words or any(word in call.text for word in self.words)

    def strikes(self, call: Call) -> bool:
        """Whether it strikes this call; a call that fits is counted."""
        if not self.fits(call):
            return False
        draw = fraction(f"{self.seed} {self.fitted}")
        self.fitted += 1
        if draw >= self.share or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True


def fraction(text: str) -> float:
    """A number from 0 up to 1 that is always the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


@dataclass
class Faults:
    """All faults, in sets that have names, so that tests side by side each switch their own."""

    sets: dict[str, list[Fault]] = field(default_factory=dict)

    def put(self, name: str, document: Mapping[str, Any]) -> None:
        """Switches a set on, in the place of one of this name."""
        unknown = document.keys() - {"seed", "faults"}
        if unknown:
            raise Misspelt(f"no such member: {', '.join(sorted(unknown))}")
        seed = document.get("seed", 0)
        listed = document.get("faults", [])
        self.sets[name] = [Fault.parse(members, f"{seed} {place}") for place, members in enumerate(listed)]

    def delete(self, name: str) -> None:
        """Switches a set off."""
        self.sets.pop(name, None)

    def report(self, name: str) -> list[dict[str, Any]]:
        """How often each fault of a set fitted and struck, in its order."""
        return [{"fault": fault.kind, "fitted": fault.fitted, "struck": fault.struck} for fault in self.sets.get(name, [])]

    def striking(self, call: Call) -> Iterator[Fault]:
        """The faults that strike a call: distances, and the first of what else does. The API's own callers are not struck, for
        whom the words of a fault are in many paths."""
        if call.service in ("", "execute-api"):
            return
        for fault in [fault for faults in self.sets.values() for fault in faults]:
            if fault.strikes(call):
                yield fault
                if fault.kind != "distant":
                    return
