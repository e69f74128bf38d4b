"""Another project installs this one, and names what it trusts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import hostile
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.deprecations import reset_deprecations
from driver import DATABASE, PROJECT, environment, write_profiles

SEEDS = ["cloudtrail_trusted_networks", "cloudtrail_trusted_principals"]
# As the README tells it.
SETTINGS: dict[str, Any] = {
    "name": "consumer",
    "profile": "cloudtrail_s3",
    "flags": {
        "send_anonymous_usage_stats": False,
        "require_ref_searches_node_package_before_root": True,
    },
    "seeds": {
        "cloudtrail_s3": {seed: {"+enabled": False} for seed in SEEDS},
    },
}


class Consumer:
    """A project that has this one among its packages."""

    def __init__(self, folder: Path) -> None:
        """Write the project, with logs of its own."""
        self.folder = folder
        self.warnings: list[str] = []
        self.failed: list[str] = []
        folder.joinpath("seeds").mkdir(parents=True)
        write_profiles(folder)
        self.write("dbt_project.yml", yaml.safe_dump(SETTINGS))
        self.write(
            "packages.yml", yaml.safe_dump({"packages": [{"local": str(PROJECT)}]})
        )
        records = [
            hostile.plain_record(eventID=address, sourceIPAddress=address)
            for address in ("10.0.0.1", "203.0.113.9", "2001:db8:5::1")
        ]
        hostile.write(folder / "logs" / "a.json", hostile.envelope(records))

    def write(self, name: str, text: str) -> None:
        """Write one of the project's files."""
        (self.folder / name).write_text(text, "utf-8")

    def dbt(self, *arguments: str) -> bool:
        """Run dbt there, and tell whether all went well."""
        self.warnings, self.failed = [], []
        # What other projects of this process used is none of this one's.
        reset_deprecations()

        def note(event: Any) -> None:
            if event.info.level == "warn":
                self.warnings.append(event.info.msg)

        settings = {
            "CLOUDTRAIL_DUCKDB_PATH": str(self.folder / DATABASE),
            "CLOUDTRAIL_ROOT": str(self.folder / "logs"),
        }
        folders = [
            "--project-dir",
            str(self.folder),
            "--profiles-dir",
            str(self.folder),
        ]
        with environment(settings):
            try:
                result = dbtRunner(callbacks=[note]).invoke(
                    [*arguments, *folders, "--quiet", "--log-path", str(self.folder)]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()
        for done in getattr(result.result, "results", []):
            if str(done.status) in ("error", "fail"):
                self.failed.append(done.node.name)
        assert result.exception is None, result.exception
        return bool(result.success)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with duckdb.connect(str(self.folder / DATABASE), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    """Return such a project."""
    consumer = Consumer(tmp_path / "consumer")
    consumer.write(
        "seeds/cloudtrail_trusted_networks.csv",
        "cidr,label\n203.0.113.0/28,office\n2001:db8:4::/47,site\n",
    )
    consumer.write(
        "seeds/cloudtrail_trusted_principals.csv",
        "requester_pattern,label\n*,everybody\n",
    )
    return consumer


def test_trusted_networks_and_principals_are_the_consumers(consumer: Consumer) -> None:
    """Its seeds take the place of this project's, types and tests included."""
    assert consumer.dbt("deps")
    assert consumer.dbt("seed")
    assert consumer.dbt("test", "--select", *SEEDS), consumer.failed
    models = ["+int_s3_source_addresses", "+dim_s3_requesters"]
    assert consumer.dbt("run", "--select", *models), consumer.failed
    assert consumer.warnings == []
    assert consumer.query(
        "select source_ip_address, trusted_label"
        " from int_s3_source_addresses order by 1"
    ) == [("10.0.0.1", None), ("2001:db8:5::1", "site"), ("203.0.113.9", "office")]
    assert consumer.query("select distinct trusted_label from dim_s3_requesters") == [
        ("everybody",)
    ]

    consumer.write(
        "seeds/cloudtrail_trusted_networks.csv", "cidr,label\n203.0.113.9,office\n"
    )
    assert not consumer.dbt("build", "--select", *SEEDS)
    assert consumer.failed == ["cloudtrail_is_cidr_cloudtrail_trusted_networks_cidr"]
