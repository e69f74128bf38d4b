"""Records that no service writes: odd in every field, the same for a seed.

`hostile` draws what logs hold or may be made to hold; here each of its records
is then damaged in a few places at random. A record is JSON text, because much
of what can be odd (a key twice, a number that no type holds, escapes) is lost
in a Python value. No id occurs twice: of two records that contradict each
other in one file the rules do not say which counts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import hostile


class Raw(str):
    """A piece of JSON text that is written as it is."""


class Pairs(list[tuple[str, Any]]):
    """A JSON object whose keys may occur more than once."""


# Text fields of a record and of what is nested in it, by the place of the
# object that holds them. "*" is an element of an array.
IDENTITY = ("userIdentity",)
SESSION = (*IDENTITY, "sessionContext")
FIELDS: dict[tuple[str, ...], tuple[str, ...]] = {
    (): tuple(
        """
        eventVersion eventTime eventSource eventName awsRegion sourceIPAddress
        userAgent errorCode errorMessage requestID eventID eventType apiVersion
        readOnly recipientAccountId serviceEventDetails sharedEventID
        vpcEndpointId vpcEndpointAccountId eventCategory
        sessionCredentialFromConsole edgeDeviceDetails managementEvent
        userIdentity requestParameters responseElements additionalEventData
        resources addendum tlsDetails
        """.split()
    ),
    IDENTITY: tuple(
        """
        type principalId arn accountId invokedBy accessKeyId userName
        onBehalfOf sessionContext
        """.split()
    ),
    (*IDENTITY, "onBehalfOf"): ("userId", "identityStoreArn"),
    SESSION: (
        *("attributes", "sessionIssuer", "ec2RoleDelivery"),
        "webIdFederationData",
    ),
    (*SESSION, "attributes"): ("mfaAuthenticated", "creationDate"),
    (*SESSION, "sessionIssuer"): tuple(
        "type principalId arn accountId userName".split()
    ),
    ("resources", "*"): ("ARN", "accountId", "type"),
    ("addendum",): (
        *("reason", "updatedFields", "originalRequestID"),
        "originalEventID",
    ),
    ("tlsDetails",): tuple("tlsVersion cipherSuite clientProvidedHostHeader".split()),
    ("requestParameters",): tuple(
        """
        bucketName bucket key Key versionId Host host Signature
        X-Amz-Security-Token x-amz-acl x-amz-grant-write-acp X-Amz-Date
        X-Amz-Expires Expires
        """.split()
    ),
    ("additionalEventData",): tuple(
        """
        SignatureVersion AuthenticationMethod CipherSuite cipherSuite
        bytesTransferredIn bytesTransferredOut aclRequired SSEApplied
        vpcEndpointId authorization
        """.split()
    ),
}
IDS = ("eventID", "sharedEventID", "originalEventID")
BYTES = ("bytesTransferredIn", "bytesTransferredOut")

# Numbers that are a text in one way only, and those that each writer of JSON
# spells its own way.
PLAIN_NUMBERS = tuple(
    map(
        Raw,
        """
        0 -0 1 -1 0.0 -0.0 1.5 -1.5 100.0 1e2 1E+2 25e-1 21838.0 21838.9999
        9007199254740993 9223372036854775807 9223372036854775808
        -9223372036854775808 -9223372036854775809 18446744073709551615
        18446744073709551616 12345678901234567890
        123456789012345678901234567890
        """.split(),
    )
)
NUMBERS = PLAIN_NUMBERS + tuple(
    map(
        Raw,
        """
        1e15 1e16 1e17 1e22 1e300 1e-5 1e-7 5e-324 1e-400 1e400 -1e400 1e99999
        9223372036854775807.0 9223372036854775808.0 NaN Infinity -Infinity
        """.split(),
    )
)
KEYS = (
    *("", " ", ".", "$", "$.key", "a.b", "key.key", '"', '"key"', "'", "''"),
    *("\\", "\\\\", "a\\b", "/", "~", "~0", "~1", "a/b", "a~1b", "key[0]", "[0]"),
    *("*", "#", "@", "%", "{{ key }}", "\u0000", "key\u0000", "\u2028", "\u202e"),
    *("ключ", "鍵", "🦆", "ſignature", "SıGNATURE", "Records", "null", "true", "0"),
    *("signature ", "X-Amz-Signature-MD5", "Signature\u0000", "K" * 3000),
)
TEXTS = (
    *("", " ", "\t", "\n", "null", "NULL", "true", "false", "0", "-1", "1e400"),
    *("NaN", "[]", "{}", "[", '"', "\\", "\\u0000", "\u0000", "a\u0000b", "\u0001"),
    *("\u007f", "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "🦆"),
    *("e\u0301", "İ", "ß", "ﬀ", "ſ", "K", "%", "_", "'", "''", "';--", "$1", "\\1"),
    *("${x}", "$(id)", "`id`", "{{ 1 }}", "{% x %}", "<b>", "\x1b[31m", "/", "//"),
    *(":", "::", "a:", ":a", "a/", "/a", "a\n", "a\r\n", "..", "~", "😀" * 100),
    *("[", "]", "[]", "[a", "a]", "[[a]]", "[a]\n", "[\n]", "x" * 20000),
    *("AssumedRole", "AWSService", "anonymous", "ANONYMOUS_PRINCIPAL"),
    *("UPDATED_DATA", "DELIVERY_DELAY", "SigV2", "sigv4", "QueryString"),
    *("Data", "Management", "DeleteObject", "PreflightRequest", "AwsServiceEvent"),
    *("AWS::S3::Bucket", "AWS::S3::Object", "AWS::S3::Bucket\n"),
    *("arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::b/k\nl", "arn:aws:s3:::/k"),
    *("arn:aws:s3:::b\n", "\narn:aws:s3:::b/k", "arn:aws:s3:::b/", "arn:awsé:s3:::b/k"),
    *("111122223333", "111122223333\n", "11112222333", "１１１１２２２２３３３３"),
    *("s3.amazonaws.com", "S3.amazonaws.com", "s3.amazonaws.com\n", "1.2", "1.2\n"),
    *("٣", "²", "1_000", "0x10", "+5", " 5", "5 ", "05", "5.", ".5", "5,0", "1e3"),
)
# In the text of an object the engine escapes the others in its own way.
PLAIN_KEYS = tuple(filter(str.isprintable, KEYS))
PLAIN_TEXTS = tuple(filter(str.isprintable, TEXTS))
TIME_SHAPES = (
    *("{y}-{m}-{d}T{c}Z", "{y}-{m}-{d} {c}", "{y}-{m}-{d}T{c}.{f}Z", "{y}{m}{d}T{c}Z"),
    *(
        "{y}-{m}-{d}T{c}{z}",
        "{y}-{m}-{d} {c}.{f}{z}",
        "{y}-{m}-{d}t{c}z",
        "+{y}-{m}-{d}T{c}Z",
    ),
    *(
        "{y}-{m}-{d}T{c},{f}Z",
        "{y}-{m}-{d}T{c} {z}",
        "{y}-{m}-{d}  {c}Z",
        "{y}-{m}-{d}T{c}ZZ",
    ),
    *(
        "{y}-{m}-{d}T{c}Z\n",
        " {y}-{m}-{d}T{c}Z",
        "{y}/{m}/{d}T{c}Z",
        "{y}-{m}-{d} {c} UTC",
    ),
    *("{y}-{m}-{d}T{c}Europe/Berlin", "{y}-{m}-{d}T{c}\u0000Z", "{y}-{m}-{d} (BC) {c}"),
)
YEARS = tuple(
    "0000 0001 0099 1582 1600 1900 1969 1970 2000 2024 2038 2262 9999".split()
)
YEARS += ("10000", "-001", "２０２４", "20 4", "+024", "2024", "2024", "2024")
MONTHS = tuple("02 02 02 12 01 00 13 1 2  99 -1".split()) + (" 2",)
DAYS = tuple("28 29 27 01 31 30 00 32 1 99".split()) + (" 1",)
CLOCKS = (
    *("10:11:12", "00:00:00", "23:59:59", "23:59:60", "24:00:00", "25:00:00"),
    *("10:60:00", "10:11", "1:2:3", "10:11:1 ", " 0:11:12", "10:11:6O", "10-11-12"),
)
FRACTIONS = (
    "0",
    "5",
    "12",
    "123",
    "9999",
    "9996",
    "123456789",
    "9" * 30,
    "",
    "x",
    "-1",
)
ZONES = (
    *("Z", "", "+00", "+0000", "+00:00", "-00:00", "+14:00", "-12:00", "+15:59"),
    *("+16:00", "+23:59", "-23:59", "+24:00", "+99:99", "+05:60", "+5", "+053", "z"),
    *("GMT", "+05:30:15", "+05:3", " +05", "−05:00"),
)


def dumps(value: Any, escaped: bool) -> str:
    """Write a value as JSON text; `Raw` and `Pairs` say what a value cannot."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        value = Pairs(value.items())
    if isinstance(value, Pairs):
        members = (
            f"{dumps(key, escaped)}:{dumps(item, escaped)}" for key, item in value
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(dumps(item, escaped) for item in value) + "]"
    return json.dumps(value, ensure_ascii=escaped)


def spelled(text: str) -> Raw:
    """Return a text as JSON that spells every character with an escape."""
    units = text.encode("utf-16-be").hex()
    escapes = (f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
    return Raw('"' + "".join(escapes) + '"')


class Fuzzer:
    """Draws odd records; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        """Start a stream of records.

        Args:
            seed: what tells one stream from another.
        """
        self.seed = seed
        self.random = random.Random(seed)
        self.source = hostile.Generator(seed)
        self.ids = 0

    def records(self, count: int) -> Iterator[str]:
        """Draw the texts of records."""
        for _ in range(count):
            yield self.record()

    def record(self) -> str:
        """Draw the text of a record."""
        if self.random.random() < 0.5:
            record = self.source.record()
        else:
            record = hostile.plain_record(eventID=self.source.id())
        whole = self.opened(record)
        for _ in range(self.random.choice((1, 1, 2, 3, 5))):
            self.damage(whole)
        return dumps(whole, self.random.random() < 0.3)

    def opened(self, value: Any) -> Any:
        """Return a value whose objects can hold a key twice."""
        if isinstance(value, dict):
            return Pairs((key, self.opened(item)) for key, item in value.items())
        if isinstance(value, list):
            return [self.opened(item) for item in value]
        return value

    def damage(self, record: Pairs) -> None:
        """Make a record odd in one place."""
        if self.random.random() < 0.05:
            place: tuple[str, ...] = ()
            field = "eventTime"
        else:
            place = self.random.choice(tuple(FIELDS))
            field = self.random.choice(FIELDS[place])
        holder = self.holder(record, place)
        value = self.odd(field)
        key: Any = field
        kind = self.random.random()
        if kind < 0.1:
            # Another key: exact spelling counts.
            key = self.random.choice(
                (field.upper(), field.lower(), f"{field} ", f" {field}", f"{field}\0")
            )
            if key == field:
                return
        elif kind < 0.15:
            key = spelled(field)
        elif kind < 0.25:
            key = self.random.choice(KEYS)
            value = self.random.choice(
                (self.anything(), *NUMBERS[-3:], *self.random.sample(NUMBERS, 1))
            )
        if kind < 0.3:
            # Beside the one that is there, before or after it.
            holder.insert(self.random.randrange(len(holder) + 1), (key, value))
            return
        for index, (name, _) in enumerate(holder):
            if name == field:
                holder[index] = (field, value)
                return
        holder.append((field, value))

    def holder(self, record: Pairs, place: tuple[str, ...]) -> Pairs:
        """Return the object at a place, made where there is none."""
        holder = record
        for number, step in enumerate(place):
            if step == "*":
                continue
            found = dict(reversed(holder)).get(step)
            if place[number + 1 :] == ("*",):
                if not isinstance(found, list) or isinstance(found, Pairs):
                    found = [Pairs()]
                    self.put(holder, step, found)
                entries = [entry for entry in found if isinstance(entry, Pairs)]
                if not entries:
                    entries = [Pairs()]
                    found.extend(entries)
                return self.random.choice(entries)
            if not isinstance(found, Pairs):
                found = Pairs()
                self.put(holder, step, found)
            holder = found
        return holder

    @staticmethod
    def put(holder: Pairs, key: str, value: Any) -> None:
        """Set a key, all of whose other values go."""
        holder[:] = [pair for pair in holder if pair[0] != key] + [(key, value)]

    def odd(self, field: str) -> Any:
        """Draw a value for a field."""
        if field in IDS:
            return self.odd_id()
        if field == "eventTime" and self.random.random() < 0.8:
            return self.time()
        if field in BYTES and self.random.random() < 0.6:
            number = self.random.choice(NUMBERS)
            return number if self.random.random() < 0.6 else str(number)
        return self.anything()

    def odd_id(self) -> Any:
        """Draw an id that is no other's, or none."""
        self.ids += 1
        number = self.ids
        return self.random.choice(
            (
                None,
                "",
                number,
                [number],
                {"id": number},
                {"id": [None, number]},
                f"{number}'; --",
                f"{number}\u0000",
                f" {number} ",
                f"{number}\n",
                f"id/{number}" * 5000,
            )
        )

    def time(self) -> str:
        """Draw an event time, most of them none."""
        pick = self.random.choice
        text = pick(TIME_SHAPES[:6] * 4 + TIME_SHAPES).format(
            y=pick(YEARS + ("2024",) * 20),
            m=pick(MONTHS + ("02",) * 10),
            d=pick(DAYS + ("28",) * 10),
            c=pick(CLOCKS + ("10:11:12",) * 10),
            f=pick(FRACTIONS),
            z=pick(ZONES),
        )
        if self.random.random() < 0.2:
            # One character is another.
            at = self.random.randrange(len(text))
            text = text[:at] + pick("0123456789-:TZ +.\n\u0000é") + text[at + 1 :]
        return text

    def anything(self, depth: int = 0) -> Any:
        """Draw a value of any type."""
        kind = self.random.randrange(8 if depth < 3 else 5)
        if kind == 0:
            return self.random.choice((None, True, False))
        if kind == 1:
            return self.random.choice(PLAIN_NUMBERS)
        if kind < 5:
            return self.random.choice(TEXTS if depth == 0 else PLAIN_TEXTS)
        if kind == 5:
            return [self.anything(depth + 1) for _ in range(self.random.randrange(4))]
        if kind == 6:
            return {
                self.random.choice(PLAIN_KEYS): self.anything(depth + 1)
                for _ in range(self.random.randrange(4))
            }
        return {
            self.random.choice(self.random.choice(tuple(FIELDS.values()))): (
                self.anything(depth + 1)
            )
            for _ in range(self.random.randrange(4))
        }
