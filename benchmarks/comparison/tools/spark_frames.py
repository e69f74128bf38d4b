"""PySpark on this machine alone: a data frame of the files, saved as Parquet."""

from __future__ import annotations

import os

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from task import Task, main

RECORD = """Records array<struct<
    eventID string, sharedEventID string, eventTime string, eventSource string,
    eventName string, eventCategory string, sourceIPAddress string, userAgent string,
    errorCode string,
    userIdentity struct<
        accountId string, arn string, invokedBy string, principalId string,
        sessionContext struct<sessionIssuer struct<arn string>>
    >,
    requestParameters struct<bucketName string, key string>,
    additionalEventData struct<SignatureVersion string, AuthenticationMethod string>
>>"""


class SparkFrames:
    """A folder of Parquet files of the requests."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.folder = str(task.saved / "requests.parquet")
        self.spark = (
            SparkSession.builder.master("local[*]")
            .config("spark.driver.memory", "8g")
            .config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
            .config("spark.ui.enabled", "false")
            .config("spark.local.dir", str(task.saved / "spark"))
            .getOrCreate()
        )

    def load(self) -> None:
        """Read the files and save the requests."""
        identity = "r.userIdentity"
        (
            self.spark.read.schema(RECORD)
            .option("recursiveFileLookup", "true")
            .option("pathGlobFilter", "*.json.gz")
            .json(str(self.task.logs))
            .select(f.explode("Records").alias("r"))
            .where("r.eventSource = 's3.amazonaws.com'")
            .select(
                f.coalesce("r.sharedEventID", "r.eventID").alias("request_key"),
                f.col("r.eventTime").alias("event_time"),
                f.col("r.eventName").alias("event_name"),
                f.col("r.eventCategory").alias("event_category"),
                f.col("r.requestParameters.bucketName").alias("bucket"),
                f.col("r.requestParameters.key").alias("object_key"),
                f.when(f.col(f"{identity}.accountId") == "anonymous", "anonymous")
                .otherwise(
                    f.coalesce(
                        f"{identity}.sessionContext.sessionIssuer.arn",
                        f"{identity}.arn",
                        f"{identity}.invokedBy",
                        f.concat_ws(
                            ":",
                            f"{identity}.accountId",
                            f.split(f"{identity}.principalId", ":")[0],
                        ),
                    )
                )
                .alias("requester"),
                f.col("r.sourceIPAddress").alias("source_ip"),
                f.regexp_replace("r.userAgent", r"^\[(.*)\]$", "$1").alias(
                    "user_agent"
                ),
                f.col("r.errorCode").alias("error_code"),
                f.col("r.additionalEventData.SignatureVersion").alias("signature"),
                f.col("r.additionalEventData.AuthenticationMethod").alias(
                    "authentication"
                ),
            )
            .dropDuplicates(["request_key"])
            .write.parquet(self.folder)
        )
        self.open()

    def open(self) -> None:
        """Open the saved files."""
        self.spark.read.parquet(self.folder).createOrReplaceTempView("requests")

    def frame(self, name: str) -> DataFrame:
        """Return an answer."""
        statement = {
            "sigv2_requesters": """
                select
                    requester,
                    count(*),
                    count_if(authentication = 'AuthHeader'),
                    count_if(authentication = 'QueryString'),
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
                    and left(event_time, 10) = '{self.task.day}'
            """,
            "anonymous_access": f"""
                select
                    event_time, event_name, object_key, source_ip, user_agent,
                    error_code
                from requests
                where requester = 'anonymous' and bucket = '{self.task.bucket}'
            """,
            "activity": """
                select
                    left(event_time, 10), bucket, requester, event_name, count(*)
                from requests
                group by all
            """,
        }[name]
        return self.spark.sql(statement)

    def answer(self, name: str) -> None:
        """Write an answer into a folder of CSV files."""
        self.frame(name).write.mode("overwrite").option("emptyValue", "").csv(
            str(self.task.answer(name))
        )

    def close(self) -> None:
        """Wait for the end of Java, so that its memory counts as this process's."""
        gateway = self.spark.sparkContext._gateway
        self.spark.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()


if __name__ == "__main__":
    main(SparkFrames)
