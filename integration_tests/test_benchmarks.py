"""The benchmarks' own parts: ratios, tables, answers; nothing is timed here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from driver import PROJECT

from benchmarks import __main__ as command
from benchmarks import generate, growth, logs, new_day, report
from benchmarks.comparison import answers
from benchmarks.comparison import run as comparison
from benchmarks.comparison.tools.task import ANSWERS
from benchmarks.logs import Logs
from benchmarks.measure import Failed, Run, run
from benchmarks.pipeline import BUILD, Story


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that stands for benchmarks/data."""
    monkeypatch.setattr(logs, "DATA", tmp_path / "data")
    return tmp_path / "data"


# Report


def test_a_ratio_has_three_digits_and_needs_a_floor() -> None:
    assert report.ratio(3.0, 2.0) == "1.50"
    assert report.ratio(-0.5, 2.0) == "-0.25"
    assert report.ratio(9.994, 1) == "9.99"
    assert report.ratio(9.996, 1) == "10"
    assert report.ratio(123.4, 1) == "123"
    with pytest.raises(ValueError, match="nothing can be compared"):
        report.ratio(1, 0)


def test_a_table_has_a_cell_for_each_name_and_keeps_bars_out() -> None:
    assert report.table(["tool", "s"], [["zcat | jq", "1\n 2"]]) == [
        "| tool | s |",
        "|---|---:|",
        "| zcat \\| jq | 1 2 |",
    ]
    with pytest.raises(ValueError, match="1 cells below 2 names"):
        report.table(["tool", "s"], [["jq"]])


def test_a_result_replaces_the_last_one_of_its_name_only() -> None:
    text = (
        "a\n<!-- x begins -->\nold\n<!-- x ends -->\n"
        "<!-- y begins -->\nkept\n<!-- y ends -->\n"
    )
    new = report.put(text, "x", "new")
    assert new == text.replace("old", "new")
    assert report.put(new, "x", "new") == new
    with pytest.raises(ValueError, match="z begins"):
        report.put(text, "z", "new")


def test_the_readme_has_a_place_for_every_benchmark() -> None:
    text = report.README.read_text("utf-8")
    parser = command.command_line()
    actions: Any = parser._subparsers._group_actions[0].choices
    assert len(actions) >= 4
    for name in actions:
        assert "measured" in report.put(text, name, "measured")
        assert f"`make bench{'' if name == 'growth' else f'-{name}'}" in text


# Growth


def told(build: float, models: dict[str, float]) -> Story:
    """Return a story of a build of so many seconds."""
    return Story({BUILD: Run(build, 2 * build, 10**9)}, models, 500)


def test_growth_compares_what_is_above_the_start_up(data: Path) -> None:
    fixed = told(5.0, {"fact": 0.5, "view": 0.1})
    one = growth.Measured(
        "4", Logs(4, 2, files=2), Run(0.5, 1.0, 0), told(6.5, {"fact": 1.5, "view": 0})
    )
    head, _, row = growth.growth([one], fixed)
    assert len(one.logs.sizes) == 2
    cells = dict(zip(head.split(" | "), row.split(" | "), strict=True))
    assert cells["above start-up"] == "1.50"
    assert cells["/ gunzip"] == "3.00"
    assert cells["CPU / gunzip"] == "3.00"
    assert cells["peak MB"] == "1,000"
    assert cells["bytes stored an event |"] == "125 |"
    assert growth.stages([one], fixed) == [[BUILD, "5.00", "1.50 (3.00; CPU 3.00)"]]
    assert growth.models([one], fixed) == [
        ["fact", "0.50", "1.00 (2.00)"],
        ["all", "0.60", "0.90 (1.80)"],
    ]


# Logs


def test_logs_are_kept_and_a_new_day_follows_them(data: Path) -> None:
    history = Logs(40, 4, files=8)
    folder = history.folder()
    assert len(history.sizes) == 8
    days = {file.parent.name for file in folder.rglob("*.gz")}
    assert days == {"01", "02", "03", "04"}
    marked = folder / "kept"
    marked.touch()
    assert history.folder() == folder
    assert marked.exists()
    (folder.parent / "generate.py").write_text("another generator")
    history.folder()
    assert not marked.exists()

    new = history.new_day()
    assert (new.events, new.days, new.files) == (10, 1, 2)
    assert {file.parent.name for file in new.folder().rglob("*.gz")} == {"05"}


@pytest.mark.parametrize("files", [4, 400])
def test_the_same_share_of_events_is_delivered_twice(
    tmp_path: Path, files: int
) -> None:
    plan = generate.Plan(tmp_path, 2_000, 2, files, generate.FIRST_DAY, False)
    assert sum(plan.copies(number) for number in range(files)) == 12
    ids = []
    for number in range(files):
        records = json.loads("[" + ",".join(generate._records(plan, number)) + "]")
        assert len(records) == plan.size(number)
        ids += [record["eventID"] for record in records]
    assert len(ids) == 2_000
    # The first files have none to copy from.
    assert (len(ids) - len(set(ids)) > 0) == (files > 6)


# New day


def test_what_is_read_twice_counts_twice(tmp_path: Path) -> None:
    log = tmp_path / "reads.csv"
    root = tmp_path / "logs"

    def line(path: Path, operation: str, size: int | None = None) -> str:
        told = f'""path"":""{path}"",""op"":""{operation}""'
        told += "" if size is None else f',""bytes"":""{size}""'
        return f'0,"{{{told}}}"\n'

    log.write_text(
        "query_id,message\n"
        + line(root / "a", "OPEN")
        + line(root / "a", "READ", 10)
        + line(root / "a", "READ", 10)
        + line(root / "b", "READ", 5)
        + line(root / "unread", "OPEN")
        + line(tmp_path / "seed.csv", "READ", 99)
    )
    assert new_day.reads(log, root) == new_day.Reads(2, 25)
    log.write_text("query_id,message\n")
    with pytest.raises(ValueError, match="no file that was read"):
        new_day.reads(log, root)


def test_duckdb_writes_the_log_that_is_added_up(tmp_path: Path) -> None:
    root = tmp_path / "logs"
    root.mkdir()
    for name in ("a", "b"):
        (root / f"{name}.json").write_text('{"Records": []}')
    code = (
        "import duckdb\n"
        "from benchmarks.read_log import Plugin\n"
        "connection = duckdb.connect()\n"
        "Plugin('read_log', {}).configure_connection(connection)\n"
        f"path = '{root}/a.json'\n"
        "statement = 'select json from read_json_objects($1)'\n"
        "for _ in range(3): connection.execute(statement, [path]).fetchall()\n"
    )
    log = tmp_path / "reads.csv"
    run([sys.executable, "-c", code], CLOUDTRAIL_READS=str(log))
    assert new_day.reads(log, root) == new_day.Reads(1, 3 * len('{"Records": []}'))


# Comparison


def write(folder: Path, name: str, text: str) -> Path:
    """Write an answer and return its folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_answers_are_equal_in_any_order_and_form(tmp_path: Path) -> None:
    quoted = write(tmp_path / "a", "activity.csv", '"x","a,b",2\nx,,1\nx,,1\n')
    tabs = write(tmp_path / "b", "activity.tsv", "x\t\t1\nx\ta,b\t2\nx\t\t1\n")
    parts = tmp_path / "c" / "activity.csv"
    parts.mkdir(parents=True)
    write(parts, "part-0.csv", "x,,1\n")
    write(parts, "part-1.csv", 'x,"a,b",2\nx,,1\n')
    write(parts, "_SUCCESS", "")
    for found in (tabs, parts.parent):
        assert answers.difference(quoted, found, "activity") == ""


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("x,1\n", "activity: 1 rows missing, as ('x', '1')"),
        ("x,1\nx,1\nx,1\n", "activity: 1 rows too many, as ('x', '1')"),
        (
            "x,1\ny,1\n",
            "activity: 1 rows missing, as ('x', '1'); 1 rows too many, as ('y', '1')",
        ),
        ("", "activity: 2 rows missing, as ('x', '1')"),
    ],
)
def test_a_difference_is_told(tmp_path: Path, found: str, told: str) -> None:
    expected = write(tmp_path / "a", "activity.csv", "x,1\nx,1\n")
    other = write(tmp_path / "b", "activity.csv", found)
    assert answers.difference(expected, other, "activity") == told


def test_a_missing_answer_is_no_empty_one(tmp_path: Path) -> None:
    empty = write(tmp_path / "a", "activity.csv", "")
    with pytest.raises(FileNotFoundError):
        answers.difference(empty, tmp_path, "activity")


def test_a_failed_tool_and_a_difference_are_named() -> None:
    steps = dict.fromkeys(("start", comparison.OPEN, *ANSWERS), 0.5)
    good = comparison.Result(comparison.PROJECT_TOOL, 1.0, Run(4, 4, 10**6), steps)
    wrong = comparison.Result(
        comparison.OTHERS[0],
        1.0,
        Run(2, 2, 10**6),
        steps,
        differences=["activity: 1 row"],
    )
    failed = comparison.Result(comparison.OTHERS[1], error="out of memory")
    lines = comparison.table([good, wrong, failed], Run(2, 2, 0))
    assert [line.rsplit("| ", 1)[1] for line in lines[2:5]] == [
        "yes |",
        "no |",
        "failed |",
    ]
    assert "| 4.0 | 1.0 | 1.50 | 1 |" in lines[2]
    assert lines[5:] == [
        "",
        f"- {wrong.tool.title} differs in activity: 1 row",
        f"- {failed.tool.title} failed: out of memory",
    ]


def test_tools_without_a_package_give_this_projects_answers(
    data: Path, tmp_path: Path
) -> None:
    tools = [
        tool
        for tool in comparison.OTHERS
        if not tool.package and comparison.is_there(tool)
    ]
    # Of so many files some deliver events of others again.
    generated = Logs(2_000, 3, files=40)
    results, counts = comparison.compare(generated, tools, tmp_path / "work")
    assert len(results) >= 3
    for result in results:
        assert not result.error
        assert not result.differences
        assert result.again.keys() == {"start", comparison.OPEN, *ANSWERS}
    assert all(counts.values())


# Processes


def test_a_process_is_measured_and_its_failure_told() -> None:
    code = "import time; b = bytearray(200_000_000); time.sleep(0.1)"
    done = run([sys.executable, "-c", code])
    assert done.seconds > 0.1
    assert done.peak_bytes > 200_000_000
    with pytest.raises(Failed, match="no good"):
        run(["sh", "-c", "echo no good; exit 3"])
    with pytest.raises(Failed, match="stopped after 1 s"):
        run(["sleep", "600"], timeout=1)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_what_a_process_reads_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(3_000_000))
    small = run(["cat", os.devnull]).read_bytes
    large = run(["cat", str(file)]).read_bytes
    assert small is not None
    assert large is not None
    assert 3_000_000 <= large - small < 3_100_000


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_runs_on_after_an_interruption(
    tmp_path: Path, number: signal.Signals
) -> None:
    told = tmp_path / "pid"
    code = (
        "import signal, sys\n"
        "from benchmarks.__main__ import stop\n"
        "from benchmarks.measure import run\n"
        # A job in the background, or of a worker, is born deaf to it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "run(['sh', '-c', 'sleep 600 & echo $! > $0.new;"
        " mv $0.new $0; wait', sys.argv[1]])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(told)], cwd=PROJECT, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(told.exists)
        process.send_signal(number)
        assert process.wait(timeout=60) != 0
        wait_until(lambda: not runs(int(told.read_text())))
    finally:
        process.kill()


def runs(process: int) -> bool:
    """Tell whether a process runs; a dead one that nobody waited for does not."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rsplit(")", 1)[1].split()[0] != "Z"


def wait_until(holds: Any) -> None:
    """Wait a minute at most for a condition.

    Raises:
        AssertionError: it does not come to hold.
    """
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


# Command line


@pytest.mark.parametrize("value", ["", "0", "x", "200000 x", "-1"])
def test_wrong_numbers_are_refused(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main(["growth", "--events", value])
    assert "--events" in capsys.readouterr().err


def test_make_sets_options_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS", "1000 2000")
    arguments = command.command_line().parse_args(["growth"])
    assert arguments.events == [1000, 2000]


def test_one_benchmark_runs_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "DATA", tmp_path)
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    another = pytest.raises(SystemExit, match="Another benchmark is running")
    with command.alone(), another:
        command.main(["growth"])
    with command.alone():
        pass


def test_every_tool_has_its_script() -> None:
    scripts = {path.stem for path in comparison.SCRIPTS.glob("*.py")}
    tools = {tool.script for tool in (comparison.PROJECT_TOOL, *comparison.OTHERS)}
    assert tools <= scripts
    wanted = (PROJECT / "requirements" / "bench.in").read_text("utf-8").splitlines()
    packages = {tool.package for tool in comparison.OTHERS if tool.package}
    assert packages == {line for line in wanted if line and not line.startswith("#")}
    assert shutil.which("sh")
