"""Each limit: the largest that goes through, and the smallest that does not."""

import base64
import unittest
from typing import Any

from aws_shaped.call import Call
from aws_shaped.limits import functions, index_keys, refusal, sqs
from aws_shaped.schemas import Index, Schema

from .sample import call, headers, put

QUEUE = {"QueueUrl": "http://127.0.0.1/000000000000/q"}


def code(of: Call) -> str | None:
    """What a call is refused with."""
    refused = refusal(of)
    return refused.members["__type"].rpartition("#")[2] if refused else None


class Limits(unittest.TestCase):
    """What AWS refuses."""

    def test_a_key_encrypts_four_kibibytes(self) -> None:
        for length, expected in [(0, "ValidationException"), (1, None), (4096, None), (4097, "ValidationException")]:
            text = base64.b64encode(b"x" * length).decode()
            self.assertEqual(code(call("kms", "Encrypt", {"Plaintext": text})), expected, length)
        self.assertIsNone(code(call("kms", "GenerateDataKey", {})))

    def test_a_message_has_a_mebibyte_with_its_attributes(self) -> None:
        attributes = {"correlation_id": {"DataType": "String", "StringValue": "c"}}
        taken = len("correlation_id" "String" "c")
        for length, expected in [(0, None), (1, "InvalidParameterValue")]:
            body = "x" * (2**20 - taken + length)
            message = {**QUEUE, "MessageBody": body, "MessageAttributes": attributes}
            self.assertEqual(code(call("sqs", "SendMessage", message)), expected)

    def test_a_message_waits_a_quarter_of_an_hour_and_has_a_group_of_printable_characters(self) -> None:
        refused: list[dict[str, Any]] = [
            {"DelaySeconds": 901},
            {"DelaySeconds": -1},
            {"MessageGroupId": ""},
            {"MessageGroupId": "g" * 129},
            {"MessageGroupId": "a b"},
            {"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}},
            {"MessageAttributes": {str(n): {"DataType": "String", "StringValue": "x"} for n in range(11)}},
        ]
        for members in refused:
            message = {**QUEUE, "MessageBody": "x", **members}
            self.assertEqual(code(call("sqs", "SendMessage", message)), "InvalidParameterValue", members)
        message = {**QUEUE, "MessageBody": "x", "DelaySeconds": 900, "MessageGroupId": "mer_1~" + "g" * 122}
        self.assertIsNone(code(call("sqs", "SendMessage", message)))

    def test_of_a_batch_only_the_messages_are_refused_that_no_message_may_be(self) -> None:
        entries = [{"Id": "0", "MessageBody": "x"}, {"Id": "1", "MessageBody": "x", "DelaySeconds": 901}]
        part = sqs.left_out(call("sqs", "SendMessageBatch", {**QUEUE, "Entries": entries}))
        assert part is not None and part.call is not None
        self.assertEqual(part.call.request["Entries"], entries[:1])
        [failed] = part.finish({"Successful": [{"Id": "0"}]})["Failed"]
        self.assertEqual((failed["Id"], failed["SenderFault"]), ("1", True))
        self.assertIsNone(sqs.left_out(call("sqs", "SendMessageBatch", {**QUEUE, "Entries": entries[:1]})))

    def test_a_batch_has_a_mebibyte_together(self) -> None:
        entries = [{"Id": str(place), "MessageBody": "x" * 2**19} for place in range(2)]
        self.assertIsNone(code(call("sqs", "SendMessageBatch", {**QUEUE, "Entries": entries})))
        entries[0]["MessageBody"] += "x"
        self.assertEqual(code(call("sqs", "SendMessageBatch", {**QUEUE, "Entries": entries})), "BatchRequestTooLong")

    def test_an_item_is_compared_with_a_hundred_others(self) -> None:
        for count, expected in [(100, None), (101, "ValidationException")]:
            names = ", ".join(f":v{place}" for place in range(count))
            query = {"TableName": "t", "FilterExpression": f"a = :b AND #s IN ({names})"}
            self.assertEqual(code(call("dynamodb", "Query", query)), expected, count)

    def test_the_keys_of_an_index_are_short(self) -> None:
        schemas = {"t": Schema(("pk",), (Index("by_g", ("g", "h")),))}
        refused = [("g", 2049), ("h", 1025)]
        for name, length in refused:
            for size, expected in [(length - 1, False), (length, True)]:
                item = put("t", pk="p", **{name: "x" * size})
                update = {"TableName": "t", "Key": {"pk": {"S": "p"}}, "UpdateExpression": "SET a = :a, #k = :k REMOVE b",
                          "ExpressionAttributeNames": {"#k": name}, "ExpressionAttributeValues": {":k": {"S": "x" * size}}}
                calls = [
                    call("dynamodb", "PutItem", item),
                    call("dynamodb", "UpdateItem", update),
                    call("dynamodb", "BatchWriteItem", {"RequestItems": {"t": [{"PutRequest": {"Item": item["Item"]}}]}}),
                    call("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": item}, {"Update": update}]}),
                ]
                for written in calls:
                    is_refused = index_keys.refusal(written, schemas) is not None
                    self.assertEqual(is_refused, expected, f"{written.operation} {name} {size}")

    def test_a_secret_has_64_kibibytes(self) -> None:
        for length, expected in [(65_536, None), (65_537, "ValidationException")]:
            secret = {"SecretId": "s", "SecretString": "x" * length}
            self.assertEqual(code(call("secretsmanager", "PutSecretValue", secret)), expected)

    def test_an_invocation_has_six_mebibytes_each_way_or_one_if_nobody_waits(self) -> None:
        path = "/2015-03-31/functions/f/invocations"
        for kind, most in [("RequestResponse", 6 * 2**20), ("Event", 2**20)]:
            signed = {**headers("lambda"), "x-amz-invocation-type": kind}
            self.assertIsNone(refusal(Call.of("POST", path, signed, b"x" * most)))
            refused = refusal(Call.of("POST", path, signed, b"x" * (most + 1)))
            assert refused is not None
            self.assertEqual((refused.status, refused.headers["x-amzn-errortype"]), (413, "RequestTooLargeException"))
        self.assertIsNone(functions.too_large({"body": "é" * 1_000_000}))
        ended = functions.too_large({"body": "é" * 3_200_000})
        assert ended is not None
        self.assertEqual(ended["errorType"], "Function.ResponseSizeTooLarge")

    def test_the_gateway_refuses_what_no_function_takes(self) -> None:
        path = "/restapis/abc/v1/_user_request_/transactions"
        self.assertIsNone(refusal(Call.of("POST", path, {}, b"x" * 6 * 2**20)))
        refused = refusal(Call.of("POST", path, {}, b"x" * (6 * 2**20 + 1)))
        assert refused is not None
        self.assertEqual((refused.status, refused.members), (413, {"message": "Request Too Long"}))
