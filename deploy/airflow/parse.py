"""Parses the project for the DAG, which makes its tasks of the result.

    python deploy/airflow/parse.py

Run it with Airflow's Python and the DAG's settings, once and after every change of the
project or of a setting; a run that finds it was left out stops.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner

sys.path.insert(0, str(Path(__file__).resolve().parent / "dags"))

import cloudtrail_s3_settings


def main() -> int:
    """Parse, and return the exit code."""
    try:
        settings = cloudtrail_s3_settings.read()
    except cloudtrail_s3_settings.Misconfigured as error:
        print(error, file=sys.stderr)
        return 1
    os.environ.update(settings.environment)
    # Parsed from nothing, so that the file is as new as what it was made from.
    result = dbtRunner().invoke(
        [
            "--no-partial-parse",
            "--log-path",
            str(settings.parsed / "logs"),
            "parse",
            "--vars",
            yaml.safe_dump(settings.variables),
            "--project-dir",
            str(settings.project),
            "--profiles-dir",
            str(settings.project),
            # cosmos names it too; it is part of what must be the same.
            "--profile",
            cloudtrail_s3_settings.PROFILE,
            "--target",
            settings.target,
            "--target-path",
            str(settings.parsed),
        ]
    )
    if not result.success:
        print(result.exception or "The project does not parse.", file=sys.stderr)
        return 1
    beside = settings.parsed / cloudtrail_s3_settings.SETTINGS
    beside.write_text(settings.fingerprint, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
