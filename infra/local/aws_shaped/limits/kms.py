"""KMS: what one call encrypts and decrypts.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

import base64
import binascii

from ..answers import Answer, error
from ..call import Call

# Operation: the member, and how many bytes it may have.
BYTES = {"Encrypt": ("Plaintext", 4096), "Decrypt": ("CiphertextBlob", 6144)}


def refusal(call: Call) -> Answer | None:
    """A text that is empty, or longer than a key of KMS encrypts."""
    member, most = BYTES.get(call.operation, ("", 0))
    text = call.request.get(member)
    if not isinstance(text, str):
        return None
    try:
        length = len(base64.b64decode(text))
    except binascii.Error:
        return None
    if 1 <= length <= most:
        return None
    bound = f"less than or equal to {most}" if length else "greater than or equal to 1"
    place = member[0].lower() + member[1:]
    constraint = f"Value at '{place}' failed to satisfy constraint: Member must have length {bound}"
    return error("kms", "ValidationException", f"1 validation error detected: {constraint}")
