"""Starts and stops a local Athena.

    python -m local_athena start           start it, print how to use it
    python -m local_athena status          tell whether it runs
    python -m local_athena load DIR s3://bucket/prefix
                                           store a folder of CloudTrail files
    python -m local_athena query 'SQL'     run a statement, print its rows
    python -m local_athena stop            stop it

State and logs are in .local_athena/ of the checkout, or in LOCAL_ATHENA_FOLDER.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from botocore.exceptions import ClientError

from local_athena import stack

USAGE = (__doc__ or "").strip()


def folder() -> Path:
    """Return the folder of the stack."""
    given = os.environ.get("LOCAL_ATHENA_FOLDER")
    return Path(given).resolve() if given else stack.PROJECT / ".local_athena"


def running() -> stack.LocalAthena:
    """Return the running stack.

    Raises:
        SystemExit: none runs.
    """
    state = stack.describe(folder())
    if state is None:
        sys.exit("The local Athena does not run: python -m local_athena start")
    return stack.LocalAthena(folder(), state["endpoint"])


def start() -> None:
    """Start it and print how to use it."""
    try:
        process = stack.start(folder(), stay=True)
    except stack.NotStarted as error:
        sys.exit(str(error))
    local = running()
    if process is not None:
        local.client("s3").create_bucket(Bucket=stack.RESULTS_BUCKET)
    for name, value in local.environment.items():
        print(f"export {name}={value}")


def load(source: str, target: str) -> None:
    """Store a folder of log files."""
    match = re.fullmatch("s3://([^/]+)/?(.*)", target)
    if match is None or not Path(source).is_dir():
        sys.exit(USAGE)
    stored = running().load(Path(source), match.group(1), match.group(2))
    print(f"{len(stored)} files, {sum(stored.values())} bytes below {target}")


def query(statement: str) -> None:
    """Run a statement and print its rows."""
    try:
        told = running().query(statement)
    except ClientError as error:
        sys.exit(error.response["Error"]["Message"])
    if told["Status"]["State"] != "SUCCEEDED":
        sys.exit(told["Status"].get("StateChangeReason", told["Status"]["State"]))
    for row in told["Rows"]:
        print("\t".join("" if cell is None else cell for cell in row))
    print(f"{told['Statistics']['DataScannedInBytes']} bytes scanned", file=sys.stderr)


def main(arguments: list[str]) -> None:
    """Do what the arguments ask for."""
    match arguments:
        case ["start"]:
            start()
        case ["status"]:
            print(f"Runs at {running().endpoint}; logs in {folder()}")
        case ["load", source, target]:
            load(source, target)
        case ["query", statement]:
            query(statement)
        case ["stop"]:
            print("Stopped." if stack.stop(folder()) else "Nothing runs.")
        case _:
            sys.exit(USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
