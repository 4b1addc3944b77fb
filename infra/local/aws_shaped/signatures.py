"""A call that the gate makes smaller stays signed: the emulator checks the signature of what came, not of what is left."""

from contextvars import ContextVar
from typing import Any

from .call import Call

# What came, while a part of it is asked.
CAME: ContextVar[Call | None] = ContextVar("CAME", default=None)


def shape(app: Any) -> None:
    """Lets the emulator's application check what came."""
    pin_body, pin_request = app.pin_signed_body, app.pin_signed_request

    def body_that_came(body: bytes) -> None:
        came = CAME.get()
        pin_body(came.body if came else body)

    def request_that_came(method: str, path: str, query: Any, headers: Any, *more: Any) -> None:
        came = CAME.get()
        pin_request(method, path, query, raw(came) if came else headers, *more)

    app.pin_signed_body = body_that_came
    app.pin_signed_request = request_that_came


def raw(call: Call) -> list[tuple[bytes, bytes]]:
    """A call's headers as they came."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in call.headers.items()]
