"""Starts MiniStack with Nagle's algorithm off: its servers write small packets, and waiting costs 40 ms a call.

And with the permissions of SQS as AWS has them: a batch is allowed by the action of its single messages, of its own it has none
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html).

And with an authorizer's answer kept by the caller's address too, as the template asks for: to the emulator that would be an
identity that nobody has, and everybody would be refused.

And behind a gate that has AWS's limits, and its faults when they are asked for: see `aws_shaped`.
"""

import socketserver

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from aws_shaped import gate, runtime, signatures  # noqa: E402  (the switch above must come first)
from ministack import app  # noqa: E402
from ministack.core import iam_actions, lambda_runtime  # noqa: E402
from ministack.services import apigateway_v1  # noqa: E402

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
runtime.shape(lambda_runtime.ProvidedWorker)
signatures.shape(app)
app.app = gate.Gate(app.app)

ADDRESS = "context.identity.sourceIp"

identities_of = apigateway_v1._request_identity_sources


def identities_and_address_of(identity_source, headers, query_params, stage):
    """Whether all identity sources of an authorizer are there, and their values, the caller's address behind the others."""
    sources = [source.strip() for source in (identity_source or "").split(",")]
    others = ",".join(source for source in sources if source != ADDRESS)
    present, values = identities_of(others, headers, query_params, stage)
    if ADDRESS in sources:
        # From where the emulator takes it for the function.
        forwarded = apigateway_v1._header_ci(headers, "x-forwarded-for") or "127.0.0.1"
        values = [*values, forwarded.split(",")[0].strip()]
    return present, values


apigateway_v1._request_identity_sources = identities_and_address_of

app.main()
