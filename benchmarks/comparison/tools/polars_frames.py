"""Polars: a lazy frame of the files, saved as Parquet."""

from __future__ import annotations

import polars as pl
from task import Task, main

TEXT = pl.String
RECORD = pl.Struct(
    {
        "eventID": TEXT,
        "sharedEventID": TEXT,
        "eventTime": TEXT,
        "eventSource": TEXT,
        "eventName": TEXT,
        "eventCategory": TEXT,
        "sourceIPAddress": TEXT,
        "userAgent": TEXT,
        "errorCode": TEXT,
        "userIdentity": pl.Struct(
            {
                "accountId": TEXT,
                "arn": TEXT,
                "invokedBy": TEXT,
                "principalId": TEXT,
                "sessionContext": pl.Struct(
                    {"sessionIssuer": pl.Struct({"arn": TEXT})}
                ),
            }
        ),
        "requestParameters": pl.Struct({"bucketName": TEXT, "key": TEXT}),
        "additionalEventData": pl.Struct(
            {"SignatureVersion": TEXT, "AuthenticationMethod": TEXT}
        ),
    }
)


def member(*names: str) -> pl.Expr:
    """Return a member of a record."""
    found = pl.col(names[0])
    for name in names[1:]:
        found = found.struct.field(name)
    return found


class PolarsFrames:
    """A Parquet file of the requests."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.file = task.saved / "requests.parquet"

    def load(self) -> None:
        """Read the files and save the requests."""
        files = sorted(self.task.logs.rglob("*.json.gz"))
        identity = "userIdentity"
        requests = (
            pl.scan_ndjson(files, schema={"Records": pl.List(RECORD)})
            .explode("Records")
            .unnest("Records")
            .filter(pl.col("eventSource") == "s3.amazonaws.com")
            .select(
                request_key=pl.coalesce("sharedEventID", "eventID"),
                event_time="eventTime",
                event_name="eventName",
                event_category="eventCategory",
                bucket=member("requestParameters", "bucketName"),
                object_key=member("requestParameters", "key"),
                requester=pl.when(member(identity, "accountId") == "anonymous")
                .then(pl.lit("anonymous"))
                .otherwise(
                    pl.coalesce(
                        member(identity, "sessionContext", "sessionIssuer", "arn"),
                        member(identity, "arn"),
                        member(identity, "invokedBy"),
                        member(identity, "accountId")
                        + ":"
                        + member(identity, "principalId").str.split(":").list.first(),
                    )
                ),
                source_ip="sourceIPAddress",
                user_agent=pl.col("userAgent").str.replace(r"^\[(.*)\]$", "$1"),
                error_code="errorCode",
                signature=member("additionalEventData", "SignatureVersion"),
                authentication=member("additionalEventData", "AuthenticationMethod"),
            )
            .unique("request_key")
        )
        requests.sink_parquet(self.file)
        self.open()

    def open(self) -> None:
        """Open the saved file."""
        self.requests = pl.scan_parquet(self.file)

    def answer(self, name: str) -> None:
        """Write an answer from the saved file."""
        authentication = pl.col("authentication")
        day = pl.col("event_time").str.slice(0, 10).alias("day")
        frames = {
            "sigv2_requesters": self.requests.filter(pl.col("signature") == "SigV2")
            .group_by("requester")
            .agg(
                pl.len(),
                (authentication == "AuthHeader").sum().alias("header"),
                (authentication == "QueryString").sum().alias("presigned"),
                pl.col("bucket").drop_nulls().n_unique().alias("buckets"),
                pl.col("event_time").min().alias("first"),
                pl.col("event_time").max().alias("last"),
            ),
            "object_access": self.requests.filter(
                pl.col("event_category") == "Data",
                pl.col("event_name") != "HeadBucket",
                day == self.task.day,
            ).select(
                "event_time",
                "event_name",
                "bucket",
                "object_key",
                "requester",
                "source_ip",
                "user_agent",
                "error_code",
            ),
            "anonymous_access": self.requests.filter(
                pl.col("requester") == "anonymous",
                pl.col("bucket") == self.task.bucket,
            ).select(
                "event_time",
                "event_name",
                "object_key",
                "source_ip",
                "user_agent",
                "error_code",
            ),
            "activity": self.requests.group_by(
                day, "bucket", "requester", "event_name"
            ).len(),
        }
        frames[name].sink_csv(self.task.answer(name), include_header=False)

    def close(self) -> None:
        """Do nothing: nothing stays open."""


if __name__ == "__main__":
    main(PolarsFrames)
