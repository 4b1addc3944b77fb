"""A client as a Python team generates it from the document that a stack serves, used against that stack.

`PAYWARDEN_STACK` names the stack's `stack.json`; without it, the stack of `cargo xtask up` is used. Needs
openapi-python-client; `cargo xtask clients` has it.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[3]
STACK = json.loads(Path(os.environ.get("PAYWARDEN_STACK", ROOT / "target/local/stack.json")).read_text())

# What this generator passes over, and we know of: what only providers call takes a body of any type, and decisions may
# come as CSV too.
PASSED_OVER = {
    "POST /callbacks/{provider_id}",
    "POST /callbacks/{provider_id}/{tail}",
    "POST /reconciliation/exceptions",
}


def generate(folder: Path) -> None:
    """Makes the package `paywarden` in the folder. Whatever is left out of it fails here."""
    document, settings = folder / "openapi.json", folder / "settings.json"
    with urllib.request.urlopen(f"{STACK['api_url']}/openapi.json") as answer:
        document.write_bytes(answer.read())
    settings.write_text(json.dumps({"post_hooks": []}))  # nobody reads this code, so nothing formats it
    command = ["generate", "--path", document, "--config", settings, "--output-path", folder / "paywarden"]
    command = [sys.executable, "-m", "openapi_python_client", *command, "--meta", "none"]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    said = done.stdout + done.stderr
    passed_over = set(re.findall(r"^WARNING parsing (\w+ \S+) within", said, re.MULTILINE))
    complete = "Unable to" not in said and "omitted" not in said
    assert done.returncode == 0 and passed_over == PASSED_OVER and complete, said


def answer(tag: str, operation: str, status: int, kind: str, **asked):
    """Calls an operation; what comes back is of this status, and of this type of the generated ones."""
    module = importlib.import_module(f"paywarden.api.{tag}.{operation}")
    response = module.sync_detailed(**asked)
    name = type(response.parsed).__name__
    assert (response.status_code, name) == (status, kind), (operation, response.status_code, name, response.content)
    return response.parsed


def sign_in(role: str):
    """The API as a client of the first merchant."""
    paywarden, models = importlib.import_module("paywarden"), importlib.import_module("paywarden.models")
    stranger = paywarden.Client(base_url=STACK["api_url"])
    credentials = STACK["merchants"][0]["clients"][role]
    grant = models.IssueTokenBodyGrantType.CLIENT_CREDENTIALS
    body = models.IssueTokenBody(grant_type=grant, **credentials)
    token = answer("access", "issue_token", 200, "IssueTokenResponse200", client=stranger, body=body)
    body.client_secret += "=x"
    refused = answer("access", "issue_token", 401, "OAuthError", client=stranger, body=body)
    assert refused.error == "invalid_client", refused
    return paywarden.AuthenticatedClient(base_url=STACK["api_url"], token=token.access_token)


def records_and_lists(client, word: str) -> None:
    """A payment is recorded, and found by its reference and in the list."""
    models = importlib.import_module("paywarden.models")
    payment = models.NewTransaction(
        direction=models.Direction.RECEIVE,
        method=models.Method.QRIS,
        amount=10000,
        currency="IDR",
        transaction_reference=word,
        attributes=models.Attributes.from_dict({"qrData": "0002", "nmid": "ID1"}),
        metadata=models.JsonObject.from_dict({"table": 7}),
    )
    answer("transactions", "record_transactions", 201, "TransactionAnswer", client=client, body=payment)
    found = answer("transactions", "get_transaction", 200, "TransactionAnswer", client=client, reference=word)
    assert found.transaction.metadata["table"] == 7, found
    page = answer(
        "transactions",
        "list_transactions",
        200,
        "ListTransactionsResponse200",
        client=client,
        transaction_reference=word,
    )
    assert [one.id for one in page.transactions] == [found.transaction.id], page


def adds_a_provider(client, word: str) -> None:
    """With every part that may be null given, and the parts within them."""
    models = importlib.import_module("paywarden.models")
    fee = models.NewFee(type_=models.NewFeeType.FLAT, value="4500", currency="IDR")
    rounding = models.Rounding(mode=models.RoundingMode.HALF_UP, scale=0)
    tax = models.NewTax(percentage="11", apply=True, rounding=rounding)
    provider = models.NewProvider(
        type_=models.ProviderTypeName.BRICK,
        name=word,
        services=[models.Service.EWALLET, models.Service.VIRTUAL_ACCOUNT],
        credentials=models.NewCredentials.from_dict({"client_id": "b3f1c9f2", "client_secret": "of-a-test"}),
        fee=fee,
        tax=tax,
        overrides=models.NewOverrides.from_dict({"EWALLET": {"fee": {"type": "PERCENTAGE", "value": "1.5"}}}),
        priority=1000,
        settlement=models.Settlement(time="17:00", zone="Asia/Jakarta", lag_days=1),
    )
    added = answer("providers", "create_provider", 201, "CreateProviderResponse201", client=client, body=provider)
    added = added.provider
    assert (added.fee.value, added.tax.rounding.mode, added.settlement.lag_days) == ("4500", "HALF_UP", 1), added
    assert added.overrides["EWALLET"].fee.value == "1.5", added


def refusals_are_typed(client) -> None:
    """What is refused says why in a type, whatever its status."""
    paywarden = importlib.import_module("paywarden")
    listing = ("transactions", "list_transactions")
    failure = answer(*listing, 400, "Failure", client=client, limit=0)
    assert failure.error.parameter == "limit", failure
    stranger = paywarden.AuthenticatedClient(base_url=STACK["api_url"], token="nonsense")
    failure = answer(*listing, 401, "Unauthorized", client=stranger)
    assert failure.error.code == "unauthorized", failure
    failure = answer("providers", "list_providers", 403, "Failure", client=sign_in("merchant"))
    assert failure.error.code == "forbidden", failure


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        sys.path.insert(0, folder)
        client, word = sign_in("admin"), f"PYTHON-{time.time_ns()}"
        records_and_lists(client, word)
        adds_a_provider(client, word)
        refusals_are_typed(client)
    print("a generated Python client works")


if __name__ == "__main__":
    main()
