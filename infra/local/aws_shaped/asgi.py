"""The emulator as an ASGI application: what comes in, how it is passed on, and how it is asked.

https://asgi.readthedocs.io/en/stable/specs/www.html
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from .answers import Answer
from .call import Call
from .signatures import CAME, raw

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

# Nobody of ours waits longer for an answer.
LONGEST_SILENCE_SECONDS = 30


async def read(receive: Receive) -> bytes | None:
    """The body, or nothing if the caller hung up."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """A receiver that gives a body that was read, and then whatever comes."""
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return given.pop() if given else await receive()

    return next_message


async def answer_with(answer: Answer, send: Send) -> None:
    """Sends an answer."""
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    listed = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": listed})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


async def silence(receive: Receive) -> None:
    """Never answers: waits until the caller gives up."""

    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with suppress(TimeoutError):
        await asyncio.wait_for(hang_up(), LONGEST_SILENCE_SECONDS)


async def ask(application: Application, scope: Message, call: Call) -> Answer:
    """The emulator's whole answer to a call, whose body may be another than the one that came."""
    parts: list[bytes] = []
    start: Message = {}

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    headers = {**call.headers, "content-length": str(len(call.body))}
    headers.pop("transfer-encoding", None)
    asked = {**scope, "headers": raw(replace(call, headers=headers))}

    async def run() -> None:
        CAME.set(call.came)
        await application(asked, again(call.body, never), keep)

    # In a task of its own: the emulator keeps who asks in the task's context.
    await asyncio.create_task(run())
    answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(parts))


def headers_of(scope: Message) -> dict[str, str]:
    """A request's headers, by names in small letters."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
