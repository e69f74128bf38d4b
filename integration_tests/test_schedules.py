"""The plain ways to run the project on a schedule: make daily, cron, systemd, CI."""

from __future__ import annotations

import configparser
import fcntl
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import checkouts
import pytest
import yaml
from checkouts import Checkout, record, write_log
from driver import PROJECT

DEPLOY = PROJECT / "deploy"
# Where the examples suppose the checkout to be.
INSTALLED = "/opt/cloudtrail_s3"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one log that was delivered just now."""
    root = tmp_path_factory.mktemp("fresh")
    now = datetime.now(timezone.utc)
    write_log(
        root / f"111122223333_CloudTrail_eu-west-1_{now:%Y%m%dT%H%MZ}_EXAMPLE.json.gz",
        record(
            eventTime=f"{now:%Y-%m-%dT00:00:00Z}", tlsDetails={"tlsVersion": "TLSv1"}
        ),
    )
    return root


@pytest.fixture
def start(checkout: Checkout, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that starts deploy/daily.sh with settings."""

    def started(
        command: list[str] | None = None, **settings: Any
    ) -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in checkouts.KEPT if name in os.environ}
        given = {"CLOUDTRAIL_DUCKDB_PATH": tmp_path / "test.duckdb", **settings}
        return subprocess.Popen(
            command or ["sh", str(checkout.folder / "deploy" / "daily.sh")],
            env={**kept, **{name: str(value) for name, value in given.items()}},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process, and return its exit code and what it printed."""
    out, err = process.communicate()
    return process.returncode, out, err


# deploy/daily.sh


def test_a_run_whose_lock_is_taken_leaves(
    start: Callable[..., Any], fresh: Path, tmp_path: Path
) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, out, err = ended(start(CLOUDTRAIL_ROOT=fresh, CLOUDTRAIL_LOCK=lock))
    assert (code, out) == (75, "")
    assert str(lock) in err
    assert not (tmp_path / "test.duckdb").exists()


def test_of_two_runs_the_second_leaves_and_findings_fail_the_next(
    checkout: Checkout, start: Callable[..., Any], fresh: Path, tmp_path: Path
) -> None:
    """The first is what systemd's service does; only its paths are others."""
    service = unit("cloudtrail-s3.service")["Service"]
    assert service["EnvironmentFile"] == "/etc/cloudtrail_s3.env"
    text = (DEPLOY / "systemd" / "cloudtrail_s3.env.example").read_text("utf-8")
    settings = dict(word.split("=", 1) for word in shlex.split(text, comments=True))
    assert_settings_are_read(list(settings))
    settings |= {
        "CLOUDTRAIL_ROOT": str(fresh),
        "CLOUDTRAIL_DUCKDB_PATH": str(tmp_path / "test.duckdb"),
        "CLOUDTRAIL_LOCK": str(tmp_path / "lock"),
        "CLOUDTRAIL_LOG_DIR": str(tmp_path / "runs"),
    }
    command = service["ExecStart"].replace(INSTALLED, str(checkout.folder))
    first = start([command], **settings)
    # Its log is the first that it makes once it has the lock.
    while not list(tmp_path.glob("runs/*.log")):
        assert first.poll() is None, ended(first)
    assert ended(start(**settings))[0] == 75
    # cron has nothing to mail.
    assert ended(first) == (0, "", "")
    (log,) = (tmp_path / "runs").iterdir()
    assert re.search(r"Built in \d+ s: \d+ checks passed", log.read_text())
    assert "A client connects with TLS below 1.2" in log.read_text()
    settings["VARS"] = "{cloudtrail_fail_on_severity: high}"
    code, out, err = ended(start(**settings))
    assert (code, out) == (2, "")
    assert "1 open finding of severity" in err
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_old_logs_and_a_build_that_fails_fail_the_run(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    root = tmp_path / "logs"
    name = "111122223333_CloudTrail_eu-west-1_20260501T1000Z_EXAMPLE.json.gz"
    damaged = write_log(root / name, *[record(number) for number in range(50)])
    code, out, err = ended(start(CLOUDTRAIL_ROOT=root))
    assert code != 0
    assert "the newest log file at 2026-05-01 10:00 UTC" in err
    assert "Built" not in out
    code, out, err = ended(start(CLOUDTRAIL_ROOT=tmp_path / "nowhere"))
    assert code != 0
    assert "No log file that has CloudTrail's name was found" in err
    damaged.write_bytes(damaged.read_bytes()[:200])
    code, out, err = ended(start(CLOUDTRAIL_ROOT=root, FRESHNESS="0"))
    assert code != 0
    assert f"The file {damaged} is damaged" in err
    assert "Traceback" not in out + err


def test_a_run_ends_at_its_time_limit(
    start: Callable[..., Any], fresh: Path, tmp_path: Path
) -> None:
    lock = tmp_path / "lock"
    settings = {"CLOUDTRAIL_ROOT": fresh, "CLOUDTRAIL_LOCK": lock}
    code, _, _ = ended(start(**settings, CLOUDTRAIL_TIME_LIMIT="0.01s"))
    assert code == 124
    # Processes of the run that end a moment after make have the lock so long.
    subprocess.run(["flock", "--timeout", "60", lock, "true"], check=True)


# cron and systemd


def test_the_crontab_runs_what_is_there() -> None:
    lines = (DEPLOY / "cron" / "crontab.example").read_text().splitlines()
    settings = [line for line in lines if re.match(r"[A-Z_]+=", line)]
    assert_settings_are_read([line.partition("=")[0] for line in settings])
    (entry,) = [line for line in lines if line[0] not in "#" and line not in settings]
    *when, command = entry.split()
    assert len(when) == 5
    assert here(command).is_file()


def assert_settings_are_read(names: list[str]) -> None:
    """Compare settings of an example with those that something reads."""
    read = {"MAILTO", "CRON_TZ"}
    for file in ("deploy/daily.sh", "profiles.example.yml", "Makefile"):
        read |= set(re.findall(r"[A-Z0-9_]{3,}", (PROJECT / file).read_text("utf-8")))
    for file in (PROJECT / "scripts").glob("*.py"):
        read |= set(re.findall(r'"([A-Z0-9_]{3,})"', file.read_text("utf-8")))
    assert names and set(names) - read == set()


def here(path: str) -> Path:
    """Return where a path of the examples is in this checkout."""
    assert path.startswith(f"{INSTALLED}/")
    return PROJECT / path.removeprefix(f"{INSTALLED}/")


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit file."""
    parser = configparser.ConfigParser(
        interpolation=None, delimiters="=", comment_prefixes="#", strict=False
    )
    parser.optionxform = str  # type: ignore[assignment]
    text = (DEPLOY / "systemd" / name).read_text("utf-8")
    parser.read_string(text.replace("\\\n", " "))
    return parser


def test_the_units_name_each_other_and_files_that_are_there() -> None:
    service = unit("cloudtrail-s3.service")
    assert here(service["Service"]["ExecStart"]).stat().st_mode & 0o111
    assert here(service["Unit"]["Documentation"].removeprefix("file://")).is_file()
    assert (DEPLOY / "systemd" / service["Unit"]["OnFailure"]).is_file()
    timer = unit("cloudtrail-s3.timer")
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With this checkout as the installed one, and a user that is there."""
    names = []
    for file in (DEPLOY / "systemd").glob("cloudtrail-s3*"):
        text = file.read_text("utf-8").replace(INSTALLED, str(PROJECT))
        text = text.replace("/usr/bin/logger", shutil.which("true") or "/bin/true")
        (tmp_path / file.name).write_text(text.replace("User=cloudtrail", "User=root"))
        names.append(str(tmp_path / file.name))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "cloudtrail-s3" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


# GitHub Actions


def test_the_workflow_names_what_there_is() -> None:
    text = (DEPLOY / "github-actions" / "cloudtrail-s3.yml").read_text("utf-8")
    workflow = yaml.safe_load(text)
    # YAML reads "on" as true.
    assert workflow[True]["schedule"] == [{"cron": "30 1 * * *"}]
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    (job,) = workflow["jobs"].values()
    targets = re.findall(r"make ([\w-]+)", text)
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    assert targets == ["backfill", "daily"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    steps = job["steps"]
    names = [name for step in [job, *steps] for name in step.get("env", {})]
    assert_settings_are_read(names)
    outputs = yaml.safe_load((PROJECT / "profiles.example.yml").read_text("utf-8"))
    assert job["env"]["TARGET"] in outputs["cloudtrail_s3"]["outputs"]
    # What a person types reaches a shell as a variable only.
    assert not [step for step in steps if "${{" in step.get("run", "")]
    conditions = [step["if"] for step in steps if "if" in step]
    assert len(conditions) == 2
    (role,) = [step for step in steps if "aws-actions" in step.get("uses", "")]
    assert "role-to-assume" in role["with"]
    assert "secrets." not in text
