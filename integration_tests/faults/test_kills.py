"""SIGKILL at every statement of a run: readers, and the next ordinary run."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile
import oracle
import pytest
from comparison import differences
from faulty import FaultyWarehouse, Readable, points_of_change, writes
from february import OTHERS, OWNER, event, log
from thorough import IS_THOROUGH

LOADS = "fct_cloudtrail_loads"
# What is shown of the kills that went wrong.
SHOWN = 5
# All kills take an hour of two cores: in shares, which tell how far they are and
# can be run by several processes (--dist load).
SHARES = range(8 if IS_THOROUGH else 1)


def of_day(day: int, name: str, **fields: Any) -> dict[str, Any]:
    """Return a record of a day in February 2024."""
    return event(eventID=name, eventTime=f"2024-02-{day:02}T10:00:00Z", **fields)


def write_before(root: Path) -> None:
    """Write the logs that are loaded before a run is killed."""
    hostile.write_logs(root, 5, records=40)
    owned = {"userIdentity": OWNER}
    log(root, 10, 1, *OTHERS, event(eventID="owner", sharedEventID="s", **owned))
    log(root, 11, 1, of_day(11, "corrected"), of_day(11, "stays"))
    # Alone on its event day, which is none of the folder's.
    log(root, 12, 1, of_day(5, "alone on its day"), of_day(12, "beside it"))
    log(root, 13, 1, of_day(13, "emptied"))
    log(root, 13, 2, event(eventID="twice", errorMessage="first"))
    log(root, 14, 1, event(eventID="twice", errorMessage="second"))


def write_after(root: Path) -> None:
    """Write what a run then finds.

    Files in old and new days, a copy that moves the winner, an update, a changed and
    an emptied file, a file that loses the winner, and one that loses an event day.
    """
    log(root, 10, 2, of_day(10, "late"), of_day(9, "very late"))
    log(root, 15, 1, event(eventID="caller", sharedEventID="s"), of_day(15, "new"))
    correction = {"reason": "UPDATED_DATA", "originalEventID": "corrected"}
    log(root, 16, 1, of_day(11, "correction", addendum=correction))
    log(root, 11, 1, of_day(11, "corrected"), of_day(11, "stays", errorCode="x"))
    log(root, 12, 1, of_day(12, "beside it"))
    log(root, 13, 1)
    log(root, 13, 2, of_day(13, "in the winner's place"))


class Kills:
    """A run that is killed again and again, each time from the same state."""

    def __init__(
        self,
        before: FaultyWarehouse,
        expected: oracle.Tables,
        arguments: tuple[str, ...],
        folder: Path,
    ) -> None:
        """Run it once to its end, and keep its statements.

        Args:
            before: the database that it begins with.
            expected: the tables that it ends in.
            arguments: its options.
            folder: where copies of the database are.
        """
        self.before, self.expected = before, expected
        self.arguments, self.folder = arguments, folder
        self.old = before.readable()
        whole = before.copy(folder)
        self.statements = whole.load(*arguments).statements
        self.new = whole.readable()
        assert differences(expected, whole.warehouse) == []

    def points(self, sample: int) -> list[int]:
        """Return the statements to kill at: all, or a sample.

        A kill at a statement finds what those before it did. So those after a change
        come first; the others are drawn.
        """
        count = len(self.statements)
        if IS_THOROUGH:
            return list(range(1, count + 1))
        changes = points_of_change(self.statements)
        draw = random.Random(count)
        chosen = {number + 1 for number in changes[:-1]}
        chosen = set(draw.sample(sorted(chosen), min(sample, len(chosen))))
        return sorted(chosen | set(draw.sample(range(1, count + 1), 2)))

    def after(self, *kills: int) -> list[str]:
        """Kill runs one after the other, let one end, and say what is wrong."""
        broken = self.before.copy(self.folder)
        wrong = []
        for number in kills:
            run = broken.start(*self.arguments, kill_at=number).until_ended()
            assert run.killed or run.success, run.error
            wrong += self.unreadable(broken.readable())
        healing = broken.start().until_ended()
        if not healing.success:
            wrong.append(healing.error)
        wrong += differences(self.expected, broken.warehouse)
        name = ", then at ".join(
            f"{number}: {' '.join(self.statements[number - 1].split())[-120:]}"
            for number in kills
        )
        return [f"killed at {name}", *wrong[:SHOWN]] if wrong else []

    def unreadable(self, found: Readable) -> list[str]:
        """Say which table is neither as before nor as after the run."""
        gone = [f"{name} is gone" for name in self.old if name not in found]
        mixed = [
            f"{name} holds neither the old rows nor the new ones"
            for name, rows in found.items()
            # What is loaded is forgotten before a rebuild changes a table.
            if name != LOADS and rows not in (self.old.get(name), self.new[name])
        ]
        return gone + mixed


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of the logs."""
    root = tmp_path_factory.mktemp("logs")
    write_before(root)
    return root


@pytest.fixture(scope="module")
def loaded(
    logs: Path, new_faulty: Callable[..., FaultyWarehouse]
) -> tuple[FaultyWarehouse, oracle.Tables]:
    """Return a loaded database whose logs have changed since, and what they give."""
    warehouse = new_faulty(logs)
    warehouse.load()
    assert differences(oracle.tables(logs), warehouse.warehouse) == []
    write_after(logs)
    return warehouse, oracle.tables(logs)


@pytest.fixture(scope="module")
def kills(
    loaded: tuple[FaultyWarehouse, oracle.Tables],
    logs: Path,
    new_faulty: Callable[..., FaultyWarehouse],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Kills]]:
    """Return a function that makes the kills of a kind of run."""
    made: dict[str, Kills] = {}
    before, expected = loaded

    def make(kind: str) -> Kills:
        if kind not in made:
            start = new_faulty(logs) if kind == "first load" else before
            options = ("--full-refresh",) if kind == "full refresh" else ()
            folder = tmp_path_factory.mktemp("kills")
            made[kind] = Kills(start, expected, options, folder)
        return made[kind]

    yield make


KINDS = {"incremental run": 6, "full refresh": 6, "first load": 3}


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_a_statement(
    kind: str, share: int, kills: Callable[[str], Kills]
) -> None:
    """Readers keep whole tables, and the next run ends in the right ones."""
    run = kills(kind)
    points = run.points(KINDS[kind])[share :: len(SHARES)]
    wrong = [run.after(number) for number in points]
    assert list(filter(None, wrong)) == []


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("kind", ["incremental run", "full refresh"])
def test_two_kills_in_a_row(
    kind: str, share: int, kills: Callable[[str], Kills]
) -> None:
    """What two broken runs leave behind is made good as well."""
    run = kills(kind)
    points = run.points(20)
    draw = random.Random(2)
    pairs = [draw.sample(points, 2) for _ in range(40 if IS_THOROUGH else 2)]
    wrong = itertools.starmap(run.after, pairs[share :: len(SHARES)])
    assert list(filter(None, wrong)) == []


def test_a_kill_amid_a_statement(
    tmp_path: Path, new_faulty: Callable[..., FaultyWarehouse]
) -> None:
    """A kill while rows are being written leaves the table as it was."""
    root = tmp_path / "logs"
    log(root, 10, 1, *OTHERS)
    before = new_faulty(root)
    before.load()
    for number in range(4):
        ids = [f"event {number} {row}" for row in range(15000)]
        log(root, 11, number, *[event(eventID=name) for name in ids])
    expected = oracle.tables(root)
    run = Kills(before, expected, (), tmp_path / "kills")
    long_ones = [
        number
        for number, statement in enumerate(run.statements, 1)
        if "fct_s3_requests" in statement and writes(statement)
    ]
    assert long_ones
    wrong = []
    for number in long_ones:
        for share in (0.02, 0.1, 0.3):
            broken = before.copy(tmp_path / "broken")
            started = broken.start().until_sent(number)
            time.sleep(share)
            started.kill()
            wrong += run.unreadable(broken.readable())
    broken.load()
    assert wrong + differences(expected, broken.warehouse) == []
