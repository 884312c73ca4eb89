"""What a mail is: calendar programs' answers as each writes them, people's words, bounces, machines."""

import base64
import quopri
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from api.invitations.incoming import Kind, ReadMail, Said, read_mail

ME = "anna@example.org"
EVENT = (
    f"UID:u1\r\nDTSTAMP:20270110T130000Z\r\nSEQUENCE:0\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"
)
HEAD = f"From: Anna <{ME}>\r\nMessage-ID: <m1@example.org>\r\n"
CALENDAR = "Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n"


def answer(*events: str, method: str = "METHOD:REPLY\r\n", before: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT\r\n" for one in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{method}{before}{body}END:VCALENDAR\r\n"


def mail(body: str, head: str = HEAD, kind: str = CALENDAR) -> ReadMail:
    return read_mail(f"{head}{kind}\r\n{body}".encode("utf-8", "surrogateescape"))


def said(body: str, head: str = HEAD, kind: str = CALENDAR) -> Said:
    found = mail(body, head, kind)
    assert found.kind is Kind.REPLY, found
    [one] = found.said
    return one


PLAIN = Said("REPLY", "u1", ME, "ACCEPTED", 0, datetime(2027, 1, 10, 13, tzinfo=UTC))


@pytest.mark.parametrize(
    "attendee",
    [
        f"ATTENDEE;PARTSTAT=accepted:MAILTO:{ME.upper()}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto: {ME}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:<{ME}>",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:mailto:{ME}",
        f"ATTENDEE;CN=Anna;EMAIL={ME};PARTSTAT=ACCEPTED:/1234/principal/",
        f"ATTENDEE;PARTSTAT=ACCEPTED;X-CALENDARSERVER-EMAIL={ME}:urn:uuid:1-2-3",
        f"ATTENDEE;CN=RC: Anna;PARTSTAT=ACCEPTED:mailto:{ME}",
        f'ATTENDEE;CN=Anna "Ann" Berg;PARTSTAT=ACCEPTED:mailto:{ME}',
        f'ATTENDEE;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT="Nej: DECLINED";RSVP=FALSE:mailto:{ME}',
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:b@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        f"ATTENDEE;PARTSTAT=ACC\r\n EPTED:mailto:{ME}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME.replace('@', '%40')}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}?subject=Ja",
        f'ATTENDEE;PARTSTAT=ACCEPTED;EMAIL="mailto:{ME}":invalid:nomail',
    ],
)
def test_who_answers_is_known_however_it_is_written(attendee: str) -> None:
    old = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"
    assert said(answer(EVENT.replace(old, attendee))) == PLAIN


@pytest.mark.parametrize(
    ("attendee", "reason"),
    [
        ("ATTENDEE;PARTSTAT", "ATTENDEE"),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@example.org", "sender is not the attendee"),
        (
            f'ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:{ME}":mailto:b@example.org',
            "sent by another",
        ),
        (
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@example.org\r\nATTENDEE:mailto:c@example.org",
            "several attendees",
        ),
        (f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}\r\nATTENDEE;PARTSTAT=DECLINED:{ME}", "PARTSTAT"),
    ],
)
def test_who_answers_for_another_is_a_person_s_matter(attendee: str, reason: str) -> None:
    old = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"
    assert said(answer(EVENT.replace(old, attendee))).reason == reason


@pytest.mark.parametrize(
    ("told", "sequence", "reason"),
    [
        *(("0", 0, ""), ("2147483647", 2_147_483_647, ""), ("ett", None, ""), ("-1", None, "")),
        *(("99999999999999999999", None, "SEQUENCE"), ("4294967296", None, "SEQUENCE")),
    ],
)
def test_a_sequence_is_a_number_of_ours_or_none(
    told: str, sequence: int | None, reason: str
) -> None:
    one = said(answer(EVENT.replace("SEQUENCE:0", f"SEQUENCE:{told}")))
    assert (one.sequence, one.reason) == (sequence, reason)


@pytest.mark.parametrize(
    ("told", "stamp"),
    [
        ("DTSTAMP:20270110T130000Z\r\nDTSTAMP:20270110T130000Z", PLAIN.stamp),
        ("DTSTAMP;VALUE=DATE:20270110", datetime(2027, 1, 10, tzinfo=UTC)),
        ("DTSTAMP;TZID=Asia/Tokyo:00010101T000000", None),
        ("DTSTAMP:i morse", None),
        ("COMMENT:x", None),
    ],
)
def test_a_stamp_is_read_where_it_can_be(told: str, stamp: datetime | None) -> None:
    assert said(answer(EVENT.replace("DTSTAMP:20270110T130000Z", told))).stamp == stamp


LATE = datetime(2027, 2, 8, 8, tzinfo=UTC)
OWN_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    "TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    ("place", "moment", "day"),
    [
        (":20270208T080000Z", LATE, None),
        (":20270208T090000", LATE, None),  # Swedish time, wherever the server stands
        (";TZID=W. Europe Standard Time:20270208T090000", LATE, None),
        (';TZID="(UTC+01:00) Amsterdam, Bern, Stockholm, Wien":20270208T090000', LATE, None),
        (";TZID=Europe/Stockholm:20270208T080000Z", LATE, None),
        (";TZID=Customized Time Zone:20270208T110000", LATE, None),
        (";TZID=tzone://Microsoft/Utc:20270208T080000", LATE, None),
        (";VALUE=DATE:20270208", None, date(2027, 2, 8)),
        (";TZID=Mars/Olympus:20270208T090000", None, date(2027, 2, 8)),
    ],
)
def test_one_of_a_series_is_answered_by_its_moment_or_its_day(
    place: str, moment: datetime | None, day: date | None
) -> None:
    one = said(answer(f"{EVENT}\r\nRECURRENCE-ID{place}", before=OWN_ZONE))
    assert (one.occurrence, one.day, one.reason) == (moment, day, "")


def test_a_date_that_cannot_be_read_is_not_the_whole_series() -> None:
    assert said(answer(f"{EVENT}\r\nRECURRENCE-ID:tisdag")).reason == "RECURRENCE-ID"
    assert said(answer(EVENT.replace("UID:u1", "UID:u1\0"))).reason == "UID"


def test_what_one_mail_says_of_a_zone_does_not_reach_the_next() -> None:
    place = f"{EVENT}\r\nRECURRENCE-ID;TZID=W. Europe Standard Time:20270208T090000"
    wrong = OWN_ZONE.replace("Customized Time Zone", "W. Europe Standard Time")
    assert said(answer(place, before=wrong)).occurrence == LATE.replace(hour=6)
    assert said(answer(place)).occurrence == LATE


@pytest.mark.parametrize(
    "zone",
    [
        "BEGIN:VTIMEZONE\r\nTZID:Egen\r\nEND:VTIMEZONE\r\n",
        OWN_ZONE.replace("Customized Time Zone", "Egen").replace("+0300", "+9900"),
        OWN_ZONE.replace("Customized Time Zone", "Egen").replace("TZOFFSETTO:+0300\r\n", ""),
        OWN_ZONE.replace("END:STANDARD", "RRULE:FREQ=SECONDLY\r\nEND:STANDARD"),
    ],
)
def test_an_answer_needs_no_zone(zone: str) -> None:
    assert said(answer(f"{EVENT}\r\nDTSTART;TZID=Egen:20270209T130000", before=zone)) == PLAIN


@pytest.mark.parametrize(
    "kind",
    [
        "Content-Type: text/calendar; method=REPLY; charset=x-unknown\r\n",
        "Content-Type: text/calendar; method=REPLY\r\nContent-Transfer-Encoding: x-foo\r\n",
        "Content-Type: text/calendar; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n",
        "Content-Type: application/ics; name=invite.ics\r\n",
        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=svar.ics\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: Text/Calendar; Method=\"reply\"; name*=utf-8''svar\r\n",
    ],
)
def test_the_part_is_found_however_it_is_marked(kind: str) -> None:
    assert said(answer(EVENT), kind=kind) == PLAIN


def test_the_method_may_stand_in_the_header_alone() -> None:
    assert said(answer(EVENT, method="")) == PLAIN


def test_letters_of_other_kinds_are_read() -> None:
    for name in ("utf-16", "utf-8-sig", "cp1252"):
        message = EmailMessage()
        message["From"], message["Message-ID"] = ME, "<m1@example.org>"
        message.add_attachment(
            answer(f"{EVENT}\r\nSUMMARY:Träff").encode(name),
            maintype="text",
            subtype="calendar",
            params={"method": "REPLY", "charset": name},
        )
        assert read_mail(message.as_bytes()).said == (PLAIN,)


def test_several_answers_are_all_told_and_doubles_once() -> None:
    found = mail(answer(EVENT, f"{EVENT}\r\nRECURRENCE-ID:20270208T080000Z") + answer(EVENT))
    assert [one.occurrence for one in found.said] == [None, LATE]


def test_a_proposal_has_its_time() -> None:
    proposed = f"{EVENT}\r\nDTSTART:20270111T090000Z\r\nDTEND:20270111T100000Z"
    found = mail(answer(proposed, method="METHOD:COUNTER\r\n"))
    assert found.kind is Kind.COUNTER
    assert f"{found.said[0].starts_at:%d %H}-{found.said[0].ends_at:%H}" == "11 09-10"


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        (f"Anna <{ME}>", ME),
        (f'"chef@example.org" <{ME}>', ME),
        (f"{ME} (chef@example.org)", ME),
        (f"=?utf-8?b?7bO/?= <{ME}>", ME),
        (f"\udcff\udcfe {ME}", ME),
        (f"{ME}, b@example.org", ""),
        *((text, "") for text in ('"', "a@", ".@", "<@", "''@", "(c):", "a@[", "")),
    ],
)
def test_a_sender_is_what_stands_in_brackets_and_never_breaks_the_mail(
    sender: str, address: str
) -> None:
    found = mail("Hej", f"From: {sender}\r\nMessage-ID: <m1@example.org>\r\n", "")
    assert (found.kind, found.sender, found.message_id) == (Kind.PROSE, address, "<m1@example.org>")


def test_words_are_somebody_s_and_say_which_mail_they_answer() -> None:
    head = (
        f"{HEAD}Subject: =?utf-8?q?SV=3A_Tr=C3=A4ff?=\r\n"
        "In-Reply-To: <our@moten>\r\nReferences: <first@moten> <our@moten>\r\n"
    )
    found = mail("Jag kan inte, ring mig", head, "")
    assert (found.kind, found.subject) == (Kind.PROSE, "SV: Träff")
    assert found.answers_to == ("<our@moten>", "<first@moten>")
    # the invitation sent back beside one's words is no answer
    quoted = answer(EVENT, method="METHOD:REQUEST\r\n")
    body = f"--x\r\n\r\nJag kan inte\r\n--x\r\nContent-Type: text/calendar\r\n\r\n{quoted}\r\n--x--\r\n"
    assert mail(body, kind="Content-Type: multipart/mixed; boundary=x\r\n").kind is Kind.PROSE


REPORT = """\
--r
Content-Type: text/plain

It did not arrive.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Original-Recipient: rfc822;gone@example.org
Final-Recipient: rfc822; gone@mx.example.org
Action: {action}
Status: {status}
--r
Content-Type: text/rfc822-headers

Message-ID: <our@moten>
To: gone@example.org
--r--
""".replace("\n", "\r\n")
REPORTED = "Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n"


def test_a_report_of_what_did_not_arrive_names_the_address_and_the_mail() -> None:
    found = mail(REPORT.format(action="failed", status="5.1.1"), kind=REPORTED)
    assert (found.kind, found.failed) == (Kind.BOUNCE, ("gone@example.org",))
    assert found.answers_to == ("<our@moten>",)
    late = mail(REPORT.format(action="delayed", status="4.4.7"), kind=REPORTED)
    assert (late.kind, late.failed) == (Kind.AUTO_REPLY, ())


@pytest.mark.parametrize(
    ("old", "new", "failed"),
    [
        ("Action: failed", "Action: failed (user unknown)", ("gone@example.org",)),
        ("Original-Recipient: rfc822;gone@example.org\r\n", "", ("gone@mx.example.org",)),
        ("message/delivery-status", "message/global-delivery-status", ("gone@example.org",)),
        # A mailbox inside, which nobody outside knows by an address: our own mail says whose.
        ("rfc822;gone@example.org", "x400; /C=SE/CN=gone/", ()),
    ],
)
def test_a_report_is_known_in_other_servers_words(
    old: str, new: str, failed: tuple[str, ...]
) -> None:
    report = REPORT.format(action="failed", status="5.1.1").replace(old, new)
    if not failed:
        report = report.replace("rfc822; gone@mx.example.org", "x400; /C=SE/CN=gone/")
    found = mail(report, kind=REPORTED)
    assert (found.kind, found.failed, found.answers_to) == (Kind.BOUNCE, failed, ("<our@moten>",))


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Det går inte att leverera: Inbjudan", "gone@example.org<mailto:gone@example.org>"),
        ("Meddelandet kunde inte levereras", "Mottagare: gone@example.org."),
        ("Leveransen misslyckades", "<gone@example.org>: okänd"),
        ("Nachricht nicht zustellbar", "<gone@example.org>"),
        ("Mail konnte nicht zugestellt werden", "gone@example.org"),
        ("Kan ikke leveres: Inbjudan", "gone@example.org"),
        ("Viestiä ei voitu toimittaa", "gone@example.org"),
        ("Échec de la remise", "gone@example.org"),
        ("Undeliverable: Inbjudan", "Your message to gone@example.org couldn't be delivered."),
        ("DELIVERY FAILURE: User gone (gone@example.org) not listed", "Your mail"),
    ],
)
def test_a_report_in_prose_names_the_address_in_any_of_our_neighbours_words(
    subject: str, text: str
) -> None:
    head = (
        f"From: Postmaster <postmaster@example.org>\r\nSubject: {subject}\r\nMessage-ID: <b@x>\r\n"
    )
    copy = (
        "\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nMessage-ID: <our@moten>\r\n"
    )
    found = mail(f"{text}{copy}To: other@example.org\r\n", head, "")
    assert (found.kind, found.failed) == (Kind.BOUNCE, ("gone@example.org",))
    assert found.answers_to == ("<our@moten>",)
    # a person whose word happens to be the same is a person
    assert mail(text, f"{HEAD}Subject: {subject}\r\n", "").kind is Kind.PROSE


def test_a_mail_that_is_only_late_is_nobody_s_answer() -> None:
    head = "From: MAILER-DAEMON@example.org\r\nSubject: Undelivered mail: delayed 4 hours\r\nMessage-ID: <b@x>\r\n"
    assert mail("<gone@example.org>", head, "").kind is Kind.AUTO_REPLY


def test_older_servers_reports_are_known_too() -> None:
    head = "From: MAILER-DAEMON@example.org\r\nSubject: failure notice\r\nMessage-ID: <b@x>\r\n"
    body = "Hi. This is the qmail-send program.\r\n\r\n<gone@example.org>:\r\nNo mailbox here.\r\n"
    assert mail(body, head, "").failed == ("gone@example.org",)
    exim = f"{HEAD}X-Failed-Recipients: gone@example.org\r\n"
    assert mail("Not here", exim, "").failed == ("gone@example.org",)


@pytest.mark.parametrize(
    "mark",
    [
        *("Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply"),
        *(
            "Subject: Automatiskt svar: Inbjudan",
            "Subject: Out of Office: x",
            "Auto-Submitted: auto-generated",
        ),
    ],
)
def test_a_machine_s_answer_is_nobody_s(mark: str) -> None:
    assert mail("Jag är ledig.", f"{HEAD}{mark}\r\n", "").kind is Kind.AUTO_REPLY
    # but a calendar program's own answer is one, also sent by itself
    assert mail(answer(EVENT), f"{HEAD}{mark}\r\n").kind is Kind.REPLY


@pytest.mark.parametrize(
    "subject",
    [
        *("Automaatvastus: Inbjudan", "Automātiska atbilde: Inbjudan", "Sjálfvirkt svar: Inbjudan"),
        *("Automatinis atsakymas: Inbjudan", "Automatická odpověď: Inbjudan", "Fuori sede: x"),
        *("Automatikus válasz: Inbjudan", "Fuera de la oficina: x", "Poissa toimistosta: x"),
        *("Αυτόματη απάντηση: x", "Автоматическая ответ: x", "Otomatik yanıt: x"),
    ],
)
def test_a_machine_s_answer_is_known_in_many_languages(subject: str) -> None:
    assert mail("x", f"{HEAD}Subject: {subject}\r\n", "").kind is Kind.AUTO_REPLY


def test_a_person_who_writes_of_being_away_is_a_person() -> None:
    for subject in (
        "Frånvaro den 5",
        "Jag kommer inte vara frånvarande den 12",
        "Sv: Frånvarorapport till mötet",
        "Automatinställning av salen",
    ):
        assert mail("Hej", f"{HEAD}Subject: {subject}\r\n", "").kind is Kind.PROSE


def test_exchange_reports_in_prose_from_an_address_of_its_own() -> None:
    head = (
        "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example>\r\n"
        "Subject: Olevererbart: Inbjudan\r\nMessage-ID: <b@x>\r\n"
    )
    assert mail("gone@example.org", head, "").failed == ("gone@example.org",)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (f"{HEAD}{CALENDAR}\r\n".encode(), "calendar part: no calendar"),
        (f"{HEAD}Content-Type: application/ms-tnef\r\n\r\nx".encode(), "winmail.dat"),
        (f"{HEAD}Content-Type: application/pkcs7-mime\r\n\r\nx".encode(), "encrypted"),
        (f"{HEAD}\r\n".encode() + b"x" * 1_000_001, "too large"),
        (f"{HEAD}\r\n".encode() + b"\n" * 50_001, "too many lines"),
        (b"X: " + b"x" * 100_001, "too long headers"),
        (b"Content-Type: multipart/mixed; boundary=a\r\n" * 41, "too many parts"),
    ],
)
def test_what_cannot_be_read_says_why(octets: bytes, reason: str) -> None:
    found = read_mail(octets)
    assert (found.kind, found.reason) == (Kind.UNREADABLE, reason)


@pytest.mark.parametrize(
    "kind",
    [
        *("Content-Type: text/plain; name*\r\n", "Content-Type: text/plain; name*0*\r\n"),
        *(
            "Content-Type: multipart/mixed; boundary*\r\n",
            "Content-Type: ;;;\r\n",
            "Content-Type: message/rfc822\r\n",
        ),
        "Content-Type: text/calendar; charset*=x\r\n",
    ],
)
def test_broken_headers_break_nothing(kind: str) -> None:
    for head in (HEAD, f"From: {ME}\r\nMessage-ID: <a@[\r\n", ""):
        assert mail("Hej", head, kind).kind in {Kind.PROSE, Kind.UNREADABLE}


PART = answer(EVENT)
IN_BASE64 = base64.encodebytes(PART.encode()).decode()
WITHIN = (
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAnna har accepterat\r\n--b\r\n"
    f"{CALENDAR}Content-Transfer-Encoding: base64\r\n\r\n{IN_BASE64}\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            f"{CALENDAR}Content-Transfer-Encoding: quoted-printable\r\n",
            quopri.encodestring(PART.encode()).decode(),
        ),
        (f"{CALENDAR}Content-Transfer-Encoding: BASE64\r\n", IN_BASE64),
        (
            f"{CALENDAR}Content-Transfer-Encoding: Quoted-Printable (folded)\r\n",
            quopri.encodestring(PART.encode()).decode(),
        ),
        (f"{CALENDAR}Content-Transfer-Encoding: base64 \r\n", IN_BASE64),
        (f"{CALENDAR}Content-Transfer-Encoding: 7bit\r\n", IN_BASE64),  # labelled wrong
        ("Content-Type: multipart/alternative; boundary=b\r\n", WITHIN),
        (
            'Content-Type: multipart/related; boundary="d"\r\n',
            (
                '--d\r\nContent-Type: multipart/mixed; boundary="c"\r\n\r\n'
                f"--c\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{WITHIN}\r\n--c--\r\n--d--\r\n"
            ),
        ),
        (
            'Content-Type: multipart/signed; micalg=sha1; boundary="c"\r\n',
            (
                f"--c\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{WITHIN}\r\n--c\r\n"
                "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nAAAA\r\n--c--\r\n"
            ),
        ),
        (
            "Content-Type: text/calendar; charset*=utf-8''utf-8; method*=us-ascii'en'REPLY\r\n",
            PART.replace("METHOD:REPLY\r\n", ""),
        ),
    ],
)
def test_an_answer_is_found_however_it_is_packed(kind: str, body: str) -> None:
    assert said(body, kind=kind) == PLAIN


@pytest.mark.parametrize(
    ("partstat", "reason"),
    [
        ("DELEGATED", "delegated"),
        ("NEEDS-ACTION", "PARTSTAT"),
        ("IN-PROCESS", "PARTSTAT"),
        ("X-MAYBE", "PARTSTAT"),
    ],
)
def test_what_is_no_answer_is_told_with_its_reason(partstat: str, reason: str) -> None:
    one = said(answer(EVENT.replace("ACCEPTED", partstat)))
    assert (one.partstat, one.reason) == (partstat, reason)


@pytest.mark.parametrize(
    "head",
    [
        "Subject: Frånvarande: Inbjudan\r\n",
        "Subject: =?iso-8859-1?Q?Inte_p=E5_kontoret=3A_Inbjudan?=\r\n",
        "Subject: Sv: Inbjudan\r\nX-Auto-Response-Suppress: All\r\n",
        "Subject: Sv: Inbjudan\r\nX-Vacation: yes\r\n",
        "Subject: Sv: Inbjudan\r\nX-POST-MessageClass: 9; Autoresponder\r\n",
        "Subject: Sv: Inbjudan\r\nPreference: auto_reply\r\n",
        "Subject: AUTO: Anna Berg\r\n",
        "Subject: [Auto-Reply] Inbjudan\r\n",
        "Subject: Fravær: Inbjudan\r\n",
        "Subject: Poissaoloviesti\r\n",
        "Subject: Automatisch antwoord: Inbjudan\r\n",
        "Subject: Sv: Inbjudan\r\nAUTO-SUBMITTED: Auto-Replied (vacation)\r\n",
    ],
)
def test_a_machines_answer_is_known_in_several_styles(head: str) -> None:
    found = mail("Jag är ledig till augusti.", f"{HEAD}{head}", "Content-Type: text/plain\r\n")
    assert found.kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "subject", ["Sv: Automatiskt svar från er?", "Frånvaro den 19", "Semester i juli, kan vi ses?"]
)
def test_somebodys_words_are_not_taken_for_a_machines(subject: str) -> None:
    found = mail("Hej!", f"{HEAD}Subject: {subject}\r\n", "Content-Type: text/plain\r\n")
    assert (found.kind, found.subject) == (Kind.PROSE, subject)


def test_outlooks_own_packing_is_named_by_its_file_too() -> None:
    kind = (
        'Content-Type: application/octet-stream; name="winmail.dat"\r\n'
        'Content-Disposition: attachment; filename="winmail.dat"\r\n'
    )
    assert mail("AAAA", kind=kind).reason == "winmail.dat"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ('Content-Type: application/octet-stream; name="winmail.dat"\r\n', "winmail.dat"),
        ('Content-Type: application/octet-stream; name="smime.p7m"\r\n', "encrypted"),
    ],
)
def test_a_packed_mail_is_known_by_the_name_in_either_header(kind: str, reason: str) -> None:
    found = mail("eJ8+", kind=kind)
    assert (found.kind, found.reason) == (Kind.UNREADABLE, reason)


def test_an_answer_for_a_date_and_all_after_it_is_a_person_s_matter() -> None:
    one = said(answer(f"{EVENT}\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270119T080000Z"))
    assert (one.partstat, one.reason) == ("ACCEPTED", "RANGE")
