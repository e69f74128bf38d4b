"""zcat, jq, sort and awk: no table is kept, every answer reads the files."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile

from task import Task, main

# Of each record that is asked for, its key and then the columns of an answer.
COLUMNS = r"""
def requester:
    .userIdentity
    | if .accountId == "anonymous" then "anonymous"
      else .sessionContext.sessionIssuer.arn // .arn // .invokedBy
        // "\(.accountId):\(.principalId | split(":")[0])"
      end;
def agent: .userAgent | sub("^\\[(?<agent>.*)\\]$"; .agent);
.Records[]
| select(.eventSource == "s3.amazonaws.com")
"""
PROGRAMS = {
    "sigv2_requesters": r"""
        | select(.additionalEventData.SignatureVersion == "SigV2")
        | [.sharedEventID // .eventID, requester, .eventTime,
           .requestParameters.bucketName,
           .additionalEventData.AuthenticationMethod]
    """,
    "object_access": r"""
        | select(.eventCategory == "Data" and .eventName != "HeadBucket"
            and .eventTime[:10] == $day)
        | [.sharedEventID // .eventID, .eventTime, .eventName,
           .requestParameters.bucketName, .requestParameters.key, requester,
           .sourceIPAddress, agent, .errorCode]
    """,
    "anonymous_access": r"""
        | select(.userIdentity.accountId == "anonymous"
            and .requestParameters.bucketName == $bucket)
        | [.sharedEventID // .eventID, .eventTime, .eventName,
           .requestParameters.key, .sourceIPAddress, agent, .errorCode]
    """,
    "activity": r"""
        | [.sharedEventID // .eventID, .eventTime[:10],
           .requestParameters.bucketName, requester, .eventName]
    """,
}
COUNTS = r"""cut -f 2- | LC_ALL=C sort | uniq -c |
    awk '{n = $1; sub(/^ *[0-9]+ /, ""); print $0 "\t" n}'"""
REQUESTERS = r"""cut -f 2- | awk -F '\t' -v OFS='\t' '
    {
        count[$1]++
        header[$1] += ($4 == "AuthHeader")
        url[$1] += ($4 == "QueryString")
        if ($3 != "" && !(($1, $3) in met)) { met[$1, $3]; buckets[$1]++ }
        if (!($1 in first) || $2 < first[$1]) first[$1] = $2
        if ($2 > last[$1]) last[$1] = $2
    }
    END {
        for (r in count)
            print r, count[r], header[r], url[r], buckets[r] + 0, first[r], last[r]
    }'"""
SUMMARIES = {"sigv2_requesters": REQUESTERS, "activity": COUNTS}


class ZcatJq:
    """One pipeline for each answer, its first part on all cores."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def load(self) -> None:
        """Do nothing: the answers read the files."""

    def open(self) -> None:
        """Do nothing: the answers read the files."""

    def answer(self, name: str) -> None:
        """Run the pipeline of an answer; its result has tabs."""
        with tempfile.TemporaryDirectory(dir=self.task.out) as parts:
            one = (
                f'zcat "$@" | jq -r --arg day {self.task.day}'
                f" --arg bucket {shlex.quote(self.task.bucket)}"
                f" {shlex.quote(COLUMNS + PROGRAMS[name] + '| @tsv')}"
                f" > {shlex.quote(parts)}/$$"
            )
            summary = SUMMARIES.get(name, "cut -f 2-")
            file = self.task.answer(name).with_suffix(".tsv")
            pipeline = (
                f"find {shlex.quote(str(self.task.logs))} -name '*.json.gz' -print0"
                f" | xargs -0 -n 100 -P {os.cpu_count()} sh -ec {shlex.quote(one)} -"
                f" && LC_ALL=C sort -u -k 1,1 {shlex.quote(parts)}/*"
                f" | {summary} > {shlex.quote(str(file))}"
            )
            code = subprocess.run(["sh", "-ec", pipeline], check=False).returncode
            if code:
                sys.exit(f"the pipeline of {name} ended in {code}")

    def close(self) -> None:
        """Do nothing: nothing stays open."""


if __name__ == "__main__":
    main(ZcatJq)
