"""What services say that refuse or fail though nothing is wrong with a call.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from .answers import Answer, cancelled, error
from .call import Call, actions

# By service: the code, its status.
TOO_MANY = {
    "dynamodb": ("ThrottlingException", 400),
    "lambda": ("TooManyRequestsException", 429),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 400),
}
FAILED = {
    "dynamodb": ("InternalServerError", 500),
    "kms": ("KMSInternalException", 500),
    "lambda": ("ServiceException", 500),
    "s3": ("InternalError", 500),
    "secretsmanager": ("InternalServiceError", 500),
    "sqs": ("InternalFailure", 500),
}

ATOMIC = ("TransactWriteItems", "TransactGetItems")
ONGOING = "Transaction is ongoing for the item"
TOO_FAST = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your " \
    "provisioning level with the UpdateTable API."


def refusal(kind: str, call: Call, place: int = 0) -> Answer | None:
    """What a call is told that is struck by this kind of fault, the action at `place` being to blame of an atomic one; nothing
    where no such call can be told so."""
    match kind:
        case "failed":
            code, status = FAILED.get(call.service, ("InternalFailure", 500))
            return error(call.service, code, "The request processing has failed because of an unknown error.", status)
        case "throttled":
            return throttled(call, place)
        case "conflict":
            return conflict(call, place)
        case "too_many":
            code, status = TOO_MANY.get(call.service, ("ThrottlingException", 400))
            return error(call.service, code, "Rate exceeded", status)
    return None


def throttled(call: Call, place: int) -> Answer:
    """An item is written or read faster than its partition can take."""
    if call.operation in ATOMIC:
        reason = ("ThrottlingError", "Throughput exceeds the current capacity for one or more global secondary indexes.")
        return cancelled(len(actions(call.request)), {place: reason})
    return error("dynamodb", "ProvisionedThroughputExceededException", TOO_FAST)


def conflict(call: Call, place: int) -> Answer | None:
    """An item is in another atomic write at this moment."""
    if call.operation in ATOMIC:
        return cancelled(len(actions(call.request)), {place: ("TransactionConflict", ONGOING)})
    if call.operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return error("dynamodb", "TransactionConflictException", ONGOING)
    return None
