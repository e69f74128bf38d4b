"""DuckDB: a table of the requests by hand, and the answers from it.

What the two ways to read the files have in common.
"""

from __future__ import annotations

import duckdb
from task import Task

# Of a record r of the log what the four answers need; times and ids as text.
TABLE = r"""
create table requests as
select distinct on (request_key) *
from (
    select
        coalesce(r.sharedEventID::varchar, r.eventID::varchar) as request_key,
        {time} as event_time,
        r.eventName as event_name,
        r.eventCategory as event_category,
        r.requestParameters.bucketName as bucket,
        r.requestParameters."key" as object_key,
        case
            when r.userIdentity.accountId = 'anonymous' then 'anonymous'
            else coalesce(
                r.userIdentity.sessionContext.sessionIssuer.arn,
                r.userIdentity.arn,
                r.userIdentity.invokedBy,
                r.userIdentity.accountId || ':'
                || split_part(r.userIdentity.principalId, ':', 1)
            )
        end as requester,
        r.sourceIPAddress as source_ip,
        regexp_replace(r.userAgent, '^\[(.*)\]$', '\1') as user_agent,
        r.errorCode as error_code,
        r.additionalEventData.SignatureVersion as signature,
        r.additionalEventData.AuthenticationMethod as authentication
    from ({records})
    where r.eventSource = 's3.amazonaws.com'
)
"""


class Tables:
    """A database with one table of requests."""

    # The statement that yields the records as r, and the text of their time.
    records = ""
    time = "r.eventTime"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.database = task.saved / "requests.duckdb"

    def load(self) -> None:
        """Make the table."""
        self.open()
        files = f"'{self.task.logs}/**/*.json.gz'"
        records = self.records.replace("{files}", files)
        self.connection.sql(TABLE.format(records=records, time=self.time))

    def open(self) -> None:
        """Open the database."""
        self.connection = duckdb.connect(str(self.database))
        self.connection.sql("set timezone = 'UTC'")

    def answer(self, name: str) -> None:
        """Write an answer from the table."""
        statement = {
            "sigv2_requesters": """
                select
                    requester,
                    count(*),
                    count(*) filter (authentication = 'AuthHeader'),
                    count(*) filter (authentication = 'QueryString'),
                    count(distinct bucket),
                    min(event_time),
                    max(event_time)
                from requests
                where signature = 'SigV2'
                group by requester
            """,
            "object_access": f"""
                select
                    event_time, event_name, bucket, object_key, requester, source_ip,
                    user_agent, error_code
                from requests
                where
                    event_category = 'Data'
                    and event_name != 'HeadBucket'
                    and event_time[:10] = '{self.task.day}'
            """,
            "anonymous_access": f"""
                select
                    event_time, event_name, object_key, source_ip, user_agent,
                    error_code
                from requests
                where requester = 'anonymous' and bucket = '{self.task.bucket}'
            """,
            "activity": """
                select event_time[:10], bucket, requester, event_name, count(*)
                from requests
                group by all
            """,
        }[name]
        file = self.task.answer(name)
        self.connection.sql(f"copy ({statement}) to '{file}' (header false)")

    def close(self) -> None:
        """Close the database."""
        self.connection.close()
