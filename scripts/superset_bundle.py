"""Writes bi/superset/: the dashboards, charts and datasets as files of Superset's.

Superset's files say the same many times over: each chart its time column, each
dashboard where each chart stands, each filter which charts it leaves alone. Here each
is said once. Ids are made from names, so that an import finds what it made before.
"""

from __future__ import annotations

import shutil
import sys
import uuid
from pathlib import Path
from typing import Any

import local_dbt
import yaml
from superset_dashboards import (
    ACTIVITY,
    COLORS,
    DASHBOARDS,
    DATASETS,
    FILTERS,
    LABELS,
    Chart,
    Dashboard,
    Dataset,
    Filter,
    Json,
    Text,
)

FOLDER = local_dbt.ROOT / "bi" / "superset"
# Names of things are told apart from those of other bundles by this.
NAMESPACE = uuid.UUID("6f0a2b0e-5a0d-4c86-9a0f-6b5b0d1c7a11")
DATABASE = "cloudtrail_s3"
# The one line of the bundle that differs between engines. Read only: a chart can
# change nothing.
DATABASE_URI = "duckdb:///cloudtrail_s3.duckdb?access_mode=read_only"
VERSION = "1.0.0"


def identify(kind: str, name: str) -> str:
    """Return the id of a thing, the same in every bundle."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def columns_of_models() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the names and types of the columns of all models."""
    found = {}
    for file in sorted((local_dbt.ROOT / "models").rglob("_*.yml")):
        described = yaml.safe_load(file.read_text("utf-8"))
        for model in described.get("models", []):
            found[model["name"]] = tuple(
                (column["name"], column["data_type"].upper())
                for column in model.get("columns", [])
                if "data_type" in column
            )
    return found


def dataset_file(dataset: Dataset, models: dict[str, Any]) -> Json:
    """Return a dataset as Superset reads it."""
    columns = dataset.columns or models[dataset.name]
    return {
        "table_name": dataset.name,
        "description": dataset.description,
        "main_dttm_col": dataset.time,
        # Of neither engine: the one that the URI names.
        "catalog": None,
        "schema": None,
        "sql": dataset.sql,
        "filter_select_enabled": True,
        "columns": [
            {
                "column_name": name,
                "verbose_name": LABELS.get(name),
                "type": kind,
                # Superset drops a time filter of a column that does not say so.
                "is_dttm": kind in ("DATE", "TIMESTAMP"),
                "is_active": True,
                "groupby": True,
                "filterable": True,
            }
            for name, kind in columns
        ],
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": metric.label,
                "expression": metric.expression,
                "d3format": metric.number_format,
                "description": metric.description,
            }
            for metric in dataset.metrics
        ],
        "uuid": identify("dataset", dataset.name),
        "database_uuid": identify("database", DATABASE),
        "version": VERSION,
    }


def chart_file(chart: Chart) -> Json:
    """Return a chart as Superset reads it."""
    filters: list[Json] = [
        {
            "expressionType": "SQL",
            "clause": "WHERE",
            "sqlExpression": condition,
            "filterOptionName": f"filter_{number}",
        }
        for number, condition in enumerate(chart.where)
    ]
    params: Json = {"viz_type": chart.kind, **chart.params}
    if chart.dataset.time:
        # What the time filter of a dashboard takes the place of.
        params["granularity_sqla"] = chart.dataset.time
        filters.insert(
            0,
            {
                "expressionType": "SIMPLE",
                "clause": "WHERE",
                "subject": chart.dataset.time,
                "operator": "TEMPORAL_RANGE",
                "comparator": "No filter",
            },
        )
    params["adhoc_filters"] = filters
    return {
        "slice_name": chart.title,
        "description": chart.description,
        "viz_type": chart.kind,
        "params": params,
        "cache_timeout": None,
        "uuid": identify("chart", chart.title),
        "dataset_uuid": identify("dataset", chart.dataset.name),
        "version": VERSION,
    }


def applies(filter_: Filter, dataset: Dataset, models: dict[str, Any]) -> bool:
    """Tell whether a filter can filter a dataset."""
    if filter_.column is None:
        return dataset.time is not None
    columns = dataset.columns or models[dataset.name]
    return filter_.column in [name for name, _ in columns]


def filter_setting(filter_: Filter, slug: str, left_alone: list[int]) -> Json:
    """Return a filter as a dashboard's metadata holds it."""
    setting: Json = {
        "id": f"NATIVE_FILTER-{slug}-{filter_.name.lower()}",
        "name": filter_.name,
        "description": filter_.description,
        "type": "NATIVE_FILTER",
        "cascadeParentIds": [],
        # Without this Superset would ask each chart for a column it does not have,
        # and show its numbers unfiltered.
        "scope": {"rootPath": ["ROOT_ID"], "excluded": left_alone},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
    }
    if filter_.column is None:
        return setting | {
            "filterType": "filter_time",
            "targets": [{}],
            "controlValues": {"enableEmptyFilter": False},
        }
    return setting | {
        "filterType": "filter_select",
        "targets": [
            {
                "datasetUuid": identify("dataset", ACTIVITY.name),
                "column": {"name": filter_.column},
            }
        ],
        "controlValues": {
            "multiSelect": True,
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "searchAllOptions": True,
            "inverseSelection": False,
            "sortAscending": True,
        },
    }


def dashboard_file(dashboard: Dashboard, models: dict[str, Any]) -> Json:
    """Return a dashboard as Superset reads it."""
    grid: Json = {
        "type": "GRID",
        "id": "GRID_ID",
        "children": [],
        "parents": ["ROOT_ID"],
    }
    position: Json = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": grid,
        "HEADER_ID": {
            "type": "HEADER",
            "id": "HEADER_ID",
            "meta": {"text": dashboard.title},
        },
    }
    numbers: dict[str, int] = {}
    for at, row in enumerate(dashboard.rows):
        row_id = f"ROW-{at}"
        children = []
        for beside, part in enumerate(row):
            meta: Json = {"width": part.width, "height": part.height}
            if isinstance(part, Text):
                kind = "MARKDOWN"
                meta["code"] = part.code
            else:
                kind = "CHART"
                # Superset puts its own number here and wherever it is named.
                numbers[part.title] = len(numbers) + 1
                meta |= {
                    "chartId": numbers[part.title],
                    "sliceName": part.title,
                    "uuid": identify("chart", part.title),
                }
            child = f"{kind}-{at}-{beside}"
            children.append(child)
            position[child] = {
                "type": kind,
                "id": child,
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row_id],
                "meta": meta,
            }
        position[row_id] = {
            "type": "ROW",
            "id": row_id,
            "children": children,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        grid["children"].append(row_id)
    filters = []
    for filter_ in FILTERS:
        left_alone = [
            numbers[chart.title]
            for chart in dashboard.charts
            if not applies(filter_, chart.dataset, models)
        ]
        filters.append(filter_setting(filter_, dashboard.slug, left_alone))
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.description,
        "slug": dashboard.slug,
        "published": True,
        "css": None,
        "metadata": {
            "native_filter_configuration": filters,
            "cross_filters_enabled": True,
            "color_scheme": "supersetColors",
            "label_colors": COLORS,
            "refresh_frequency": 0,
            "expanded_slices": {},
            "timed_refresh_immune_slices": [],
        },
        "position": position,
        "uuid": identify("dashboard", dashboard.slug),
        "version": VERSION,
    }


def bundle(uri: str = DATABASE_URI) -> dict[str, Json]:
    """Return the content of every file by its path in the bundle.

    Args:
        uri: of the database that holds the project's tables.
    """
    models = columns_of_models()
    files: dict[str, Json] = {
        "metadata.yaml": {
            "version": VERSION,
            "type": "assets",
            # The bundle's, and no time of writing: the same input, the same files.
            "timestamp": "2026-01-01T00:00:00+00:00",
        },
        f"databases/{DATABASE}.yaml": {
            "database_name": DATABASE,
            "sqlalchemy_uri": uri,
            "expose_in_sqllab": True,
            "allow_run_async": False,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "allow_csv_upload": False,
            "extra": {},
            "uuid": identify("database", DATABASE),
            "version": VERSION,
        },
    }
    for dataset in DATASETS:
        path = f"datasets/{DATABASE}/{dataset.name}.yaml"
        files[path] = dataset_file(dataset, models)
    for dashboard in DASHBOARDS:
        files[f"dashboards/{dashboard.slug}.yaml"] = dashboard_file(dashboard, models)
        for chart in dashboard.charts:
            name = "".join(c if c.isalnum() else "_" for c in chart.title.lower())
            files[f"charts/{name.strip('_')}.yaml"] = chart_file(chart)
    return files


class Dumper(yaml.SafeDumper):
    """Writes YAML as the project's linter wants it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """Indent lists below their key."""
        return super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        """Take double quotes where any are needed."""
        style = super().choose_scalar_style()
        return '"' if style == "'" else style

    def represent_text(self, value: str) -> yaml.ScalarNode:
        """Show SQL as it is, line by line."""
        lines = value.splitlines()
        in_lines = len(lines) > 1 and max(map(len, lines)) < 70
        style = "|" if in_lines else None
        return self.represent_scalar("tag:yaml.org,2002:str", value, style)


Dumper.add_representer(str, Dumper.represent_text)


def text(value: Any) -> str:
    """Return a file's text."""
    return yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=60
    )


def write(folder: Path, uri: str = DATABASE_URI) -> list[Path]:
    """Write the bundle, and remove files of charts that are no more."""
    for part in ("databases", "datasets", "charts", "dashboards"):
        shutil.rmtree(folder / part, ignore_errors=True)
    written = []
    for name, content in bundle(uri).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text(content), "utf-8")
        written.append(file)
    return written


def main() -> int:
    """Write bi/superset/ anew."""
    written = write(FOLDER)
    print(f"{len(written)} files in {FOLDER.relative_to(local_dbt.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
