"""Switching faults on and off.

    PUT    /_paywarden/faults/<name>    a set as `faults` describes it, in the place of one of this name
    GET    /_paywarden/faults/<name>    how often each of its faults fitted and struck
    DELETE /_paywarden/faults/<name>    off; answers how often they had struck
"""

import json
import re
from typing import Any

from .answers import Answer
from .faults import Faults, Misspelt

PATH = re.compile(r"^/_paywarden/faults/([\w-]+)$")


def answer(faults: Faults, method: str, path: str, body: bytes) -> Answer | None:
    """What such a request is answered; nothing to any other."""
    match = PATH.match(path)
    if not match:
        return None
    name = match[1]
    if method == "PUT":
        try:
            faults.put(name, json.loads(body))
        except (ValueError, TypeError, AttributeError) as error:
            kind = "" if isinstance(error, Misspelt) else "no set of faults: "
            return said(400, {"error": f"{kind}{error}"})
    elif method not in ("GET", "DELETE"):
        return said(405, {"error": "PUT, GET or DELETE"})
    report = faults.report(name)
    if method == "DELETE":
        faults.delete(name)
    return said(200, {"faults": report})


def said(status: int, members: dict[str, Any]) -> Answer:
    """An answer of this door."""
    return Answer(status, {"content-type": "application/json"}, b"").saying(members)
