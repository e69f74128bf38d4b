"""What make's helpers share: where things are, VARS, and how dbt is called.

dbt runs here on the DuckDB outputs of profiles.example.yml, from a
copy below ``.venv``; a user's own profiles and dbt settings stay out of it.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ROOT / ".venv" / "profiles"
LOGS = ROOT / "logs"
DATABASE = ROOT / "cloudtrail_s3.duckdb"
DEMO_DATABASE = ROOT / "cloudtrail_s3_demo.duckdb"
SAMPLE_LOGS = ROOT / "samples" / "logs"
IS_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Stopped(Exception):
    """A command cannot go on; its text is the sentence to print."""


def day(
    name: str, text: str, first: date = date.min, last: date = date.max
) -> date | None:
    """Read the day of a setting, None where it is empty.

    Raises:
        Stopped: it is no day between the first and the last.
    """
    if not text:
        return None
    with suppress(ValueError):
        if IS_DAY.fullmatch(text) and first <= date.fromisoformat(text) <= last:
            return date.fromisoformat(text)
    raise Stopped(f"{name}: {text} is no day; write it as YYYY-MM-DD.")


def given_variables() -> tuple[str, dict[str, Any]]:
    """Return VARS as it was given, and the dictionary that it means.

    Raises:
        Stopped: it is no dictionary.
    """
    given = os.environ.get("VARS", "").strip() or "{}"
    try:
        meant = yaml.safe_load(given)
    except yaml.YAMLError:
        meant = None
    if not isinstance(meant, dict):
        raise Stopped(
            "VARS must be a dictionary in quotes, like"
            """ VARS='{"cloudtrail_regions": ["eu-west-1"]}'."""
        )
    return given, meant


def variables() -> dict[str, Any]:
    """Return all variables: those of dbt_project.yml below those of VARS.

    Raises:
        Stopped: VARS is no dictionary.
    """
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    _, given = given_variables()
    return {**project["vars"], **given}


def prepare(database: Path, cloudtrail_root: str) -> None:
    """Set this process up for dbt runs on a DuckDB file.

    dbt reads many settings from ``DBT_*`` variables; a user's own (a target,
    another profiles folder) are dropped here because they mean his projects.
    """
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    os.environ["CLOUDTRAIL_DUCKDB_PATH"] = str(database)
    os.environ["CLOUDTRAIL_ROOT"] = cloudtrail_root
    PROFILES.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "profiles.example.yml", PROFILES / "profiles.yml")


def arguments(
    *command: str,
    target_path: Path,
    target: str = "duckdb",
    profiles: Path = PROFILES,
    logs: Path = LOGS,
) -> list[str]:
    """Return the arguments of a dbt command that prints nothing of its own.

    dbt's full log goes to ``logs``/dbt.log; a callback of dbtRunner still sees
    every event, also what macros print.
    """
    return [
        "--log-level",
        "none",
        "--log-level-file",
        "debug",
        "--no-use-colors",
        "--log-path",
        str(logs),
        *command,
        "--project-dir",
        str(ROOT),
        "--profiles-dir",
        str(profiles),
        "--target",
        target,
        "--target-path",
        str(target_path),
    ]
