"""Runs one of the benchmarks and puts its result into benchmarks/README.md.

Nothing is asserted: the machine decides the seconds, the ratios are for a reader to
compare.  Logs are kept in benchmarks/data, so that a second benchmark of the same
size starts at once.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from benchmarks import growth, new_day, report
from benchmarks.comparison import run as comparison
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

    one = commands.add_parser("growth", help="the build of several sizes")
    one.add_argument("--events", type=numbers, default=[200_000], help="'200000 …'")
    one.add_argument("--days", type=positive, default=10)

    one = commands.add_parser("many-files", help="the build of many small files")
    one.add_argument("--files", type=positive, default=100_000)
    one.add_argument("--events", type=positive, default=600_000)
    one.add_argument("--days", type=positive, default=10)

    one = commands.add_parser("new-day", help="one new day on a long history")
    one.add_argument("--events", type=positive, default=11_000, help="of one day")
    one.add_argument("--days", type=numbers, default=[10, 30, 90], help="'10 30 …'")

    one = commands.add_parser("comparison", help="the project and what people use now")
    one.add_argument("--events", type=numbers, default=[200_000], help="'200000 …'")
    one.add_argument("--days", type=positive, default=10)
    one.add_argument(
        "--timeout", type=positive, default=3600, help="seconds for a tool"
    )
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


def stop(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C, so that what was started is ended too."""
    sys.exit(128 + number)


def main(argv: Sequence[str] | None = None) -> None:
    """Do what the command line asks for."""
    arguments = command_line().parse_args(argv)
    signal.signal(signal.SIGTERM, stop)
    try:
        lines = measured(arguments)
    except Failed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    report.record(arguments.benchmark, lines)


if __name__ == "__main__":
    main()
