"""Names the log folders in S3 that the raw Athena table does not show.

    check_source.py

SQL cannot see them: a query reads what the table's partitions, projection or
location show, and nothing tells of the rest. The settings are those of dbt:
dbt_project.yml, VARS, CLOUDTRAIL_ROOT, ATHENA_SCHEMA and AWS's own variables.

The exit is 0 if nothing is hidden, 1 if something is, or if it could not be
checked; the latter is one sentence on stderr.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

import aws
import log_folders
import source_settings
import source_table
from local_dbt import Stopped
from log_folders import Survey, Trail
from sentences import first_line, printable
from source_settings import Settings
from source_table import Partitioned, Projected, Table

WIDTH = 100
# Ranges of days, or folders, that a line or a list names one by one.
NAMED = 3
LISTED = 20

Days = dict[Trail, list[date]]


class Finding(NamedTuple):
    """Something that is hidden, and how to show it."""

    title: str
    lines: list[str]
    remedy: str
    commands: list[str]


# What is hidden


def hidden_days(survey: Survey, table: Table) -> Days:
    """Return the days of which the table does not show the folder."""
    hidden = {
        trail: [day for day in days if not table.shows(trail, day)]
        for trail, days in survey.days.items()
    }
    return {trail: days for trail, days in hidden.items() if days}


def findings(survey: Survey, table: Table, settings: Settings) -> list[Finding]:
    """Return all that is hidden, by what hides it."""
    groups: dict[tuple[str, str], Days] = {}
    for trail, days in hidden_days(survey, table).items():
        group = (hidden_by(trail, table, settings), trail.place)
        groups.setdefault(group, {})[trail] = days
    found = [
        Finding(
            title(group, place, table, settings),
            day_lines(days),
            *remedy(days, place, settings),
        )
        for (group, place), days in sorted(groups.items())
    ]
    odd = [prefix for prefix in survey.odd if not table.shows_all(prefix)]
    if odd:
        found.append(
            Finding(
                "Folders that are not named as CloudTrail names them",
                some(f"s3://{settings.bucket}/{prefix}" for prefix in odd),
                "Move the log files in them to the folder of their account, region"
                " and day, or remove them.",
                [],
            )
        )
    if isinstance(table, Partitioned) and table.misplaced:
        found.append(
            Finding(
                "Partitions that read another folder than their names say",
                some(table.misplaced),
                "Create the table and its partitions anew:",
                [command("create_table", replace="true"), command("add_partitions")],
            )
        )
    return found


def hidden_by(trail: Trail, table: Table, settings: Settings) -> str:
    """Tell what hides a trail's days: place, account, region or day."""
    if trail.place != settings.place:
        return "place"
    if trail.account not in table.accounts and settings.columns:
        return "account"
    if trail.region not in table.regions and settings.columns:
        return "region"
    return "day"


def title(group: str, place: str, table: Table, settings: Settings) -> str:
    """Return the headline of what is hidden."""
    if group == "place":
        return f"Logs in s3://{settings.bucket}/{place}, where the table does not read"
    if isinstance(table, Projected):
        if group == "day":
            return f"Days outside of the table's projection.day.range, {table.range}"
        return f"{group.capitalize()}s that the table's projection does not list"
    if isinstance(table, Partitioned):
        return f"{group.capitalize()}s without a partition"
    return "Folders outside of the table's location"


def remedy(hidden: Days, place: str, settings: Settings) -> tuple[str, list[str]]:
    """Return the sentence and the commands that make hidden days visible."""
    changed = changes(hidden, place, settings)
    accounts = changed.get("cloudtrail_account_ids", [])
    # The first account more gives the partitions another column.
    is_partitioned = settings.layout == "partitioned"
    create = (
        not is_partitioned
        or place != settings.place
        or (len(settings.accounts) < 2 <= len(accounts))
    )
    commands = [command("create_table", replace="true")] if create else []
    if is_partitioned and create:
        commands.append(command("add_partitions"))
    elif is_partitioned:
        days = [day for days in hidden.values() for day in days]
        commands.append(command("add_partitions", start=min(days), end=max(days)))
    steps = " and ".join(
        ["create the table anew"] * create + ["add the partitions"] * is_partitioned
    )
    if not changed:
        return f"{steps.capitalize()}:", commands
    listed = ", ".join(
        f"{name}: {json.dumps(value)}" for name, value in changed.items()
    )
    # Without partitions a place above the other takes both in.
    takes_both = not settings.columns and settings.place.startswith(place)
    if place != settings.place and not takes_both:
        return (
            f"To read this place instead, set {listed}, and {steps}; to read both,"
            " do so with another cloudtrail_source_table:",
            commands,
        )
    return f"Set {listed}, and {steps}:", commands


def changes(hidden: Days, place: str, settings: Settings) -> dict[str, object]:
    """Return the variables that have to be others, with their new values."""
    changed: dict[str, object] = {}
    if place != settings.place:
        above, _, inside = place.rpartition("AWSLogs/")
        if above != settings.above:
            root = f"s3://{settings.bucket}/{above}"
            changed["cloudtrail_root"] = root.rstrip("/")
        if inside.rstrip("/") != settings.organization:
            changed["cloudtrail_organization_id"] = inside.rstrip("/")
    # Without partition columns an empty list means all.
    needs_list = bool(settings.columns)
    for name, listed, found in (
        ("cloudtrail_account_ids", settings.accounts, {t.account for t in hidden}),
        ("cloudtrail_regions", settings.regions, {t.region for t in hidden}),
    ):
        missing = sorted(found - set(listed))
        if missing and (listed or needs_list):
            changed[name] = [*listed, *missing]
    if needs_list and not settings.start:
        changed["cloudtrail_start_date"] = str(min(map(min, hidden.values())))
    return changed


def command(operation: str, **arguments: object) -> str:
    """Return the command line of an operation on Athena."""
    given = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    line = f"dbt run-operation cloudtrail_{operation} --target athena"
    return f"{line} --args '{{{given}}}'" if given else line


# What is worth a line besides


def warnings(survey: Survey, table: Table, settings: Settings) -> list[str]:
    """Return a line for accounts and for regions that have no folder at all."""
    trails = [trail for trail in survey.trails if trail.place == settings.place]
    lines = []
    for what, named, found in (
        ("account", table.accounts | {*settings.accounts}, {t.account for t in trails}),
        ("region", table.regions | {*settings.regions}, {t.region for t in trails}),
    ):
        missing = sorted(named - found)
        if missing:
            lines.append(
                f"No folder in s3://{settings.bucket}/{settings.place} for the"
                f" {what} {', '.join(map(quoted, missing))}: is that spelled right,"
                " and does the trail deliver from there?"
            )
    return lines


def notes(survey: Survey, table: Table, settings: Settings) -> list[str]:
    """Return lines about what is not read on purpose or harmless."""
    lines = []
    if survey.earlier:
        is_expired = settings.days.first == settings.first_kept
        why = (
            f"than cloudtrail_retention_days ({settings.retention}) keeps"
            if is_expired
            else f"than cloudtrail_start_date ({settings.start})"
        )
        lines.append(f"Older {why}, not read on purpose: {extent(survey.earlier)}.")
    if survey.later:
        lines.append(
            f"Later than cloudtrail_end_date ({settings.end}), not read on purpose:"
            f" {extent(survey.later)}."
        )
    hidden = hidden_days(survey, table)
    left_out = sorted(
        trail
        for trail in survey.current - hidden.keys()
        if settings.leaves_out(trail.account, trail.region)
    )
    if left_out:
        lines.append(
            "Shown by the table, left out by cloudtrail_account_ids or"
            f" cloudtrail_regions: {'; '.join(names_of(left_out))}."
        )
    if isinstance(table, Partitioned):
        lines += partitions_without_folder(survey, table, settings)
    return lines


def partitions_without_folder(
    survey: Survey, table: Partitioned, settings: Settings
) -> list[str]:
    """Return a line for partitions of days without a folder, and for which."""
    empty: Days = {}
    for trail, day in sorted(table.keys):
        if settings.days.holds(day):
            empty.setdefault(trail, []).append(day)
    for trail, days in empty.items():
        there = set(survey.days.get(trail, []))
        empty[trail] = [day for day in days if day not in there]
    # A trail without any folder has its warning.
    trails = set(survey.trails)
    lines = day_lines({t: days for t, days in empty.items() if days and t in trails})
    if not lines:
        return []
    return ["Partitions without a folder, as of a quiet day: " + "; ".join(lines) + "."]


# Words


def day_lines(days: Days) -> list[str]:
    """Return a line for each account and the regions that have the same days."""
    grouped: dict[tuple[str, str], list[Trail]] = {}
    for trail, listed in sorted(days.items()):
        grouped.setdefault((trail.account, ranges(listed)), []).append(trail)
    return [
        f"{'; '.join(names_of(trails))}: {described}"
        for (_, described), trails in grouped.items()
    ]


def names_of(trails: Iterable[Trail]) -> list[str]:
    """Return a name for each account with its regions."""
    return [
        f"{account}/{', '.join(trail.region for trail in group)}"
        for account, group in groupby(trails, lambda trail: trail.account)
    ]


def ranges(days: list[date]) -> str:
    """Return days as ranges, or the first and the last of too many ranges."""
    days = sorted(days)
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    count = counted(len(days), "day")
    if len(runs) > NAMED:
        return f"{days[0]} to {days[-1]} with gaps, {count}"
    texts = [str(run[0]) + f" to {run[-1]}" * (len(run) > 1) for run in runs]
    return f"{', '.join(texts)}, {count}"


def extent(unread: dict[Trail, list[str]]) -> str:
    """Return the first and the last of years, months and days, and of how many."""
    labels = sorted(
        path.replace("/", "-") for paths in unread.values() for path in paths
    )
    accounts = len({trail.account for trail in unread})
    regions = len({trail.region for trail in unread})
    span = labels[0] if labels[0] == labels[-1] else f"{labels[0]} to {labels[-1]}"
    return f"{span} ({counted(accounts, 'account')}, {counted(regions, 'region')})"


def quoted(name: str) -> str:
    """Return a name, in quotes if it would not be recognised without."""
    return name if name and name == name.strip() else f'"{name}"'


def counted(number: int, what: str) -> str:
    """Return a number of things."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def some(lines: Iterable[str]) -> list[str]:
    """Return the first lines, and how many there are more."""
    every = list(lines)
    more = len(every) - LISTED
    return every[:LISTED] + ([f"and {more:,} more"] if more > 0 else [])


def say(text: str, indent: str = "", hanging: str = "") -> None:
    """Print a line, wrapped; no name in it can change what the screen looks like."""
    print(
        textwrap.fill(
            printable(text),
            width=WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ),
        flush=True,
    )


def report(finding: Finding) -> None:
    """Print a finding."""
    print()
    say(f"Hidden: {finding.title}")
    for line in finding.lines:
        say(line, "  ", "  ")
    say(f"-> {finding.remedy}", "  ", "   ")
    for line in finding.commands:
        print(f"       {line}")


def check() -> bool:
    """Compare the bucket with the table, and tell whether nothing is hidden.

    Raises:
        Stopped: it could not be done.
    """
    settings = source_settings.read()
    session = aws.session()
    say(f"Logs:  s3://{settings.bucket}/{settings.place}")
    say(f"Table: {settings.database}.{settings.table}, {settings.layout}")
    table = source_table.read(aws.client(session, "glue"), settings)
    bucket = log_folders.Bucket(aws.client(session, "s3"), settings.bucket, say)
    survey = log_folders.survey(bucket, settings, table.shows_all)
    accounts = len({trail.account for trail in survey.trails})
    regions = len({trail.region for trail in survey.trails})
    say(f"Found: {counted(accounts, 'account')}, {counted(regions, 'region')}")
    found = findings(survey, table, settings)
    for finding in found:
        report(finding)
    print()
    for line in warnings(survey, table, settings):
        say(f"warning: {line}", hanging="  ")
    for line in notes(survey, table, settings):
        say(f"note: {line}", hanging="  ")
    say("Folders are hidden, see above." if found else "Nothing is hidden.")
    return not found


def main() -> int:
    """Check, and return the exit code."""
    # Names in the bucket may hold what the screen's encoding lacks.
    sys.stdout.reconfigure(errors="replace")
    try:
        return 0 if check() else 1
    except Stopped as stopped:
        print(printable(str(stopped)), file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    except Exception as error:  # noqa: BLE001
        said = first_line(str(error) or repr(error))
        print(f"The source could not be checked: {said}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
