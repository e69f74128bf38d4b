"""Rules, findings and costs: complete, printed for people, an alert for schedules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hostile
import pytest
import rule_book
from driver import PROJECT, SAMPLES, Project, Run, Warehouse

RULES = sorted(
    file.stem.removeprefix("int_s3_rule_")
    for file in (PROJECT / "models/decisions/findings/rules").glob("*.sql")
)


# Rules


def test_rules_are_complete(project: Project) -> None:
    """Each says everything, is named as its file, and cites AWS."""
    rules = rule_book.rules(project.manifest)
    assert sorted(rule["id"] for rule in rules) == RULES
    for rule in rules:
        assert set(rule) == {
            *("id", "title", "severity", "rationale", "remedy", "source")
        }
        assert all(rule.values()), rule
        assert rule["source"].startswith("https://docs.aws.amazon.com/"), rule
        assert rule["rationale"].endswith(".") and rule["remedy"].endswith("."), rule


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_fires_and_stays_silent_in_a_unit_test(
    rule: str, project: Project
) -> None:
    of_rule = {
        test.name: test
        for test in project.manifest.unit_tests.values()
        if test.model == f"int_s3_rule_{rule}"
    }
    assert of_rule[f"test_{rule}_fires"].expect.rows
    assert of_rule[f"test_{rule}_stays_silent"].expect.rows == []
    assert any(given.rows for given in of_rule[f"test_{rule}_stays_silent"].given)


def test_each_rule_is_read(project: Project) -> None:
    evidence = project.manifest.nodes["model.cloudtrail_s3.int_s3_evidence"]
    assert sorted(evidence.depends_on.nodes) == [
        f"model.cloudtrail_s3.int_s3_rule_{rule}" for rule in RULES
    ]


def test_the_rule_book_is_what_the_rules_say(project: Project) -> None:
    written = rule_book.PATH.read_text("utf-8")
    assert written == rule_book.book(project.manifest), "run make docs-dictionary"


# Findings


def test_findings_of_the_sample_logs(samples: Warehouse) -> None:
    """The story's cases are found, with their requester and bucket."""
    found = {
        (row["rule_id"], row["bucket_name"], row["requester"])
        for row in samples.rows("fct_s3_findings")
    }
    user = "arn:aws:iam::111122223333:user"
    role = "arn:aws:iam::111122223333:role"
    assert {
        ("sigv2_header", "harbor-backups", f"{user}/backup-nightly"),
        ("old_tls", "harbor-backups", f"{user}/backup-nightly"),
        ("acl_use", "harbor-invoices", f"{user}/invoice-printer"),
        ("sigv2_presigned", "harbor-partner-exports", f"{role}/export-signer"),
        ("plain_http", "harbor-assets", f"{user}/kiosk"),
        ("anonymous_list", "harbor-website", None),
        ("anonymous_read", "harbor-website", None),
    } <= found


def findings(warehouse: Warehouse, variables: Any = None, **arguments: Any) -> Run:
    """Run the operation that prints them."""
    return warehouse.project.invoke(
        "run-operation",
        "cloudtrail_findings",
        "--args",
        json.dumps(arguments),
        database=warehouse.path,
        variables=variables or {},
        root=warehouse.root,
    )


def test_findings_are_printed_the_worst_first(samples: Warehouse) -> None:
    run = findings(samples, limit=1000)
    assert run.success, run.error
    severities = [
        line.split()[0] for line in run.printed if not line.startswith((" ", "and "))
    ]
    order = list(rule_book.SEVERITIES)
    assert severities == sorted(severities, key=order.index)
    open_findings = samples.query(
        "select count(*) as n from fct_s3_findings where status != 'quiet'"
    )
    assert len(severities) == open_findings[0]["n"]
    assert "backup-nightly" in "\n".join(run.printed)


def test_fewer_findings_are_printed_if_asked(samples: Warehouse) -> None:
    run = findings(samples, limit=2, min_severity="high")
    heads = [line for line in run.printed if not line.startswith((" ", "and "))]
    assert len(heads) == 2
    assert re.fullmatch(r"and \d+ more: fct_s3_findings", run.printed[-1])


def test_a_schedule_fails_on_severe_findings(samples: Warehouse) -> None:
    run = findings(samples, {"cloudtrail_fail_on_severity": "high"})
    assert not run.success
    assert re.search(r"\d+ open findings of severity critical, high", run.error)
    assert run.printed, "what fails is printed before"


def test_a_schedule_goes_on_without_severe_findings(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    hostile.write(tmp_path / "a.json", hostile.envelope([hostile.plain_record()]))
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    run = findings(warehouse, {"cloudtrail_fail_on_severity": "critical"})
    assert run.success, run.error


def test_findings_of_no_logs(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text('{"Records": []}')
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    assert findings(warehouse).printed == ["No open finding."]


def test_the_wall_clock_changes_nothing(
    samples: Warehouse, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Tables of decisions are the same in another run over the same files."""
    decisions = samples.project.decisions()
    assert len(decisions) > 10
    again = new_warehouse(SAMPLES)
    again.load(decisions=True)
    again.load(decisions=True)
    for table in decisions:
        assert sorted(map(repr, again.rows(table))) == sorted(
            map(repr, samples.rows(table))
        ), table


# Costs


def result(name: str, **response: Any) -> dict[str, Any]:
    """Return what run_results.json holds of a node."""
    return {
        "unique_id": f"model.cloudtrail_s3.{name}",
        "adapter_response": response,
        "execution_time": 1.25,
    }


SCANNED = [
    result("a_test", data_scanned_in_bytes=250_000_000_000),
    # What dbt-athena answers for a table.
    result("a_table", _message='{"rowcount":1,"data_scanned_in_bytes":750000000000}'),
    result("a_view", _message="OK"),
]


def cost_report(project: Project, results: Any, **variables: Any) -> Run:
    """Run the operation."""
    return project.invoke(
        "run-operation",
        "cloudtrail_cost_report",
        "--args",
        json.dumps({"results": results}),
        database=project.seeds,
        variables={f"cloudtrail_{name}": value for name, value in variables.items()},
    )


def test_costs_are_those_of_the_bytes_scanned(project: Project) -> None:
    run = cost_report(project, SCANNED, price_per_tb="6.25")
    assert run.success, run.error
    assert "1,000,000,000,000 bytes in 3 nodes: 6.2500 at 6.2500" in run.printed[0]
    assert run.printed[1].startswith("1 nodes do not tell")
    table = [line.split() for line in run.printed[3:]]
    assert table == [
        ["a_table", "750,000,000,000", "4.6875", "1.2"],
        ["a_test", "250,000,000,000", "1.5625", "1.2"],
    ]


@pytest.mark.parametrize(("budget", "fails"), [(0, False), (5, False), (4.99, True)])
def test_a_budget_fails_the_run(budget: float, fails: bool, project: Project) -> None:
    run = cost_report(project, SCANNED, cost_budget=budget)
    assert run.success is not fails
    if fails:
        assert "5.0000, more than cloudtrail_cost_budget (4.9900)" in run.error


def test_the_report_needs_results(project: Project) -> None:
    assert "make cost-report" in cost_report(project, None).error


def test_the_command_reads_the_results_of_dbt(tmp_path: Path) -> None:
    """As make calls it; a file that is none of dbt's is refused."""
    file = tmp_path / "run_results.json"

    def command() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, PROJECT / "scripts" / "cost_report.py"],
            env={"PATH": "", "RUN_RESULTS": str(file), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert "run dbt build first" in command().stderr
    file.write_text("[]")
    assert "is no run_results.json of dbt" in command().stderr
    file.write_text(json.dumps({"results": SCANNED}))
    done = command()
    assert done.returncode == 0, done.stderr
    assert "Scanned 1,000,000,000,000 bytes" in done.stdout
