"""The documentation is one file that shows everything without any other machine."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import document
import local_dbt
import pytest
from browser import Browser, Window
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from driver import Project, Warehouse, environment

PREFIX = "cloudtrail_s3"
# Where the site shows a page: what it searches in stands beside it, hidden.
CONTENT = ".app-content > .app-body:not(.ng-hide).ng-scope"
# What is drawn, as cytoscape holds it.
DRAWN = """() => {
    const box = [...document.querySelectorAll('*')].find(one => one._cyreg);
    if (!box || !box._cyreg.cy) return null;
    const graph = box._cyreg.cy;
    return {
        nodes: graph.nodes().map(node => node.id()),
        edges: graph.edges().map(edge => [edge.source().id(), edge.target().id()]),
    };
}"""


@pytest.fixture(scope="module")
def site(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file, as make docs writes it."""
    folder = tmp_path_factory.mktemp("docs")
    database = shutil.copy(warehouse.path, folder)
    kept = {"CLOUDTRAIL_DUCKDB_PATH": None, "CLOUDTRAIL_ROOT": None}
    with pytest.MonkeyPatch.context() as patch, environment(kept):
        patch.setattr(local_dbt, "DEMO_DATABASE", Path(database))
        patch.setattr(local_dbt, "LOGS", folder / "logs")
        patch.setattr(document, "FOLDER", folder / "docs")
        try:
            assert document.main() == 0
        finally:
            DuckDBConnectionManager.close_all_connections()
    # Alone: what stands beside it on this machine is not sent along.
    return Path(shutil.move(folder / "docs" / "static_index.html", folder))


@pytest.fixture
def window(browser: Browser, site: Path) -> Iterator[Window]:
    """Return a window on it, which may ask for nothing."""
    with browser.page() as opened:
        opened.page.goto(site.as_uri())
        yield opened
        assert opened.requests == []


def visit(window: Window, site: Path, address: str) -> str:
    """Go to a page of the site and return its text, with single blanks."""
    window.page.goto(f"{site.as_uri()}#!/{address}")
    window.page.wait_for_function(
        "([box, name]) => document.querySelector(box)?.innerText.includes(name)",
        arg=[CONTENT, address.rpartition(".")[2]],
    )
    return plain(window.page.inner_text(CONTENT))


def plain(text: str) -> str:
    """Return a text without what Markdown marks, with single blanks."""
    return " ".join(text.replace("`", "").split())


def test_the_overview_shows_how_the_data_flows(
    window: Window, project: Project
) -> None:
    page = window.page
    page.wait_for_selector("text=S3 requests from CloudTrail")
    figure = page.locator("pre", has_text="stg_cloudtrail__events").inner_text()
    assert re.search(r"fct_s3_requests ─+► fct_s3_sigv2_requests", figure)
    assert len(figure.splitlines()) > 20
    page.locator("table a", has_text="fct_s3_findings").click()
    page.wait_for_function("location.hash.includes('fct_s3_findings')")
    node = project.manifest.nodes[f"model.{PREFIX}.fct_s3_findings"]
    page.wait_for_selector(f"text={plain(node.description)[:60]}")


def test_a_table_tells_its_columns(
    window: Window, site: Path, project: Project
) -> None:
    node = project.manifest.nodes[f"model.{PREFIX}.fct_s3_activity_daily"]
    text = visit(window, site, f"model/{node.unique_id}")
    assert plain(node.description) in text
    for column in node.columns.values():
        assert column.name in text
        assert plain(column.description)[:40] in text
        assert column.data_type in text.lower()


def described(project: Project) -> list[tuple[str, Any]]:
    """Return what else has pages: its kind and itself."""
    manifest = project.manifest
    kinds = {
        "exposure": manifest.exposures,
        "metric": manifest.metrics,
        "saved_query": manifest.saved_queries,
        "semantic_model": manifest.semantic_models,
    }
    return [(kind, one) for kind, found in kinds.items() for one in found.values()]


def test_exposures_and_metrics_have_pages(
    window: Window, site: Path, project: Project
) -> None:
    found = described(project)
    assert {kind for kind, _ in found} == {
        "exposure",
        "metric",
        "saved_query",
        "semantic_model",
    }
    for kind, one in found:
        text = visit(window, site, f"{kind}/{one.unique_id}")
        assert plain(one.description) in text, one.name
        for node in one.depends_on.nodes:
            assert node.rpartition(".")[2] in text, one.name


def test_the_graph_shows_who_reads_what(
    window: Window, site: Path, project: Project
) -> None:
    window.page.goto(f"{site.as_uri()}#!/overview?g_v=1")
    window.page.wait_for_function(f"() => (({DRAWN})() || {{nodes: []}}).nodes.length")
    drawn = window.page.evaluate(DRAWN)
    edges = {tuple(edge) for edge in drawn["edges"]}
    for kind, one in described(project):
        assert one.unique_id in drawn["nodes"], one.name
        if kind == "exposure":
            assert {
                source for source, target in edges if target == one.unique_id
            } == set(one.depends_on.nodes)
