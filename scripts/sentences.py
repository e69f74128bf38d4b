"""Turns what DuckDB and dbt say when a run fails into one sentence.

A sentence names the thing that is wrong and what to do about it. The checks of
the project itself (macro ``cloudtrail_stop``) already write such a sentence;
it stands behind ``MARKER`` inside dbt's own error text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MARKER = "cloudtrail_s3: "

# Where the sentence of cloudtrail_stop ends inside dbt's text.
_STOP = re.compile(
    re.escape(MARKER) + r"(.*?)(?=\n\s*\n|\n\s*> (?:in|called by) macro|\Z)",
    re.DOTALL,
)

# What AWS says stands in {why}.
NO_CREDENTIALS = (
    "There are no AWS credentials ({why}): set AWS_PROFILE or AWS_ACCESS_KEY_ID and"
    " AWS_SECRET_ACCESS_KEY, or log in with aws sso login."
)
BAD_CREDENTIALS = (
    "AWS does not accept the credentials ({why}): renew them, or choose others with"
    " AWS_PROFILE."
)
NO_ANSWER = (
    "AWS does not answer ({why}): check the network, AWS_REGION and AWS_ENDPOINT_URL."
)
_LEAVE_OUT = "{leave_out}."
_UNKNOWN_IN_S3 = "The logs in S3 cannot be read: {why}."
_ANOTHER_DATABASE = "build another one with CLOUDTRAIL_DUCKDB_PATH=<file>."


class _Translation(NamedTuple):
    """What to look for in the text, and the sentence that it becomes.

    {path}, {name} (the path's last part) and {why} are the pattern's groups,
    {leave_out} tells how to leave the file out.
    """

    pattern: str
    sentence: str


def _python_error(classes: str, said: str = "") -> str:
    """Return the pattern of an error of s3fs inside DuckDB's text.

    Args:
        classes: pattern of the names of its class.
        said: pattern of what its text holds.
    """
    return (
        rf"(?:\n *|\bError )(?:{classes}): (?:\[Errno \d+\] )?"
        rf"(?P<why>[^\n]*{said}[^\n]*)"
    )


# The first one found wins. The texts are those of DuckDB 1.5 and 2.0.
_TRANSLATIONS = [
    _Translation(
        pattern=r'Could not set lock on file "(?P<path>[^"\n]+)": Conflicting'
        r" lock is held in (?P<why>[^\n]*?\(PID \d+\))",
        sentence="The database {path} is open in another process, {why}: close"
        " it there, or " + _ANOTHER_DATABASE,
    ),
    _Translation(
        pattern=r'(?:The file|Could not read from file) "(?P<path>[^"\n]+)"'
        r"(?: exists, but it|: Is a directory)",
        sentence="{path} is not a DuckDB database: remove it, or " + _ANOTHER_DATABASE,
    ),
    _Translation(
        pattern=r"Corrupt database file|database file with version number"
        r"|Could not read enough bytes from file",
        sentence="The database is damaged or was written by a newer DuckDB:"
        " remove it and build it anew, or " + _ANOTHER_DATABASE,
    ),
    _Translation(
        pattern=r'(?i:gzip)[^:\n]*: "?(?P<path>[^"\n]+?\.(?:json\.gz|json|gz))\b',
        sentence="The file {path} is damaged: replace or remove it, or " + _LEAVE_OUT,
    ),
    _Translation(
        pattern=r'Malformed JSON in file "(?P<path>[^"\n]+)"',
        sentence="The file {path} is damaged (what it holds is not JSON):"
        " replace or remove it, or " + _LEAVE_OUT,
    ),
    _Translation(
        pattern=r'maximum_object_size[^\n]*file "(?P<path>[^"\n]+)"',
        sentence="The file {path} holds a longer piece of JSON than CloudTrail"
        " writes: replace or remove it, or " + _LEAVE_OUT,
    ),
    _Translation(
        pattern=r"No space left on device|quota exceeded|max_temp_directory_size",
        sentence="The disk is full: free some space, or build the database on"
        " another disk with CLOUDTRAIL_DUCKDB_PATH=<file>, and run the same"
        " again.",
    ),
    _Translation(
        pattern=r"Out of Memory Error|MemoryError|std::bad_alloc",
        sentence="DuckDB needs more memory than it may use: raise memory_limit"
        " in profiles.example.yml, or load fewer days at a time with make"
        " backfill.",
    ),
    _Translation(
        pattern=r"install the required extension '(?P<name>\w+)",
        sentence="DuckDB could not download its extension {name}, which it"
        " needs for this: run the same where the network allows it, or copy the"
        " logs to a local folder.",
    ),
    _Translation(
        pattern=_python_error("FileNotFoundError", "bucket does not exist"),
        sentence="The S3 bucket that CLOUDTRAIL_ROOT names does not exist: check its"
        " name.",
    ),
    _Translation(
        pattern=r'Invalid bucket name "(?P<name>[^"\n]*)"',
        sentence="CLOUDTRAIL_ROOT names no S3 bucket (none can be called {name}):"
        " write it as s3://bucket/prefix.",
    ),
    _Translation(
        pattern=_python_error(r"\w+Error", "storage class"),
        sentence="Log files are archived ({why}): restore them, or read only later"
        " days with cloudtrail_start_date.",
    ),
    _Translation(
        pattern=_python_error(
            r"\w*Credential\w*Error|ProfileNotFound|\w*(?:SSO|Token|Login)\w*Error"
        ),
        sentence=NO_CREDENTIALS,
    ),
    _Translation(
        pattern=_python_error(
            r"\w+Error",
            "(?:token|Access Key Id|request signature|request time|current time)",
        ),
        sentence=BAD_CREDENTIALS,
    ),
    _Translation(
        pattern=_python_error("PermissionError"),
        sentence="AWS denies the logs ({why}): allow s3:ListBucket on the bucket and"
        " s3:GetObject on the log files to these credentials.",
    ),
    _Translation(
        pattern=r'connect to the endpoint URL: "(?P<why>\w+://[^/"\n]+)',
        sentence=NO_ANSWER,
    ),
    _Translation(
        pattern=_python_error(
            r"\w*(?:Connect|Timeout|SSL|HTTPClient|Disconnected|Payload)\w*"
        ),
        sentence=NO_ANSWER,
    ),
    _Translation(
        pattern=_python_error(r"\w+Error", "(?:endpoint|the region)"),
        sentence=NO_ANSWER,
    ),
    _Translation(
        pattern=_python_error("FileExpired|FileNotFoundError"),
        sentence="A log file changed while it was read ({why}): run the same again.",
    ),
    _Translation(
        pattern=r"Traceback \(most recent call last\):(?:.|\n)*?\n *"
        r"(?P<why>(?!File )[A-Za-z]\w*: [^\n]+)",
        sentence=_UNKNOWN_IN_S3,
    ),
    _Translation(
        pattern=_python_error(r"\w+Error") + r"\s*\n *At:\n",
        sentence=_UNKNOWN_IN_S3,
    ),
    _Translation(
        pattern=r"HTTP[^\n]*?(?P<path>(?:s3|https?)://[^\s'\"]+)",
        sentence="The logs at {path} could not be read: check the bucket's name,"
        " the region and the AWS credentials.",
    ),
    _Translation(
        pattern=r'No files found that match the pattern "(?P<path>[^"\n]+)"',
        sentence="{path} has gone while it was read: bring it back, or run the same"
        " again without it.",
    ),
    _Translation(
        pattern=r"(?:Cannot open|Could not write|Could not read from) file"
        r' "(?P<path>[^"\n]+\.(?:duckdb|db|wal|tmp)[^"\n]*)": (?P<why>[^\n]+)',
        sentence="The database {path} cannot be written ({why}): make it and its"
        " folder writable, or " + _ANOTHER_DATABASE,
    ),
    _Translation(
        pattern=r"(?:Cannot open|Could not read from) file"
        r' "(?P<path>[^"\n]+)": (?P<why>[^\n]+)',
        sentence="The file {path} cannot be read ({why}): make it readable and"
        " run the same again, or " + _LEAVE_OUT,
    ),
]


def stop_sentence(text: str) -> str | None:
    """Return the sentence of cloudtrail_stop that dbt's text holds, if any."""
    found = _STOP.search(text)
    if not found:
        return None
    said = " ".join(found[1].split())
    return said if said.endswith(".") else said + "."


def sentence(text: str, log: str) -> str:
    """Return one sentence for a failure of which dbt or DuckDB gives the text.

    Args:
        text: what they say, of any length.
        log: where the full log is, for what no translation knows.
    """
    return printable(_sentence(text, log))


def _sentence(text: str, log: str) -> str:
    stopped = stop_sentence(text)
    if stopped:
        return stopped
    for translation in _TRANSLATIONS:
        found = re.search(translation.pattern, text)
        if found:
            parts = found.groupdict()
            parts.setdefault("name", parts.get("path", "").rsplit("/", 1)[-1])
            parts["why"] = parts.get("why", "").rstrip(".")
            parts["leave_out"] = _leave_out(parts["name"])
            return translation.sentence.format(**parts)
    return f"The build failed: {first_line(text)} ({log} tells more)."


def _leave_out(name: str) -> str:
    """Tell how to leave a file out, as a command only where it can be pasted."""
    if not re.fullmatch(r"[\w.,:@%+=~() -]+", name):
        return "leave it out with the variable cloudtrail_excluded_files"
    return f"""leave it out with VARS='{{"cloudtrail_excluded_files": ["{name}"]}}'"""


def first_line(text: str) -> str:
    """Return the first line that says what went wrong, cut to 300 characters."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # "Runtime Error in model x (path)" only says where.
    heading = re.compile(r"\w+ Error( in \w+ .*)?")
    said = [line for line in lines if not heading.fullmatch(line)] or lines
    line = said[0] if said else "dbt gave no reason"
    return (line if len(line) <= 300 else line[:299] + "…").rstrip(".")


def printable(text: str) -> str:
    """Return a text in which nothing can change what a screen looks like."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
