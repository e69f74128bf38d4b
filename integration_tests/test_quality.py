"""The project keeps its own promises: documented, consistent, free of warnings."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import compile_athena
import local_dbt
import pytest
import yaml
from checkouts import tracked_files
from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas
from driver import PROJECT, SAMPLES, Project, Warehouse
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PACKAGE = "cloudtrail_s3"
# Keys of the Athena adapter that dbt's own list of known keys lacks.
ATHENA_KEYS = ["format", "partitioned_by", "s3_data_naming", "write_compression"]


def text_of(pattern: str) -> dict[str, str]:
    """Return the texts of the checkout's files that match a glob, by path."""
    return {
        str(file.relative_to(PROJECT)): file.read_text("utf-8")
        for file in sorted(PROJECT.glob(pattern))
    }


def project_yml() -> dict[str, Any]:
    """Return dbt_project.yml."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))


def pins(name: str) -> dict[str, set[str]]:
    """Return the pinned versions of every package in a requirements file."""
    found: dict[str, set[str]] = {}
    text = (PROJECT / "requirements" / name).read_text("utf-8")
    for line in text.splitlines():
        if re.match(r"[a-z0-9]", line, re.IGNORECASE):
            pin = Requirement(line.rstrip(" \\"))
            found.setdefault(pin.name, set()).add(str(pin.specifier))
    return found


def ranges(name: str) -> dict[str, SpecifierSet]:
    """Return the ranges of a requirements file that is not resolved."""
    text = (PROJECT / "requirements" / name).read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
    return {Requirement(line).name: Requirement(line).specifier for line in lines}


# dbt


@pytest.fixture
def every_deprecation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dbt check our keys, which it skips for these adapters."""
    monkeypatch.delenv("CLOUDTRAIL_DUCKDB_PATH", raising=False)
    adapters = jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS
    monkeypatch.setattr(
        jsonschemas, "_JSONSCHEMA_SUPPORTED_ADAPTERS", {*adapters, "duckdb", "athena"}
    )
    for adapter in ("duckdb", "athena"):
        monkeypatch.setitem(
            jsonschemas._ADAPTER_TO_CONFIG_ALIASES, adapter, ATHENA_KEYS
        )


@pytest.mark.parametrize("target", ["duckdb", "athena"])
def test_dbt_finds_nothing_to_warn_about(
    target: str, tmp_path: Path, every_deprecation: None
) -> None:
    warnings = []

    def note(event: Any) -> None:
        if event.info.level in ("warn", "error") or event.info.name.endswith(
            "Deprecation"
        ):
            warnings.append(event.info.msg)

    (tmp_path / "profiles.yml").write_text(
        (PROJECT / "profiles.example.yml").read_text("utf-8"), "utf-8"
    )
    command = local_dbt.arguments(
        "parse",
        "--no-partial-parse",
        "--show-all-deprecations",
        target=target,
        target_path=tmp_path / "target",
        profiles=tmp_path,
        logs=tmp_path / "logs",
    )
    with compile_athena.offline_athena():
        result = dbtRunner(callbacks=[note]).invoke(command)
    assert result.success, result.exception
    assert warnings == []


def test_the_gate_for_deprecations_sees_one(
    tmp_path: Path, every_deprecation: None
) -> None:
    (tmp_path / "dbt_project.yml").write_text(
        "name: stale\nprofile: cloudtrail_s3\n"
        "models:\n  stale:\n    materialized: view\n"
    )
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.sql").write_text("select 1 as a")
    (tmp_path / "models" / "a.yml").write_text(
        "models:\n  - name: a\n    meta: {owner: nobody}\n"
    )
    seen = []
    result = dbtRunner(callbacks=[lambda event: seen.append(event.info.name)]).invoke(
        [
            "--log-level",
            "none",
            "parse",
            "--show-all-deprecations",
            "--project-dir",
            str(tmp_path),
            "--profiles-dir",
            str(profiles_in(tmp_path)),
            "--log-path",
            str(tmp_path / "logs"),
        ]
    )
    assert result.success, result.exception
    assert "PropertyMovedToConfigDeprecation" in seen
    assert "MissingPlusPrefixDeprecation" in seen


def profiles_in(folder: Path) -> Path:
    """Write the example profile into a folder and return that."""
    profile = (PROJECT / "profiles.example.yml").read_text("utf-8")
    (folder / "profiles.yml").write_text(profile, "utf-8")
    return folder


@pytest.fixture(scope="module")
def built(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Build everything on the sample logs, with the tests of dbt."""
    warehouse = new_warehouse(SAMPLES)
    run = warehouse.run(command="build", decisions=True)
    assert run.success, run.error
    unit_tests = {test.name for test in warehouse.project.manifest.unit_tests.values()}
    assert unit_tests, "there are no unit tests"
    assert unit_tests <= set(run.statuses), "unit tests did not run"
    return warehouse


# Documentation


def ours(project: Project, kind: str) -> dict[str, Any]:
    """Return the project's own nodes of a kind, by name."""
    manifest = project.manifest
    assert manifest
    if kind == "macro":
        nodes = manifest.macros.values()
    elif kind == "source":
        nodes = manifest.sources.values()
    else:
        nodes = [n for n in manifest.nodes.values() if n.resource_type == kind]
    return {node.name: node for node in nodes if node.package_name == PACKAGE}


@pytest.mark.parametrize("kind", ["model", "seed", "analysis", "source"])
def test_every_node_is_described(project: Project, kind: str) -> None:
    found = ours(project, kind)
    assert found
    assert [name for name, node in found.items() if not node.description] == []


def test_every_test_of_data_is_described(project: Project) -> None:
    """A build that a test stops shows its description."""
    singular = {
        name: node
        for name, node in ours(project, "test").items()
        if getattr(node, "test_metadata", None) is None
    }
    assert singular
    assert [name for name, node in singular.items() if not node.description] == []


def test_every_column_is_described(project: Project, built: Warehouse) -> None:
    tables = {**ours(project, "model"), **ours(project, "seed")}
    differences = {}
    for name, node in tables.items():
        rows = built.query(
            "select column_name from information_schema.columns"
            f" where table_schema = 'main' and table_name = '{name}'"
        )
        actual = [row["column_name"] for row in rows]
        described = [c.name for c in node.columns.values() if c.description]
        if sorted(actual) != sorted(described):
            differences[name] = {
                "not described": sorted(set(actual) - set(described)),
                "not there": sorted(set(described) - set(actual)),
            }
    assert differences == {}


def test_columns_stand_in_the_order_of_their_description(
    project: Project, built: Warehouse
) -> None:
    for name, node in ours(project, "model").items():
        if node.config.contract.enforced:
            rows = built.query(
                "select column_name from information_schema.columns"
                f" where table_schema = 'main' and table_name = '{name}'"
                " order by ordinal_position"
            )
            assert [row["column_name"] for row in rows] == list(node.columns), name


def test_every_mart_has_a_contract_and_types(project: Project) -> None:
    marts = {
        name: node
        for name, node in ours(project, "model").items()
        if name.startswith(("fct_", "dim_"))
    }
    assert marts
    for name, node in marts.items():
        assert node.config.contract.enforced, name
        assert all(column.data_type for column in node.columns.values()), name


def test_seeds_hold_the_columns_that_are_described(project: Project) -> None:
    for name, node in ours(project, "seed").items():
        with (PROJECT / node.original_file_path).open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        assert header == list(node.columns), name


def documented_macros() -> dict[str, dict[str, Any]]:
    """Return what the property files say about macros and generic tests."""
    found = {}
    for pattern in ("macros/**/*.yml", "tests/generic/*.yml"):
        for text in text_of(pattern).values():
            for macro in yaml.safe_load(text).get("macros", []):
                found[macro["name"]] = macro
    return found


def test_every_macro_is_documented_with_its_arguments(project: Project) -> None:
    documented = documented_macros()
    missing = []
    for name, macro in ours(project, "macro").items():
        # What an engine's own variant takes stands with the common name.
        if "__" in name and name.split("__", 1)[1] in ours(project, "macro"):
            continue
        entry = documented.get(name)
        signature = re.search(
            r"{%-?\s*(?:macro|test)\s+\w+\((.*?)\)\s*-?%}", macro.macro_sql, re.DOTALL
        )
        # A materialization or a strategy that dbt calls has dbt's signature.
        names = re.findall(
            r"(\w+)\s*(?:=[^,]*)?(?:,|$)", signature[1].strip() if signature else ""
        )
        if not entry or not entry.get("description"):
            missing.append(name)
            continue
        if name.startswith("test_"):
            # dbt passes the first two; its check of arguments knows no tests, so
            # that theirs are told in the description.
            told = [
                "model",
                "column_name",
                *re.findall(r"`(\w+)`", entry["description"]),
            ]
            missing += [f"{name}: {given}" for given in names if given not in told]
            continue
        arguments = entry.get("arguments", [])
        if [argument["name"] for argument in arguments] != names:
            missing.append(f"{name}: arguments {names}")
        missing += [
            f"{name}: {argument['name']}"
            for argument in arguments
            if not (argument.get("type") and argument.get("description"))
        ]
    assert missing == []


def test_no_macro_is_documented_that_is_not_there(project: Project) -> None:
    assert set(documented_macros()) - set(ours(project, "macro")) == set()


def test_names_that_dbt_shares_among_packages_carry_a_prefix(
    project: Project,
) -> None:
    names = [
        re.sub(r"^(test_|materialization_|duckdb__|athena__|default__)", "", name)
        for name in [*ours(project, "macro"), *ours(project, "seed")]
    ]
    # The names by which dbt finds a strategy or a cast of unit tests are dbt's.
    foreign = ("get_incremental_", "safe_cast")
    names = [name for name in names if not name.startswith(foreign)]
    assert [name for name in names if not name.startswith("cloudtrail_")] == []


# Variables


def variables_read() -> set[str]:
    """Return the names of the variables that SQL and YAML read."""
    reading = re.compile(r"\b(?:var|cloudtrail_var_\w+)\(\s*[\"'](\w+)[\"']")
    texts: dict[str, str] = {}
    for folder in ("models", "macros", "tests", "analyses", "seeds"):
        texts |= text_of(f"{folder}/**/*.sql") | text_of(f"{folder}/**/*.yml")
    return {name for text in texts.values() for name in reading.findall(text)}


def test_every_variable_is_declared_and_read() -> None:
    assert set(project_yml()["vars"]) == variables_read()


def test_every_variable_is_explained_where_it_is_declared() -> None:
    text = (PROJECT / "dbt_project.yml").read_text("utf-8")
    declared = text[text.index("\nvars:") :].splitlines()
    explained = False
    for line in declared[2:]:
        if line.strip().startswith("#"):
            explained = True
        elif not line.strip():
            explained = False
        else:
            assert explained, f"{line.strip()} has no comment above it"


def test_the_readme_lists_every_variable() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| `((?:cloudtrail|analysis)_\w+)`", readme, re.MULTILINE)
    assert sorted(listed) == sorted(project_yml()["vars"])


# Files


def test_models_do_not_ask_which_engine_they_run_on() -> None:
    asking = re.compile(r"\btarget\s*\.\s*(type|name)|\badapter\.type\b")
    texts = {**text_of("models/**/*.sql"), **text_of("analyses/**/*.sql")}
    assert [path for path, text in texts.items() if asking.search(text)] == []


def readable_files() -> dict[str, str]:
    """Return the texts of all files that are text, by path."""
    texts = {}
    for file in tracked_files():
        try:
            texts[str(file.relative_to(PROJECT))] = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return texts


# Written so that this file does not hold them itself.
UNWANTED = {
    "unfinished work": r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b",
    "a host of a package registry": r"(?:py"
    r"pi|pythonhos"
    r"ted|npm"
    r"js|crates)"
    r"\.(?:org|com|io)",
    "an access key that is no example": r"\b(?:AK"
    r"IA|AS"
    r"IA)"
    r"(?!\w*EXAMPLE)[A-Z0-9]{16}\b",
    "a folder of one machine": r"(?<![\w.])/(?:work|root|home/\w+)/",
}


@pytest.mark.parametrize("what", UNWANTED)
def test_no_file_holds(what: str) -> None:
    unwanted = re.compile(UNWANTED[what])
    found = {
        path: match[0]
        for path, text in readable_files().items()
        if path != "LICENSE" and (match := unwanted.search(text))
    }
    assert found == {}


def test_nothing_generated_is_kept() -> None:
    generated = re.compile(
        r"^(target|logs|dbt_packages|\.venv)/|\.(duckdb|pyc|wal)$|\.DS_Store$"
    )
    paths = [str(file.relative_to(PROJECT)) for file in tracked_files()]
    assert [path for path in paths if generated.search(path)] == []
    samples = sum(file.stat().st_size for file in SAMPLES.rglob("*.*"))
    assert samples < 1_000_000


# Versions


def test_the_pins_agree_with_the_ranges() -> None:
    allowed = SpecifierSet(",".join(project_yml()["require-dbt-version"]))
    range_of_users = ranges("run.in")["dbt-core"]
    for version in ("1.10.99", "1.11.0", "1.11.16", "1.12.3", "1.99.0", "2.0.0"):
        assert allowed.contains(version) == range_of_users.contains(version), version
    for name in ("dbt-core", "dbt-duckdb", "dbt-athena-community"):
        for pin in pins("run.txt")[name]:
            assert ranges("run.in")[name].contains(pin.removeprefix("==")), name


def test_the_tools_run_on_the_versions_that_a_build_runs_on() -> None:
    tools = pins("dev.txt")
    assert {
        name: (versions, tools.get(name))
        for name, versions in pins("run.txt").items()
        if not versions <= tools.get(name, set())
    } == {}


def test_every_pin_is_exact_and_has_a_hash() -> None:
    for name in ("run.txt", "dev.txt", "java.txt", "bench.txt"):
        text = (PROJECT / "requirements" / name).read_text("utf-8")
        assert "://" not in text
        assert not re.search(r"^-", text, re.MULTILINE)
        entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        for entry in entries:
            assert "==" in entry.splitlines()[0], entry
            assert "--hash=sha256:" in entry, entry


def test_the_linter_and_its_templater_are_of_one_version() -> None:
    for name in ("dev.txt",):
        tools = pins(name)
        assert tools["sqlfluff"] == tools["sqlfluff-templater-dbt"]
    wanted = ranges("dev.in")
    assert wanted["sqlfluff"] == wanted["sqlfluff-templater-dbt"]


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert found
    assert found[1] == project_yml()["version"]


# Commands


def test_every_workflow_calls_the_one_script() -> None:
    workflows = text_of(".github/workflows/*.yml")
    assert workflows
    for path, text in workflows.items():
        steps = [
            step
            for job in yaml.safe_load(text)["jobs"].values()
            for step in job["steps"]
            if "run" in step
        ]
        assert [step["run"] for step in steps] == [".ci/run"], path


def test_documents_name_only_targets_that_make_has() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    makefile = makefile.replace("\\\n", "")
    listed = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert listed
    assert set(listed[1].split()) == targets
    documents = {**text_of("*.md"), **text_of("docs/*.md"), **text_of("samples/*.md")}
    for path, text in documents.items():
        fenced = "\n".join(
            re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        )
        named = set(re.findall(r"`make ([a-z][a-z-]*)", text))
        named |= set(re.findall(r"^make ([a-z][a-z-]*)", fenced, re.MULTILINE))
        assert named <= targets, path
