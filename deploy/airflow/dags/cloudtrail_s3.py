"""The Airflow DAG of the project: a task a table, by astronomer-cosmos.

A daily run asks how old the newest log is, loads the seeds, builds each table and
tests it before the next one is made from it, and prints the open findings. A run with
the parameters `start` and `end` loads these log days in chunks instead. README.md
beside this folder tells how to set it up.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, timedelta, timezone
from typing import Any

import cloudtrail_s3_settings
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException
from cosmos import DbtTaskGroup
from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import (
    InvocationMode,
    LoadMode,
    SeedRenderingBehavior,
    TestBehavior,
    TestIndirectSelection,
)
from cosmos.operators.local import (
    DbtBuildLocalOperator,
    DbtRunOperationLocalOperator,
    DbtSourceLocalOperator,
    DbtTestLocalOperator,
)

settings = cloudtrail_s3_settings.read()
if not settings.manifest.is_file():
    raise cloudtrail_s3_settings.Misconfigured(
        cloudtrail_s3_settings.what_is_not_parsed(settings)
    )

profile = ProfileConfig(
    profile_name=cloudtrail_s3_settings.PROFILE,
    target_name=settings.target,
    profiles_yml_filepath=settings.project / "profiles.yml",
)
dbt: dict[str, Any] = {
    "env": settings.environment_of_tasks,
    "append_env": True,
    "vars": settings.variables,
    # The project depends on no package.
    "install_deps": False,
}
# Of the tasks that stand alone; cosmos gives it to those that it makes.
alone: dict[str, Any] = {
    **dbt,
    "project_dir": settings.project,
    "profile_config": profile,
    "invocation_mode": InvocationMode.DBT_RUNNER,
    "emit_datasets": False,
}


@task.branch
def choose(params: dict[str, Any]) -> str:
    """Return the first task of what is to be done, once the parameters are checked."""
    wrong = cloudtrail_s3_settings.what_is_not_parsed(settings)
    if wrong:
        raise AirflowFailException(wrong)
    start, end = params["start"], params["end"]
    if not start and not end:
        return [*settings.before_seeds, "seeds"][0]
    if not start or not end:
        raise AirflowFailException("A backfill needs both start and end.")
    if date.fromisoformat(end) < date.fromisoformat(start):
        raise AirflowFailException(f"The end {end} is before the start {start}.")
    return "backfill"


with DAG(
    dag_id="cloudtrail_s3",
    description="S3 request analytics on AWS CloudTrail",
    doc_md=__doc__,
    schedule=settings.schedule,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    # Two runs would write the same tables.
    max_active_runs=1,
    max_active_tasks=settings.threads,
    default_args={
        "retries": settings.retries,
        "retry_delay": timedelta(seconds=settings.retry_seconds),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(hours=1),
        "on_failure_callback": cloudtrail_s3_settings.alert,
    },
    params={
        "start": Param(
            None,
            type=["null", "string"],
            format="date",
            description="First log day of a backfill. Empty: an ordinary run.",
        ),
        "end": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Last log day of a backfill, inclusive.",
        ),
        "days": Param(7, type="integer", minimum=1, description="Log days of a chunk."),
    },
    tags=["cloudtrail_s3", "dbt"],
):
    chosen = choose()
    backfill = BashOperator(
        task_id="backfill",
        bash_command='exec "$CLOUDTRAIL_PYTHON" scripts/backfill.py ',
        cwd=str(settings.project),
        env={
            **settings.environment,
            "CLOUDTRAIL_PYTHON": sys.executable,
            "VARS": json.dumps(settings.variables, default=str),
            "TARGET": settings.target,
            "START": "{{ params.start or '' }}",
            "END": "{{ params.end or '' }}",
            "DAYS": "{{ params.days }}",
            "DRY_RUN": "",
            "FULL_REFRESH": "",
        },
        append_env=True,
    )
    ordinary: list[Any] = [chosen]
    if "partitions" in settings.before_seeds:
        ordinary.append(
            DbtRunOperationLocalOperator(
                task_id="partitions", macro_name="cloudtrail_add_partitions", **alone
            )
        )
    if "freshness" in settings.before_seeds:
        ordinary.append(DbtSourceLocalOperator(task_id="freshness", **alone))
    seeds = DbtBuildLocalOperator(
        task_id="seeds", select=["resource_type:seed"], **alone
    )
    tables = DbtTaskGroup(
        group_id="tables",
        project_config=ProjectConfig(
            dbt_project_path=settings.project,
            manifest_path=settings.manifest,
            project_name=cloudtrail_s3_settings.PROFILE,
            install_dbt_deps=False,
        ),
        profile_config=profile,
        execution_config=ExecutionConfig(
            invocation_mode=InvocationMode.DBT_RUNNER,
            # A test of several tables runs after the last of them.
            test_indirect_selection=TestIndirectSelection.BUILDABLE,
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            test_behavior=TestBehavior.AFTER_EACH,
            exclude=["path:analyses"],
            # One task loads all of them.
            seed_rendering_behavior=SeedRenderingBehavior.NONE,
            emit_datasets=False,
        ),
        operator_args=dbt,
    )
    tests = DbtTestLocalOperator(
        task_id="tests_across_tables",
        select=cloudtrail_s3_settings.tests_across(settings.manifest),
        **alone,
    )
    findings = DbtRunOperationLocalOperator(
        task_id="findings",
        macro_name="cloudtrail_findings",
        # The same tables would fail it again.
        retries=0,
        trigger_rule="none_failed_min_one_success",
        **alone,
    )
    for one, other in zip(ordinary, [*ordinary[1:], seeds], strict=True):
        one >> other
    chosen >> backfill
    seeds >> tables >> tests >> findings
    backfill >> findings
