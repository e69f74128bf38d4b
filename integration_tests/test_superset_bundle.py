"""The files of bi/superset/ are what they are written from, and fit the tables."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import superset_bundle
import superset_import
import superset_server
import yaml
from driver import Warehouse
from local_dbt import Stopped
from superset_dashboards import DASHBOARDS, DATASETS, FILTERS

TYPES = {"VARCHAR", "BIGINT", "BOOLEAN", "TIMESTAMP", "DATE", "DOUBLE"}


def test_the_bundle_is_what_it_is_written_from(tmp_path: Path) -> None:
    def files(folder: Path) -> dict[str, str]:
        return {
            str(file.relative_to(folder)): file.read_text("utf-8")
            for file in folder.rglob("*.yaml")
        }

    superset_bundle.write(tmp_path)
    assert files(superset_bundle.FOLDER) == files(tmp_path), "run make superset-bundle"


def test_a_chart_that_is_no_more_goes(tmp_path: Path) -> None:
    superset_bundle.write(tmp_path)
    old = tmp_path / "charts" / "old.yaml"
    old.write_text("{}", "utf-8")
    superset_bundle.write(tmp_path)
    assert not old.exists()


def test_between_engines_only_the_uri_differs() -> None:
    uri = (
        "awsathena+rest://@athena.eu-west-1.amazonaws.com:443/x?s3_staging_dir=s3://b/"
    )

    def lines(bundle: dict[str, Any]) -> list[str]:
        return "".join(map(superset_bundle.text, bundle.values())).splitlines()

    one = lines(superset_bundle.bundle())
    other = lines(superset_bundle.bundle(uri))
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    assert differing == [
        (
            f"sqlalchemy_uri: {superset_bundle.DATABASE_URI}",
            f"sqlalchemy_uri: {uri}",
        )
    ]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_a_dataset_has_the_columns_of_its_rows(
    samples: Warehouse, dataset: Any
) -> None:
    file = superset_bundle.bundle()[f"datasets/cloudtrail_s3/{dataset.name}.yaml"]
    query = dataset.sql or f"select * from {dataset.name}"
    rows = samples.query(f"describe {query}")
    found = {row["column_name"]: row["column_type"] for row in rows}
    said = {column["column_name"]: column["type"] for column in file["columns"]}
    assert said == found
    assert set(said.values()) <= TYPES
    for metric in dataset.metrics:
        samples.query(f"select {metric.expression} from ({query})")


def test_ids_and_titles_are_different() -> None:
    bundle = superset_bundle.bundle()
    ids = [file["uuid"] for file in bundle.values() if "uuid" in file]
    assert len(set(ids)) == len(ids) == len(bundle) - 1
    titles = [chart.title for board in DASHBOARDS for chart in board.charts]
    files = [name for name in bundle if name.startswith("charts/")]
    assert len(set(titles)) == len(titles) == len(files)


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda board: board.slug)
def test_a_filter_reaches_all_charts_that_have_its_column(dashboard: Any) -> None:
    bundle = superset_bundle.bundle()
    file = bundle[f"dashboards/{dashboard.slug}.yaml"]
    by_id = {
        content["uuid"]: content for content in bundle.values() if "uuid" in content
    }
    numbers = {
        part["meta"]["chartId"]: by_id[part["meta"]["uuid"]]
        for part in file["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert len(numbers) == len(dashboard.charts)
    settings = file["metadata"]["native_filter_configuration"]
    assert [setting["name"] for setting in settings] == [f.name for f in FILTERS]
    for filter_, setting in zip(FILTERS, settings, strict=True):
        excluded = setting["scope"]["excluded"]
        for number, chart in numbers.items():
            dataset = by_id[chart["dataset_uuid"]]
            columns = [column["column_name"] for column in dataset["columns"]]
            if filter_.column:
                reached = filter_.column in columns
            else:
                times = [
                    condition["subject"]
                    for condition in chart["params"]["adhoc_filters"]
                    if condition.get("operator") == "TEMPORAL_RANGE"
                ]
                reached = times == [dataset["main_dttm_col"]]
            assert reached == (number not in excluded), chart["slice_name"]
            # Who reads the title knows.
            if not reached and filter_.column is None:
                assert "(all days)" in chart["slice_name"]


def test_a_row_is_as_wide_as_the_dashboard() -> None:
    for dashboard in DASHBOARDS:
        for row in dashboard.rows:
            assert sum(part.width for part in row) == 12


def test_the_archive_holds_the_bundle_with_the_uri_as_given() -> None:
    uri = 'duckdb:////a folder/it\'s: "odd" #1?access_mode=read_only'
    with zipfile.ZipFile(io.BytesIO(superset_import.archive(uri))) as file:
        names = {name.partition("/")[2] for name in file.namelist()}
        database = yaml.safe_load(
            file.read("cloudtrail_s3/databases/cloudtrail_s3.yaml")
        )
    assert names == set(superset_bundle.bundle())
    assert database["sqlalchemy_uri"] == uri


def test_without_a_superset_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPERSET_DATABASE_URI", "duckdb:///x.duckdb")
    # The port of no service, which nothing listens on.
    monkeypatch.setenv("SUPERSET_URL", "http://127.0.0.1:1")
    assert superset_import.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("No Superset answers at http://127.0.0.1:1 (")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("script", [superset_import, superset_server])
def test_what_a_server_says_cannot_change_the_screen(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused() -> str:
        raise Stopped("Superset refuses: \x1b[2J")

    monkeypatch.setattr(script, "wanted_uri", refused)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert script.main() == 1
    assert capsys.readouterr().err == "Superset refuses: \N{REPLACEMENT CHARACTER}[2J\n"


def test_without_a_database_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SUPERSET_DATABASE_URI", raising=False)
    monkeypatch.setenv("CALLED_FROM", str(tmp_path))
    monkeypatch.setenv("CLOUDTRAIL_DUCKDB_PATH", "none.duckdb")
    with pytest.raises(Stopped, match=r"There is no database .*none\.duckdb: run make"):
        superset_import.wanted_uri()


def test_a_path_that_a_uri_cannot_hold_is_refused() -> None:
    with pytest.raises(Stopped, match="question mark"):
        superset_import.duckdb_uri(Path("/data/what?.duckdb"))


def test_a_secret_is_kept_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    first = superset_server.secret(file)
    assert len(first) > 30
    assert superset_server.secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
