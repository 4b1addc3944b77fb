"""Starts MiniStack with Nagle's algorithm off: its servers write small packets, and waiting costs 40 ms a call.

And with the permissions of SQS as AWS has them: a batch is allowed by the action of its single messages, of its own it has none
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html).
"""

import socketserver

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack.app import main  # noqa: E402  (the switch above must come first)
from ministack.core import iam_actions  # noqa: E402

SINGLE = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}

action_of = iam_actions._action_from_target


def single_action_of(headers):
    """The action of a request's target, of a batch that of one of its messages."""
    action = action_of(headers)
    return SINGLE.get(action, action)


iam_actions._action_from_target = single_action_of

main()
