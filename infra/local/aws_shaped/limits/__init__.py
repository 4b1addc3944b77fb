"""What AWS refuses for its size, and the emulator takes."""

from collections.abc import Callable

from ..answers import Answer
from ..call import Call
from . import dynamodb, functions, kms, secrets, sqs

Limit = Callable[[Call], Answer | None]

OF_SERVICES: dict[str, Limit] = {
    "dynamodb": dynamodb.refusal,
    "execute-api": functions.gateway_refusal,
    "kms": kms.refusal,
    "lambda": functions.refusal,
    "secretsmanager": secrets.refusal,
    "sqs": sqs.refusal,
}


def refusal(call: Call) -> Answer | None:
    """What AWS says to this call, if it is too large for it."""
    limit = OF_SERVICES.get(call.service)
    return limit(call) if limit else None
