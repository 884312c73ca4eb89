"""Asking clamd whether a file holds something harmful, where one is set; a scanner that does not answer lets nothing in."""

import socket
import struct
from contextlib import closing

from api.kit.errors import FieldFault

TIMEOUT_S = 20.0
_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096


def insist_on_clean(octets: bytes, address: str) -> None:
    """Send a file to clamd at `address` ("unix:/path" or "host:port"); none set: nothing is asked.

    The command is INSTREAM (clamd(8)): each piece with its length before it, four octets, then a zero length.

    Raises:
        FieldFault: when something is found, or there is no answer that says it is clean.
    """
    if not address:
        return
    try:
        answer = _asked(octets, address)
    except OSError as error:
        raise _no_answer() from error
    if answer.endswith("OK"):
        return
    if answer.endswith("FOUND"):
        raise FieldFault("file", "Virusskyddet hittade något skadligt i filen. Den är inte sparad.")
    raise _no_answer()


def _asked(octets: bytes, address: str) -> str:
    with closing(_connected(address)) as line:
        line.sendall(b"zINSTREAM\0")
        for first in range(0, len(octets), _PIECE):
            piece = octets[first : first + _PIECE]
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
        answer = b""
        while len(answer) < _LONGEST_ANSWER and b"\0" not in answer:
            more = line.recv(_LONGEST_ANSWER)
            if not more:
                break
            answer += more
    return answer.partition(b"\0")[0].decode("ascii", "replace").strip()


def _connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(TIMEOUT_S)
        try:
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), TIMEOUT_S)


def _no_answer() -> FieldFault:
    return FieldFault(
        "file", "Virusskyddet svarar inte, så filen är inte sparad. Försök igen om en stund."
    )
