"""Writes docs/data-dictionary.md from the models' YAML, and docs/rules.md."""

from __future__ import annotations

import re
import sys
from typing import Any

import local_dbt
import rule_book
import yaml
from sentences import sentence

PATH = local_dbt.ROOT / "docs" / "data-dictionary.md"
PACKAGE = "cloudtrail_s3"

INTRODUCTION = """\
# Data dictionary

<!-- Written by `make docs-dictionary` from the YAML beside the models and
seeds. Change the descriptions there. -->

Times are UTC. The column *null* says when a value is null. Public tables keep
their names and columns within a major version.
"""

CHAPTERS = {
    "Public tables": "",
    "Catalogues": "Seeds that the rules read, and that you can join to.\n",
    "Inside the pipeline": (
        "How they work together: [architecture](architecture.md). They may change at\n"
        "any time.\n"
    ),
}

# The clause of a description that tells when a value is null. It ends at a stop
# that is not inside a number.
_NULL = re.compile(
    r"(?:^|[.;,] )(?P<clause>(?:never |else )?null\b(?:[^.;]|[.;](?=\S))*)[.;]",
    re.IGNORECASE,
)


def one_line(text: str) -> str:
    """Return a text as it can stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def split_description(text: str) -> tuple[str, str]:
    """Return when a value is null, and what else a description says.

    The first is empty where the description does not speak of null.
    """
    said = one_line(text)
    found = _NULL.search(said)
    if not found:
        return "", said
    clause = found["clause"]
    if clause.lower() == "never null":
        when = "never"
    else:
        when = re.sub(r"^(else )?null( means|:)? ?", "", clause, flags=re.IGNORECASE)
    before = said[: found.start()]
    rest = said[found.end() :].strip()
    meaning = " ".join(filter(None, [before and f"{before}.", rest]))
    return when or "otherwise", meaning


def when_null(node: Any, column: Any) -> str:
    """Return when a column of a table is null.

    Where a public table or a catalogue does not say it, it never is.
    """
    when = split_description(column.description)[0]
    return when or ("" if chapter_of(node) == "Inside the pipeline" else "never")


def is_described(node: Any) -> bool:
    """Tell whether a node is a table that the dictionary describes.

    The rules of findings are none: the rule book describes them.
    """
    return (
        node.package_name == PACKAGE
        and node.resource_type in ("model", "seed")
        and node.config.materialized != "ephemeral"
    )


def chapter_of(node: Any) -> str:
    """Return the heading that a table stands under."""
    if node.resource_type == "seed":
        return "Catalogues"
    public = str(getattr(node, "access", "")) == "public"
    return "Public tables" if public else "Inside the pipeline"


def type_of(node: Any, column: Any) -> str:
    """Return a column's type, nothing if the YAML does not say it."""
    types = getattr(node.config, "column_types", {})
    return column.data_type or types.get(column.name, "")


def section(node: Any) -> str:
    """Return the section on one table."""
    lines = [
        f"### {node.name}",
        "",
        one_line(node.description),
        "",
        "| column | type | null | meaning |",
        "|---|---|---|---|",
    ]
    for column in node.columns.values():
        cells = [
            f"`{column.name}`",
            type_of(node, column),
            when_null(node, column),
            split_description(column.description)[1],
        ]
        lines.append(re.sub(" +", " ", f"| {' | '.join(cells)} |"))
    return "\n".join(lines) + "\n"


def described_names() -> list[str]:
    """Return the tables' names in the order of the YAML."""
    return [
        entry["name"]
        for folder in ("models", "seeds")
        for file in sorted((local_dbt.ROOT / folder).rglob("*.yml"))
        for entry in yaml.safe_load(file.read_text("utf-8")).get(folder, [])
    ]


def dictionary(manifest: Any) -> str:
    """Return the text of the dictionary.

    Args:
        manifest: what dbt knows of the project once it is parsed.
    """
    nodes = [node for node in manifest.nodes.values() if is_described(node)]
    places = {place: number for number, place in enumerate(described_names())}
    nodes.sort(key=lambda node: places.get(node.name, len(places)))
    parts = [INTRODUCTION]
    for chapter, text in CHAPTERS.items():
        parts += [f"## {chapter}\n", text]
        parts += [section(node) for node in nodes if chapter_of(node) == chapter]
    return "\n".join(part for part in parts if part)


def main() -> int:
    """Parse the project and write both."""
    local_dbt.prepare(local_dbt.DATABASE, str(local_dbt.SAMPLE_LOGS))

    from dbt.cli.main import dbtRunner

    target_path = local_dbt.ROOT / "target" / "docs"
    result = dbtRunner().invoke(local_dbt.arguments("parse", target_path=target_path))
    if not result.success:
        print(sentence(str(result.exception), "logs/dbt.log"), file=sys.stderr)
        return 1
    texts = {PATH: dictionary, rule_book.PATH: rule_book.book}
    for path, text in texts.items():
        path.write_text(text(result.result), "utf-8")
        print(path.relative_to(local_dbt.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
