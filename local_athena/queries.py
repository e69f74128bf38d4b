"""Runs queries as Athena's API describes them: queued, running, then ended."""

from __future__ import annotations

import contextlib
import csv
import io
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import trino
from botocore.exceptions import ClientError

from local_athena import hive_ddl
from local_athena.catalog import Catalog, DdlFailed
from local_athena.lexer import SyntaxFault
from local_athena.statements import (
    ICEBERG_CATALOG,
    Kind,
    changed_table,
    checked,
    created_view,
    table_as,
)
from local_athena.texts import hive_type, text_of
from local_athena.trino_engine import QueryFailed, Result, TrinoEngine

NO_ROWS = Result([], [], 0, None)


@dataclass
class Query:
    """A query that was started."""

    text: str
    kind: Kind
    statement: str
    database: str
    workgroup: dict[str, Any]
    output: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "RUNNING"
    reason: str | None = None
    result: Result = NO_ROWS
    started_at: float = field(default_factory=time.time)
    ended_at: float | None = None
    cancel: Callable[[], None] = lambda: None
    # It has a final state; nothing of it runs any more.
    ended: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def statement_type(self) -> str:
        """DDL, DML or UTILITY, as Athena's API calls them."""
        if self.kind in (Kind.HIVE_DDL, Kind.VIEW):
            return "DDL"
        return "UTILITY" if self.kind is Kind.SHOW else "DML"

    def description(self) -> dict[str, Any]:
        """Return what GetQueryExecution tells."""
        status = {
            "State": self.state,
            "SubmissionDateTime": self.started_at,
        }
        if self.ended_at is not None:
            status["CompletionDateTime"] = self.ended_at
        if self.reason is not None:
            status["StateChangeReason"] = self.reason
            status["AthenaError"] = {
                "ErrorCategory": 2,
                "ErrorType": 233 if self.reason.startswith("ICEBERG_") else 1006,
                "Retryable": False,
                "ErrorMessage": self.reason,
            }
        milliseconds = int(((self.ended_at or time.time()) - self.started_at) * 1000)
        return {
            "QueryExecutionId": self.id,
            "Query": self.text,
            "StatementType": self.statement_type,
            "ResultConfiguration": {"OutputLocation": self.output + self.id + ".csv"},
            "QueryExecutionContext": {
                "Catalog": "awsdatacatalog",
                "Database": self.database,
            },
            "Status": status,
            "Statistics": {
                "DataScannedInBytes": self.result.scanned_bytes,
                "EngineExecutionTimeInMillis": milliseconds,
                "TotalExecutionTimeInMillis": milliseconds,
            },
            "WorkGroup": self.workgroup["Name"],
            "EngineVersion": {"EffectiveEngineVersion": "Athena engine version 3"},
        }


class Refused(Exception):
    """A request that Athena's API refuses; the text is its message."""


class Queries:
    """All queries of a region."""

    def __init__(self, engine: TrinoEngine, catalog: Catalog, s3: Any) -> None:
        """Keep what queries need."""
        self._engine = engine
        self._catalog = catalog
        self._s3 = s3
        self.all: dict[str, Query] = {}
        # Statements that are to fail or to wait, by a part of their text: for tests.
        self.failures: list[str] = []
        self.holds: list[str] = []
        self._released = threading.Event()
        self._lock = threading.Lock()

    def start(
        self, text: str, database: str, workgroup: dict[str, Any], output: str
    ) -> str:
        """Start a query and return its id.

        Raises:
            Refused: it is none, or there is nowhere to write its result.
        """
        configured = workgroup["Configuration"]
        place = configured.get("ResultConfiguration", {}).get("OutputLocation")
        if place and (configured["EnforceWorkGroupConfiguration"] or not output):
            output = place
        if not output:
            raise Refused(
                "No output location provided. An output location is required either"
                " through the Workgroup result configuration setting or as an API"
                " input."
            )
        if not output.startswith("s3://"):
            raise Refused(f"outputLocation is not a valid S3 path: {output}")
        try:
            kind, statement = checked(text)
        except SyntaxFault as error:
            raise Refused(str(error)) from error
        output = output.rstrip("/") + "/"
        query = Query(text, kind, statement, database, workgroup, output)
        self.all[query.id] = query
        threading.Thread(target=self._run, args=[query], daemon=True).start()
        return query.id

    def stop(self, query_id: str) -> None:
        """Cancel a query that is running."""
        query = self.all[query_id]
        self._end(query, "CANCELLED", "Query cancelled by user")
        threading.Thread(target=self._cancel, args=[query], daemon=True).start()

    def _cancel(self, query: Query) -> None:
        """Cancel until it is over: Trino forgets it where it has not begun."""
        while not query.over.wait(0.1):
            with contextlib.suppress(trino.exceptions.Error):
                query.cancel()

    def _end(self, query: Query, state: str, reason: str | None) -> None:
        with self._lock:
            if query.ended_at is None:
                query.state, query.reason = state, reason
                query.ended_at = time.time()
                query.ended.set()

    def _run(self, query: Query) -> None:
        try:
            self._hold_if_asked(query)
            self._fail_if_asked(query.statement)
            result = self._carry_out(query)
            self._write_result(query, result)
        except (SyntaxFault, QueryFailed, DdlFailed) as error:
            self._end(query, "FAILED", str(error))
        except ClientError as error:
            self._end(query, "FAILED", f"Access to S3 failed: {error}")
        except Exception as error:
            self._end(query, "FAILED", f"INTERNAL_ERROR: {error!r}")
            raise
        else:
            query.result = result
            cutoff = query.workgroup["Configuration"].get("BytesScannedCutoffPerQuery")
            if cutoff and result.scanned_bytes > cutoff:
                self._end(
                    query, "CANCELLED", "Bytes scanned limit was exceeded by the query"
                )
            self._end(query, "SUCCEEDED", None)
        finally:
            query.over.set()

    def release(self) -> None:
        """Let the statements go on that wait, and take back what is to wait."""
        self.holds.clear()
        self._released.set()
        self._released = threading.Event()

    def _hold_if_asked(self, query: Query) -> None:
        if _taken(self.holds, query.statement):
            query.state = "QUEUED"
            self._released.wait()
            query.state = "RUNNING"

    def _fail_if_asked(self, statement: str) -> None:
        if _taken(self.failures, statement):
            raise QueryFailed("GENERIC_INTERNAL_ERROR: a failure was asked for")

    def _carry_out(self, query: Query) -> Result:
        statement = query.statement
        if query.kind is Kind.HIVE_DDL:
            return self._ddl(query)
        if query.kind is Kind.CREATE_TABLE_AS:
            statement = self._create_table_as(query, statement)
        elif query.kind is Kind.CHANGE_ROWS:
            changed = changed_table(statement)
            database = changed.schema(query.database)
            if not self._catalog.is_iceberg(database or "", changed.table):
                raise QueryFailed(
                    "NOT_SUPPORTED: Modifying Hive table rows is only supported for"
                    " Iceberg tables"
                )

        def started(cancel: Callable[[], None]) -> None:
            query.cancel = cancel

        result = self._engine.run(statement, query.database, started)
        if query.kind is Kind.VIEW:
            self._note_view_columns(query, statement)
        return result

    def _note_view_columns(self, query: Query, statement: str) -> None:
        """Tell Glue a view's columns, as Athena does; Trino writes a stand-in."""
        view = created_view(statement)
        if view is None:
            return
        database = view.schema(query.database) or query.database
        described = self._engine.run(f'describe "{database}"."{view.table}"', None)
        columns = [(row[0], hive_type(row[1])) for row in described.rows]
        self._catalog.set_columns(database, view.table, columns)

    def _ddl(self, query: Query) -> Result:
        try:
            read = hive_ddl.parse(query.statement)
        except SyntaxFault as error:
            raise DdlFailed(f"FAILED: ParseException {error}") from error
        if isinstance(read, hive_ddl.RenameTable | hive_ddl.DropTable):
            database, table = read.table
            if self._catalog.is_iceberg(database or query.database, table):
                return self._engine.run(iceberg_ddl(read, query.database), None)
        self._catalog.apply(read, query.database)
        return NO_ROWS

    def _create_table_as(self, query: Query, statement: str) -> str:
        new_table = table_as(statement)
        location = new_table.location()
        is_enforced = query.workgroup["Configuration"]["EnforceWorkGroupConfiguration"]
        if location is None:
            location = f"{query.output}tables/{query.id}/"
        elif is_enforced and not new_table.is_iceberg:
            raise QueryFailed(
                "The Create Table As Select query failed because it was submitted with"
                " an 'external_location' property to an Athena Workgroup that enforces"
                " a centralized output location for all queries. Please remove the"
                " 'external_location' property and resubmit the query."
            )
        if not location.startswith("s3://"):
            raise QueryFailed(f"INVALID_TABLE_PROPERTY: no S3 location: {location}")
        is_there = self._catalog.table(
            new_table.name.schema(query.database) or "", new_table.name.table
        )
        if not is_there and not self._catalog.is_empty(location):
            raise QueryFailed(
                "HIVE_PATH_ALREADY_EXISTS: Target directory for table"
                f" '{new_table.name.table}' already exists: {location}"
            )
        return new_table.trino_statement(query.database, location)

    def _write_result(self, query: Query, result: Result) -> None:
        """Write the result to where Athena leaves it."""
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        if result.columns:
            writer.writerow([name for name, _ in result.columns])
        for row in result.rows:
            writer.writerow(texts_of(result, row))
        bucket, _, prefix = query.output.removeprefix("s3://").partition("/")
        self._s3.put_object(
            Bucket=bucket,
            Key=f"{prefix}{query.id}.csv",
            Body=text.getvalue().encode("utf-8"),
        )


def _taken(parts: list[str], statement: str) -> bool:
    """Tell whether a statement holds one of the parts, which is then taken out."""
    for part in parts:
        if part.lower() in statement.lower():
            parts.remove(part)
            return True
    return False


def iceberg_ddl(
    statement: hive_ddl.RenameTable | hive_ddl.DropTable, default_database: str
) -> str:
    """Return the DDL of an Iceberg table in Trino's language."""

    def named(name: hive_ddl.Name) -> str:
        return f'"{ICEBERG_CATALOG}"."{name[0] or default_database}"."{name[1]}"'

    if isinstance(statement, hive_ddl.DropTable):
        return f"drop table {named(statement.table)}"
    return f"alter table {named(statement.table)} rename to {named(statement.new_name)}"


def texts_of(result: Result, row: list[Any]) -> list[str | None]:
    """Return a row of a result as Athena writes it."""
    kinds = [kind for _, kind in result.columns]
    return [text_of(value, kind) for value, kind in zip(row, kinds, strict=True)]
