"""The stack's process: moto, extended, with Trino below it.

Started by `local_athena.stack`; it writes `state.json` when it is ready and ends on
SIGTERM, or when its standard input is closed if it was started with one.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
from moto.server import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from local_athena import api, cloudformation, parts
from local_athena.calls import ATHENA_ACCESS_KEY, NotedCalls, service
from local_athena.catalog import Catalog
from local_athena.queries import Queries
from local_athena.stack import (
    FAIL_NEXT,
    HOLD_NEXT,
    OPERATOR_ACCESS_KEY,
    REGION,
    RELEASE,
)
from local_athena.trino_engine import TrinoEngine


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Trino asks for the statistics of every column of every partition that it writes:
# tens of thousands of calls, which moto has no answer to. There are none.
NO_STATISTICS = {
    f"AWSGlue.{action}ColumnStatisticsFor{target}": b'{"ColumnStatisticsList": []}'
    for action in ("Get", "Update", "Delete")
    for target in ("Table", "Partition")
}


# Signed for under another name than moto has for the service.
SIGNED_AS = {"monitoring": "cloudwatch"}

# Made at a service's first request, after `api.install`.
moto_application = functools.cache(create_backend_app)


def moto(environ: dict[str, Any], begin: Any) -> Iterable[bytes]:
    """Answer a request with moto's application of the service it is signed for.

    Moto's own dispatcher looks through the folder of its services for every request,
    one at a time: half of the stack's time. A request that is not signed is S3's.
    """
    name = service(environ) or "s3"
    return moto_application(SIGNED_AS.get(name, name))(environ, begin)


class Application:
    """Moto, and the requests that it does not answer."""

    def __init__(self, answering: Any) -> None:
        """Put the requests before moto."""
        self._answering = answering
        self.queries: Queries | None = None

    def __call__(self, environ: dict[str, Any], begin: Any) -> Iterable[bytes]:
        """Answer a request."""
        statistics = NO_STATISTICS.get(environ.get("HTTP_X_AMZ_TARGET", ""))
        if statistics:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            begin("200 OK", [("Content-Length", str(len(statistics)))])
            return [statistics]
        wish = environ["PATH_INFO"]
        if wish not in (FAIL_NEXT, HOLD_NEXT, RELEASE) or self.queries is None:
            return self._answering(environ, begin)
        size = int(environ.get("CONTENT_LENGTH") or 0)
        part = environ["wsgi.input"].read(size).decode("utf-8")
        if wish == FAIL_NEXT:
            self.queries.failures.append(part)
        elif wish == HOLD_NEXT:
            self.queries.holds.append(part)
        else:
            self.queries.release()
        begin("204 No Content", [])
        return []


class Handler(WSGIRequestHandler):
    """Keeps connections open and writes no line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Leave it to calls.jsonl."""


def clients_of(key: str, endpoint: str) -> Callable[[str], Any]:
    """Return a function that makes boto3's client of a service, with an access key."""
    session = boto3.Session(
        aws_access_key_id=key, aws_secret_access_key=key, region_name=REGION
    )
    return functools.partial(session.client, endpoint_url=endpoint)


def main() -> None:
    """Serve until told to end."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--until-input-ends", action="store_true")
    given = arguments.parse_args()
    folder: Path = given.folder
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    if given.until_input_ends:
        threading.Thread(
            target=lambda: (sys.stdin.read(), over.set()), daemon=True
        ).start()

    application = Application(NotedCalls(moto, folder / "calls.jsonl"))
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=Handler
    )
    endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    engine = TrinoEngine(
        parts.java(), parts.trino_folder(), folder, free_port(), endpoint
    )
    try:
        client = clients_of(ATHENA_ACCESS_KEY, endpoint)
        glue, s3 = client("glue"), client("s3")
        application.queries = Queries(engine, Catalog(glue, s3), s3)
        api.install(application.queries)
        # What a stack is made of is none of Athena's calls.
        cloudformation.install(clients_of(OPERATOR_ACCESS_KEY, endpoint))
        engine.wait()
        state = {
            "pid": os.getpid(),
            "engine_pid": engine.process.pid,
            "endpoint": endpoint,
        }
        part = folder / "state.part"
        part.write_text(json.dumps(state), encoding="utf-8")
        part.rename(folder / "state.json")
        while not over.wait(1):
            if engine.process.poll() is not None:
                print("Trino has ended.", file=sys.stderr)
                break
    finally:
        (folder / "state.json").unlink(missing_ok=True)
        engine.stop()
        server.shutdown()


if __name__ == "__main__":
    main()
