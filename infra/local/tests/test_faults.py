"""Which calls are struck, and what they are told."""

import json
import unittest
from typing import Any

from aws_shaped import admin
from aws_shaped.answers import Answer
from aws_shaped.call import Call
from aws_shaped.cuts import cut
from aws_shaped.faults import Fault, Faults
from aws_shaped.flights import Flights
from aws_shaped.refusals import refusal

from .sample import call, headers, put


def atomic(*tables: str) -> Call:
    """An atomic write of one item a table."""
    return call("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": put(table, pk="1")} for table in tables]})


def kinds(faults: Faults, of: Call) -> list[str]:
    """What strikes a call."""
    return [fault.kind for fault in faults.striking(of)]


class Strikes(unittest.TestCase):
    """Which calls are struck."""

    def test_by_operation_table_and_word(self) -> None:
        faults = Faults()
        fault = {"fault": "failed", "operations": "Transact*", "resources": "*-totals", "words": ["mer_1", "mer_2"]}
        faults.put("a", {"faults": [fault]})
        request = {"TransactItems": [{"Put": put("x-ledger", pk="mer_2")}, {"Put": put("x-totals", pk="mer_2")}]}
        self.assertEqual(kinds(faults, call("dynamodb", "TransactWriteItems", request)), ["failed"])
        self.assertEqual(kinds(faults, call("dynamodb", "PutItem", put("x-totals", pk="mer_2"))), [])
        self.assertEqual(kinds(faults, atomic("x-totals")), [], "of somebody else")
        self.assertEqual(kinds(faults, atomic("x-ledger")), [])
        faults.delete("a")
        self.assertEqual(kinds(faults, call("dynamodb", "TransactWriteItems", request)), [])

    def test_a_share_is_the_same_every_time_and_a_count_ends(self) -> None:
        def drawn(seed: int) -> list[bool]:
            faults = Faults()
            faults.put("a", {"seed": seed, "faults": [{"fault": "failed", "share": 0.3}]})
            return [bool(kinds(faults, atomic("t"))) for _ in range(1000)]

        self.assertEqual(drawn(1), drawn(1))
        self.assertNotEqual(drawn(1), drawn(2))
        self.assertTrue(250 < sum(drawn(1)) < 350, sum(drawn(1)))
        faults = Faults()
        faults.put("a", {"faults": [{"fault": "failed", "times": 2}]})
        self.assertEqual([bool(kinds(faults, atomic("t"))) for _ in range(4)], [True, True, False, False])
        self.assertEqual(faults.report("a"), [{"fault": "failed", "fitted": 4, "struck": 2}])

    def test_one_fault_strikes_a_call_and_distances_beside_it(self) -> None:
        faults = Faults()
        listed = [{"fault": "distant", "milliseconds": 5}, {"fault": "throttled"}, {"fault": "failed"}]
        faults.put("a", {"faults": listed})
        self.assertEqual(kinds(faults, atomic("t")), ["distant", "throttled"])
        self.assertEqual([fault["struck"] for fault in faults.report("a")], [1, 1, 0])

    def test_only_what_can_be_told_so(self) -> None:
        message = call("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
        read = call("dynamodb", "GetItem", {"TableName": "t", "Key": {"pk": {"S": "1"}}})
        struck = [("conflict", read, []), ("twice", atomic("t"), []), ("cut", read, []), ("throttled", message, []),
                  ("conflict", atomic("t"), ["conflict"]), ("twice", message, ["twice"]), ("throttled", read, ["throttled"])]
        for kind, of, expected in struck:
            faults = Faults()
            faults.put("a", {"faults": [{"fault": kind}]})
            self.assertEqual(kinds(faults, of), expected, f"{kind} {of.operation}")

    def test_callers_of_the_api_are_not_struck(self) -> None:
        faults = Faults()
        faults.put("a", {"faults": [{"fault": "failed", "words": ["prv_1"]}]})
        path = "/restapis/abc/v1/_user_request_/callbacks/prv_1"
        self.assertEqual(kinds(faults, Call.of("POST", path, {}, b"")), [])

    def test_who_switches_has_to_know_what_there_is_with_what_is_known(self) -> None:
        faults = Faults()
        misspelt: list[Any] = [{"fault": "unknown"}, {"fault": "failed", "shares": 1}, {}, 7]
        for fault in misspelt:
            refused = admin.answer(faults, "PUT", "/_paywarden/faults/a", json.dumps({"faults": [fault]}).encode())
            assert refused is not None
            self.assertEqual(refused.status, 400, fault)
        for body in [b"", b"[]", b'{"fault": []}']:
            refused = admin.answer(faults, "PUT", "/_paywarden/faults/a", body)
            assert refused is not None
            self.assertEqual(refused.status, 400, body)
        self.assertIsNone(admin.answer(faults, "GET", "/v1/transactions", b""))
        self.assertEqual(faults.sets, {})


class Words(unittest.TestCase):
    """What a struck call is told."""

    def test_an_atomic_write_is_cancelled_for_a_reason_by_place(self) -> None:
        for kind, reason in [("throttled", "ThrottlingError"), ("conflict", "TransactionConflict")]:
            answer = refusal(kind, atomic("a", "b", "c"), 1)
            assert answer is not None
            self.assertEqual(answer.status, 400)
            self.assertTrue(answer.members["__type"].endswith("#TransactionCanceledException"))
            codes = [each["Code"] for each in answer.members["CancellationReasons"]]
            self.assertEqual(codes, ["None", reason, "None"])
            self.assertIn(f"[None, {reason}, None]", answer.members["Message"])

    def test_services_have_words_of_their_own(self) -> None:
        item = call("dynamodb", "PutItem", put("t", pk="1"))
        message = call("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
        expected = [
            ("throttled", item, 400, "ProvisionedThroughputExceededException"),
            ("too_many", item, 400, "ThrottlingException"),
            ("conflict", item, 400, "TransactionConflictException"),
            ("failed", item, 500, "InternalServerError"),
            ("too_many", message, 400, "RequestThrottled"),
            ("failed", message, 500, "InternalFailure"),
            ("failed", call("kms", "Encrypt", {}), 500, "KMSInternalException"),
        ]
        for kind, of, status, code in expected:
            answer = refusal(kind, of)
            assert answer is not None
            self.assertEqual((answer.status, answer.members["__type"].rpartition("#")[2]), (status, code))
        files = refusal("too_many", Call.of("PUT", "/bucket/key", headers("s3"), b""))
        assert files is not None
        self.assertEqual(files.status, 503)
        self.assertIn(b"<Code>SlowDown</Code>", files.body)


class Cuts(unittest.TestCase):
    """What is done of a batch, and how the rest is told of."""

    def test_writes_and_keys_are_left_over_by_table(self) -> None:
        writes = {"a": [{"PutRequest": {"Item": n}} for n in range(2)], "b": [{"PutRequest": {"Item": 2}}]}
        part = cut(call("dynamodb", "BatchWriteItem", {"RequestItems": writes}), 1)
        assert part is not None and part.call is not None
        self.assertEqual(part.call.request["RequestItems"], {"a": writes["a"][:1]})
        answer = part.answer(Answer(200, {"x-amz-crc32": "0"}, b'{"UnprocessedItems": {}}'))
        self.assertEqual(answer.members["UnprocessedItems"], {"a": writes["a"][1:], "b": writes["b"]})
        self.assertNotEqual(answer.headers["x-amz-crc32"], "0")
        keys = {"a": {"Keys": [1, 2, 3], "ConsistentRead": True}}
        part = cut(call("dynamodb", "BatchGetItem", {"RequestItems": keys}), 2)
        assert part is not None
        said = b'{"Responses": {}, "UnprocessedKeys": {"a": {"Keys": [2], "ConsistentRead": true}}}'
        answer = part.answer(Answer(200, {}, said))
        self.assertEqual(answer.members["UnprocessedKeys"], {"a": {"Keys": [2, 3], "ConsistentRead": True}})

    def test_a_table_that_takes_nothing_says_so_and_a_queue_lists_it(self) -> None:
        part = cut(call("dynamodb", "BatchWriteItem", {"RequestItems": {"a": [1]}}), 0)
        assert part is not None and part.call is None
        self.assertTrue(part.nothing_done("dynamodb").members["__type"].endswith("ProvisionedThroughputExceededException"))
        entries = [{"Id": "0", "MessageBody": "x"}]
        part = cut(call("sqs", "SendMessageBatch", {"QueueUrl": "q", "Entries": entries}), 0)
        assert part is not None and part.call is None
        answer = part.nothing_done("sqs")
        self.assertEqual((answer.status, answer.members["Successful"]), (200, []))
        self.assertEqual(answer.members["Failed"][0]["SenderFault"], False)

    def test_what_is_small_enough_is_not_cut(self) -> None:
        self.assertIsNone(cut(call("dynamodb", "BatchWriteItem", {"RequestItems": {"a": [1]}}), 1))
        self.assertIsNone(cut(call("dynamodb", "Query", {"TableName": "a", "Limit": 2}), 2))
        self.assertIsNone(cut(call("dynamodb", "PutItem", put("a", pk="1")), 0))
        part = cut(call("dynamodb", "Query", {"TableName": "a", "Limit": 3}), 2)
        assert part is not None and part.call is not None
        self.assertEqual(part.call.request["Limit"], 2)

    def test_an_answer_that_failed_stays(self) -> None:
        part = cut(call("dynamodb", "BatchWriteItem", {"RequestItems": {"a": [1, 2]}}), 1)
        assert part is not None
        failed = Answer(400, {}, b"{}")
        self.assertIs(part.answer(failed), failed)


class Atomic(unittest.TestCase):
    """Writes that are under way."""

    def test_others_keep_away_from_their_items_and_from_no_others(self) -> None:
        flights, keys = Flights(), {"a": ["pk"], "b": ["pk"]}
        update = {"Update": {"TableName": "b", "Key": {"pk": {"S": "1"}}}}
        with flights.under_way(atomic("a"), keys):
            self.assertEqual(flights.clash(atomic("b", "a"), keys), 1)
            self.assertEqual(flights.clash(call("dynamodb", "PutItem", put("a", pk="1", other="x")), keys), 0)
            self.assertIsNone(flights.clash(call("dynamodb", "PutItem", put("a", pk="2")), keys))
            self.assertIsNone(flights.clash(call("dynamodb", "TransactWriteItems", {"TransactItems": [update]}), keys))
            self.assertIsNone(flights.clash(call("dynamodb", "GetItem", {"TableName": "a", "Key": {"pk": {"S": "1"}}}), keys))
        self.assertIsNone(flights.clash(atomic("a"), keys))

    def test_what_fails_is_no_longer_under_way(self) -> None:
        flights, keys = Flights(), {"a": ["pk"]}
        with self.assertRaises(KeyError), flights.under_way(atomic("a"), keys):
            raise KeyError
        self.assertIsNone(flights.clash(atomic("a"), keys))


class Kinds(unittest.TestCase):
    """Each kind of fault does something."""

    def test_a_fault_is_a_refusal_or_known_to_the_gate(self) -> None:
        at_the_gate = {"silent_after", "silent_before", "cut", "twice", "distant"}
        for kind in ("too_many", "throttled", "conflict", "failed"):
            self.assertIsNotNone(refusal(kind, atomic("a")), kind)
        for kind in at_the_gate:
            self.assertEqual(Fault.parse({"fault": kind}, "0").kind, kind)
