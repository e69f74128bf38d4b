"""DuckDB's read_json with the structure of what is needed."""

from __future__ import annotations

from duckdb_tables import Tables
from task import main


class ReadJsonColumns(Tables):
    """The structure of the fields that the answers need."""

    records = """
        select unnest(Records) as r
        from read_json({files}, columns = {
            'Records': 'struct(
                eventID varchar, sharedEventID varchar, eventTime varchar,
                eventSource varchar, eventName varchar, eventCategory varchar,
                sourceIPAddress varchar, userAgent varchar, errorCode varchar,
                userIdentity struct(
                    accountId varchar, arn varchar, invokedBy varchar,
                    principalId varchar,
                    sessionContext struct(sessionIssuer struct(arn varchar))
                ),
                requestParameters struct(bucketName varchar, "key" varchar),
                additionalEventData struct(
                    SignatureVersion varchar, AuthenticationMethod varchar
                )
            )[]'
        })
    """


if __name__ == "__main__":
    main(ReadJsonColumns)
