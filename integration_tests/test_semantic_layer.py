"""Metrics and exposures are complete, and say truly what they are made from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from driver import DATABASE, PROJECT, Project
from semantic_layer import Refused, SemanticLayer

PREFIX = "cloudtrail_s3_"


@pytest.fixture
def layer(project: Project, tmp_path: Path) -> SemanticLayer:
    """Return MetricFlow without any table."""
    return SemanticLayer(
        tmp_path / "layer",
        project.manifest,
        project.folder,
        "duckdb",
        {"CLOUDTRAIL_DUCKDB_PATH": str(tmp_path / DATABASE)},
    )


def test_metricflow_accepts_what_is_configured(layer: SemanticLayer) -> None:
    assert layer.validate("--skip-dw") == []


def test_metricflow_refuses_two_metrics_of_one_name(layer: SemanticLayer) -> None:
    path = layer.folder / "target" / "semantic_manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["metrics"].append(manifest["metrics"][0])
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(Refused, match=manifest["metrics"][0]["name"]):
        layer.validate("--skip-dw")


def elements(project: Project) -> Iterator[tuple[str, Any]]:
    """Return everything of the semantic layer that has a name to be read."""
    manifest = project.manifest
    assert manifest
    for model in manifest.semantic_models.values():
        yield model.name, model
        for part in (*model.entities, *model.dimensions, *model.measures):
            yield f"{model.name}.{part.name}", part
    for metric in manifest.metrics.values():
        yield metric.name, metric
    for query in manifest.saved_queries.values():
        yield query.name, query


def test_every_element_has_a_label_and_a_description(project: Project) -> None:
    found = list(elements(project))
    assert found
    assert [name for name, one in found if not (one.label and one.description)] == []


def test_every_metric_has_a_unit(project: Project) -> None:
    units = {"requests", "requesters", "ratio", "bytes", "findings", "days"}
    metrics = list(project.manifest.metrics.values())
    assert {metric.config.meta.get("unit") for metric in metrics} == units


def test_names_carry_the_name_of_the_package(project: Project) -> None:
    """Names are one space over all packages; entities of others may be joined to."""
    names = {name for name, _ in elements(project) if "." not in name}
    names |= {
        measure.name
        for model in project.manifest.semantic_models.values()
        for measure in model.measures
    }
    entities = {
        entity.name
        for model in project.manifest.semantic_models.values()
        for entity in model.entities
    }
    assert [name for name in names if not name.startswith(PREFIX)] == []
    assert [name for name in entities if not name.startswith("s3_")] == []


def test_dimensions_are_columns_of_their_table(project: Project) -> None:
    for model in project.manifest.semantic_models.values():
        (table,) = model.depends_on.nodes
        columns = set(project.manifest.nodes[table].columns)
        names = {
            part.expr or part.name for part in (*model.entities, *model.dimensions)
        }
        assert names <= columns, model.name


def test_the_guide_lists_all(project: Project) -> None:
    text = (PROJECT / "docs" / "metrics.md").read_text("utf-8")
    listed = re.findall(r"^\| `(cloudtrail_s3_\w+)` \|", text, re.MULTILINE)
    manifest = project.manifest
    named = [*manifest.metrics.values(), *manifest.saved_queries.values()]
    assert sorted(listed) == sorted(one.name for one in named)


# Exposures


def exposures(project: Project) -> dict[str, Any]:
    """Return the exposures by name."""
    assert project.manifest
    return {one.name: one for one in project.manifest.exposures.values()}


def read_by(project: Project, name: str) -> set[str]:
    """Return the tables that an exposure says it reads."""
    nodes = exposures(project)[name].depends_on.nodes
    return {project.manifest.nodes[node].name for node in nodes}


def named_in(project: Project, texts: list[str]) -> set[str]:
    """Return the public tables whose names stand in texts."""
    models = {
        node.name
        for node in project.manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public"
    }
    return models & {word for text in texts for word in re.findall(r"\w+", text)}


def macro_texts(project: Project, name: str) -> list[str]:
    """Return the texts of a macro and of all that it calls."""
    macros = project.manifest.macros
    waiting, found = [f"macro.cloudtrail_s3.{name}"], {}
    while waiting:
        one = waiting.pop()
        if one not in found and one.startswith("macro.cloudtrail_s3."):
            found[one] = macros[one].macro_sql
            waiting += macros[one].depends_on.macros
    return list(found.values())


def test_exposures_are_described(project: Project) -> None:
    found = exposures(project)
    assert found
    for name, one in found.items():
        assert name.startswith("cloudtrail_"), name
        assert one.label and one.description and one.maturity, name
        assert one.owner.name and one.owner.email.endswith("@example.com"), name
        assert one.depends_on.nodes, name


def test_the_feed_of_findings_reads_what_it_says(project: Project) -> None:
    assert read_by(project, "cloudtrail_findings_feed") == named_in(
        project, macro_texts(project, "cloudtrail_findings")
    )


def yaml_of(folder: Path) -> list[dict[str, Any]]:
    """Return the YAML files below a folder."""
    return [
        yaml.safe_load(path.read_text("utf-8"))
        for path in sorted(folder.rglob("*.yaml"))
    ]


def test_dashboards_read_what_they_say(project: Project) -> None:
    bundle = PROJECT / "bi" / "superset"
    datasets = {one["uuid"]: one for one in yaml_of(bundle / "datasets")}
    charts = {one["uuid"]: one for one in yaml_of(bundle / "charts")}
    shown = {}
    for dashboard in yaml_of(bundle / "dashboards"):
        read = [
            datasets[charts[node["meta"]["uuid"]]["dataset_uuid"]]
            for node in dashboard["position"].values()
            if isinstance(node, dict) and node.get("type") == "CHART"
        ]
        texts = [one["sql"] or one["table_name"] for one in read]
        shown[dashboard["dashboard_title"]] = named_in(project, texts)
    said = {
        one.label: read_by(project, name)
        for name, one in exposures(project).items()
        if str(one.type) == "dashboard"
    }
    assert said == shown


def test_the_report_reads_what_it_says(project: Project) -> None:
    assert read_by(project, "cloudtrail_report") == named_in(
        project, macro_texts(project, "cloudtrail_report_data")
    )
