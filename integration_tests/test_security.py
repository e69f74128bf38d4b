"""No text of a log, a file's name or a setting becomes code; no secret is kept.

Every way in is a door; docs/security.md lists all of them with what guards each,
and is compared with the project here.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dbt_runs
import hostile
import local_dbt
import oracle
import pytest
import test_athena_ddl
import yaml
from checkouts import Checkout
from comparison import assert_tables
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from driver import PROJECT, SCHEMA, Run, Warehouse, environment
from sentences import sentence
from test_athena_ddl import Operations

operations = test_athena_ddl.operations

NewWarehouse = Callable[..., Warehouse]

ACCOUNT, REGION = hostile.ACCOUNTS[0], hostile.REGIONS[0]
DAY = date(2024, 2, 28)
FOLDER = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2024/02/28"

# ------------------------------------------------------------------ The list


def doors() -> str:
    """Return the document that lists them."""
    return (PROJECT / "docs" / "security.md").read_text("utf-8")


def environment_read() -> set[str]:
    """Return the environment variables that the project's own code reads."""
    reading = re.compile(
        r"""env_var\(\s*["'](\w+)|os\.environ(?:\.get\(|\[)\s*["'](\w+)|\$\{([A-Z_]+):-"""
        r"""|\$\(value (PWD)\)"""
    )
    found: set[str] = set()
    for pattern in (
        *("Makefile", "profiles.example.yml", "macros/**/*.sql", "scripts/*"),
        *("duckdb_plugins/*.py", "benchmarks/*.py", "local_athena/*.py"),
        *("deploy/*.sh", "deploy/**/*.py"),
    ):
        for file in PROJECT.glob(pattern):
            if file.is_file():
                for groups in reading.findall(file.read_text("utf-8")):
                    found |= set(filter(None, groups))
    return found


def operations_offered() -> dict[str, list[str]]:
    """Return the operations and the names of their arguments."""
    offered = {}
    for file in (PROJECT / "macros" / "operations").glob("*.yml"):
        for macro in yaml.safe_load(file.read_text("utf-8"))["macros"]:
            if "dbt run-operation" in macro["description"]:
                names = [argument["name"] for argument in macro.get("arguments", [])]
                offered[macro["name"]] = names
    return offered


def test_every_door_is_listed() -> None:
    """Settings, arguments and what the code looks up stand in the list."""
    listed = set(re.findall(r"`([^`\n]+)`", doors()))
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
    assert set(variables) - listed == set()
    assert environment_read() - listed == set()
    assert operations_offered()
    for operation, arguments in operations_offered().items():
        assert {operation, *arguments} - listed == set()


def test_every_test_that_is_listed_is_there() -> None:
    """What the list says of a test holds only if there is one of that name."""
    listed = set(re.findall(r"\btest_\w+(?![\w.])", doors()))
    defined = {
        name
        for folder in ("integration_tests", "local_athena/tests")
        for file in (PROJECT / folder).rglob("test_*.py")
        for name in [
            file.stem,
            *re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE),
        ]
    }
    for file in (PROJECT / "models").rglob("*unit_tests.yml"):
        defined.update(re.findall(r"- name: (test_\w+)", file.read_text("utf-8")))
    assert len(listed) > 20
    assert listed - defined == set()


# ----------------------------------------------------------------- Variables

ODD = "x'\"`\\; drop table x; --"
# What each variable is given, and how it is asked for. `None` is a value as
# any other: it is compared, and reaches SQL as a literal only.
VARIABLES: dict[str, tuple[str, str | None]] = {
    "cloudtrail_root": ("run", None),
    "cloudtrail_organization_id": ("cloudtrail_create_table", ODD),
    "cloudtrail_account_ids": ("run", ODD),
    "cloudtrail_regions": ("run", ODD),
    "cloudtrail_start_date": ("run", ODD),
    "cloudtrail_end_date": ("run", ODD),
    "cloudtrail_backfill_start": ("run", ODD),
    "cloudtrail_backfill_end": ("run", ODD),
    "cloudtrail_excluded_files": ("run", None),
    "cloudtrail_excluded_buckets": ("run", None),
    "cloudtrail_lookback_days": ("run", ODD),
    "cloudtrail_allow_data_loss": ("run", ODD),
    "cloudtrail_quiet_days": ("run", ODD),
    "cloudtrail_min_covered_days": ("run", ODD),
    "cloudtrail_new_access_days": ("run", ODD),
    "cloudtrail_baseline_days": ("run", ODD),
    "cloudtrail_outlier_days": ("run", ODD),
    "cloudtrail_outlier_min_bytes": ("run", ODD),
    "cloudtrail_test_all": ("run", ODD),
    "cloudtrail_layout": ("run", ODD),
    "cloudtrail_serde": ("run", ODD),
    "cloudtrail_table_type": ("run", ODD),
    "cloudtrail_source_schema": ("cloudtrail_create_table", ODD),
    "cloudtrail_source_table": ("cloudtrail_create_table", ODD),
    "cloudtrail_retention_days": ("cloudtrail_drop_partitions", ODD),
    "cloudtrail_fail_on_severity": ("cloudtrail_findings", ODD),
    "cloudtrail_price_per_tb": ("cloudtrail_cost_report", ODD),
    "cloudtrail_cost_budget": ("cloudtrail_cost_report", ODD),
    "analysis_start": ("compile", ODD),
    "analysis_end": ("compile", ODD),
    "analysis_bucket": ("compile", ODD),
}
ATHENA = {
    "cloudtrail_root": "s3://amzn-s3-demo-bucket",
    "cloudtrail_account_ids": [ACCOUNT],
    "cloudtrail_regions": [REGION],
    "cloudtrail_start_date": "2024-02-28",
    "cloudtrail_layout": "partitioned",
    "cloudtrail_retention_days": 30,
}


def test_every_variable_is_tried() -> None:
    """A new variable needs a line here."""
    text = (PROJECT / "dbt_project.yml").read_text("utf-8")
    assert set(VARIABLES) == set(yaml.safe_load(text)["vars"])


def sent(run: Run) -> list[str]:
    """Return the SQL that a run sent to the database."""
    return [text for text in run.messages if re.match(r"On [\w.-]+: ", text)]


@pytest.fixture(scope="module")
def one_log(
    tmp_path_factory: pytest.TempPathFactory, new_warehouse: NewWarehouse
) -> Warehouse:
    """Return a database of one record."""
    root = tmp_path_factory.mktemp("one")
    hostile.write(root / "a.json", hostile.envelope([hostile.plain_record()]))
    warehouse = new_warehouse(root)
    run = warehouse.load()
    # It is worth something only if the SQL is seen.
    assert any("fct_s3_requests" in sql for sql in sent(run))
    return warehouse


@pytest.mark.parametrize("name", [n for n, (_, odd) in VARIABLES.items() if odd])
def test_a_bad_variable_is_refused_before_it_reaches_sql(
    name: str, one_log: Warehouse
) -> None:
    """The sentence names the variable, and no statement has held the value."""
    command, value = VARIABLES[name]
    variables = {name: value}
    arguments = ["run"]
    if command == "compile":
        arguments = ["compile", "--select", "cloudtrail_marts_05_put_requests"]
    elif command != "run":
        dry = "dry_run" in operations_offered()[command]
        given = '{"dry_run": true}' if dry else "{}"
        arguments = ["run-operation", command, "--args", given]
        variables = ATHENA | variables
    run = one_log.project.invoke(
        *arguments, database=one_log.path, variables=variables, root=one_log.root
    )
    said = run.error + " ".join(run.messages)
    assert not run.success
    assert re.search(rf"cloudtrail_s3: [^\n]*{name}", said), said
    assert [sql for sql in sent(run) if "drop table x" in sql] == []


@pytest.mark.parametrize(
    ("operation", "argument"),
    [
        (operation, argument)
        for operation, arguments in operations_offered().items()
        for argument in arguments
    ],
)
def test_a_bad_argument_of_an_operation_is_refused(
    operation: str, argument: str, operations: Operations
) -> None:
    """Also a text that would count as true, such as "false" for replace."""
    for value in (ODD, "false", "{{ 7 * 7 }}"):
        arguments = {argument: value}
        if "dry_run" in operations_offered()[operation]:
            arguments = {"dry_run": True} | arguments
        outcome = operations.run(operation, arguments, ATHENA)
        assert outcome.stopped and outcome.stopped.startswith(f"{argument}"), value
        assert outcome.printed == []


def test_names_of_the_raw_table_are_checked_for_freshness_too(
    operations: Operations,
) -> None:
    """It is asked without a run, which would have refused them."""
    for name in ("cloudtrail_source_table", "cloudtrail_source_schema"):
        outcome = operations.run("cloudtrail_last_delivery", {}, {name: ODD})
        assert outcome.stopped and outcome.stopped.startswith(name)


# ---------------------------------------------------------------------- Logs

# 7 * 191 is 1337, which stands nowhere else.
CANARY = "'c4n''ary\"`\\$(id) {{ 7 * 191 }} {% set x = 1 %} </script><b>"


def canary_record(number: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a record that says it in every text field."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return CANARY

    keep = ("eventTime", "eventSource", "eventCategory", "eventID")
    plain = hostile.plain_record(
        userIdentity=hostile.IDENTITIES[2],
        tlsDetails=hostile.TLS_DETAILS[1],
        addendum={"reason": "", "originalEventID": ""},
        errorCode="",
        errorMessage="",
        vpcEndpointId="",
        eventID=f"{number} {CANARY}",
    )
    record = {name: v if name in keep else filled(v) for name, v in plain.items()}
    record["resources"] = plain["resources"]
    record["resources"][1]["ARN"] = f"arn:aws:s3:::{number} {CANARY.replace('/', '')}"
    return record | fields


@pytest.fixture(scope="module")
def canaries(
    tmp_path_factory: pytest.TempPathFactory, new_warehouse: NewWarehouse
) -> tuple[Warehouse, Run, Run]:
    """Return a database of such records, its build, and its summary."""
    root = tmp_path_factory.mktemp("canaries")
    data = {"SignatureVersion": "SigV2", "AuthenticationMethod": CANARY}
    records = [
        canary_record(0),
        canary_record(1, userIdentity={"accountId": "anonymous"}),
        canary_record(2, additionalEventData=data),
        canary_record(3, errorCode="AccessDenied"),
        canary_record(4, eventName="GetObject", errorCode=None),
        canary_record(5, eventTime=CANARY),
        hostile.plain_record(eventID="updated", addendum={"reason": "UPDATED_DATA"}),
    ]
    hostile.write(root / f"{FOLDER}/a.json.gz", hostile.envelope(records))
    warehouse = new_warehouse(root)
    warehouse.build()
    late = [canary_record(number + 10) for number in range(3)]
    hostile.write(root / f"{FOLDER}/b.json.gz", hostile.envelope([*records, *late]))
    return warehouse, warehouse.build(), warehouse.operation("cloudtrail_summary")


def test_no_value_of_a_log_becomes_sql(canaries: tuple[Warehouse, Run, Run]) -> None:
    """No statement holds one, but the bucket that the summary asks for."""
    warehouse, built, shown = canaries
    assert_tables(oracle.tables(Path(warehouse.root)), warehouse)
    assert [sql for sql in sent(built) if "c4n" in sql] == []
    holding = [sql for sql in sent(shown) if "c4n" in sql]
    assert holding
    literal = CANARY.replace("/", "").replace("'", "''")
    assert all(f"bucket_name = '1 {literal}'" in sql for sql in holding)
    assert all(sql.count("c4n") == 1 for sql in holding)


def test_no_value_of_a_log_becomes_jinja(canaries: tuple[Warehouse, Run, Run]) -> None:
    """Braces stay braces in every table, statement and line."""
    warehouse, built, shown = canaries
    assert shown.success, shown.error
    said = " ".join(built.messages + shown.messages)
    kept = [str(warehouse.rows(table)) for table in warehouse.tables()]
    assert "7 * 191" in said and any("7 * 191" in rows for rows in kept)
    assert "1337" not in re.sub(r"\d{4,}-|[\d:.]{6,}", "", said)
    assert [rows for rows in kept if re.search(r"\b1337\b", rows)] == []


def test_no_value_of_a_log_becomes_html(
    canaries: tuple[Warehouse, Run, Run], tmp_path: Path
) -> None:
    """The documentation holds the project's texts and no row of a table."""
    warehouse, _, _ = canaries
    project = warehouse.project
    command = local_dbt.arguments(
        *("docs", "generate", "--static"),
        target_path=tmp_path,
        profiles=project.folder,
        logs=tmp_path / "logs",
    )
    settings = {
        "CLOUDTRAIL_DUCKDB_PATH": str(warehouse.path),
        "CLOUDTRAIL_ROOT": warehouse.root,
    }
    with environment(settings):
        try:
            assert dbtRunner().invoke(command).success
        finally:
            DuckDBConnectionManager.close_all_connections()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert (tmp_path / "static_index.html") in files
    assert [file for file in files if b"c4n''ary" in file.read_bytes()] == []
    assert [file for file in files if b"7 * 191" in file.read_bytes()] == []


# ------------------------------------------------------------- Names of files

# Without a slash, a backslash and a question mark, which no reader takes.
NAMES = (
    *("'; drop table fct_s3_requests; --", "''", '"', "`id`", "$(touch pwned)"),
    *("{{ 7 * 191 }}", "{% raw %}", "{# x #}", "a\nb", "a\tb", "\x01", "\x1b[31m"),
    *("*", "[ab]", "{a,b}", "~", "-rf", "#", "%s%(x)s", "&|;<>", " a ", "\u202e"),
    *("\ufeff", "\x7f", "\u2028", "ключ 🦆", "name=value", "a,b", "</script>"),
)


@pytest.mark.parametrize("kind", ["file", "folder", "folder above"])
def test_names_are_only_names(
    kind: str, tmp_path: Path, new_warehouse: NewWarehouse
) -> None:
    """Of files with records, without, of other JSON and of no bytes, in two runs."""
    place = {
        "file": FOLDER + "/{}{}",
        "folder": FOLDER.replace("CloudTrail", "CloudTrail/{}") + "/x{}",
        "folder above": "{}/" + FOLDER + "/x{}",
    }[kind]
    warehouse = new_warehouse(tmp_path)
    for part in (NAMES[::2], NAMES[1::2]):
        for name in part:
            record = hostile.plain_record(eventID=f"{name} {kind}")
            text = hostile.envelope([record])
            hostile.write(tmp_path / place.format(name, ".json.gz"), text)
            hostile.write(tmp_path / place.format(name, " no.json"), '{"Records":[]}')
            hostile.write(tmp_path / place.format(name, " other.json"), "[1]")
            (tmp_path / place.format(name, " zero.json.gz")).write_bytes(b"")
        run = warehouse.load()
        (said,) = run.warnings
        assert said.isprintable(), said
    assert_tables(oracle.tables(tmp_path), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == len(NAMES)
    held = [sql for sql in sent(run) if "drop table fct_s3" in sql]
    assert all("''; drop table fct_s3" in sql for sql in held)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_part_of_a_command_to_paste(name: str) -> None:
    """The sentence for a damaged file shows a command for tame names only."""
    text = f'Malformed JSON in file "/logs/{name}.json", at byte 1'
    said = sentence(text, "dbt.log")
    assert said.isprintable()
    if "VARS=" in said:
        given = re.search(r"VARS='([^']*)'", said)
        assert given
        assert json.loads(given[1]) == {"cloudtrail_excluded_files": [f"{name}.json"]}
        assert not re.search(r"[{}`$\\]", f"{name}")


@pytest.mark.parametrize("name", [b"a\\b.json", b"a\\b/x.json.gz", b"\xff.json"])
def test_names_that_duckdb_does_not_list_are_refused(
    name: bytes, tmp_path: Path
) -> None:
    """Without that, their events would be missing without a word."""
    path = tmp_path / os.fsdecode(name)
    hostile.write(path, "{}")
    with pytest.raises(local_dbt.Stopped, match="rename it"):
        dbt_runs.check_names(str(tmp_path))
    path.rename(tmp_path / "a.json")
    if path.parent != tmp_path:
        path.parent.rmdir()
    (tmp_path / "no\\log.txt").touch()
    dbt_runs.check_names(str(tmp_path))


def test_what_stops_a_run_is_printed_in_one_line(
    tmp_path: Path, new_warehouse: NewWarehouse
) -> None:
    """A name moves no cursor, also where dbt alone prints it."""
    name = "why?\x1b[2J\u202e\nnext"
    hostile.write(tmp_path / f"{name}.json", "{}")
    error = new_warehouse(tmp_path).refused()
    (line,) = [line for line in error.splitlines() if "why?" in line]
    assert line.strip().isprintable() and "next" in line


def test_a_length_that_cannot_be_is_named(
    tmp_path: Path, new_warehouse: NewWarehouse
) -> None:
    """A .gz tells its length itself: no memory is reserved for what it claims."""
    records = [hostile.plain_record(eventID=f"{i**9:x}") for i in range(20_000)]
    data = gzip.compress(hostile.envelope(records).encode())
    assert len(data) > 2**15
    (tmp_path / "claims.json.gz").write_bytes(data[:-4] + b"\xff" * 4)
    error = new_warehouse(tmp_path).refused()
    assert "cloudtrail_s3: the file" in error and "claims.json.gz" in error


# ---------------------------------------------------------- make and secrets

KEYS = (
    *("X-Amz-Signature", "Signature", "X-Amz-Security-Token", "Authorization"),
    "x-amz-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key",
)


def marker(number: int) -> str:
    """Return a text that occurs nowhere else."""
    return f"SeCrEt{number:04}MARKER{number * 7919 % 9973:04}"


def secrets() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield what the rule covers: a name, a record's fields, and the secret.

    The secrets stand where requests carry them: in the queries of presigned URLs
    of both versions, in headers, in the two fields that are kept as JSON.
    """
    number = 0
    for key in KEYS:
        spellings = (key, key.lower(), key.upper(), key.title(), key.swapcase())
        for spelling in dict.fromkeys(spellings):
            for shape in ("text", "list", "object", "nested", "twice", "JSON in text"):
                for field in ("requestParameters", "additionalEventData"):
                    number += 1
                    secret = marker(number)
                    value: Any = {
                        "list": [secret, [secret]],
                        "object": {"a": secret},
                        "nested": {spelling: {spelling: [secret]}},
                    }.get(shape, secret)
                    holder: Any = {"bucketName": "b", "key": "k", spelling: value}
                    if shape == "twice":
                        other = spelling.swapcase()
                        holder |= {other: secret, "X-Amz-Date": "20240228T000000Z"}
                    if shape == "JSON in text":
                        holder = json.dumps(holder)
                    name = f"{key} {spelling} {shape} {field}"
                    yield name, {field: holder}, secret


# Where the rule leaves a secret: below the first level, in other keys, in texts
# that hold a query. docs/security.md says so.
LEFT = {
    "below": {"requestParameters": {"a": {"Signature": marker(9001)}}},
    "in a list": {"requestParameters": [{"Signature": marker(9002)}]},
    "another key": {"requestParameters": {"Signatures": marker(9003)}},
    "in a query": {
        "requestParameters": {
            "x": f"https://b.example/k?X-Amz-Signature={marker(9004)}"
        }
    },
    "in an agent": {"userAgent": f"curl/8 Authorization: {marker(9005)}"},
    "in a message": {"errorMessage": f"Signature {marker(9006)} does not match"},
}


def secret_logs() -> list[str]:
    """Return records with the secrets, some keys of which are spelled in escapes."""
    texts = []
    for number, (_, fields, _) in enumerate(secrets()):
        record = hostile.plain_record(eventID=f"secret {number}", **fields)
        text = json.dumps(record)
        if number % 3 == 0:
            text = re.sub('"([Ss])ig', r'"\\u00' + r"\g<1>ig", text)
            text = text.replace("\\u00S", "\\u0053").replace("\\u00s", "\\u0073")
        texts.append(text)
    # As a real SigV2 and a real SigV4 query are logged.
    for number, query in enumerate(
        (
            {
                "AWSAccessKeyId": "AKIAEXAMPLE",
                "Expires": "1",
                "Signature": marker(8001),
            },
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": "AKIAEXAMPLE/20240228/us-east-1/s3/aws4_request",
                "X-Amz-Date": "20240228T000000Z",
                "X-Amz-Expires": "60",
                "X-Amz-SignedHeaders": "host",
                "X-Amz-Security-Token": marker(8002),
                "X-Amz-Signature": marker(8003),
            },
        )
    ):
        parameters = {"bucketName": "b", "key": "k", **query}
        data = {"SignatureVersion": ("SigV2", "SigV4")[number]}
        record = hostile.plain_record(
            eventID=f"presigned {number}",
            requestParameters=parameters,
            additionalEventData={**data, "AuthenticationMethod": "QueryString"},
        )
        texts.append(json.dumps(record))
    return texts


HELD = re.compile(rb"SeCrEt(\d{4})MARKER")


@pytest.fixture(scope="module")
def made(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Checkout, Path, Path, str]:
    """Build the secrets with make, all of whose values are hostile."""
    odd = "it's $(shell touch pwned) $(touch pwned) `touch pwned` {{ 7 * 191 }} #"
    folder = tmp_path_factory.mktemp("make")
    root, database = folder / f'"logs" {odd}', folder / f"{odd[5:-2]}.duckdb"
    text = '{"Records":[' + ",".join(secret_logs()) + "]}"
    hostile.write(root / FOLDER / "a.json.gz", text)
    left = [
        hostile.plain_record(eventID=f"left {name}", **fields)
        for name, fields in LEFT.items()
    ]
    hostile.write(root / FOLDER / "left.json.gz", hostile.envelope(left))
    excluded = "$(shell touch pwned) `touch pwned`"
    done = checkout.make(
        "build",
        f"CLOUDTRAIL_ROOT={root}",
        f"CLOUDTRAIL_DUCKDB_PATH={database}",
        f"FULL_REFRESH={odd}",
        f"VARS={json.dumps({'cloudtrail_excluded_files': [excluded]})}",
        cwd=checkout.folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout, root, database, done.stdout + done.stderr


def test_no_shell_reads_a_value_of_make(made: tuple[Checkout, Path, Path, str]) -> None:
    """Neither a shell nor make nor Jinja changes a value, and none is run."""
    checkout, root, database, said = made
    assert str(root) in said and str(database) in said
    assert [*checkout.folder.rglob("pwned*"), *root.parent.rglob("pwned*")] == []
    assert database.is_file()


@pytest.mark.parametrize(
    "name", ['a"; drop table b; --".duckdb', "it's.duckdb", "a#b.duckdb"]
)
def test_a_database_that_dbt_cannot_quote_is_refused(name: str, tmp_path: Path) -> None:
    """Its file's name is a name in every statement."""
    with pytest.raises(local_dbt.Stopped, match="in its name"):
        dbt_runs.check_database(tmp_path / name)


def test_no_secret_is_in_any_file(made: tuple[Checkout, Path, Path, str]) -> None:
    """Not in the database's bytes, dbt's artifacts and log, or on the screen."""
    checkout, _, database, said = made
    planted = {secret for _, _, secret in secrets()} | {marker(n) for n in (8001, 8002)}
    assert len(planted) > 200
    places = [database, *database.parent.glob(f"{database.name}*")]
    for folder in ("target", "logs"):
        places += [f for f in (checkout.folder / folder).rglob("*") if f.is_file()]
    assert any(place.name == "dbt.log" for place in places)
    assert any(place.suffix == ".json" for place in places)
    numbers = {
        int(number)
        for data in [said.encode(), *(place.read_bytes() for place in places)]
        for number in HELD.findall(data)
    }
    # What the rule leaves is found: the bytes would show a secret.
    assert numbers == {9001 + number for number in range(len(LEFT))}


def test_no_secret_is_in_any_table_or_view(
    made: tuple[Checkout, Path, Path, str], new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    """What the rule leaves, and nothing else, is there to be read."""
    _, root, _, _ = made
    warehouse = new_warehouse(root)
    warehouse.load(decisions=True)
    shown = warehouse.operation("cloudtrail_summary")
    texts = {"summary": " ".join(shown.messages)}
    for table in sorted(warehouse.tables()):
        # The view of the raw records is asked too.
        texts[table] = str(warehouse.query(f'select * from {SCHEMA}."{table}"'))
    assert {"stg_cloudtrail__events", "int_s3_batch", "fct_s3_requests"} <= set(texts)
    held = {
        table: {int(number) for number in HELD.findall(text.encode())}
        for table, text in texts.items()
    }
    left = {9001 + number for number in range(len(LEFT))}
    assert held["fct_s3_requests"] == left
    assert {
        table: numbers - left for table, numbers in held.items() if numbers - left
    } == {}
    # The rest of such a record is as it was.
    rows = warehouse.rows("fct_s3_requests")
    assert len(rows) == len(secret_logs()) + len(LEFT)
    assert_tables(oracle.tables(root), warehouse)
