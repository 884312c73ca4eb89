"""One mail that came in, read: an answer, a proposal, somebody's words, a bounce, or a machine's answer.

Nothing here knows the database: what is read is judged in `replies`. A mail that breaks a parser is
known by its hash; a property that is broken costs the answer it belongs to, not the mail.
"""

import base64
import email
import email.policy
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.header import decode_header, make_header
from email.message import Message
from enum import StrEnum
from urllib.parse import unquote

from api.calendar.reading.book import setting_of
from api.calendar.reading.events import Event, event_of
from api.calendar.reading.lines import Line
from api.calendar.reading.octets import lines_of
from api.calendar.reading.parts import Part, UnreadableError, tree_of
from api.calendar.reading.values import ValueFaultError, when
from api.calendar.reading.words import bare_address, sender_address
from api.calendar.rrule import Work
from api.kit.clock import STOCKHOLM

MOST_OCTETS = 1_000_000
MOST_LINES = 50_000
MOST_PARTS = 40  # multiparts and mails within mails: each may lie within another
MOST_REPLIES = 60  # a series' dates of a year
LONGEST_HEADERS = 100_000
LONGEST_SUBJECT = 200
HIGHEST_SEQUENCE = 2_147_483_647  # RFC 5545 3.8.7.4: what a database's integer holds
_MOST_STEPS = 20_000

_PART = re.compile(rb"boundary[*0-9\s]*=|message/(?:rfc822|global|partial)", re.IGNORECASE)
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)")
_CALENDARS = {"text/calendar", "application/ics", "application/calendar", "text/x-vcalendar"}
_FILE = re.compile(r"\.(ics|vcs|ifb)\b", re.IGNORECASE)
_ANSWERS = {"REPLY", "COUNTER"}
_TAKEN = {
    "ACCEPTED",
    "TENTATIVE",
    "DECLINED",
}  # RFC 5545 3.2.12: what an invitee answers for itself
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+\Z")
_ID = re.compile(r"<[^<>\s]{1,250}>")
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_ORGANIZER = re.compile(rb"^ORGANIZER[;:][^\r\n]{1,500}", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}")
_LONGEST_RESULT = 4_000
_ENCRYPTED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_REPORTED = {"message/delivery-status", "message/global-delivery-status"}
# How programs begin the subject of an answer that nobody wrote, in Swedish and its neighbours' languages.
_AWAY = re.compile(
    r"\s*\[?(automatiskt svar|autosvar|frånvaromeddelande|automatic reply|auto(matic)?[- ]?(reply|response)"
    r"|out of (the )?office|automatische antwort|abwesenheitsnotiz|automatisk svar|fraværsmelding"
    r"|fraværsbesked|automaattinen vastaus|poissaoloviesti|réponse automatique|respuesta automática"
    r"|resposta automática|risposta automatica|automatisch antwoord|odpowiedź automatyczna|автоответ"
    r"|automaatvastus|automātisk\w+ atbilde|automatinis atsakymas|automatická odpove[dď]|automatick[áa] odpověď"
    r"|automatikus válasz|sjálfvirkt svar|răspuns automat|αυτόματη απάντηση|otomatik yanıt|samodejni odgovor"
    r"|automatski odgovor|автоматич\w+ (ответ|відповідь)|自動応答|自动答复)(?!\w)"
    r"|\s*\[auto\]|\s*(auto|ooo|frånvarande|frånvaro|(ej|inte) på (kontoret|plats)|på semester|semester"
    r"|tjänstledig|föräldraledig|fraværende|fravær|ikke til stede|poissa|abwesend|absent|afwezig|vacation"
    r"|absence du bureau|fuera de (la )?oficina|fuori (sede|ufficio)|poissa toimistosta|away from (the |my )?office)\s*:",
    re.IGNORECASE,
)
# What servers write of a mail that did not arrive, anywhere in the subject.
_BOUNCED = re.compile(
    r"undeliver|non-?deliver|not (be )?delivered|delivery status notification|delivery (has )?fail"
    r"|mail delivery (failed|failure|system|subsystem)|failure notice|returned (mail|to sender)"
    r"|ol?ever(er)?(bart|at)|ej lever|(inte|inte att) leverera|leverans\w* (misslyckades|av)"
    r"|unzustellbar|(nicht|nicht mehr) zu(stellbar|gestellt)|zustell\w* fehlgeschlagen"
    r"|(ikke|ikkje) lever|uleverbar|ulevert|levering\w* mislykkedes"
    r"|toimittama|ei voi(tu|da) toimittaa|toimitus epäonnistui"
    r"|non remis|non distribu|échec de (la )?(remise|distribution)|no se (puede|ha podido) entregar"
    r"|non recapitabil|mancat\w+ recapit|onbestelbaar|niet (worden )?bezorgd|niedostarcz|não (foi )?entreg",
    re.IGNORECASE,
)
# It has not arrived yet, which the server goes on trying.
_DELAYED = re.compile(
    r"delay|warning|försena|fördröj|verzöger|forsinke|viivästy|retard", re.IGNORECASE
)
_DAEMON = re.compile(
    r"^(mailer-daemon|postmaster|mail-daemon|microsoftexchange[0-9a-f]{32})@", re.IGNORECASE
)
_COPIED = re.compile(
    r"(?i)^[-= ]+.*(copy|original|below|headers|transcript of session)", re.MULTILINE
)
_COPIED_ID = re.compile(r"(?i)^[ \t>]*message-id:\s*(<[^<>\s]{1,250}>)", re.MULTILINE)
_MOST_NAMED = 10  # addresses of a report in prose

_MARKS = (
    *("X-Autoreply", "X-Auto-Reply", "X-Autoreply-From", "X-Autorespond", "X-Autoresponse"),
    *("X-Mail-Autoreply", "X-Vacation", "X-MS-Exchange-Inbox-Rules-Loop", "X-FC-MachineGenerated"),
)
_MACHINES = re.compile(r"auto_?repl|auto-?respon|^vacation", re.IGNORECASE)


class Kind(StrEnum):
    """What a mail is."""

    REPLY = "reply"
    COUNTER = "counter"
    PROSE = "prose"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Said:
    """What one component of a mail's calendar object says; `reason` is why a person must look."""

    method: str
    uid: str
    attendee: str
    partstat: str
    sequence: int | None = None  # None: not told, or no number of ours
    stamp: datetime | None = None
    occurrence: datetime | None = None  # RECURRENCE-ID: the answer is to this one of a series
    day: date | None = None  # RECURRENCE-ID where it is a day, or in a zone that nobody knows
    starts_at: datetime | None = None  # what COUNTER proposes
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What is known of a mail once it has been read."""

    message_id: str
    digest: str  # SHA-256 of its octets, hexadecimal
    kind: Kind = Kind.UNREADABLE
    sender: str = ""
    subject: str = ""
    said: tuple[Said, ...] = ()
    answers_to: tuple[
        str, ...
    ] = ()  # Message-IDs of the mails that it answers or bounces, newest first
    written_to: tuple[str, ...] = ()  # the addresses that it went to, and its ORGANIZER
    results: tuple[str, ...] = ()  # its Authentication-Results, topmost first
    failed: tuple[str, ...] = ()  # the addresses that a bounce names
    reason: str = ""


def read_mail(octets: bytes) -> ReadMail:
    """Read one mail, whatever it is; touches nothing else, so that it can be run apart."""
    try:
        _insist_on_size(octets)
        return _read(octets)
    except UnreadableError as error:
        return unread(octets, str(error))
    except Exception as error:  # noqa: BLE001 - a fence: the parser's faults are the mail's
        return unread(octets, f"mail: {type(error).__name__}")


def unread(octets: bytes, reason: str) -> ReadMail:
    """Return a mail of which nothing but its octets is known."""
    digest = hashlib.sha256(octets).hexdigest()
    return ReadMail(unnamed(digest), digest, reason=reason)


def unnamed(digest: str) -> str:
    """Return what a mail is known by whose Message-ID is missing or taken."""
    return f"<{digest}@unnamed>"


def _read(octets: bytes) -> ReadMail:
    # The policy that leaves headers alone: the other one's parser breaks over some (cpython#148518).
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    digest = hashlib.sha256(octets).hexdigest()
    sender = kept(sender_address(_header(message, "From")), 254)
    found = ReadMail(
        message_id=kept(_header(message, "Message-ID").strip(), 255) or unnamed(digest),
        digest=digest,
        sender=sender,
        subject=kept(_subject(message), LONGEST_SUBJECT),
        answers_to=_answered(message),
        results=tuple(_headers(message, "Authentication-Results")),
    )
    parts = list(message.walk())
    for part in parts:
        _name_encoding(part)
    failed = _bounce(message, parts, found)
    if failed is not None:
        return failed
    calendars = [part for part in parts if _is_calendar(part)]
    said, reason = _all_said(calendars, sender)
    if said:
        kind = Kind.COUNTER if all(one.method == "COUNTER" for one in said) else Kind.REPLY
        reason = next((one.reason for one in said if one.reason), "")
        written_to = _written_to(message, calendars)
        return replace(found, kind=kind, said=said, reason=reason, written_to=written_to)
    if _is_automatic(message, parts):
        return replace(found, kind=Kind.AUTO_REPLY, reason="automatic")
    return _unlike(found, parts, reason if calendars else "")


def _unlike(found: ReadMail, parts: list[Message], reason: str) -> ReadMail:
    """Return a mail that is no answer of a program's: somebody's words, or nothing that can be read."""
    types = {_type(part) for part in parts}
    names = {_filename(part).lower() for part in parts}
    if "winmail.dat" in names:
        types |= _TNEF
    if any(name.endswith(".p7m") for name in names):
        types |= _ENCRYPTED
    for kinds, why in ((_TNEF, "winmail.dat"), (_ENCRYPTED, "encrypted")):
        if kinds & types:
            return replace(found, reason=why)
    has_words = any(_type(part).startswith("text/") and not _is_calendar(part) for part in parts)
    if reason and not has_words:
        return replace(found, reason=reason)
    why = reason or ("no sender" if "@" not in found.sender else "no calendar part")
    return replace(found, kind=Kind.PROSE, reason=why)


# Answers


def _all_said(parts: list[Message], sender: str) -> tuple[tuple[Said, ...], str]:
    """Return what all calendar parts say, each once, and why nothing is said where nothing is."""
    found: dict[Said, None] = {}
    reason = ""
    for part in parts:
        try:
            said = list(_said_in(part, sender))
        except UnreadableError as error:
            reason = reason or f"calendar part: {error}"
            continue
        if not said:
            reason = reason or "calendar part: no answer"  # a REQUEST, a CANCEL, a task
        found.update(dict.fromkeys(said))
    return tuple(found)[:MOST_REPLIES], reason


def _said_in(part: Message, sender: str) -> Iterator[Said]:
    charset = _param(part, "charset")
    root = tree_of(lines_of(_payload(part), charset))
    method = _param(part, "method").upper()
    work = Work(_MOST_STEPS)
    calendars = [one for one in root.parts if one.name == "VCALENDAR"] or [root]
    for calendar in calendars:
        told = (calendar.value_of("METHOD") or method or _method_within(calendar)).upper()
        if told not in _ANSWERS:
            continue
        setting = setting_of(calendar, root, work)
        for number, event in enumerate(calendar.within("VEVENT")):
            if event.first("UID") or event.first("ATTENDEE"):
                yield _said(event_of(event, setting, number), kept(told, 20), sender)


def _method_within(calendar: Part) -> str:
    return next(
        (one.value_of("METHOD") for one in calendar.within("VEVENT") if one.first("METHOD")), ""
    )


def _said(event: Event, method: str, sender: str) -> Said:
    part = event.part
    attendee, partstat, fault = _attendee(part, sender)
    occurrence, day, misplaced = _place(event)
    sequence, wrong = _sequence(part)
    uid, unlike = _uid(part)
    starts, ends = _proposed(event) if method == "COUNTER" else (None, None)
    stamp = _stamp(event)
    return Said(
        method=method,
        uid=uid,
        attendee=attendee,
        partstat=partstat,
        sequence=sequence,
        stamp=stamp,
        occurrence=occurrence,
        day=day,
        starts_at=starts,
        ends_at=ends,
        reason=unlike or fault or misplaced or wrong or _unsure(method, partstat, stamp),
    )


def _unsure(method: str, partstat: str, stamp: datetime | None) -> str:
    """Return why an answer that can be read cannot be taken: what is answered, or when, is not told."""
    if method != "REPLY":
        return ""
    if partstat not in _TAKEN:
        return "delegated" if partstat == "DELEGATED" else "PARTSTAT"
    return "DTSTAMP" if stamp is None else ""


def _uid(part: Part) -> tuple[str, str]:
    told = {line.value.strip() for line in part.all("UID")}
    uid = next(iter(told), "")
    plain = kept(uid, 255)
    return plain, "" if plain and plain == uid and len(told) == 1 else "UID"


def _attendee(part: Part, sender: str) -> tuple[str, str, str]:
    """Return who answers, how, and why that is not sure: RFC 5546 3.2.3 asks for one ATTENDEE."""
    found: dict[str, set[str]] = {}
    by_other: set[str] = set()
    for line in part.all("ATTENDEE"):
        address = _address(line, sender)
        found.setdefault(address, set()).add(line.param("PARTSTAT").upper() or "NEEDS-ACTION")
        if bare_address(line.param("SENT-BY")) == sender:
            by_other.add(address)
    if not found:
        return "", "", "ATTENDEE"
    who = sender if sender in found else next(iter(found))
    if len(found) > 1 and who != sender:
        return "", "", "several attendees"
    answers = found[who]
    if len(answers) > 1:
        return kept(who, 254), "", "PARTSTAT"
    reason = (
        ""
        if who == sender
        else "sent by another"
        if who in by_other
        else "sender is not the attendee"
    )
    return kept(who, 254), kept(next(iter(answers)), 20), reason


def _address(line: Line, sender: str) -> str:
    """Return an attendee's address: its value, or what Apple has in EMAIL beside a path or a URN."""
    told = (line.value, line.param("EMAIL"), line.param("X-CALENDARSERVER-EMAIL"))
    addresses = [one for one in map(bare_address, told) if "@" in one]
    if sender in addresses:
        return sender
    return addresses[0] if addresses else bare_address(line.value)


def _sequence(part: Part) -> tuple[int | None, str]:
    told = part.value_of("SEQUENCE")
    if not (told.isascii() and told.isdigit()):
        return None, ""
    if len(told) > 15 or int(told) > HIGHEST_SEQUENCE:
        return None, "SEQUENCE"
    return int(told), ""


def _stamp(event: Event) -> datetime | None:
    """Return the first DTSTAMP that can be read; a day begins in UTC."""
    for line in event.part.all("DTSTAMP"):
        try:
            return when(line, line.value, event.setting.zones).at(UTC)
        except (ValueFaultError, OverflowError):
            continue
    return None


def _place(event: Event) -> tuple[datetime | None, date | None, str]:
    """Return which one of a series is answered to, as a moment or as a day."""
    line = event.part.first("RECURRENCE-ID")
    if line is None:
        return None, None, ""
    if event.place is None:
        return None, None, "RECURRENCE-ID"
    fault = "RANGE" if event.reach else ""  # of that date and others: not one place's answer
    if event.place.is_day or event.place.unknown:
        return None, event.place.local.date(), fault
    return event.place.at(STOCKHOLM), None, fault


def _proposed(event: Event) -> tuple[datetime | None, datetime | None]:
    if event.start is None or event.start.unknown or event.start.is_day:
        return None, None
    begins, ends = event.begins, event.ends_from(event.start.local)
    return begins, ends if ends > begins else None


def _is_calendar(part: Message) -> bool:
    kind = _type(part)
    if kind in _CALENDARS:
        return True
    name = _filename(part)
    if part.is_multipart() or (kind.startswith("text/") and not _FILE.search(name)):
        return kind == "text/plain" and not part.is_multipart() and _begins(part)
    return bool(_FILE.search(name)) or (kind == "application/octet-stream" and _begins(part))


def _begins(part: Message) -> bool:
    return (
        _payload(part)[:400].lstrip(b"\xef\xbb\xbf\r\n \t").upper().startswith(b"BEGIN:VCALENDAR")
    )


def _name_encoding(part: Message) -> None:
    """Write how a part is encoded as the parser knows it: some programs leave a blank or comment after it."""
    told = re.match(r"\s*([\w-]+)", _header(part, "Content-Transfer-Encoding"))
    if told is not None:
        part.replace_header("Content-Transfer-Encoding", told[1].lower())


def _payload(part: Message) -> bytes:
    """Return a part's octets; where it is not encoded as it says, as it stands."""
    decoded = part.get_payload(decode=True)
    octets = decoded if isinstance(decoded, bytes) else b""
    if _BASE64.match(octets) and octets.lstrip().startswith(b"QkVHSU46V"):
        with suppress(ValueError):  # not labelled as what it is
            return base64.b64decode(octets)
    raw = part.get_payload()
    if (
        isinstance(raw, str)
        and "BEGIN:V" in raw.upper()
        and b"BEGIN" not in octets.upper().replace(b"\0", b"")
    ):
        return raw.encode("utf-8", "surrogateescape")
    return octets


# Bounces and machines


def _bounce(message: Message, parts: list[Message], found: ReadMail) -> ReadMail | None:
    """Return a delivery report (RFC 3464), or what older servers send in its place."""
    reports = [part for part in parts if _type(part) in _REPORTED]
    if reports:
        actions, failed = _reported([one for part in reports for one in _fields(part)])
        about = (*found.answers_to, *_about(message, parts))
        if failed or any(one.startswith("failed") for one in actions):
            return replace(
                found, kind=Kind.BOUNCE, failed=failed, answers_to=about, reason="failed"
            )
        told = ", ".join(sorted(actions)) or "delivery report"
        return replace(found, kind=Kind.AUTO_REPLY, answers_to=about, reason=kept(told, 60))
    listed = tuple(
        map(bare_address, re.split(r"[,\s]+", _header(message, "X-Failed-Recipients").strip()))
    )
    listed = tuple(kept(one, 254) for one in listed if "@" in one)
    is_daemon = bool(_DAEMON.match(found.sender)) or _header(message, "Return-Path").strip() == "<>"
    if listed or (is_daemon and _BOUNCED.search(found.subject)):
        failed = listed or tuple(_named_in_text(parts, found))
        about = (*found.answers_to, *_about(message, parts), *_copied(parts))
        if _DELAYED.search(found.subject) and not listed:
            return replace(found, kind=Kind.AUTO_REPLY, answers_to=about, reason="delayed")
        return replace(found, kind=Kind.BOUNCE, failed=failed, answers_to=about, reason="failed")
    return None


def _fields(part: Message) -> Iterator[Message]:
    """Yield the blocks of a delivery report, each of header fields."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for one in payload:
            if isinstance(one, Message):
                yield one
                # The parser takes what it does not know for one mail: its words are the further blocks.
                rest = one.get_payload()
                blocks = re.split(r"\r?\n\r?\n", rest) if isinstance(rest, str) else []
                yield from map(email.message_from_string, blocks)
        return
    text = _payload(part).decode("utf-8", "replace")
    for block in re.split(r"\r?\n\r?\n", text):
        yield email.message_from_string(block)


def _reported(blocks: list[Message]) -> tuple[set[str], tuple[str, ...]]:
    """Return the actions of a report, and the addresses for which it failed for good."""
    actions: set[str] = set()
    failed: dict[str, None] = {}
    for block in blocks:
        recipient = _header(block, "Original-Recipient") or _header(block, "Final-Recipient")
        action, status = _header(block, "Action").strip().lower(), _header(block, "Status").strip()
        if not recipient:
            continue
        actions.add(action)
        if action.startswith("failed") or (not action and status.startswith("5")):
            address = bare_address(recipient.partition(";")[2] or recipient)
            if "@" in address:
                failed[kept(address, 254)] = None
    return actions, tuple(failed)


def _about(message: Message, parts: list[Message]) -> tuple[str, ...]:
    """Return the Message-IDs of the mails that a report brings back."""
    found: list[str] = []
    for part in parts:
        kind = _type(part)
        if kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            inner = email.message_from_bytes(_payload(part), policy=email.policy.compat32)
            found += _ID.findall(_header(inner, "Message-ID"))
        elif part is not message and part.get("Message-ID"):
            found += _ID.findall(_header(part, "Message-ID"))
    return tuple(found)


def _copied(parts: list[Message]) -> Iterator[str]:
    """Yield the Message-IDs in a copy of the mail that stands within the words of a report."""
    for part in parts:
        if _type(part) == "text/plain" and not part.is_multipart():
            yield from _COPIED_ID.findall(_payload(part)[:20_000].decode("utf-8", "replace"))


def _named_in_text(parts: list[Message], found: ReadMail) -> list[str]:
    """Return the addresses that a report in prose names before what it copies, or in its subject."""
    texts = [one for one in parts if _type(one) == "text/plain" and not one.is_multipart()]
    text = _payload(texts[0])[:4000].decode("utf-8", "replace") if texts else ""
    own = unquote(_COPIED.split(text, maxsplit=1)[0])
    told = dict.fromkeys(
        one.lower().rstrip(".") for one in _ADDRESS.findall(f"{own} {found.subject}")
    )
    return [kept(one, 254) for one in told if one != found.sender][:_MOST_NAMED]


def _is_automatic(message: Message, parts: list[Message]) -> bool:
    """Whether a machine has answered (RFC 3834), as programs say it and as older ones did."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(_type(part) == "message/disposition-notification" for part in parts):
        return True  # a receipt that it was opened
    if _header(message, "Precedence").strip().lower() in {"auto_reply", "bulk", "junk"}:
        return True
    told = ("Preference", "Delivered-To", "X-Mailer", "X-POST-MessageClass")
    if any(_header(message, name) for name in _MARKS) or any(
        _MACHINES.search(_header(message, name)) for name in told
    ):
        return True
    if _header(message, "X-Auto-Response-Suppress").strip().lower() == "all":
        return True  # Exchange, on what it writes itself
    return _AWAY.match(_subject(message)) is not None


# Headers


def _header(message: Message, name: str) -> str:
    """Return a header as it stands, unfolded; octets that are no letters are marks of that."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    told = str(raw)
    if not told.isascii():  # octets that no encoded word announces: mostly UTF-8, else Windows' own
        octets = told.encode("utf-8", "surrogateescape")
        try:
            told = octets.decode("utf-8")
        except UnicodeDecodeError:
            told = octets.decode("cp1252", "replace")
    return re.sub(r"[\r\n]+[ \t]?", " ", told)


def _headers(message: Message, name: str) -> Iterator[str]:
    """Yield every header of a name, topmost first, unfolded."""
    for key, value in message.items():
        if key.lower() == name.lower():
            yield re.sub(r"[\r\n]+[ \t]?", " ", str(value))[:_LONGEST_RESULT]


def _written_to(message: Message, calendars: list[Message]) -> tuple[str, ...]:
    """Return whom a mail was written to, in lower case: its recipients and its calendar's ORGANIZER."""
    told = [one for name in _RECIPIENTS for one in _headers(message, name)]
    octets = (re.sub(rb"\r?\n[ \t]", b"", _payload(part)) for part in calendars[:MOST_PARTS])
    told += [line.decode("ascii", "replace") for one in octets for line in _ORGANIZER.findall(one)]
    return tuple(dict.fromkeys(one.lower() for text in told for one in _ADDRESS.findall(text)))


def _subject(message: Message) -> str:
    raw = _header(message, "Subject")
    try:
        return str(make_header(decode_header(raw)))
    except (AttributeError, IndexError, LookupError, TypeError, ValueError):
        return raw


def _answered(message: Message) -> tuple[str, ...]:
    told = _ID.findall(_header(message, "In-Reply-To"))
    earlier = reversed(_ID.findall(_header(message, "References")))
    return tuple(dict.fromkeys(kept(one, 255) for one in (*told, *earlier)))[:20]


def _type(part: Message) -> str:
    found = _TYPE.match(_header(part, "Content-Type"))
    return found[1].lower() if found else "text/plain"


def _param(part: Message, name: str) -> str:
    found = re.search(
        rf';\s*{name}\s*=\s*("[^"]*"|[^;\s]+)', _header(part, "Content-Type"), re.IGNORECASE
    )
    if found is None:  # RFC 2231: name*=charset'language'value
        found = re.search(
            rf";\s*{name}\*0?\*?\s*=\s*[\w-]*'[\w-]*'([^;\s]+)",
            _header(part, "Content-Type"),
            re.IGNORECASE,
        )
        return unquote(found[1]) if found else ""
    return found[1].strip('"').strip() if found else ""


def _filename(part: Message) -> str:
    """Return what a part is called as a file, in either of the two headers that may say it."""
    found = re.search(
        r"filename[^=;]*=\s*([^;]+)", _header(part, "Content-Disposition"), re.IGNORECASE
    )
    return unquote(found[1].strip('" ')) if found else _param(part, "name")


def _insist_on_size(octets: bytes) -> None:
    """Refuse a mail by its octets, before anything parses it: parts within parts take a parser for ever.

    Raises:
        UnreadableError: when it is too large, or has too many lines, parts or headers.
    """
    if len(octets) > MOST_OCTETS:
        raise UnreadableError("too large")
    end = _HEADERS_END.search(octets)
    if (end.start() if end else len(octets)) > LONGEST_HEADERS:
        raise UnreadableError("too long headers")
    if octets.count(b"\n") > MOST_LINES:
        raise UnreadableError("too many lines")
    if len(_PART.findall(octets)) > MOST_PARTS:
        raise UnreadableError("too many parts")


def kept(text: str, most: int) -> str:
    """Return a text as both databases keep it: without control characters and half surrogates."""
    clean = "".join(letter for letter in text if letter.isprintable())
    return clean[:most]
