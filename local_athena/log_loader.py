"""Puts log files into the local S3, as the emulated input format reads them.

CloudTrail writes one JSON document with a list of records; AWS's input format
takes it apart. Here that happens once, when a file is loaded: under its own key lies
one record a line, each with its text as it was written, compressed if the file was.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any

# Beside the events lie CloudTrail's other kinds and other services' files, which
# the emulation does not show the engine.
EVENTS = re.compile(r"(^|.*/)AWSLogs/(.*/)?CloudTrail/|(?!(^|.*/)AWSLogs/)")
# The table's columns that are no strings.
STRUCTURES = {"useridentity", "resources", "addendum", "tlsdetails"}
BETWEEN = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')
BLANK = re.compile(r"[ \t\r\n]*")


def _skip(text: str, at: int) -> int:
    return BLANK.match(text, at).end()  # type: ignore[union-attr]


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield name, begin and end of each member of the object at a position."""
    decoder = JSONDecoder()
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        begin = _skip(text, _skip(text, at) + 1)
        _, end = decoder.raw_decode(text, begin)
        yield name, begin, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each item of the list at a position."""
    decoder = JSONDecoder()
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        yield at, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def records(text: str) -> Iterator[str]:
    """Yield the text of each record of a file, which may hold several documents.

    Raises:
        ValueError: it is no JSON.
    """
    decoder = JSONDecoder()
    at = _skip(text, 0)
    while at < len(text):
        _, document_end = decoder.raw_decode(text, at)
        if text[at] == "{":
            for name, begin, _ in _members(text, at):
                if name == "Records" and text[begin] == "[":
                    for first, last in _items(text, begin):
                        if text[first] == "{":
                            # Outside of texts, where JSON allows no line feed,
                            # a line feed is a blank.
                            yield re.sub(r"[\r\n]", " ", text[first:last])
                    break
        at = _skip(text, document_end)


def with_texts(record: str) -> str:
    """Return a record whose columns of type string are strings.

    The SerDe gives the JSON text of an object that such a column meets; the one that
    stands in for it keeps neither the text as written nor keys that differ in case.
    """
    parts = []
    for name, begin, end in _members(record, 0):
        value = record[begin:end]
        if value[0] in "{[" and name.lower() not in STRUCTURES:
            # Without the blanks between its parts, as a SerDe writes it.
            value = json.dumps(BETWEEN.sub(r"\1", value))
        parts.append(f"{json.dumps(name)}:{value}")
    return "{" + ",".join(parts) + "}"


def as_lines(content: bytes) -> bytes:
    """Return a file's records, one a line, compressed if it was.

    Raises:
        ValueError: it is damaged or no JSON.
        OSError: it is no whole gzip.
    """
    is_compressed = content[:2] == b"\x1f\x8b"
    plain = gzip.decompress(content) if is_compressed else content
    text = plain.decode("utf-8-sig")
    lines = "".join(with_texts(record) + "\n" for record in records(text)).encode()
    return gzip.compress(lines, mtime=0) if is_compressed else lines


def load(s3: Any, folder: Path, bucket: str, prefix: str) -> dict[str, int]:
    """Store the log files below a folder; return their keys and stored bytes.

    Args:
        s3: boto3's client.
        folder: where the files are; keys are the paths below it.
        bucket: an existing bucket.
        prefix: what comes before them.

    Raises:
        ValueError: a file is damaged: the emulation has no answer to it.
    """
    stored = {}
    for path in sorted(folder.rglob("*.json*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or not EVENTS.match(name):
            continue
        content = path.read_bytes()
        try:
            lines = as_lines(content) if content else b""
        except (ValueError, OSError, EOFError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} cannot be loaded: {error}") from error
        key = f"{prefix.strip('/')}/{name}".lstrip("/")
        s3.put_object(Bucket=bucket, Key=key, Body=lines)
        stored[key] = len(lines)
    return stored
