"""The text of docs/rules.md, from what the rules say of themselves."""

from __future__ import annotations

from typing import Any

import local_dbt

PATH = local_dbt.ROOT / "docs" / "rules.md"
SEVERITIES = ("critical", "high", "medium", "low", "info")

INTRODUCTION = """\
# Rules

<!-- Written by `make docs-dictionary` from models/decisions/findings/rules.
Change the rules there. -->

What `fct_s3_findings` looks for. Each rule is one file in
[models/decisions/findings/rules](../models/decisions/findings/rules), with unit tests
that show it firing and staying silent beside its case. A finding is *open* while its
evidence is recent, *quiet* after `cloudtrail_quiet_days` days without, *regressed* if
it came back after as many; days count back from the last complete day loaded. The
findings of `new_access` go when the access is no longer new.
"""


def rules(manifest: Any) -> list[dict[str, str]]:
    """Return the rules, the most severe first."""
    found = [
        node.config.meta["cloudtrail_rule"]
        for node in manifest.nodes.values()
        if node.resource_type == "model" and "cloudtrail_rule" in node.config.meta
    ]
    return sorted(
        found, key=lambda rule: (SEVERITIES.index(rule["severity"]), rule["id"])
    )


def section(rule: dict[str, str]) -> str:
    """Return the section on one rule."""
    file = f"../models/decisions/findings/rules/int_s3_rule_{rule['id']}.sql"
    return "\n".join(
        [
            f"## {rule['id']}",
            "",
            f"**{rule['title']}** ({rule['severity']}, [SQL]({file}))",
            "",
            f"- Why: {rule['rationale']}",
            f"- What to do: {rule['remedy']}",
            f"- Source: <{rule['source']}>",
            "",
        ]
    )


def book(manifest: Any) -> str:
    """Return the text.

    Args:
        manifest: what dbt knows of the project once it is parsed.
    """
    found = rules(manifest)
    table = ["| rule | severity | finds |", "|---|---|---|"]
    table += [
        f"| [{rule['id']}](#{rule['id']}) | {rule['severity']} | {rule['title']} |"
        for rule in found
    ]
    return "\n".join([INTRODUCTION, *table, "", *map(section, found)])
