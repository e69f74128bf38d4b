"""Writes the project's documentation as one page, from the demo's tables."""

from __future__ import annotations

import sys

import project
from sentences import sentence


def main() -> int:
    """Generate the page; the columns' types come from the demo's database."""
    project.prepare(project.DEMO_DATABASE, str(project.SAMPLE_LOGS))

    from dbt.cli.main import dbtRunner

    folder = project.ROOT / "target" / "docs"
    command = ["docs", "generate", "--static"]
    if not project.DEMO_DATABASE.exists():
        # make demo has not run yet: a page without the types.
        command.append("--empty-catalog")
    result = dbtRunner().invoke(project.arguments(*command, target_path=folder))
    if not result.success:
        print(sentence(str(result.exception), "logs/dbt.log"), file=sys.stderr)
        return 1
    print(folder / "static_index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
