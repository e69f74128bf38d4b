"""Brings the dashboards of bi/superset/ into a running Superset.

Superset replaces what an earlier import made: the same again changes nothing.
"""

from __future__ import annotations

import http.cookiejar
import io
import json
import os
import sys
import urllib.error
import urllib.request
import uuid
import zipfile
from pathlib import Path
from typing import Any

import dbt_runs
import local_dbt
import superset_bundle
from local_dbt import Stopped
from sentences import printable
from superset_dashboards import DASHBOARDS, Dashboard


def archive(uri: str) -> bytes:
    """Return the bundle as a zip, as Superset takes it.

    Args:
        uri: of the database that holds the project's tables.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, value in superset_bundle.bundle(uri).items():
            file.writestr(f"cloudtrail_s3/{name}", superset_bundle.text(value))
    return content.getvalue()


class Superset:
    """A running Superset, and who is logged in."""

    def __init__(self, address: str, username: str, password: str) -> None:
        """Log in.

        Args:
            address: where Superset is, as http://127.0.0.1:8088.
            username: a user who may write databases, datasets and dashboards.
            password: the user's password.

        Raises:
            Stopped: there is no Superset, or it does not let the user in.
        """
        self.address = address.rstrip("/")
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        self.headers: dict[str, str] = {"Referer": self.address}
        told = self.ask(
            "/api/v1/security/login",
            {"username": username, "password": password, "provider": "db"},
        )
        self.headers["Authorization"] = f"Bearer {told['access_token']}"
        token = self.ask("/api/v1/security/csrf_token/")["result"]
        self.headers["X-CSRFToken"] = token

    def ask(self, path: str, value: Any = None) -> Any:
        """Return the answer to a request, which gets or, with a value, posts.

        Raises:
            Stopped: Superset does not answer, or refuses.
        """
        body = None if value is None else json.dumps(value).encode()
        return self.send(path, body, "application/json")

    def send(self, path: str, body: bytes | None, kind: str) -> Any:
        """Return the answer to a request with a body of some kind.

        Raises:
            Stopped: Superset does not answer, or refuses.
        """
        headers = {**self.headers, "Content-Type": kind}
        try:
            request = urllib.request.Request(self.address + path, body, headers)
            with self.opener.open(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")
            raise Stopped(
                f"Superset at {self.address} refuses ({error.code}): {reason(said)}"
            ) from error
        except (OSError, ValueError) as error:
            raise Stopped(
                f"No Superset answers at {self.address} ({error}): start one with"
                " make superset, or name yours with SUPERSET_URL=http://<host>:<port>."
            ) from error

    def place_of(self, dashboard: Dashboard) -> str:
        """Return a dashboard's address."""
        return f"{self.address}/superset/dashboard/{dashboard.slug}/"

    def upload(self, content: bytes) -> None:
        """Import a bundle, over what is there of it.

        Raises:
            Stopped: Superset refuses it.
        """
        border = uuid.uuid4().hex
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="bundle";'
            ' filename="cloudtrail_s3.zip"\r\n'
            "Content-Type: application/zip\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
        kind = f"multipart/form-data; boundary={border}"
        self.send("/api/v1/assets/import/", body, kind)


def reason(said: str) -> str:
    """Return what Superset says of a refusal, in a line."""
    try:
        told = json.loads(said)
    except ValueError:
        return " ".join(said.split())[:300]
    errors = told.get("errors") or [told]
    parts = []
    for error in errors:
        details = {k: v for k, v in error.get("extra", {}).items() if ".yaml" in k}
        parts.append(f"{error.get('message', '')} {json.dumps(details)}".strip(" {}"))
    return " ".join("; ".join(parts).split())[:1000]


def duckdb_uri(database: Path) -> str:
    """Return the URI of a DuckDB file, to be read only.

    Raises:
        Stopped: it has a question mark, which would end the path in a URI.
    """
    if "?" in str(database.absolute()):
        raise Stopped(f"The database {database} has a question mark in its path.")
    # The driver takes the path as it is, and decodes nothing.
    return f"duckdb:///{database.absolute()}?access_mode=read_only"


def wanted_uri() -> str:
    """Return the URI of the database to show.

    Raises:
        Stopped: it is a DuckDB file, and there is none.
    """
    uri = os.environ.get("SUPERSET_DATABASE_URI")
    if uri:
        return uri
    given = os.environ.get("CLOUDTRAIL_DUCKDB_PATH")
    if given:
        database = Path(dbt_runs.absolute(given))
    else:
        databases = (local_dbt.DATABASE, local_dbt.DEMO_DATABASE)
        database = next((file for file in databases if file.exists()), databases[0])
    if not database.is_file():
        raise Stopped(
            f"There is no database {database}: run make demo or make build first, or"
            " name another with CLOUDTRAIL_DUCKDB_PATH or SUPERSET_DATABASE_URI."
        )
    return duckdb_uri(database)


def main() -> int:
    """Import the dashboards into the Superset that the environment names."""
    try:
        uri = wanted_uri()
        superset = Superset(
            os.environ.get("SUPERSET_URL") or "http://127.0.0.1:8088",
            os.environ.get("SUPERSET_USERNAME") or "admin",
            os.environ.get("SUPERSET_PASSWORD") or "",
        )
        superset.upload(archive(uri))
    except Stopped as problem:
        print(printable(str(problem)), file=sys.stderr)
        return 1
    for dashboard in DASHBOARDS:
        print(f"{dashboard.title:28} {superset.place_of(dashboard)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
