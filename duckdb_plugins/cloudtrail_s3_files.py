"""A plugin of dbt-duckdb that lets DuckDB read ``s3://`` paths with s3fs.

Credentials and AWS_ENDPOINT_URL come from where every AWS SDK finds them
(environment, profile, SSO, the machine's role), the region from AWS_REGION too.

s3fs alone asks S3 for the same listing in every statement, and fails on a file
that is delivered between two of them. Here a listing is taken once in a dbt
command: all its statements see the bucket at the same moment.
"""

from __future__ import annotations

import logging
import os
import re
from fnmatch import fnmatchcase
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.invocation import get_invocation_id
from duckdb import DuckDBPyConnection
from fsspec.asyn import sync
from s3fs import S3FileSystem

# What is kept of a listed file: a bucket may hold millions.
KEPT = ("name", "type", "size", "LastModified", "ETag")
# What a pattern of all folders right below one ends in, and what stands before
# the pattern of names of files at any depth.
FOLDERS, TREE = "/*/", "/**/"


def unescaped(pattern: str) -> str:
    """Return the path that a pattern without wildcards matches."""
    return re.sub(r"\[([*?[])\]", r"\1", pattern)


class ListedS3FileSystem(S3FileSystem):
    """S3 as it was when the running dbt command first asked for a listing."""

    # Every connection has its own.
    cachable = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._command = ""
        self._listed: dict[str, list[str]] = {}
        self._files: dict[str, dict[str, Any]] = {}

    def glob(self, path: str) -> list[str]:
        """Return the files that match a pattern, or the folders below one."""
        if self._command != get_invocation_id():
            self._command = get_invocation_id()
            self._listed.clear()
            self._files.clear()
            self.invalidate_cache()
        if self._listed_file(path):
            return [self._strip_protocol(path)]
        if path not in self._listed:
            list_them = self._folders if path.endswith(FOLDERS) else self._matches
            self._listed[path] = list_them(path)
        return self._listed[path]

    def _folders(self, path: str) -> list[str]:
        folder = unescaped(path.removesuffix(FOLDERS))
        try:
            found = sync(self.loop, self._ls, folder, detail=True)
        except FileNotFoundError:
            return []
        return [known["name"] for known in found if known["type"] == "directory"]

    def _matches(self, path: str) -> list[str]:
        folder, is_tree, name = path.rpartition(TREE)
        if is_tree:
            found = self._tree(unescaped(folder), name)
        else:
            found = sync(self.loop, self._glob, path, detail=True)
        files = {
            path: {key: known.get(key) for key in KEPT}
            for path, known in found.items()
            if known["type"] == "file"
        }
        self._files.update(files)
        return list(files)

    def _tree(self, folder: str, name: str) -> dict[str, dict[str, Any]]:
        """Return the files below a folder, by a pattern of their names.

        s3fs's own pattern would overlook folders without a name, as in a//b.
        """
        found = sync(self.loop, self._find, folder, detail=True)
        # What it remembers of the folders below is not needed.
        self.invalidate_cache()
        above = folder.removeprefix("s3://") + "/"
        return {
            path: known
            for path, known in found.items()
            if path.startswith(above) and fnmatchcase(path.rpartition("/")[2], name)
        }

    def _listed_file(self, path: str) -> dict[str, Any] | None:
        return self._files.get(self._strip_protocol(path))

    async def _info(self, path: str, *args: Any, **options: Any) -> dict[str, Any]:
        return self._listed_file(path) or await super()._info(path, *args, **options)

    # DuckDB asks for these two of every file. s3fs would change the thread for
    # each answer, which takes four times as long.

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        """Return size and time; those of a listed file need no request."""
        return self._listed_file(path) or sync(self.loop, self._info, path, **options)

    def size(self, path: str) -> int:
        """Return the size."""
        return self.info(path)["size"]


class Plugin(BasePlugin):
    """Registers the filesystem with every connection that dbt opens."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Let a connection read ``s3://`` paths."""
        # What they warn of, they raise too.
        for name in ("aiobotocore", "botocore"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        region = os.environ.get("AWS_REGION")
        options = {"client_kwargs": {"region_name": region}} if region else {}
        conn.register_filesystem(ListedS3FileSystem(**options))
