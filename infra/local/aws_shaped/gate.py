"""The gate before the emulator: each call meets the limits, then the atomic writes that are under way, then the faults."""

import asyncio

from . import admin, limits
from .answers import Answer
from .asgi import Application, Message, Receive, Send, again, answer_with, ask, headers_of, read, silence
from .call import Call
from .cuts import Cut, cut
from .faults import Fault, Faults
from .flights import Flights
from .limits import index_keys, sqs
from .refusals import conflict, refusal
from .schemas import Schema, Schemas


class Gate:
    """The emulator, shaped like AWS."""

    def __init__(self, emulator: Application) -> None:
        self.emulator = emulator
        self.faults = Faults()
        self.flights = Flights()
        self.schemas = Schemas()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or scope["path"].startswith("/_ministack/"):
            await self.emulator(scope, receive, send)
            return
        body = await read(receive)
        if body is None:
            return
        switched = admin.answer(self.faults, scope["method"], scope["path"], body)
        if switched:
            await answer_with(switched, send)
            return
        call = Call.of(scope["method"], scope["path"], headers_of(scope), body)
        answer = await self.shaped(call, scope)
        if answer is PASSED_ON:
            await self.emulator(scope, again(body, receive), send)
        elif answer is NEVER:
            # Here and not before: an atomic write whose answer is lost is over, and keeps nobody away.
            await silence(receive)
        else:
            await answer_with(answer, send)

    async def shaped(self, call: Call, scope: Message) -> Answer:
        """What this call is answered."""
        schemas = await self.schemas_of(call, scope)
        refused = limits.refusal(call) or index_keys.refusal(call, schemas)
        if refused:
            return refused
        left_out = sqs.left_out(call)
        if left_out:
            return await self.part(left_out, call, scope)
        faults = list(self.faults.striking(call))
        keys = {name: list(schema.keys) for name, schema in schemas.items()}
        place = self.flights.clash(call, keys)
        if place is not None:
            return conflict(call, place) or PASSED_ON
        with self.flights.under_way(call, keys):
            for fault in faults:
                if fault.kind == "distant":
                    await asyncio.sleep(fault.milliseconds / 1000)
                    continue
                return await self.struck(fault, call, scope)
            if call.operation == "TransactWriteItems":
                return await ask(self.emulator, scope, call)
        return PASSED_ON

    async def struck(self, fault: Fault, call: Call, scope: Message) -> Answer:
        """What becomes of a call that a fault strikes."""
        match fault.kind:
            case "silent_before":
                return NEVER
            case "silent_after":
                await ask(self.emulator, scope, call)
                return NEVER
            case "twice":
                await ask(self.emulator, scope, call)
                return await ask(self.emulator, scope, call)
            case "cut":
                return await self.part(cut(call, fault.taken), call, scope)
        return refusal(fault.kind, call) or PASSED_ON

    async def part(self, part: Cut | None, call: Call, scope: Message) -> Answer:
        """What a call is answered of which only a part is done, if it has parts."""
        if part is None:
            return PASSED_ON
        if part.call is None:
            return part.nothing_done(call.service)
        return part.answer(await ask(self.emulator, scope, part.call))

    async def schemas_of(self, call: Call, scope: Message) -> dict[str, Schema]:
        """The tables that a call writes."""
        if call.service != "dynamodb" or call.operation in READS:
            return {}
        return await self.schemas.of(call, lambda asked: ask(self.emulator, scope, asked))


# Stands for the emulator's own answer, which is sent as it comes.
PASSED_ON = Answer(0, {}, b"")

# Stands for no answer at all.
NEVER = Answer(0, {}, b"")

READS = ("BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan")
