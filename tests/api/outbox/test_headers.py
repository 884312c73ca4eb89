"""Subjects and sender names arrive letter for letter, read by the library and by a reader of our own."""

import base64
import email
import email.policy
import quopri
import random
import re
from datetime import UTC, datetime

from api.kit.mail import Letter, compose

_HEADER = r"^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)"
_BETWEEN = re.compile(r"(=\?[^?]+\?[bqBQ]\?[^?]*\?=)[ \t]+(?==\?[^?]+\?[bqBQ]\?[^?]*\?=)")
_WORD = re.compile(r"=\?([^?]+)\?([bqBQ])\?([^?]*)\?=")
PARTS = [
    "Rutiner",
    "för",
    "samtycke",
    "och",
    "Åland",
    "éé",
    "möte",
    "–",
    "”citat”",
    "12",
    "jan",
    "13.00:",
    "Likhet",
    "1.1",
    "på",
    "ön",
    "☂",
    "𝄞",
    "=?utf-8?q?x?=",
    "a,b",
    "<c>",
    '"d"',
    "e@f",
    "(g)",
    ";",
    ":",
    "längreordsomintegåratthuggaav",
]


def _read(raw: str) -> str:
    """RFC 2047 6.2: white space between two encoded words is not shown."""
    unfolded = _BETWEEN.sub(r"\1", re.sub(r"\r\n(?=[ \t])", "", raw))
    octets, position = b"", 0
    for found in _WORD.finditer(unfolded):
        octets += unfolded[position : found.start()].encode()
        data = found[3]
        is_base64 = found[2].lower() == "b"
        octets += (
            base64.b64decode(data) if is_base64 else quopri.decodestring(data.replace("_", " "))
        )
        position = found.end()
    return (octets + unfolded[position:].encode()).decode()


def test_a_thousand_subjects_keep_every_space_and_letter() -> None:
    chance = random.Random(2047)
    for _ in range(1000):
        title = " ".join(chance.choices(PARTS, k=chance.randint(1, 14)))
        made = compose(
            Letter(
                message_id="<a@example.org>",
                sender="a@example.org",
                sender_name=title,
                recipient="b@example.org",
                subject=title,
                text="Hej\n",
                html="<p>Hej</p>",
                date=datetime(2027, 1, 1, tzinfo=UTC),
            )
        )
        octets = made.as_bytes()
        head = octets.split(b"\r\n\r\n")[0].decode("ascii")
        raw = re.search(_HEADER.format(name="Subject"), head, re.MULTILINE)
        assert raw is not None
        assert _read(raw[1]) == title
        assert max(map(len, raw[0].split("\r\n"))) <= 78  # RFC 5322 2.1.1
        parsed = email.message_from_bytes(octets, policy=email.policy.default)
        assert (parsed["Subject"], parsed["From"].addresses[0].display_name) == (title, title)
