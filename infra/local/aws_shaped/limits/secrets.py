"""Secrets Manager: what a secret holds.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
"""

from ..answers import Answer, error
from ..call import Call

SECRET_BYTES = 65_536


def refusal(call: Call) -> Answer | None:
    """A secret that is too long."""
    secret = call.request.get("SecretString")
    if not isinstance(secret, str) or len(secret.encode()) <= SECRET_BYTES:
        return None
    constraint = (
        "Value at 'secretString' failed to satisfy constraint: "
        f"Member must have length less than or equal to {SECRET_BYTES}"
    )
    return error("secretsmanager", "ValidationException", f"1 validation error detected: {constraint}")
