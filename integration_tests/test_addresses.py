"""Networks of addresses, compared with Python's `ipaddress`."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from driver import SCHEMA, Project
from hypothesis import example, given
from hypothesis import strategies as st

MODEL = "int_s3_source_addresses"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Asked = Callable[[list[str], list[str]], dict[str, tuple[str, str | None]]]


@pytest.fixture(scope="module")
def asked(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Return what the model makes of addresses, given trusted networks."""
    folder = tmp_path_factory.mktemp("addresses")
    run = project.invoke(
        "compile", "--select", MODEL, database=folder / project.seeds.name
    )
    assert run.success, run.error
    compiled = project.folder / "target" / "compiled"
    # Unit tests leave stand-ins of the same name in the folders of their YAML.
    (file,) = compiled.rglob(f"dimensions/{MODEL}.sql")
    model = file.read_text("utf-8")
    connection = duckdb.connect()
    connection.execute(f"attach ':memory:' as {Path(project.seeds).stem}")
    connection.execute(f"use {Path(project.seeds).stem}.{SCHEMA}")

    def ask(
        addresses: list[str], networks: list[str]
    ) -> dict[str, tuple[str, str | None]]:
        for table, columns, rows in (
            ("int_s3_access_daily", ["source_ip_address"], [[a] for a in addresses]),
            (
                "cloudtrail_trusted_networks",
                ["cidr", "label"],
                [[n, n] for n in networks],
            ),
        ):
            types = ", ".join(f"{column} varchar" for column in columns)
            connection.execute(f"create or replace table {table} ({types})")
            if rows:
                marks = ", ".join("?" for _ in columns)
                connection.executemany(f"insert into {table} values ({marks})", rows)
        return {
            address: (network, label)
            for address, network, label in connection.execute(
                f"select source_ip_address, network, trusted_label from ({model})"
            ).fetchall()
        }

    return ask


def read(text: str) -> Address | None:
    """Return the address that a text is, an IPv4 one also inside of an IPv6 one.

    Of the IPv6 spellings that end in an IPv4 address it knows that one alone.
    """
    if text.lower().startswith("::ffff:") and "." in text:
        text = text[7:]
    elif ":" in text and "." in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def expected(text: str, networks: list[str]) -> tuple[str, str | None]:
    """Return the network of an address, and the first trusted one that has it."""
    address = read(text)
    if address is None:
        return text, None
    bits = 24 if address.version == 4 else 48
    network = ipaddress.ip_network((address, bits), strict=False)
    having = [n for n in networks if address in ipaddress.ip_network(n, strict=False)]
    return str(network), min(having, default=None)


def spellings(address: Address) -> st.SearchStrategy[str]:
    """Return ways to write an address."""
    texts = [str(address), address.exploded, str(address).upper()]
    if address.version == 4:
        texts += [f"::ffff:{address}", f"::FFFF:{address}"]
    else:
        texts.append(
            ":".join(part.lstrip("0") or "0" for part in address.exploded.split(":"))
        )
    return st.sampled_from(texts)


NEAR = st.sampled_from([*range(4), 2**32 - 1, 2**31, 10 << 24, 255 << 16])
NEAR_V6 = st.builds(
    lambda high, middle, low: high << 96 | middle << 64 | low,
    st.sampled_from([0, 1, 0x20010DB8, 0x20010DB9, 0xFC000000]),
    st.sampled_from([0, 1, 1 << 16, 1 << 31, 0x00400000]),
    st.sampled_from([0, 1, 1 << 63]),
)
ADDRESSES: st.SearchStrategy[Address] = st.one_of(
    st.ip_addresses(),
    NEAR.map(ipaddress.IPv4Address),
    NEAR_V6.map(ipaddress.IPv6Address),
)
TEXTS = st.one_of(
    ADDRESSES.flatmap(spellings),
    st.text("0123456789af:.", min_size=1, max_size=12),
    st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text),
)


@st.composite
def networks_of(draw: st.DrawFn, addresses: list[str]) -> list[str]:
    """Draw networks, most of them around one of the addresses."""
    known = [a for a in map(read, addresses) if a is not None]
    networks = []
    for _ in range(draw(st.integers(0, 4))):
        near = st.sampled_from(known) if known else ADDRESSES
        address = draw(st.one_of(near, ADDRESSES))
        bits = draw(st.integers(0, address.max_prefixlen))
        network = ipaddress.ip_network((address, bits), strict=False)
        # As a user may write it: with the bits of a host, and in any spelling.
        start = draw(st.sampled_from([network.network_address, address]))
        networks.append(f"{draw(st.sampled_from([str(start), start.exploded]))}/{bits}")
    return networks


CASES = st.lists(TEXTS, min_size=1, max_size=8, unique=True).flatmap(
    lambda addresses: st.tuples(st.just(addresses), networks_of(addresses))
)


@given(case=CASES)
@example(case=(["1.2.3.4\n", "1.2.3.4", "::\n"], ["0.0.0.0/0", "::/0"]))
@example(case=(["01.2.3.4", "1.2.3.04", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"], []))
def test_networks(case: tuple[list[str], list[str]], asked: Asked) -> None:
    """The /24 or the /48, and whether a trusted network holds the address."""
    addresses, networks = case
    assert asked(addresses, networks) == {a: expected(a, networks) for a in addresses}
