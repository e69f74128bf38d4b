"""Runs one of the benchmarks and puts its result into benchmarks/README.md.

Nothing is asserted: the machine decides the seconds, the ratios are for a reader to
compare.  Logs are kept in benchmarks/data, so that a second benchmark of the same
size starts at once.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from benchmarks import growth, new_day, report
from benchmarks.comparison import run as comparison
from benchmarks.logs import DATA
from benchmarks.measure import Failed


def positive(text: str) -> int:
    """Read a number of 1 or more.

    Raises:
        argparse.ArgumentTypeError: it is smaller, or no number.
    """
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of 1 or more")
    return number


def numbers(text: str) -> list[int]:
    """Read numbers that stand beside each other.

    Raises:
        argparse.ArgumentTypeError: there is none, or one is not 1 or more.
    """
    found = [positive(part) for part in text.split()]
    if not found:
        raise argparse.ArgumentTypeError("there is no number")
    return found


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="benchmark", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    def add(
        parser: argparse.ArgumentParser,
        option: str,
        read: Callable[[str], object],
        value: str,
        text: str,
    ) -> None:
        """Add an option that the environment may set, as make does."""
        default = os.environ.get(option.upper()) or value
        text = f"{text} (default: {value})"
        parser.add_argument(f"--{option}", type=read, default=default, help=text)

    several = "events, one number or several in quotes"
    one = command("growth", "The build of several sizes.")
    add(one, "events", numbers, "200000", several)
    add(one, "days", positive, "10", "days that they are delivered on")

    one = command("many-files", "The build of many small files.")
    add(one, "files", positive, "100000", "files")
    add(one, "events", positive, "600000", "events in all of them")
    add(one, "days", positive, "10", "days that they are delivered on")

    one = command("new-day", "One new day on histories of several lengths.")
    add(one, "events", positive, "11000", "events of a day")
    add(one, "days", numbers, "10 30 90", "days of each history, in quotes")

    one = command("comparison", "The project and what people use now.")
    add(one, "events", numbers, "200000", several)
    add(one, "days", positive, "10", "days that they are delivered on")
    add(one, "timeout", positive, "3600", "seconds after which a tool is stopped")
    return parser


def measured(arguments: argparse.Namespace) -> list[str]:
    """Run the benchmark that was asked for and return its result."""
    runs: dict[str, Callable[[], list[str]]] = {
        "growth": lambda: growth.sizes(arguments.events, arguments.days),
        "many-files": lambda: growth.many_files(
            arguments.files, arguments.events, arguments.days
        ),
        "comparison": lambda: comparison.sizes(
            arguments.events, arguments.days, arguments.timeout
        ),
        "new-day": lambda: new_day.histories(arguments.events, arguments.days),
    }
    return runs[arguments.benchmark]()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second benchmark from running beside this one.

    Raises:
        Failed: another one runs.
    """
    DATA.mkdir(exist_ok=True)
    with (DATA / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(
                "Another benchmark is running here: wait for its end, two at once"
                " would measure each other."
            ) from None
        yield


def stop(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C, so that what was started is ended too."""
    sys.exit(128 + number)


def main(argv: Sequence[str] | None = None) -> None:
    """Do what the command line asks for."""
    arguments = command_line().parse_args(argv)
    signal.signal(signal.SIGTERM, stop)
    try:
        with alone():
            lines = measured(arguments)
    except Failed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    report.record(arguments.benchmark, lines)


if __name__ == "__main__":
    main()
