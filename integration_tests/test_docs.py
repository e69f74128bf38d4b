"""What the documents say of the project is true: dictionary, README, links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import data_dictionary
import local_dbt
import pytest
import yaml
from driver import PROJECT, Project, Warehouse
from test_make import summary

DOCUMENTS = sorted(
    file
    for pattern in (
        *("*.md", "docs/**/*.md", "deploy/**/*.md", "bi/**/*.md"),
        *("benchmarks/*.md", "samples/*.md"),
    )
    for file in PROJECT.glob(pattern)
)


def each_document() -> Any:
    """Return the decorator that runs a test for each document."""
    names = [str(file.relative_to(PROJECT)) for file in DOCUMENTS]
    return pytest.mark.parametrize("document", DOCUMENTS, ids=names)


def text_of(path: str) -> str:
    """Return the text of a file of the project."""
    return (PROJECT / path).read_text("utf-8")


# The data dictionary


def test_the_data_dictionary_is_what_the_yaml_says(project: Project) -> None:
    written = data_dictionary.PATH.read_text("utf-8")
    assert written == data_dictionary.dictionary(project.manifest), (
        "run make docs-dictionary"
    )


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("The action. Never null.", ("never", "The action.")),
        ("Any `|`.", ("", "Any `\\|`.")),
        ("The id;\nnull if it had none.", ("if it had none", "The id.")),
        ("True or false, null if not logged.", ("if not logged", "True or false.")),
        ("A number, else null.", ("otherwise", "A number.")),
        ("Null before 1.07. More.", ("before 1.07", "More.")),
        ("The text `null`. Null: no end. More.", ("no end", "The text `null`. More.")),
        ("`SigV2`. Null means not logged.", ("not logged", "`SigV2`.")),
    ],
)
def test_a_description_is_split(description: str, expected: tuple[str, str]) -> None:
    assert data_dictionary.split_description(description) == expected


def test_what_the_dictionary_calls_never_null_is_never_null(
    project: Project, samples: Warehouse
) -> None:
    assert project.manifest
    wrong = []
    for node in project.manifest.nodes.values():
        if not data_dictionary.is_described(node):
            continue
        columns = [
            column.name
            for column in node.columns.values()
            if data_dictionary.when_null(node, column) == "never"
        ]
        if columns:
            counts = ", ".join(f'count(*) - count("{c}") as "{c}"' for c in columns)
            (row,) = samples.query(f'select {counts} from "{node.name}"')
            wrong += [f"{node.name}.{name}" for name, nulls in row.items() if nulls]
    assert wrong == []


# README


def rows_of_the_readme(cells: str) -> list[Any]:
    """Return the groups of a pattern for the first cells of a table's row."""
    return re.findall(rf"^\| {cells} \|", text_of("README.md"), re.MULTILINE)


def test_the_readme_shows_the_defaults_of_the_variables() -> None:
    rows = rows_of_the_readme(r"`((?:cloudtrail|analysis)_\w+)` \| `(.*?)`")
    shown = {name: yaml.safe_load(default) for name, default in rows}
    assert shown == yaml.safe_load(text_of("dbt_project.yml"))["vars"]


def test_the_readme_lists_the_public_tables(project: Project) -> None:
    assert project.manifest
    public = [
        node.name
        for node in project.manifest.nodes.values()
        if data_dictionary.is_described(node)
        and data_dictionary.chapter_of(node) == "Public tables"
    ]
    assert sorted(rows_of_the_readme(r"`((?:fct|dim)_\w+)`")) == sorted(public)


def test_the_overview_leads_to_every_public_table(project: Project) -> None:
    assert project.manifest
    nodes = project.manifest.nodes
    public = {
        f"model.{data_dictionary.PACKAGE}.{name}"
        for name in rows_of_the_readme(r"`((?:fct|dim)_\w+)`")
    }
    overview = text_of("models/overview.md")
    assert set(re.findall(r"\]\(#!/model/([\w.]+)\)", overview)) == public
    figure = re.search(r"```text\n(.*?)```", overview, re.DOTALL)
    assert figure
    named = re.findall(r"\b(?:fct|dim|int|stg)_\w+", figure[1])
    shown = {f"model.{data_dictionary.PACKAGE}.{name}" for name in named}
    assert public <= shown <= set(nodes)


def test_the_readme_shows_what_the_demo_prints(samples: Warehouse) -> None:
    excerpt = re.compile(r"```text\n(What was read\n.*?)```", re.DOTALL)
    block = excerpt.search(text_of("README.md"))
    assert block
    printed = iter(summary(samples).splitlines())
    shown = [line for line in block[1].splitlines() if line.strip() not in ("", "...")]
    # In its order, with lines left out.
    assert [line for line in shown if line not in printed] == []


# All documents

BLOCK = re.compile(r"^ *```.*?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")


def prose(document: Path) -> str:
    """Return a document without its blocks of code."""
    return BLOCK.sub("", document.read_text("utf-8"))


def code(document: Path) -> list[str]:
    """Return what a document sets in code: blocks and spans."""
    blocks = BLOCK.findall(document.read_text("utf-8"))
    return blocks + SPAN.findall(prose(document))


def names_of(project: Project) -> set[str]:
    """Return every name that a document may use."""
    assert project.manifest
    manifest = project.manifest
    nodes = [*manifest.nodes.values(), *manifest.sources.values()]
    names = {node.name for node in nodes}
    names |= {name for node in nodes for name in getattr(node, "columns", {})}
    macros = {macro.name for macro in manifest.macros.values()}
    names |= {
        one.name
        for kind in (manifest.metrics, manifest.saved_queries, manifest.semantic_models)
        for one in kind.values()
    }
    # What dbt calls by a name that is made of the strategy's.
    strategies = re.findall(r"\bget_incremental_(\w+)_sql\b", " ".join(macros))
    variables = yaml.safe_load(text_of("dbt_project.yml"))["vars"]
    values = [value for value in variables.values() if isinstance(value, str)]
    files = {data_dictionary.PACKAGE, local_dbt.DEMO_DATABASE.stem}
    files |= {file.stem for file in (PROJECT / "deploy").rglob("*.py")}
    return names | macros | files | {*strategies, *variables, *values}


@each_document()
def test_names_in_documents_are_names_of_the_project(
    document: Path, project: Project
) -> None:
    ours = re.compile(
        r"(?<![\w./-])(?:(?:cloudtrail|analysis|fct|int|dim)_[a-z0-9_]+"
        r"|stg_cloudtrail__\w+)(?![\w*…])"
    )
    used = {name for text in code(document) for name in ours.findall(text)}
    assert used - names_of(project) == set()


def anchors(document: Path) -> set[str]:
    """Return the anchors that the headings of a document have."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(words.strip().replace(" ", "-"))
    return found


@each_document()
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        file = (document.parent / path) if path else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert broken == []


@each_document()
def test_folders_and_files_in_documents_are_there(document: Path) -> None:
    paths = re.compile(
        r"(?:analyses|benchmarks|docs|integration_tests|macros|models|requirements"
        r"|samples|scripts|seeds|tests)/[\w./-]*"
    )
    missing = [
        text
        for text in code(document)
        if paths.fullmatch(text)
        and not (PROJECT / text).exists()
        and not (document.parent / text).exists()
        and not text.startswith("benchmarks/data")
    ]
    assert missing == []


@each_document()
def test_settings_in_documents_are_ones_that_are_read(document: Path) -> None:
    read = {
        name
        for pattern in (
            *("Makefile", "*.yml", "scripts/*", "benchmarks/*.py"),
            *("deploy/*.sh", "deploy/airflow/dags/*.py"),
        )
        for file in PROJECT.glob(pattern)
        if file.is_file()
        for name in re.findall(r"\b[A-Z_]{4,}\b", file.read_text("utf-8"))
    }
    given = {
        name
        for text in code(document)
        for name in re.findall(r"(?<![\w-])([A-Z_]{4,})=", text)
    }
    assert given - read == set()
