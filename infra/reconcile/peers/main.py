"""The same files through other engines, for the benchmark. Usage: main.py join|full duckdb|polars|pandas LEDGER STATEMENT OUTCOMES

Prints what it took, and in the full tier how many rows have which outcome, as JSON.
"""

import json
import sys
import time

import full
import join


def peak_memory_bytes():
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def main():
    tier, name, ledger, statement, out = sys.argv[1:]
    started = time.monotonic()
    run = getattr({"join": join, "full": full}[tier], f"{name}_{tier}")
    outcomes = run(ledger, statement, out)
    seconds = round(time.monotonic() - started, 3)
    print(json.dumps({"seconds": seconds, "peak_memory_bytes": peak_memory_bytes(), "outcomes": outcomes}))


main()
