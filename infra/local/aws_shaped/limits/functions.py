"""Lambda and the gateway before it: what goes into a function, and what comes out.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB each way, 1 MB for asynchronous events (256 KB
before October 2025).
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html: 10 MB.
"""

import json
from typing import Any

from ..answers import Answer, error
from ..call import Call

SYNCHRONOUS_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_BYTES = 1024 * 1024
# An answer may be a hundred bytes longer than a request, says the runtime's own message.
ANSWER_BYTES = SYNCHRONOUS_BYTES + 100
GATEWAY_BYTES = 10 * 1024 * 1024


def refusal(call: Call) -> Answer | None:
    """An event that is too large for an invocation."""
    if call.operation != "Invoke":
        return None
    kind = call.headers.get("x-amz-invocation-type", "RequestResponse")
    most = ASYNCHRONOUS_BYTES if kind == "Event" else SYNCHRONOUS_BYTES
    if len(call.body) <= most:
        return None
    message = f"{len(call.body)} byte payload is too large for the {kind} invocation type (limit {most} bytes)"
    return error("lambda", "RequestTooLargeException", message, 413)


def gateway_refusal(call: Call) -> Answer | None:
    """A request that the gateway does not take, or whose event Lambda does not take from it.

    The event has more in it than the body, so the latter is refused a little later here than on AWS.
    """
    if len(call.body) <= min(GATEWAY_BYTES, SYNCHRONOUS_BYTES):
        return None
    headers = {"content-type": "application/json", "x-amzn-errortype": "RequestTooLargeException"}
    return Answer(413, headers, b"").saying({"message": "Request Too Long"})


def too_large(answer: Any) -> dict[str, str] | None:
    """The error a function ends with whose answer is too large."""
    if len(json.dumps(answer, ensure_ascii=False).encode()) <= ANSWER_BYTES:
        return None
    message = f"Response payload size exceeded maximum allowed payload size ({ANSWER_BYTES} bytes)."
    return {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
