"""What functions answer goes over no gate of ours: the emulator's own runtime keeps it, and is held to the limit here."""

from typing import Any

from .limits.functions import too_large


def shape(worker: Any) -> None:
    """Lets a function whose answer is too large fail, as Lambda does. `worker` is the emulator's class of such functions."""
    record = worker._record_result

    def recorded(self: Any, generation: int, request_id: str, kind: str, payload: Any) -> Any:
        refused = too_large(payload) if kind == "response" else None
        if refused:
            return record(self, generation, request_id, "error", refused)
        return record(self, generation, request_id, kind, payload)

    worker._record_result = recorded
