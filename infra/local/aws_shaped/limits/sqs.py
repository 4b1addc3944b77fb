"""SQS: messages with their attributes, delays, groups.

A message has had up to 1 MiB since August 2025, 256 KiB before. Attributes count: names, types and values.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

import re
from typing import Any

from ..answers import Answer, error
from ..call import Call
from ..cuts import Cut, without

MESSAGE_BYTES = 1024 * 1024
DELAY_SECONDS = 900
ATTRIBUTES = 10
GROUP = re.compile(r"[A-Za-z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")


def refusal(call: Call) -> Answer | None:
    """A message that is refused, or a batch that is too long as a whole."""
    if call.operation == "SendMessage":
        return of_message(call.request) or of_size(size(call.request))
    if call.operation != "SendMessageBatch":
        return None
    total = sum(size(entry) for entry in call.request.get("Entries", []))
    if total <= MESSAGE_BYTES:
        return None
    message = f"Batch requests cannot be longer than {MESSAGE_BYTES} bytes. You have sent {total} bytes."
    return error("sqs", "BatchRequestTooLong", message)


def left_out(call: Call) -> Cut | None:
    """A batch without the messages that are refused: each is told of by itself, and the others are kept."""
    if call.operation != "SendMessageBatch":
        return None
    refused = ((entry.get("Id"), of_message(entry)) for entry in call.request.get("Entries", []))
    failures = [{"Id": entry_id, "Code": "InvalidParameterValue", "Message": answer.members["message"], "SenderFault": True}
                for entry_id, answer in refused if answer]
    return without(call, failures)


def of_message(message: dict[str, Any]) -> Answer | None:
    """What is wrong with a message, but for its size."""
    delay = message.get("DelaySeconds") or 0
    if not 0 <= delay <= DELAY_SECONDS:
        reason = f"DelaySeconds must be >= 0 and <= {DELAY_SECONDS}."
        return invalid(f"Value {delay} for parameter DelaySeconds is invalid. Reason: {reason}")
    attributes = message.get("MessageAttributes") or {}
    if len(attributes) > ATTRIBUTES:
        return invalid(f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{ATTRIBUTES}].")
    for name, attribute in attributes.items():
        if not (attribute.get("StringValue") or attribute.get("BinaryValue")):
            kind = attribute.get("DataType", "String")
            return invalid(
                f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'.")
    group = message.get("MessageGroupId")
    if group is not None and not GROUP.fullmatch(group):
        reason = "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."
        return invalid(f"Value {group} for parameter MessageGroupId is invalid. Reason: {reason}")
    return None


def of_size(size_bytes: int) -> Answer | None:
    """A message that is too long."""
    if size_bytes <= MESSAGE_BYTES:
        return None
    return invalid(f"One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_BYTES} bytes.")


def size(message: dict[str, Any]) -> int:
    """Bytes of a message: its body and its attributes."""
    total = len(str(message.get("MessageBody", "")).encode())
    for name, attribute in (message.get("MessageAttributes") or {}).items():
        parts = (name, attribute.get("DataType", ""), attribute.get("StringValue", ""))
        total += sum(len(str(part).encode()) for part in parts)
        # What it is in Base64 is a third more than what it is.
        total += len(attribute.get("BinaryValue", "")) * 3 // 4
    return total


def invalid(message: str) -> Answer:
    """A parameter that no message may have."""
    return error("sqs", "InvalidParameterValue", message)
