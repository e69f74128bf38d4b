"""The rules of dbt-bouncer.yml hold, fail what breaks them, and name exceptions."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from driver import PROJECT, Project

RULES = PROJECT / "dbt-bouncer.yml"


@pytest.fixture(scope="module")
def bouncer(programs: Callable[..., Path]) -> Path:
    """Return the linter, in an environment of its own."""
    return programs("bouncer", is_optional=True) / "dbt-bouncer"


@pytest.fixture(scope="module")
def manifest(project: Project) -> dict[str, Any]:
    """Return the project as dbt writes it for other tools."""
    assert project.manifest
    return project.manifest.writable_manifest().to_dict(omit_none=False)


@pytest.fixture
def findings(
    bouncer: Path, manifest: dict[str, Any], tmp_path: Path
) -> Callable[..., list[tuple[str, str]]]:
    """Return a function that returns what the linter finds, as rule and node."""

    def find(
        change: Callable[[dict[str, Any]], object] = lambda changed: None,
        rules: dict[str, Any] | None = None,
    ) -> list[tuple[str, str]]:
        changed = json.loads(json.dumps(manifest, default=str))
        change(changed)
        settings = rules or yaml.safe_load(RULES.read_text("utf-8"))
        settings = {**settings, "dbt_artifacts_dir": str(tmp_path)}
        (tmp_path / "manifest.json").write_text(json.dumps(changed), "utf-8")
        (tmp_path / "rules.yml").write_text(yaml.safe_dump(settings), "utf-8")
        told = tmp_path / "found.json"
        run = subprocess.run(
            [
                *(bouncer, "run", "--config-file", tmp_path / "rules.yml"),
                *("--output-format", "json", "--output-file", told),
            ],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )
        assert run.returncode in (0, 1), run.stdout + run.stderr
        found = [
            tuple(result["check_run_id"].split(":")[::2])
            for result in json.loads(told.read_text("utf-8"))
            if result["outcome"] != "success"
        ]
        assert run.returncode == bool(found)
        return found

    return find


def model(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a model of the manifest."""
    return manifest["nodes"][f"model.cloudtrail_s3.{name}"]


def test_the_project_keeps_the_rules(findings: Callable[..., list]) -> None:
    assert findings() == []


def rename(column: str, to: str, table: str) -> Callable[[dict[str, Any]], None]:
    """Return a change of a column's name."""

    def change(manifest: dict[str, Any]) -> None:
        columns = model(manifest, table)["columns"]
        columns[to] = {**columns.pop(column), "name": to}

    return change


def read_from(table: str, parent: str) -> Callable[[dict[str, Any]], None]:
    """Return a change of what a model reads."""
    return lambda manifest: model(manifest, table)["depends_on"]["nodes"].append(parent)


BREACHES: dict[str, tuple[Callable[[dict[str, Any]], Any], tuple[str, str]]] = {
    "a model's name": (
        lambda m: model(m, "fct_s3_new_access").update(name="new_access"),
        ("check_model_names", "fct_s3_new_access"),
    ),
    "a truth value's name": (
        rename("is_denied", "denied", "fct_s3_requests"),
        ("check_model_column_type_complies_to_column_name", "fct_s3_requests"),
    ),
    "a time's name": (
        rename("event_at", "event_time", "fct_s3_requests"),
        ("check_model_column_type_complies_to_column_name", "fct_s3_requests"),
    ),
    "a date's name": (
        rename("event_date", "day", "fct_s3_requests"),
        ("check_model_column_type_complies_to_column_name", "fct_s3_requests"),
    ),
    "a count's name": (
        rename("request_count", "requests", "fct_s3_activity_daily"),
        ("check_model_column_type_complies_to_column_name", "fct_s3_activity_daily"),
    ),
    "a text that is called a time": (
        rename("event_name", "named_at", "fct_s3_requests"),
        ("check_model_column_name_complies_to_column_type", "fct_s3_requests"),
    ),
    "no grain": (
        lambda m: model(m, "dim_s3_buckets").update(description="Buckets, all of them"),
        ("check_model_description_contains_regexp_pattern", "dim_s3_buckets"),
    ),
    "no description of a column": (
        lambda m: model(m, "int_s3_batch")["columns"]["event_at"].update(
            description=""
        ),
        ("check_model_column_description_populated", "int_s3_batch"),
    ),
    "no contract": (
        lambda m: model(m, "dim_s3_buckets").update(contract={"enforced": False}),
        ("check_model_contract_enforced_for_public_model", "dim_s3_buckets"),
    ),
    "a mart that is not public": (
        lambda m: model(m, "dim_s3_buckets").update(access="protected"),
        ("check_model_access", "dim_s3_buckets"),
    ),
    "a public table of the inside": (
        lambda m: model(m, "int_s3_batch").update(access="public"),
        ("check_model_access", "int_s3_batch"),
    ),
    "no test of a key": (
        lambda m: [
            m["nodes"].pop(name)
            for name, node in list(m["nodes"].items())
            if node.get("attached_node", "") == "model.cloudtrail_s3.dim_s3_buckets"
        ],
        ("check_model_has_unique_test", "dim_s3_buckets"),
    ),
    "no unit test": (
        lambda m: m["unit_tests"].clear(),
        ("check_model_has_unit_tests", "fct_s3_requests"),
    ),
    "a mart that reads the raw logs": (
        read_from("dim_s3_buckets", "source.cloudtrail_s3.cloudtrail.events"),
        ("check_lineage_source_cannot_be_used", "dim_s3_buckets"),
    ),
    "a decision that reads the requests": (
        read_from("fct_s3_acl_exit", "model.cloudtrail_s3.fct_s3_requests"),
        ("check_lineage_permitted_upstream_models", "fct_s3_acl_exit"),
    ),
    "a model that reads a later folder": (
        read_from("fct_s3_activity_daily", "model.cloudtrail_s3.dim_s3_buckets"),
        ("check_lineage_permitted_upstream_models", "fct_s3_activity_daily"),
    ),
    "a table that is named": (
        lambda m: model(m, "dim_s3_buckets").update(
            raw_code="select * from main.fct_s3_requests"
        ),
        ("check_model_hard_coded_references", "dim_s3_buckets"),
    ),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_what_breaks_a_rule_fails(
    breach: str, findings: Callable[..., list[tuple[str, str]]]
) -> None:
    change, expected = BREACHES[breach]
    found = findings(change)
    assert expected in found, found


def test_every_exception_has_a_reason_and_is_needed(
    findings: Callable[..., list[tuple[str, str]]],
) -> None:
    """Without it the linter finds what it leaves out."""
    lines = RULES.read_text("utf-8").splitlines()
    excluded = [n for n, line in enumerate(lines) if re.match(r" {6}- \^", line)]
    assert [lines[n] for n in excluded if "#" not in lines[n - 1]] == []
    checks = yaml.safe_load("\n".join(lines))["manifest_checks"]
    listed = sum(len(check.get("exclude", [])) for check in checks)
    assert listed == len(excluded)
    for check in checks:
        for path in check.get("exclude", []):
            kept = [other for other in check["exclude"] if other != path]
            wider = {key: check[key] for key in check if key != "exclude"}
            if kept:
                wider["exclude"] = kept
            found = findings(rules={"manifest_checks": [wider]})
            assert found, f"{check['name']}: nothing is left out by {path}"
