"""The mails of an invitation: REQUEST and CANCEL, each to one recipient who alone is its ATTENDEE."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.service import hash_of
from api.calendar import queries as calendar
from api.calendar.fragments import as_occurrence, as_vevent, vevents, within_series
from api.calendar.ical import Attendee, Heading, Method, Vevent, vcalendar, vevent
from api.calendar.models import Event, Level
from api.calendar.wording import when
from api.invitations.belief import organizer_of
from api.invitations.holding import cancel_sequence, next_sequence, note
from api.invitations.meeting import ended_of, last_day
from api.invitations.models import Invitation, InvitationToken, Place
from api.kit.clock import from_local, to_local
from api.kit.db import base_url_of
from api.kit.i18n import Language, Speaker, read_by
from api.kit.mail import Texts, sender_name, texts
from api.kit.pages import address
from api.kit.settings import Settings
from api.outbox.models import Mail, MailState
from api.outbox.queries import mail_with_key, only_drafted, was_sent_to
from api.outbox.service import Options, queue, write
from api.programme.guests import guest_words, is_guest


@dataclass(frozen=True, slots=True)
class InvitationMail:
    """What an invitation's mail shows."""

    name: str
    title: str
    when: str
    where: str
    answer_by: str  # the last day; empty when there is none
    agenda: str  # purpose, task, preparation, and to a guest what it gives
    page_url: str  # empty for who has no account: the page behind the answer's link holds all
    answer_url: str
    settings_url: str  # where one chooses how one wants invitations; empty for who has no account
    at: str  # when it begins, in brief
    is_moved: bool
    before_when: str  # the time that it had, where that has changed
    before_where: str  # the town that it had, where that has changed
    asks_again: bool  # there was an answer, to another time or place
    is_cancelled: bool  # else somebody is only no longer invited
    is_series: bool
    ends: str  # the last date of a series that now ends before it should
    by: str  # who has called it off; empty when nobody did by hand
    reason: str  # why
    successor: str  # who has the place now
    is_waiting: bool  # the seats were gone before the yes came
    has_calendar: bool  # the mail brings, or takes away, an entry of a calendar
    is_mailbox_read: bool  # what a calendar program answers reaches us
    others: str  # of one date of a series: what becomes of the other dates
    greeting: str  # words of whoever made the change


class Why(StrEnum):
    """Why a mail puts an event into a calendar, or takes it out, though nothing about the place has changed."""

    MAILED = "mailed"  # its owner gets events by mail now
    BY_FEED = "by_feed"  # its owner gets them by feed now
    LEAVES_SERIES = "leaves_series"  # one of a series, which becomes an event of its own
    ALONE = "alone"  # that event
    DECLINED = "declined"  # its owner has said no on a page
    COMES_AFTER_ALL = "comes_after_all"
    VIDEO = "video"  # the room of the video meeting is new


_TAKES_OUT = {Why.BY_FEED, Why.LEAVES_SERIES, Why.DECLINED}


@dataclass(frozen=True, slots=True)
class DeliveryMail:
    """What a mail shows that only brings a calendar up to date."""

    name: str
    title: str
    at: str  # when it begins, in brief
    when: str
    where: str
    why: str  # of `Why`
    answer_url: str
    video_url: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A held mail to be written: about which event, to whoever has which place."""

    event: Event
    invited: Invitation
    mail: Mail
    at: datetime
    with_calendar: bool  # else the person reads a feed, where the same meeting would stand twice
    successor: str = ""  # who has the place now, of one that went on

    @property
    def greeting(self) -> str:
        """Words of whoever made the change, for everybody who is told of it."""
        return str((self.mail.about or {}).get("greeting", ""))


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody was told before (`told.facts_of`), and whether their answer to that is void."""

    before: dict[str, str]
    asks_again: bool
    is_shorter: bool = False  # a series, of which only later dates are gone


def send_request(session: Session, letter: Outgoing, change: Change | None) -> bool:
    """Write a REQUEST; `sent_sequence` moves with it. False when the same mail went already.

    With a `change` the mail says what has changed: this person was asked before.
    """
    event, invited = letter.event, letter.invited
    newest = newest_told(session, event)
    path = address(language_of(invited), f"/svar/{_new_token(session, invited)}")
    page = _page(
        session,
        event,
        invited,
        path,
        change=change,
        greeting=letter.greeting,
        has_calendar=letter.with_calendar,
    )
    is_news = newest > invited.told_sequence
    invited.sent_sequence = _next_sequence(session, event, invited, is_news=is_news)
    invited.told_sequence, invited.unconfirmed = newest, ""
    session.add(invited)
    return _write(session, letter, "invitation", page, "REQUEST")


def send_cancel(session: Session, letter: Outgoing) -> bool:
    """Write a CANCEL: the event is off, or this one person is no longer invited.

    Its SEQUENCE is above the request's (RFC 5546 3.2.5); for one person only, the event's own stays.
    """
    event, invited = letter.event, letter.invited
    invited.sent_sequence = _cancel_sequence(session, event, invited)
    invited.told_sequence = newest_told(session, event)
    page = _page(
        session,
        event,
        invited,
        "",
        successor=letter.successor,
        greeting=letter.greeting,
        has_calendar=letter.with_calendar,
    )
    return _write(session, letter, "cancellation", page, "CANCEL")


def is_over(event: Event, at: datetime) -> bool:
    """Return whether an event is past: nothing is sent about it."""
    if event.ends_at is not None:
        return (event.ends_by or event.ends_at) <= at
    last = event.last_day
    if last is None:
        return True
    return from_local(datetime(last.year, last.month, last.day, 23, 59)) <= at  # noqa: DTZ001 - local


def send_moved(
    session: Session,
    event: Event,
    invited: Invitation,
    at: datetime,
    why: Why,
    *,
    waits: bool = False,
) -> Mail:
    """Queue what puts an event into a calendar, or takes it out, while place and answer stay as they were.

    waits: it is a part of an act that can be undone.
    """
    method: Method = "CANCEL" if why in _TAKES_OUT else "REQUEST"
    if method == "CANCEL":
        invited.sent_sequence = _cancel_sequence(session, event, invited)
    else:
        invited.sent_sequence = _next_sequence(session, event, invited, is_news=False)
    session.add(invited)
    page = _delivery_page(session, event, invited, why)
    key = f"{why.value}-{int(at.timestamp())}"
    return _queue(session, event, invited, page, method, at, key, waits=waits)


def _delivery_page(session: Session, event: Event, invited: Invitation, why: Why) -> DeliveryMail:
    language = language_of(invited)
    say, base_url = Speaker(language), base_url_of(session)
    path = address(language, f"/svar/{_new_token(session, invited)}")
    told = as_vevent(event, Level.INTERNAL, language, base_url)
    return DeliveryMail(
        name=invited.name,
        title=_title(event, told.summary, say),
        at=_brief(event, say),
        when=when(event, say),
        where=told.location,
        why=why.value,
        answer_url=base_url + path,
        video_url="" if event.is_protected else event.video_url,
    )


def send_video(session: Session, letter: Outgoing) -> None:
    """Write the link to the video room, or that it is gone, into a held mail; place and answer stay."""
    event, invited = letter.event, letter.invited
    invited.sent_sequence = _next_sequence(session, event, invited, is_news=False)
    invited.told_sequence = newest_told(session, event)
    session.add(invited)
    page = _delivery_page(session, event, invited, Why.VIDEO)
    _write(session, letter, "delivery", page, "REQUEST", f"{Why.VIDEO.value}-{letter.mail.id}")


def _next_sequence(session: Session, event: Event, invited: Invitation, *, is_news: bool) -> int:
    """Return the SEQUENCE of the next REQUEST: above what it changes, and above a CANCEL that it undoes."""
    sent = invited.sent_sequence
    if sent is None:
        return event.sequence
    return max(event.sequence, sent + is_news, next_sequence(session, event, invited.address))


def _cancel_sequence(session: Session, event: Event, invited: Invitation) -> int:
    held = cancel_sequence(session, event, invited.address)
    return max(event.sequence, (invited.sent_sequence or 0) + 1, held)


def waits_for_planner(session: Session, recipient: str, but: Collection[str] = ()) -> bool:
    """Whether a mail to an address waits for a planner to read it: nobody here has one in its domain.

    Whoever passes a place or a function on writes names in that mail, and to strangers it comes from
    us. Whoever is here only by such a mail, which waits, makes no domain known.
    but: addresses that do not count either.
    """
    domain = recipient.rpartition("@")[2]
    unknown = only_drafted(session, domain) | {*but}
    return not (accounts.knows_domain(session, domain, unknown) or was_sent_to(session, recipient))


def send_doubt(session: Session, event: Event, invited: Invitation, at: datetime) -> Mail:
    """Ask whoever is invited, once for each request, whether a mail that answered for them was theirs."""
    key = f"{invited.id}/{invited.address}/{invited.sent_sequence}/unconfirmed"
    known = mail_with_key(session, key)
    if known is not None:
        return known
    path = address(language_of(invited), f"/svar/{_new_token(session, invited)}")
    page = _page(session, event, invited, path, has_calendar=False)
    said = texts("unconfirmed", language_of(invited), page)
    options = Options(key=key, batch=event.id, is_example=event.is_example, is_secret=True)
    return queue(session, invited.address, said.subject, said.text, said.html, at, options)


def reminder(session: Session, event: Event, invited: Invitation) -> Texts:
    """Return the mail to somebody who was asked and has not answered, with a new link of their own."""
    path = address(language_of(invited), f"/svar/{_new_token(session, invited)}")
    page = _page(session, event, invited, path, has_calendar=False)
    return texts("reminder", language_of(invited), page)


def _new_token(session: Session, invited: Invitation) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        InvitationToken(
            token_hash=hash_of(token), invitation_id=invited.id, address=invited.address
        )
    )
    return token


def language_of(invited: Invitation) -> Language:
    """Return the language that an invitee reads."""
    return read_by(invited.language)


def calendar_part(
    session: Session,
    event: Event,
    invited: Invitation,
    method: Method,
    at: datetime,
    answer_url: str = "",
    *,
    is_leaving: bool = False,
) -> bytes:
    """Return the calendar object: neutral words, since it lands in a calendar that others see.

    A guest's says also what they give and get, how they get in and whom they ring.

    `answer_url` is the recipient's own link, which stands first in the entry's text. Empty where a
    series has no dates left to ask to.
    """
    language = language_of(invited)
    say = Speaker(language)
    answer = say.text("Svara eller skicka en ersättare: %(url)s", url=answer_url)
    own = guest_words(session, event, language) if is_guest(session, invited.function_id) else ""
    has_account = _has_account(session, invited)
    attendee = Attendee(
        invited.address, invited.name, invited.partstat.value, is_optional=invited.is_optional
    )
    asked = [
        replace(
            told,
            stamp=at,  # with a METHOD, when this object was made (RFC 5545 3.8.7.2)
            sequence=max(told.sequence, invited.sent_sequence or 0),
            status="CANCELLED" if method == "CANCEL" else told.status,
            description="\n\n".join(
                filter(
                    None,
                    (answer if answer_url else "", own, told.description if has_account else ""),
                )
            ),
            url=told.url if has_account else "",
            organizer=organizer_of(invited),
            organizer_name=sender_name(),
            attendee=attendee,
        )
        for told in _told(session, event, language, method, is_leaving=is_leaving)
    ]
    return vcalendar(Heading(method=method), map(vevent, asked)) if asked else b""


def _has_account(session: Session, invited: Invitation) -> bool:
    """Whether a substitute from outside, who has no way to sign in, is not who reads it."""
    return accounts.person_by_email(session, invited.address) is not None


def _told(
    session: Session, event: Event, language: Language, method: Method, *, is_leaving: bool
) -> list[Vevent]:
    """Return the events of a calendar object: a series comes whole, an occurrence by its place in it."""
    base_url = base_url_of(session)
    if event.series_id is not None:
        series = session.get_one(Event, event.series_id)
        told = within_series if is_leaving else as_occurrence
        return [told(event, series, Level.NEUTRAL, language, base_url)]
    if not event.rule:
        return [as_vevent(event, Level.NEUTRAL, language, base_url)]
    # A REQUEST holds what takes place (RFC 5546 3.2.2), and of a series what is of its UID.
    occurrences = calendar.occurrences(session, event.id)
    on = [one for one in occurrences if one.status != "CANCELLED" and not one.is_apart]
    found = vevents(event, on, Level.NEUTRAL, language, base_url)
    if method == "REQUEST":
        return found
    return found[:1] or [as_vevent(event, Level.NEUTRAL, language, base_url)]


def newest_told(session: Session, event: Event) -> int:
    """Return the SEQUENCE that a mail about an event tells of: a series' tells of its occurrences' too."""
    return calendar.newest_sequence(session, event.id) if event.rule else event.sequence


def draft(session: Session, event: Event, language: Language) -> Texts:
    """Return an invitation as it will read, with "…" where each gets a name and a link of their own."""
    nobody = Invitation(
        event_id=event.id,
        function_id="",
        number=0,
        name="…",
        address="",
        language=language,
        place=Place.INVITED,
        created_at=event.created_at,
    )
    path = address(language, "/svar/…")
    page = _page(session, event, nobody, path, has_calendar=True)
    return texts("invitation", language, page)


def draft_for(
    session: Session,
    event: Event,
    invited: Invitation,
    change: Change | None,
    greeting: str,
    *,
    has_calendar: bool,
) -> Texts:
    """Return the mail that somebody would get about an event as it would be, with "…" for their own link."""
    is_off = event.status == "CANCELLED"
    path = "" if is_off else address(language_of(invited), "/svar/…")
    page = _page(
        session,
        event,
        invited,
        path,
        change=change,
        greeting=greeting,
        has_calendar=has_calendar,
    )
    return texts("cancellation" if is_off else "invitation", language_of(invited), page)


def _page(
    session: Session,
    event: Event,
    invited: Invitation,
    answer_path: str,
    *,
    change: Change | None = None,
    successor: str = "",
    greeting: str = "",
    has_calendar: bool,
) -> InvitationMail:
    language = language_of(invited)
    base_url = base_url_of(session)
    say = Speaker(language)
    told = as_vevent(event, Level.INTERNAL, language, base_url)
    agenda = event.agenda_sv if language == "sv" else event.agenda_en
    if not invited.function_id or is_guest(session, invited.function_id):
        agenda = guest_words(session, event, language) or agenda
    is_cancelled = event.status == "CANCELLED"
    last = _last(session, event) if change is not None and change.is_shorter else None
    ended = ended_of(session, event) if is_cancelled or last else None
    # Of a draft nobody's address is known yet; whoever has an account can sign in.
    has_account = not invited.address or _has_account(session, invited)
    before_when, before_where = _before(event, change.before if change else {}, say)
    return InvitationMail(
        name=invited.name,
        title=_title(event, told.summary, say),
        when=when(event, say),
        where=told.location,
        answer_by=last_day(session, event, say),
        agenda="" if event.is_protected else agenda,
        page_url=base_url + address(language, event.page) if has_account else "",
        answer_url=f"{base_url}{answer_path}" if answer_path else "",
        settings_url=base_url + address(language, "/prenumerera#leverans") if has_account else "",
        at=say.in_brief(last) if last else _brief(event, say),
        is_moved=change is not None,
        before_when=before_when,
        before_where=before_where,
        asks_again=change is not None and change.asks_again,
        is_cancelled=is_cancelled,
        is_series=bool(event.rule),
        ends=say.date(to_local(last).date()) if last else "",
        by=_name(session, ended.cancelled_by) if ended is not None else "",
        reason=ended.cancel_reason if ended is not None else "",
        successor=successor,
        is_waiting=invited.place is Place.WAITING,
        has_calendar=has_calendar,
        is_mailbox_read=bool(Settings().imap_url.get_secret_value()),
        others=_others(event, say),
        greeting=greeting,
    )


def _name(session: Session, person_id: str) -> str:
    return accounts.names_of(session, {person_id}).get(person_id, "")


def _last(session: Session, event: Event) -> datetime | None:
    """Return when the last date that a series still has begins."""
    on = [one for one in calendar.occurrences(session, event.id) if one.status != "CANCELLED"]
    return max((one.starts_at for one in on if one.starts_at is not None), default=None)


def _title(event: Event, summary: str, say: Speaker) -> str:
    """Return what an event is called in a mail, which says itself what has become of it."""
    if event.is_protected:
        return say.text("Träff som inte visas i kalendrar")
    return summary.removeprefix(f"{say.text('Inställt')}: ")


def _brief(event: Event, say: Speaker) -> str:
    if event.starts_at is not None:
        return say.in_brief(event.starts_at)
    day = event.first_day
    return f"{day.day} {say.month(day.month)}" if day is not None else ""


def _before(event: Event, facts: dict[str, str], say: Speaker) -> tuple[str, str]:
    """Return the time and the place that an event had by what was told, each where it has another now."""
    if not facts or event.rule:
        return "", ""
    starts, ends = facts["starts_at"], facts["ends_at"]
    when = where = ""
    if starts and ends and event.starts_at is not None and event.ends_at is not None:
        then = (datetime.fromisoformat(starts), datetime.fromisoformat(ends))
        when = say.span(*then) if then != (event.starts_at, event.ends_at) else ""
    if facts["town"] != event.town and not event.is_protected:
        is_open = bool(facts.get("is_town_open"))
        no_town = say.text("på plats, orten är inte bestämd") if is_open else say.text("digitalt")
        where = facts["town"] or no_town
    return when, where


def _others(event: Event, say: Speaker) -> str:
    if event.series_id is None or event.original_start is None:
        return ""
    if event.status == "CANCELLED":
        return say.text("Det gäller en av flera återkommande träffar. De andra är kvar.")
    if event.original_start == event.starts_at:
        return say.text("Det gäller en av flera återkommande träffar. De andra ändras inte.")
    return say.text(
        "Det gäller en av flera återkommande träffar, den %(when)s. De andra ändras inte.",
        when=say.moment(event.original_start),
    )


def _write(
    session: Session,
    letter: Outgoing,
    template: str,
    page: InvitationMail | DeliveryMail,
    method: Method,
    why: str = "",
) -> bool:
    """Fill the held mail in; False when the same mail has been written before."""
    event, invited, mail = letter.event, letter.invited, letter.mail
    kind = "/".join(filter(None, (template, method if letter.with_calendar else "NOTE", why)))
    key = f"{invited.id}/{invited.address}/{invited.sent_sequence}/{kind}"
    if mail_with_key(session, key) is not None:
        return False
    said = texts(template, language_of(invited), page)
    mail.key = key
    mail.is_secret = bool(page.answer_url)
    part = None
    if letter.with_calendar:
        answer_url = page.answer_url if method == "REQUEST" else ""
        part = calendar_part(session, event, invited, method, letter.at, answer_url) or None
        mail.method = method if part else ""
    write(session, mail, said, part)
    mail.reply_to = organizer_of(invited)
    if waits_for_planner(session, invited.address):
        mail.state = MailState.DRAFT
    session.add(mail)
    session.flush()
    note(session, event, invited, mail, is_alone=event.is_apart)
    return True


def _queue(
    session: Session,
    event: Event,
    invited: Invitation,
    page: DeliveryMail,
    method: Method,
    at: datetime,
    key: str,
    *,
    waits: bool,
) -> Mail:
    said = texts("delivery", language_of(invited), page)
    kind = f"delivery/{method}/{key}"
    answer_url = page.answer_url if method == "REQUEST" else ""
    # What leaves a series is called off in it, under the series' UID.
    is_leaving = page.why == Why.LEAVES_SERIES.value
    part = calendar_part(session, event, invited, method, at, answer_url, is_leaving=is_leaving)
    options = Options(
        key=f"{invited.id}/{invited.address}/{invited.sent_sequence}/{kind}",
        batch=event.id,
        calendar=part or None,
        method=method if part else "",
        reply_to=organizer_of(invited),
        is_example=event.is_example,
        is_secret=bool(page.answer_url),
        is_draft=waits_for_planner(session, invited.address),
        tells_others=waits,
    )
    session.flush()
    made = queue(session, invited.address, said.subject, said.text, said.html, at, options)
    note(session, event, invited, made, is_alone=event.is_apart and not is_leaving)
    return made
