"""Another project installs this one: what it gets, may set, and must not meet."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hostile
import pytest
from checkouts import tracked_files
from driver import PROJECT, Project, Run
from packaged import PACKAGE, Consumer

SEEDS = ["cloudtrail_trusted_networks", "cloudtrail_trusted_principals"]
# Everything that the facts are made from, and the facts.
LOADED = ["build", "--select", "+fct_cloudtrail_loads"]
# Leaves out the tests that need tables which are not built.
ALONE = ["--indirect-selection", "buildable"]


def write_logs(folder: Path) -> Path:
    """Write a log of four requests, one of them to a bucket that is left out."""
    records = [
        hostile.plain_record(eventID=address, sourceIPAddress=address)
        for address in ("10.0.0.1", "203.0.113.9", "2001:db8:5::1")
    ]
    left_out = {"bucketName": "harbor-assets", "key": "a.png"}
    records.append(
        hostile.plain_record(eventID="left", requestParameters=left_out, resources=...)
    )
    return hostile.write(folder / "a.json", hostile.envelope(records)).parent


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of a few requests."""
    return write_logs(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory, logs: Path
) -> tuple[Consumer, Run]:
    """Return the project with everything built, and that build."""
    consumer = Consumer(tmp_path_factory.mktemp("harbor") / "project", logs)
    consumer.do("deps")
    consumer.do("parse")
    return consumer, consumer.do("build")


@pytest.fixture
def consumer(tmp_path: Path, logs: Path) -> Consumer:
    """Return the project with the package installed, and nothing built."""
    consumer = Consumer(tmp_path / "project", logs)
    consumer.do("deps")
    return consumer


@pytest.fixture
def draft(installed: tuple[Consumer, Run]) -> Iterator[Consumer]:
    """Return the project that is built, which gets its models back."""
    consumer, _ = installed
    models = consumer.folder / "models"
    kept = consumer.folder / "models.kept"
    shutil.copytree(models, kept)
    yield consumer
    shutil.rmtree(models)
    kept.rename(models)


def of(package: str, nodes: dict[str, Any]) -> list[str]:
    """Return the names of a package's nodes."""
    return sorted(n.name for n in nodes.values() if n.package_name == package)


def test_what_only_this_project_needs_stays_here(
    installed: tuple[Consumer, Run], project: Project
) -> None:
    """Unit tests, exposures and analyses are for those who have a checkout."""
    consumer, build = installed
    manifest = consumer.manifest
    assert manifest
    assert project.manifest
    assert of(PACKAGE, project.manifest.unit_tests)
    assert of(PACKAGE, manifest.unit_tests) == []
    assert of("harbor", manifest.unit_tests) == [
        "test_a_bucket_without_a_team_is_unknown"
    ]
    assert "test_a_bucket_without_a_team_is_unknown" in build.statuses
    assert of(PACKAGE, manifest.exposures) == []
    assert of("harbor", manifest.exposures) == ["traffic_by_team"]
    analyses = [n for n in manifest.nodes.values() if n.resource_type == "analysis"]
    assert analyses == []
    assert manifest.groups == {}
    hooks = {name for name in manifest.nodes if name.startswith("operation.")}
    assert hooks == {"operation.harbor.harbor-on-run-end-0"}
    assert build.warnings == []


def test_texts_and_macros_of_the_package_replace_none(
    installed: tuple[Consumer, Run],
) -> None:
    """A block or a macro of dbt's own name would be taken in every project."""
    manifest = installed[0].manifest
    assert manifest
    blocks = of(PACKAGE, manifest.docs)
    assert f"__{PACKAGE}__" in blocks
    assert [
        name
        for name in blocks
        if not name.startswith(("cloudtrail_", f"__{PACKAGE}__"))
    ] == []
    ours = set(of(PACKAGE, manifest.macros))
    foreign = {n.name for n in manifest.macros.values() if n.package_name != PACKAGE}
    assert len(ours) > 100
    assert ours & foreign == set()


def test_the_settings_of_the_project_count(installed: tuple[Consumer, Run]) -> None:
    """Schema, materializations and variables are those of its dbt_project.yml."""
    consumer, _ = installed
    tables = consumer.tables()
    assert tables["fct_s3_requests"] == ("main_cloudtrail", "table")
    assert tables["fct_s3_object_access"] == ("main_cloudtrail", "table")
    assert tables["fct_s3_sigv2_requests"] == ("main_cloudtrail", "view")
    assert tables["fct_s3_coverage_daily"] == ("main_cloudtrail", "view")
    assert tables["cloudtrail_event_catalogue"] == ("main_cloudtrail", "table")
    assert tables["team_traffic_daily"] == ("main", "table")
    assert {schema for schema, _ in tables.values()} == {"main", "main_cloudtrail"}
    assert consumer.query(
        "select bucket_name, count(*) from main_cloudtrail.fct_s3_requests group by 1"
    ) == [("reports", 3)]
    assert consumer.query("select team, request_count from team_traffic_daily") == [
        ("unknown", 3)
    ]


def test_a_hook_of_the_project_knows_the_price(
    installed: tuple[Consumer, Run],
) -> None:
    """A variable in its hook is its own, or none: the package's would be lost."""
    _, build = installed
    assert [line for line in build.printed if line.startswith("Scanned")] == [
        f"Scanned 0 bytes in {len(build.statuses) - 1} nodes: 0.0000 at 7.0000 a TB"
    ]


def test_trusted_networks_and_principals_are_the_projects(
    installed: tuple[Consumer, Run],
) -> None:
    """Its seeds take the place of this project's, types and tests included."""
    consumer, build = installed
    assert consumer.query(
        "select source_ip_address, trusted_label"
        " from main_cloudtrail.int_s3_source_addresses order by 1"
    ) == [("10.0.0.1", None), ("2001:db8:5::1", "site"), ("203.0.113.9", "office")]
    assert consumer.query(
        "select distinct trusted_label from main_cloudtrail.dim_s3_requesters"
    ) == [("analysts",)]
    test = "cloudtrail_is_cidr_cloudtrail_trusted_networks_cidr"
    assert build.statuses[test] == "pass"
    seed = consumer.folder / "seeds" / "cloudtrail_trusted_networks.csv"
    kept = seed.read_text("utf-8")
    seed.write_text("cidr,label\n203.0.113.9,office\n", "utf-8")
    run = consumer.dbt("build", "--select", *SEEDS)
    seed.write_text(kept, "utf-8")
    assert not run.success
    assert [name for name, status in run.statuses.items() if status == "fail"] == [test]


@pytest.mark.parametrize(
    ("operation", "arguments", "printed"),
    [
        ("cloudtrail_summary", "{}", "  S3 requests  3"),
        ("cloudtrail_findings", "{}", "No open finding."),
        (
            "cloudtrail_apply_retention",
            "{dry_run: true}",
            "  fct_s3_requests: 0 rows of 0 log days go",
        ),
    ],
)
def test_operations_find_the_tables(
    operation: str, arguments: str, printed: str, installed: tuple[Consumer, Run]
) -> None:
    """And the variables, which are set for the package alone."""
    run = installed[0].do("run-operation", operation, "--args", arguments)
    assert printed in run.printed


def test_only_public_tables_may_be_referred_to(draft: Consumer) -> None:
    """Marts may, what they are made from may not."""
    manifest = draft.manifest
    assert manifest
    models = {
        node.name: node.access.value
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.package_name == PACKAGE
    }
    public = [name for name, access in models.items() if access == "public"]
    assert sorted(public) == sorted(
        name for name in models if name.startswith(("fct_", "dim_"))
    )
    for number, name in enumerate(public):
        text = f"select * from {{{{ ref('{PACKAGE}', '{name}') }}}}"
        draft.write(f"models/reader_{number}.sql", text)
    draft.do("parse")
    for name in ("int_s3_batch", "stg_cloudtrail__records", "int_s3_access_daily"):
        text = f"select * from {{{{ ref('{PACKAGE}', '{name}') }}}}"
        draft.write("models/prying.sql", text)
        assert re.search(
            rf"harbor\.prying attempted to reference node model\.{PACKAGE}\.{name},"
            r" which is not allowed because the referenced node is protected",
            draft.refused("parse"),
        )


def test_what_would_lose_loaded_rows_is_refused(consumer: Consumer) -> None:
    """As one setting for all models does, which dbt hands on to packages."""
    consumer.configure(
        lambda settings: settings["models"].update({"+materialized": "table"})
    )
    error = consumer.refused(*LOADED)
    assert "cloudtrail_s3: the model stg_cloudtrail__events is materialized as" in error
    assert set(consumer.tables()) == {
        "cloudtrail_client_catalogue",
        "cloudtrail_event_catalogue",
    }


def test_names_schemas_and_folders_are_the_projects_choice(consumer: Consumer) -> None:
    """The facts in a schema of their own, names with a prefix, no decisions."""

    def change(settings: dict[str, Any]) -> None:
        package = settings["models"][PACKAGE]
        # What stands on them goes with them.
        for folder in ("decisions", "metrics"):
            package[folder] = {"+enabled": False}
        for kind in ("metrics", "saved-queries", "semantic-models"):
            settings[kind] = {PACKAGE: {"+enabled": False}}
        package["requests"]["fct_s3_requests"] = {"+schema": "marts"}
        package["+persist_docs"] = {"relation": True, "columns": True}
        package["+meta"] = {"team": "security"}

    consumer.configure(change)
    for kind in ("schema", "alias"):
        consumer.write(
            f"macros/generate_{kind}_name.sql",
            f"{{% macro generate_{kind}_name(given=none, node=none) %}}"
            "{{ return("
            + ("'h_' ~ node.name" if kind == "alias" else "given or target.schema")
            + ") }}{% endmacro %}",
        )
    shutil.rmtree(consumer.folder / "models")
    consumer.do(*LOADED, *ALONE)
    found = consumer.tables()["h_fct_s3_requests"]
    assert found == ("marts", "table")
    counted = "select count(*) from marts.h_fct_s3_requests"
    assert consumer.query(counted) == [(3,)]
    assert consumer.query(
        "select comment from duckdb_tables() where table_name = 'h_fct_s3_requests'"
    )[0][0].startswith("One row per S3 request")

    record = hostile.plain_record(eventID="later")
    more = hostile.write(
        Path(str(consumer.environment["CLOUDTRAIL_ROOT"])) / "later.json",
        hostile.envelope([record]),
    )
    consumer.do(*LOADED, *ALONE)
    assert consumer.query(counted) == [(4,)]
    assert consumer.query("select count(*) from cloudtrail.h_fct_cloudtrail_loads") == [
        (2,)
    ]
    more.unlink()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that holds this checkout under a tag."""
    folder = tmp_path_factory.mktemp("repository")

    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
            cwd=folder,
            check=True,
            capture_output=True,
        )

    for file in tracked_files():
        copied = folder / file.relative_to(PROJECT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copied)
    git("init", "--quiet")
    git("add", "--all", "--force")
    git("commit", "--quiet", "--message", "release")
    git("tag", "v0.1.0")
    return folder


def test_a_release_is_installed_from_git(
    tmp_path: Path, logs: Path, repository: Path
) -> None:
    """As most do it: by address and tag, without warnings."""
    entry = {"git": repository.as_uri(), "revision": "v0.1.0"}
    consumer = Consumer(tmp_path / "project", logs, entry)
    assert consumer.do("deps").warnings == []
    package = consumer.folder / "dbt_packages" / PACKAGE
    assert not package.is_symlink()
    size = sum(f.stat().st_size for f in package.rglob("*") if f.is_file())
    assert size < 20_000_000
    run = consumer.do("build", "--select", "+team_traffic_daily", *ALONE)
    assert run.warnings == []
    assert consumer.query("select team, request_count from team_traffic_daily") == [
        ("unknown", 3)
    ]
    consumer.write("packages.yml", "packages: [{git: " + entry["git"] + "}]\n")
    assert "not pinned" in "".join(consumer.do("deps").warnings)
