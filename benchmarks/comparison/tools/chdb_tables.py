"""chdb, ClickHouse inside Python: a MergeTree table of the requests."""

from __future__ import annotations

from chdb.session import Session
from task import Task, main

RECORD = """Array(Tuple(
    eventID String, sharedEventID String, eventTime String, eventSource String,
    eventName String, eventCategory String, sourceIPAddress String, userAgent String,
    errorCode String,
    userIdentity Tuple(
        accountId String, arn String, invokedBy String, principalId String,
        sessionContext Tuple(sessionIssuer Tuple(arn String))
    ),
    requestParameters Tuple(bucketName String, key String),
    additionalEventData Tuple(SignatureVersion String, AuthenticationMethod String)
))"""
TABLE = r"""
create table logs.requests engine = MergeTree order by event_time as
select
    if(r.sharedEventID != '', r.sharedEventID, r.eventID) as request_key,
    r.eventTime as event_time,
    r.eventName as event_name,
    r.eventCategory as event_category,
    r.requestParameters.bucketName as bucket,
    r.requestParameters.key as object_key,
    multiIf(
        r.userIdentity.accountId = 'anonymous', 'anonymous',
        r.userIdentity.sessionContext.sessionIssuer.arn != '',
        r.userIdentity.sessionContext.sessionIssuer.arn,
        r.userIdentity.arn != '', r.userIdentity.arn,
        r.userIdentity.invokedBy != '', r.userIdentity.invokedBy,
        concat(
            r.userIdentity.accountId, ':',
            splitByChar(':', r.userIdentity.principalId)[1]
        )
    ) as requester,
    r.sourceIPAddress as source_ip,
    replaceRegexpOne(r.userAgent, '^\\[(.*)\\]$', '\\1') as user_agent,
    r.errorCode as error_code,
    r.additionalEventData.SignatureVersion as signature,
    r.additionalEventData.AuthenticationMethod as authentication
from (
    select arrayJoin(JSONExtract(json, 'Records', '{record}')) as r
    from file('{files}', 'JSONAsString', 'json String')
)
where r.eventSource = 's3.amazonaws.com'
limit 1 by request_key
"""


class ChdbTables:
    """A table in a folder of chdb's."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def load(self) -> None:
        """Make the table."""
        self.open()
        self.session.query("create database logs")
        files = f"{self.task.logs}/**/*.json.gz"
        self.session.query(TABLE.format(record=RECORD, files=files))

    def open(self) -> None:
        """Open the folder."""
        self.session = Session(str(self.task.saved / "chdb"))

    def answer(self, name: str) -> None:
        """Write an answer from the table."""
        statement = {
            "sigv2_requesters": """
                select
                    requester,
                    count(),
                    countIf(authentication = 'AuthHeader'),
                    countIf(authentication = 'QueryString'),
                    uniqExactIf(bucket, bucket != ''),
                    min(event_time),
                    max(event_time)
                from logs.requests
                where signature = 'SigV2'
                group by requester
            """,
            "object_access": f"""
                select
                    event_time, event_name, bucket, object_key, requester, source_ip,
                    user_agent, error_code
                from logs.requests
                where
                    event_category = 'Data'
                    and event_name != 'HeadBucket'
                    and startsWith(event_time, '{self.task.day}')
            """,
            "anonymous_access": f"""
                select
                    event_time, event_name, object_key, source_ip, user_agent,
                    error_code
                from logs.requests
                where requester = 'anonymous' and bucket = '{self.task.bucket}'
            """,
            "activity": """
                select
                    substring(event_time, 1, 10) as day, bucket, requester,
                    event_name, count()
                from logs.requests
                group by day, bucket, requester, event_name
            """,
        }[name]
        file = self.task.answer(name)
        self.session.query(f"{statement} into outfile '{file}' truncate format CSV")

    def close(self) -> None:
        """Close the database."""
        self.session.close()


if __name__ == "__main__":
    main(ChdbTables)
