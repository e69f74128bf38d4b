"""Write the sample logs: some weeks of S3 requests of an invented bookshop.

`python3 samples/generate.py` removes and rewrites `logs/` and `CASES.md` beside
this file. The output depends on nothing but the scripts in this folder: every
chapter seeds its own random numbers, so that a change to one leaves the bytes of
the others alone.
The gzip bytes are those of zlib; another deflate library may pack the same text
differently.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from oddities import deliveries, earlier_years, files, odd_records, secrets
from story import ordinary_days, sigv2_clients, without_a_name
from trail import Logs
from variety import (
    deletions,
    relatives,
    transport,
    what_was_asked,
    which_client,
    who_asked,
)

HERE = Path(__file__).resolve().parent

CHAPTERS: list[tuple[str, Callable[[Logs], None]]] = [
    ("1. Ordinary days", ordinary_days),
    ("2. Clients that sign with SigV2", sigv2_clients),
    ("3. Without a name", without_a_name),
    ("4. Who asked", who_asked),
    ("5. Clients", which_client),
    ("6. What was asked", what_was_asked),
    ("7. S3's relatives and other partitions", relatives),
    ("8. Deletions", deletions),
    ("9. Transport", transport),
    ("10. Delivered twice, late, corrected", deliveries),
    ("11. Odd records", odd_records),
    ("12. Secrets", secrets),
    ("13. Earlier years", earlier_years),
    ("14. Files", files),
]


def main() -> None:
    """Rewrite the sample logs and the list of their cases."""
    logs = Logs()
    for title, chapter in CHAPTERS:
        logs.begin(title)
        chapter(logs)
    root = HERE / "logs"
    shutil.rmtree(root, ignore_errors=True)
    logs.write(root)
    (HERE / "CASES.md").write_bytes(logs.cases().encode())


if __name__ == "__main__":
    main()
