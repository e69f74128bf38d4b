"""Histories of log files: what arrives, changes and expires, and what runs.

`histories` draws one, `Play` acts it out on a folder and a database and knows
what the tables must hold: the files that complete runs have loaded, as they
were when they were loaded, whatever came in which order.

A history stays away from what no run can make good: a file that expires before
a complete run has loaded it, and a record taken out of a file while another copy
of its request may have expired.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hostile
import oracle
from comparison import assert_tables
from driver import Run, Warehouse
from hypothesis import strategies as st

Record = dict[str, Any]

FIRST_DAY = date(2024, 2, 9)
# Folders of four days, and of one weeks later.
DAYS = (*(FIRST_DAY + timedelta(days=number) for number in range(4)), date(2024, 3, 2))
ACCOUNTS = hostile.ACCOUNTS[:2]
FILES = (
    *(
        "AWSLogs/" + hostile.log_path(account, region, day, number)
        for day in DAYS
        for number in (0, 1)
        for account in ACCOUNTS
        for region in hostile.REGIONS[:2]
    ),
    f"AWSLogs/o-example111/{hostile.log_path(ACCOUNTS[1], 'us-east-1', DAYS[1], 2)}",
    f"by day/{DAYS[1]:%Y/%m/%d}/events.json",
    "loose.json",
    "export/loose.json.gz",
)

# ------------------------------------------------------------------ Requests

CALLER = hostile.IDENTITIES[0]
OWNER = {"type": "AWSAccount", "accountId": ACCOUNTS[1], "principalId": "AIDAX"}
ANONYMOUS = {"type": "AWSAccount", "accountId": "anonymous", "principalId": ""}
ROLES = (
    "delivered",
    "delivered late",
    "to the owner",
    "updated",
    "owner's update",
    "update updated",
    "on another day",
)
SHAPES = ("request",) * 5 + (
    "anonymous",
    "companion",
    "without time",
    "without id",
    "of another service",
)


@dataclass(frozen=True)
class Request:
    """A request, and where its copies were delivered.

    Attributes:
        name: what its ids begin with.
        day: the day on which it happened, to a minute at its end or start.
        shape: what kind of request it is.
        shared: whether its copies have a sharedEventID.
        copies: the file and the role of each copy.
    """

    name: str
    day: date
    at_end: bool
    shape: str
    shared: bool
    copies: tuple[tuple[str, str], ...]

    def records(self, file: str) -> list[Record]:
        """Return the copies in a file.

        Copies of one event in one file are equal: which of them would count
        is open.
        """
        roles = [role for place, role in self.copies if place == file]
        if "delivered" in roles:
            roles = ["delivered" if r == "delivered late" else r for r in roles]
        return [self.record(file, role) for role in roles]

    def record(self, file: str, role: str) -> Record:
        """Return the copy that has a role in a file; none is like another."""
        odd = sum(map(ord, file + role + self.name))
        day = self.day + timedelta(days=role == "on another day")
        ending = {"to the owner": "-o", "updated": "-u", "owner's update": "-ou"}
        record = hostile.plain_record(
            eventID=self.name + ending.get(role, "-uu" * (role == "update updated")),
            eventTime=f"{day}T{'23:59:30' if self.at_end else '00:00:30'}Z",
            userIdentity=CALLER if not role.startswith(("to the", "owner")) else OWNER,
            recipientAccountId=ACCOUNTS[odd % 2],
            errorMessage=f"{role} in {file}",
            errorCode="AccessDenied" if odd % 3 == 0 else None,
            userAgent=hostile.AGENTS[odd % 12],
            additionalEventData={
                "SignatureVersion": "SigV2" if odd % 4 < 2 else "SigV4",
                "AuthenticationMethod": "QueryString" if odd % 5 == 0 else "AuthHeader",
                "bytesTransferredOut": odd,
            },
        )
        if self.shared:
            record["sharedEventID"] = f"{self.name}-shared"
        if role == "delivered late":
            record["addendum"] = {"reason": "DELIVERY_DELAY"}
        if "update" in role:
            original = self.name + "-u" * (role == "update updated")
            record["addendum"] = {
                "reason": "UPDATED_DATA",
                "originalEventID": original,
            }
        return {**record, **self.odd_fields()}

    def odd_fields(self) -> Record:
        """Return what tells a shape from an ordinary request."""
        if self.shape == "anonymous":
            return {"userIdentity": ANONYMOUS}
        if self.shape == "companion":
            return {"eventName": "DeleteObject", "eventType": "AwsServiceEvent"}
        if self.shape == "without time":
            return {"eventTime": "yesterday"}
        if self.shape == "without id":
            return {"eventID": None, "sharedEventID": "", "addendum": None}
        if self.shape == "of another service":
            return {"eventSource": "ec2.amazonaws.com", "eventName": "StopInstances"}
        return {}


# ------------------------------------------------------------- Files and runs

# What of its records a file holds; the last three have none.
BODIES: dict[str, Callable[[list[Record]], str | bytes]] = {
    "whole": hostile.envelope,
    "first half": lambda records: hostile.envelope(records[::2]),
    "second half": lambda records: hostile.envelope(records[1::2]),
    "without records": lambda records: hostile.envelope([]),
    "empty": lambda records: b"",
    "of other JSON": lambda records: '{"note": 1}',
}
HALVES = {
    "whole": {"first", "second"},
    "first half": {"first"},
    "second half": {"second"},
}


def keeps_all(before: str, after: str) -> bool:
    """Tell whether a file written anew holds all that it held."""
    return HALVES.get(before, set()) <= HALVES.get(after, set())


# The options of runs that stop midway.
BROKEN = {
    "broken off before the fact": ("--select", "+int_cloudtrail_files_read"),
    "broken off after the fact": ("--select", "+fct_s3_requests"),
    "broken off after the log files": ("--select", "+fct_cloudtrail_log_files"),
    "broken off after the activity": ("--select", "+fct_s3_activity_daily"),
    "broken off before the loads": ("--exclude", "fct_cloudtrail_loads+"),
}
RUNS = (
    ("run",) * 8
    + tuple(BROKEN)
    + ("full refresh", "full refresh that may lose")
    + tuple(f"full refresh {run}" for run in BROKEN)
)


@dataclass(frozen=True)
class Step:
    """What happens until a run, and the run.

    Attributes:
        written: files that arrive or are written anew, and what they hold.
        expired: files that are deleted.
        run: a run of RUNS.
        end: cloudtrail_end_date.
    """

    written: tuple[tuple[str, str], ...] = ()
    expired: tuple[str, ...] = ()
    run: str = "run"
    end: date | None = None


@dataclass(frozen=True)
class History:
    """Requests, and the steps in which their files come and are loaded."""

    requests: tuple[Request, ...]
    steps: tuple[Step, ...]

    def records(self, file: str) -> list[Record]:
        """Return all records of a file."""
        return [r for request in self.requests for r in request.records(file)]


@st.composite
def requests_in(draw: st.DrawFn, files: list[str], name: str) -> Request:
    """Draw a request with copies in some of the files."""
    return Request(
        name=name,
        day=draw(st.sampled_from((*DAYS[:3], DAYS[-1]))),
        at_end=draw(st.booleans()),
        shape=draw(st.sampled_from(SHAPES)),
        shared=draw(st.booleans()),
        copies=tuple(
            draw(
                st.lists(
                    st.tuples(st.sampled_from(files), st.sampled_from(ROLES)),
                    min_size=1,
                    max_size=4,
                )
            )
        ),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw a history."""
    # As many as a run takes without becoming slower: runs are what costs time.
    files = draw(
        st.integers(1, 10).flatmap(
            lambda count: st.lists(
                st.sampled_from(FILES), min_size=count, max_size=count, unique=True
            )
        )
    )
    count = draw(st.integers(1, 24))
    requests = [draw(requests_in(files, f"r{number}")) for number in range(count)]
    last = draw(st.integers(0, 3))
    arrivals = {file: draw(st.integers(0, last)) for file in files}
    steps = []
    some_files = st.lists(st.sampled_from(files), max_size=3, unique=True)
    bodies = st.sampled_from(["whole"] * 4 + list(BODIES))
    for number in range(last + 1):
        written = [file for file in files if arrivals[file] == number]
        if number:
            written += [file for file in draw(some_files) if arrivals[file] < number]
        steps.append(
            Step(
                written=tuple((file, draw(bodies)) for file in written),
                expired=tuple(draw(some_files)) if number else (),
                run=draw(st.sampled_from(RUNS)),
                end=draw(st.sampled_from([None, None, *DAYS[:3]])),
            )
        )
    return History(tuple(requests), tuple(steps))


# ------------------------------------------------------------------ The play


@dataclass
class Play:
    """Acts out a history, and checks the tables on the way.

    Attributes:
        history: what happens.
        folder: an empty folder.
        new_warehouse: makes a database for the logs below a root.
        tell: gets each line of the story.
        there: what the files that are there hold.
        loaded: what the files held when a complete run last read them.
        times: when the files were written.
        read_times: the same of the files as they were loaded.
        is_half_done: whether a run was broken off since the tables last held
            what `loaded` says.
        clock: when the last file was written, in seconds.
    """

    history: History
    folder: Path
    new_warehouse: Callable[..., Warehouse]
    tell: Callable[[str], Any]
    there: dict[str, str] = field(default_factory=dict)
    loaded: dict[str, str] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    read_times: dict[str, int] = field(default_factory=dict)
    is_half_done: bool = False
    clock: int = 1_700_000_000

    def __post_init__(self) -> None:
        """Make the root and the database."""
        self.root = self.folder / "root"
        self.root.mkdir()
        self.warehouse = self.new_warehouse(self.root)

    def act(self) -> None:
        """Act out all steps, and a last run that reads everything."""
        for number, step in enumerate(self.history.steps, 1):
            self.tell(f"step {number}")
            self.write(step.written)
            self.expire(step.expired)
            self.run(step.run, step.end)
        self.tell("at last")
        self.run("run", None)

    def compare_with_full_refresh(self) -> None:
        """Fail where a full refresh of all files seen makes other tables."""
        before = self.warehouse.snapshot("loaded_at")
        gone = [file for file in self.loaded if file not in self.there]
        for file in gone:
            self.put(self.root, file, self.loaded[file])
            self.there[file] = self.loaded[file]
        self.run("full refresh", None)
        after = self.warehouse.snapshot("loaded_at")
        for table, rows in after.items():
            assert before[table] == rows, f"{table} differs after a full refresh"

    # -- files

    def put(self, root: Path, file: str, body: str) -> Path:
        """Write a file, with the time that it had."""
        path = hostile.write(root / file, BODIES[body](self.history.records(file)))
        if body == "empty":
            path.write_bytes(b"")
        os.utime(path, (self.times[file], self.times[file]))
        return path

    def write(self, written: Iterable[tuple[str, str]]) -> None:
        """Have files arrive or change, if the tables can follow that."""
        for file, body in written:
            before = [s[file] for s in (self.there, self.loaded) if file in s]
            if self.has_lost_files() and not all(keeps_all(b, body) for b in before):
                continue
            self.clock += 1
            self.times[file] = self.clock
            self.there[file] = body
            self.put(self.root, file, body)
            self.tell(f"    {file} is {body}:")
            for record in oracle.read_file(self.root / file).records:
                fields = ("eventID", "sharedEventID", "eventTime", "errorMessage")
                addendum = (record.get("addendum") or {}).get("originalEventID", "")
                shown = [str(record.get(name, "")) for name in fields]
                self.tell("        " + " | ".join([*shown, addendum]))

    def has_lost_files(self) -> bool:
        """Tell whether a file that was loaded is gone."""
        return any(file not in self.there for file in self.loaded)

    def expire(self, files: Iterable[str]) -> None:
        """Delete files, if all that is there now was loaded as it is."""
        for file in files:
            is_settled = not self.is_half_done and all(
                not self.is_changed(name) for name in self.there
            )
            if is_settled and file in self.there and file in self.loaded:
                del self.there[file]
                (self.root / file).unlink()
                self.tell(f"    {file} expires")

    # -- runs

    def read_by(self, end: date | None) -> dict[str, str]:
        """Return the files that are there up to a day."""
        return {
            file: body
            for file, body in self.there.items()
            if end is None or oracle.log_date(file) <= end
        }

    def refusal(self, run: str, end: date | None) -> str:
        """Return what a run is refused with, nothing for one that succeeds."""
        wanted = self.read_by(end)
        changes_tables = "before the fact" not in run
        is_rebuild = run.startswith("full refresh") or not self.loaded
        if not wanted:
            return "cloudtrail_root"
        if not changes_tables:
            return ""
        if is_rebuild and set(wanted.values()) == {"of other JSON"}:
            return "holds no CloudTrail log file"
        would_lose = any(
            file not in self.there
            and oracle.log_date(file) <= (end or date.max)
            and oracle.read_file(self.put(self.folder / "lost", file, body)).records
            for file, body in self.loaded.items()
        )
        if run.startswith("full refresh") and "lose" not in run and would_lose:
            return "a full refresh would lose"
        return ""

    def is_changed(self, file: str) -> bool:
        """Tell whether a file was written since a run last read it."""
        return file in self.loaded and self.times[file] != self.read_times[file]

    def refusal_at_end(self, is_refresh: bool, end: date) -> str:
        """Return what a run is refused with that would have to read on.

        After a run that was broken off, or where a file changed, and only if
        there is something after the end.
        """
        has_changed = any(map(self.is_changed, self.read_by(end)))
        is_there_more = any(
            oracle.log_date(file) > end for file in {**self.there, **self.loaded}
        )
        may_be = not is_refresh and (has_changed or self.is_half_done)
        return "leaves out log days" if may_be and is_there_more else ""

    def run(self, run: str, end: date | None) -> None:
        """Run dbt, and compare the tables where the run was a whole one."""
        self.tell(f"    {run}" + (f" until {end}" if end else ""))
        is_refresh = run.startswith("full refresh")
        breaks_off = next((name for name in BROKEN if run.endswith(name)), None)
        refusal = self.refusal(run, end)
        done = self.invoke(is_refresh, breaks_off, "lose" in run, end)
        if not refusal and end and "leaves out log days" in done.error:
            refusal = self.refusal_at_end(is_refresh, end)
        if refusal:
            self.tell("        which is refused")
            assert not done.success, "the run succeeded"
            assert refusal in done.error, done.error
            return
        assert done.success, done.error
        is_rebuild = is_refresh or not self.loaded
        if breaks_off:
            if "before the fact" not in run:
                self.is_half_done = True
                # What it read is not loaded, also if it comes back as it was.
                changed = filter(self.is_changed, self.read_by(end))
                self.read_times.update(dict.fromkeys(changed, 0))
                if is_rebuild:
                    self.loaded.clear()
            return
        read = self.read_by(end)
        self.loaded = {**({} if is_rebuild else self.loaded), **read}
        self.read_times.update({file: self.times[file] for file in read})
        self.is_half_done = False
        self.compare()

    def invoke(
        self, is_refresh: bool, breaks_off: str | None, may_lose: bool, end: date | None
    ) -> Run:
        """Run dbt."""
        variables: dict[str, Any] = {"end_date": str(end)} if end else {}
        if may_lose:
            variables["allow_data_loss"] = True
        return self.warehouse.run(
            *(["--full-refresh"] if is_refresh else []),
            *(BROKEN[breaks_off] if breaks_off else ()),
            **variables,
        )

    def compare(self) -> None:
        """Fail where the tables are not those of the files loaded."""
        seen = self.folder / "seen"
        shutil.rmtree(seen, ignore_errors=True)
        for file, body in self.loaded.items():
            self.put(seen, file, body)
        assert_tables(oracle.tables(seen), self.warehouse)
