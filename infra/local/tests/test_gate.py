"""The gate before an emulator that does as it is told."""

import asyncio
import json
import unittest
from typing import Any

from aws_shaped.asgi import Message, Receive, Send
from aws_shaped.gate import Gate
from aws_shaped.signatures import CAME

from .sample import headers, put

TABLE = {"Table": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}


class Emulator:
    """Answers everything with an empty object, tables with their schema, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.signed: list[dict[str, Any]] = []
        self.delay_seconds = 0.0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        operation = dict(scope["headers"])[b"x-amz-target"].decode().rpartition(".")[2]
        request = json.loads((await receive())["body"])
        answer: dict[str, Any] = TABLE if operation == "DescribeTable" else {}
        if operation != "DescribeTable":
            await asyncio.sleep(self.delay_seconds)
            self.asked.append((operation, request))
            came = CAME.get()
            self.signed.append(came.request if came else request)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


class Client:
    """Asks through a gate."""

    def __init__(self) -> None:
        self.emulator = Emulator()
        self.gate = Gate(self.emulator)

    async def ask(self, service: str, operation: str, request: Any, method: str = "POST", path: str = "/",
                  hangs_up: bool = True) -> Any:
        """The status and the members of the answer, or nothing if there is none before the caller hangs up."""
        listed = [(name.encode(), value.encode()) for name, value in headers(service, operation).items()]
        scope: Message = {"type": "http", "method": method, "path": path, "headers": listed}
        came: list[Message] = [{"type": "http.request", "body": json.dumps(request).encode()}, {"type": "http.disconnect"}]
        sent: list[Message] = []

        async def receive() -> Message:
            if len(came) == 1 and not hangs_up:
                await asyncio.Event().wait()
            return came.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        await self.gate(scope, receive, send)
        return (sent[0]["status"], json.loads(sent[1]["body"])) if sent else None

    async def switch(self, *faults: dict[str, Any]) -> None:
        """Switches faults on."""
        await self.ask("", "", {"faults": list(faults)}, "PUT", "/_paywarden/faults/test")


def write(key: str = "1") -> dict[str, Any]:
    """An atomic write of one item."""
    return {"TransactItems": [{"Put": put("t", pk=key)}]}


class Gates(unittest.IsolatedAsyncioTestCase):
    """What becomes of a call."""

    def setUp(self) -> None:
        self.client = Client()

    async def test_it_goes_through(self) -> None:
        self.assertEqual(await self.client.ask("dynamodb", "PutItem", put("t", pk="1")), (200, {}))
        self.assertEqual(self.client.emulator.asked, [("PutItem", put("t", pk="1"))])

    async def test_it_is_refused_and_not_done(self) -> None:
        await self.client.switch({"fault": "throttled", "times": 1})
        status, members = await self.client.ask("dynamodb", "TransactWriteItems", write())
        self.assertEqual((status, members["CancellationReasons"][0]["Code"]), (400, "ThrottlingError"))
        self.assertEqual(self.client.emulator.asked, [])
        self.assertEqual(await self.client.ask("dynamodb", "TransactWriteItems", write()), (200, {}))

    async def test_it_is_done_and_never_answered(self) -> None:
        await self.client.switch({"fault": "silent_after"})
        self.assertIsNone(await self.client.ask("dynamodb", "PutItem", put("t", pk="1")))
        self.assertEqual(len(self.client.emulator.asked), 1)

    async def test_it_is_neither_done_nor_answered(self) -> None:
        await self.client.switch({"fault": "silent_before"})
        self.assertIsNone(await self.client.ask("dynamodb", "PutItem", put("t", pk="1")))
        self.assertEqual(self.client.emulator.asked, [])

    async def test_what_is_never_answered_keeps_nobody_away(self) -> None:
        for fault in ("silent_before", "silent_after"):
            await self.client.switch({"fault": fault, "times": 1})
            silent = asyncio.create_task(self.client.ask("dynamodb", "TransactWriteItems", write(), hangs_up=False))
            await asyncio.sleep(0.01)
            self.assertEqual(await self.client.ask("dynamodb", "TransactWriteItems", write()), (200, {}), fault)
            self.assertFalse(silent.done())
            silent.cancel()

    async def test_a_message_is_kept_twice(self) -> None:
        await self.client.switch({"fault": "twice"})
        await self.client.ask("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
        self.assertEqual(len(self.client.emulator.asked), 2)

    async def test_a_part_is_done(self) -> None:
        await self.client.switch({"fault": "cut", "taken": 1})
        writes = [{"PutRequest": {"Item": {"pk": {"S": key}}}} for key in "12"]
        _, members = await self.client.ask("dynamodb", "BatchWriteItem", {"RequestItems": {"t": writes}})
        self.assertEqual(members["UnprocessedItems"], {"t": writes[1:]})
        self.assertEqual(self.client.emulator.asked, [("BatchWriteItem", {"RequestItems": {"t": writes[:1]}})])
        self.assertEqual(self.client.emulator.signed, [{"RequestItems": {"t": writes}}], "what came was signed")

    async def test_two_atomic_writes_of_one_item_clash_and_of_two_do_not(self) -> None:
        await self.client.ask("dynamodb", "PutItem", put("t", pk="0"))
        self.client.emulator.delay_seconds = 0.01
        keys = ["1", "1", "2"]
        answers = await asyncio.gather(*(self.client.ask("dynamodb", "TransactWriteItems", write(key)) for key in keys))
        self.assertEqual([status for status, _ in answers], [200, 400, 200])
        self.assertEqual(answers[1][1]["CancellationReasons"][0]["Code"], "TransactionConflict")

    async def test_switching_off_tells_how_often_it_struck(self) -> None:
        await self.client.switch({"fault": "failed", "times": 1})
        for _ in range(2):
            await self.client.ask("dynamodb", "PutItem", put("t", pk="1"))
        path = "/_paywarden/faults/test"
        report = {"faults": [{"fault": "failed", "fitted": 2, "struck": 1}]}
        self.assertEqual(await self.client.ask("", "", {}, "DELETE", path), (200, report))
        self.assertEqual(await self.client.ask("", "", {}, "GET", path), (200, {"faults": []}))
