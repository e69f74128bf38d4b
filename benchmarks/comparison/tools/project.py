"""This project: dbt builds its tables, DuckDB answers from them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
from task import Task, main

PROJECT = Path(__file__).resolve().parents[3]
TIME = "'%Y-%m-%dT%H:%M:%SZ'"


class Project:
    """The tables of this project."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.database = task.saved / "benchmark.duckdb"

    def load(self) -> None:
        """Build all tables."""
        saved = self.task.saved
        profiles = (PROJECT / "profiles.example.yml").read_bytes()
        (saved / "profiles.yml").write_bytes(profiles)
        command = [Path(sys.executable).with_name("dbt"), "build"]
        for kind in ("test", "unit_test"):
            command += ["--exclude-resource-type", kind]
        settings = {
            "CLOUDTRAIL_ROOT": self.task.logs,
            "CLOUDTRAIL_DUCKDB_PATH": self.database,
            "DBT_PROFILES_DIR": saved,
            "DBT_TARGET": "duckdb",
            "DBT_TARGET_PATH": saved / "target",
            "DBT_LOG_PATH": saved / "dbt_logs",
        }
        environment = {name: str(value) for name, value in settings.items()}
        subprocess.run(command, cwd=PROJECT, env=os.environ | environment, check=True)
        self.open()

    def open(self) -> None:
        """Open the database."""
        self.connection = duckdb.connect(str(self.database), read_only=True)

    def answer(self, name: str) -> None:
        """Write an answer from its table."""
        statement = {
            "sigv2_requesters": f"""
                select
                    requester, request_count, header_request_count,
                    presigned_request_count, bucket_count,
                    strftime(first_seen_at, {TIME}), strftime(last_seen_at, {TIME})
                from fct_s3_sigv2_requesters
            """,
            "object_access": f"""
                select
                    strftime(event_at, {TIME}), event_name, bucket_name, object_key,
                    requester, source_ip_address, user_agent, error_code
                from fct_s3_object_access
                where event_date = date '{self.task.day}'
            """,
            "anonymous_access": f"""
                select
                    strftime(event_at, {TIME}), event_name, object_key,
                    source_ip_address, user_agent, error_code
                from fct_s3_anonymous_access
                where bucket_name = '{self.task.bucket}'
            """,
            "activity": """
                select
                    event_date, bucket_name, requester, event_name,
                    sum(request_count)
                from fct_s3_activity_daily
                group by all
            """,
        }[name]
        file = self.task.answer(name)
        self.connection.sql(f"copy ({statement}) to '{file}' (header false)")

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


if __name__ == "__main__":
    main(Project)
