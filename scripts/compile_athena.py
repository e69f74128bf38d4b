"""Compiles every model and analysis for Athena without a cloud.

moto answers the calls that dbt makes to AWS. The SQL is written below
``target/athena/compiled``; ``compile_athena`` can be used by tests.

    compile_athena.py [--vars '{…}']
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import project
from sentences import sentence

TARGET_PATH = project.ROOT / "target" / "athena"
COMPILED = TARGET_PATH / "compiled" / "cloudtrail_s3"

# Nothing of this exists: names of the right form.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "ATHENA_S3_STAGING_DIR": "s3://example-results/staging/",
    "ATHENA_S3_DATA_DIR": "s3://example-results/tables/",
}
VARIABLES = (
    "{cloudtrail_start_date: 2026-05-01, cloudtrail_end_date: 2026-05-14,"
    " cloudtrail_account_ids: ['111122223333'],"
    " cloudtrail_regions: [us-east-1, eu-west-1]}"
)


def compile_athena(
    variables: str = VARIABLES,
    target_path: Path = TARGET_PATH,
    command: tuple[str, ...] = ("compile",),
) -> None:
    """Run a dbt command on the athena target, AWS being moto.

    Args:
        variables: what ``--vars`` gets.
        target_path: where dbt writes, ``compiled`` among it.
        command: the command and its own options.

    Raises:
        RuntimeError: dbt did not succeed; the text is dbt's.
    """
    project.prepare(project.DATABASE, "s3://example-logs")
    for name in [name for name in os.environ if name.startswith(("AWS_", "ATHENA_"))]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)

    from dbt.cli.main import dbtRunner
    from moto import mock_aws

    with mock_aws():
        result = dbtRunner().invoke(
            project.arguments(
                *command, "--vars", variables, target="athena", target_path=target_path
            )
        )
    if not result.success:
        texts = [str(result.exception or "")]
        texts += [r.message or "" for r in getattr(result.result, "results", [])]
        raise RuntimeError("\n".join(text for text in texts if text))


def main() -> int:
    """Compile for lint."""
    try:
        compile_athena()
    except RuntimeError as error:
        print(sentence(str(error), "logs/dbt.log"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
