"""Extends moto: Athena's query API, and Glue's tables as Trino can read them."""

from __future__ import annotations

import calendar
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.athena import urls as athena_urls
from moto.athena.responses import AthenaResponse
from moto.core.responses import ActionResult
from moto.glue.responses import GlueResponse

from local_athena import trino_engine
from local_athena.catalog import for_trino
from local_athena.queries import Queries, Query, Refused, texts_of
from local_athena.texts import column_info

PAGE = 1000
Answer = str | tuple[str, dict[str, int]]


def install(queries: Queries) -> None:
    """Have moto's applications answer with what is here."""
    QueryApi.queries = queries
    athena_urls.url_paths["{0}/$"] = QueryApi.dispatch
    for action in ("get_table", "get_tables", "get_partition", "get_partitions"):
        setattr(GlueResponse, action, translated(getattr(GlueResponse, action)))
    GlueResponse.batch_get_partition = translated(GlueResponse.batch_get_partition)


def translated(action: Callable[[Any], ActionResult]) -> Callable[[Any], str]:
    """Return a Glue action that shows Trino tables which it can read.

    It writes its answer itself: moto's serializer looks each attribute of each
    column of each partition up, which took a third of the stack's time.
    """

    def wrapped(self: GlueResponse) -> str:
        told: Any = action(self).result
        caller = self.headers.get("Authorization", "")
        if f"Credential={trino_engine.ACCESS_KEY}/" in caller:
            for name in ("Table", "Partition"):
                if name in told:
                    told = {**told, name: for_trino(told[name])}
            for name in ("TableList", "Partitions"):
                if name in told:
                    told = {**told, name: [for_trino(entry) for entry in told[name]]}
        return json.dumps(told, default=seconds)

    return wrapped


def seconds(moment: datetime) -> int:
    """Return a time in UTC as Glue writes it."""
    return calendar.timegm(moment.timetuple())


class QueryApi(AthenaResponse):
    """Athena's API, with queries that really run."""

    queries: Queries

    def start_query_execution(self) -> Answer:
        """Start a query."""
        name = self._get_param("WorkGroup") or "primary"
        workgroup = self.athena_backend.get_work_group(name)
        if workgroup is None:
            return self.error(f"WorkGroup {name} is not found.", 400)
        context = self._get_param("QueryExecutionContext") or {}
        configuration = self._get_param("ResultConfiguration") or {}
        try:
            query_id = self.queries.start(
                self._get_param("QueryString"),
                context.get("Database", "default").lower(),
                workgroup,
                configuration.get("OutputLocation", ""),
            )
        except Refused as error:
            return self.error(str(error), 400)
        return json.dumps({"QueryExecutionId": query_id})

    def _query(self) -> Query | None:
        return self.queries.all.get(self._get_param("QueryExecutionId"))

    def _not_found(self) -> Answer:
        return self.error("QueryExecution was not found", 400)

    def get_query_execution(self) -> Answer:
        """Tell how a query goes, at once or when it has ended, if that is soon."""
        query = self._query()
        if query is None:
            return self._not_found()
        query.ended.wait(0.2)
        return json.dumps({"QueryExecution": query.description()})

    def batch_get_query_execution(self) -> Answer:
        """Tell how several queries go."""
        ids = self._get_param("QueryExecutionIds")
        return json.dumps(
            {
                "QueryExecutions": [
                    self.queries.all[query_id].description()
                    for query_id in ids
                    if query_id in self.queries.all
                ],
                "UnprocessedQueryExecutionIds": [],
            }
        )

    def list_query_executions(self) -> Answer:
        """Return the ids of all queries, the newest first."""
        workgroup = self._get_param("WorkGroup") or "primary"
        begin = int(self._get_param("NextToken") or 0)
        size = int(self._get_param("MaxResults") or 50)
        ids = [
            query.id
            for query in self.queries.all.values()
            if query.workgroup["Name"] == workgroup
        ][::-1]
        answer: dict[str, Any] = {"QueryExecutionIds": ids[begin : begin + size]}
        if begin + size < len(ids):
            answer["NextToken"] = str(begin + size)
        return json.dumps(answer)

    def stop_query_execution(self) -> Answer:
        """Cancel a query."""
        if self._query() is None:
            return self._not_found()
        self.queries.stop(self._get_param("QueryExecutionId"))
        return json.dumps({})

    def get_query_results(self) -> Answer:
        """Return a page of a result; the first row of a query's is its labels."""
        query = self._query()
        if query is None:
            return self._not_found()
        if query.state == "RUNNING":
            return self.error("Query has not yet finished. Current state: RUNNING", 400)
        if query.state != "SUCCEEDED":
            return self.error(
                f"Query did not finish successfully. Final query state: {query.state}",
                400,
            )
        size = int(self._get_param("MaxResults") or PAGE)
        if size > PAGE:
            return self.error(f"MaxResults is more than maximum allowed {PAGE}", 400)
        result = query.result
        rows = [texts_of(result, row) for row in result.rows]
        if query.statement_type == "DML" and result.columns:
            rows = [[name for name, _ in result.columns], *rows]
        begin = int(self._get_param("NextToken") or 0)
        answer: dict[str, Any] = {
            "ResultSet": {
                "Rows": [
                    {"Data": [{} if v is None else {"VarCharValue": v} for v in row]}
                    for row in rows[begin : begin + size]
                ],
                "ResultSetMetadata": {
                    "ColumnInfo": [column_info(*column) for column in result.columns]
                },
            }
        }
        if result.changed_rows is not None:
            answer["UpdateCount"] = result.changed_rows
        if begin + size < len(rows):
            answer["NextToken"] = str(begin + size)
        return json.dumps(answer)
