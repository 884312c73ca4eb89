"""Whom a poll asks: a mail with a link of their own to each, a reminder before the last day, and the answers."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.accounts.service import hash_of
from api.audit.service import record
from api.availability import queries
from api.availability.models import (
    AnswerValue,
    Poll,
    PollAnswer,
    PollAsked,
    PollLink,
    PollMark,
    PollOption,
    PollState,
)
from api.kit.clock import from_local, to_local
from api.kit.db import base_url_of, lock
from api.kit.errors import ConflictError
from api.kit.i18n import Language, Speaker, later, read_by, swedish_order
from api.kit.mail import Texts, texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm
from api.networks import queries as networks
from api.outbox import queries as outbox
from api.outbox.acts import Composer, Data, can_undo_by, changed
from api.outbox.holding import Matter, hold
from api.outbox.models import Mail, MailState
from api.outbox.service import write
from api.registry import queries as registry

KIND = "poll"  # of the mails that are written when they go
UNDO = "poll asked"
UNDO_REMINDING = "poll reminded"
LAST_DAYS = timedelta(days=1)  # before the last day whoever has not answered is reminded
ALL, NONE = "alla", "inga"  # what a mailed link fills in, beside the id of a time
WORKING_HOURS = (8, 17)  # when a reminder goes by itself
FORM_NAMES = {
    MeetingForm.DIGITAL: later("digitalt"),
    MeetingForm.IN_PERSON: later("på plats"),
    MeetingForm.HYBRID: later("på plats och digitalt"),
}


class Why(StrEnum):
    """What a mail of a poll is about."""

    ASK = "ask"
    REMIND = "remind"
    MORE = "more"  # one more time to choose from


@dataclass(frozen=True, slots=True)
class Member:
    """A function that a network's poll asks, and how a mail reaches it."""

    function_id: str
    rc_id: str
    name: str  # the holder's, else the post's
    rc: str
    address: str
    language: Language

    @property
    def shown(self) -> str:
        """Who it is, as the others see it."""
        return f"{self.name}, {self.rc}"


@dataclass(frozen=True, slots=True)
class PollMail:
    """What the mail of a poll says."""

    why: str
    theme: str
    network: str
    is_circle: bool
    each_picks: bool  # one time is chosen, and is one's own
    asker: str
    where: str
    times: tuple[tuple[str, str], ...]  # when, and the link that fills in just that
    new: tuple[str, ...]  # times that came since
    deadline: str
    day: str  # of the deadline, in brief
    url: str
    all_url: str
    none_url: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with somebody whom a poll asks."""

    asked: PollAsked
    member: Member | None  # None: nobody is reached there any more
    has_answered: bool
    mail: Mail | None  # the newest to them


@dataclass(frozen=True, slots=True)
class Party:
    """Who meets: a network or a group, by its name and the page that leads back to it."""

    name_sv: str
    name_en: str
    page: str
    is_circle: bool
    is_example: bool = False


def party_of(session: Session, poll: Poll) -> Party:
    """Return whom a poll asks, as one: its network, else its group (an unnamed one by the theme)."""
    network = networks.network(session, poll.network_id) if poll.network_id else None
    if network is not None:
        page = f"/natverk/{network.id}"
        return Party(network.name_sv, network.name_en, page, True, network.is_example)  # noqa: FBT003 - a circle
    group = meetings.group(session, poll.group_id) if poll.group_id else None
    name = group.name if group is not None and group.name else poll.theme
    page = f"/forum/{group.id}" if group is not None and group.is_saved else "/traffar"
    return Party(name, name, page, False, poll.is_example)  # noqa: FBT003 - no circle


def whom(session: Session, poll: Poll) -> list[Member]:
    """Return whom a poll asks: its network's members, or whoever holds a post of its group."""
    if poll.group_id is None:
        return members(session, poll.network_id or "")
    return of_group(session, poll.group_id)


def of_group(session: Session, group_id: str) -> list[Member]:
    """Return whoever holds a post of a group and can be reached, each address once."""
    ids = meetings.group_posts(session, [group_id])[group_id]
    homes = {one.id: one for one in accounts.bodies(session)}
    found: dict[str, Member] = {}
    for one in accounts.reach(session):
        if one.id in ids and one.address and one.body_id in homes:
            home = homes[one.body_id]
            language = read_by(one.language)
            name = one.name or one.title
            member = Member(one.id, home.rc_id or "", name, home.name, one.address, language)
            found.setdefault(one.address, member)
    return sorted(found.values(), key=lambda one: (swedish_order(one.rc), one.function_id))


def lacking(session: Session, poll: Poll) -> list[str]:
    """Return the names of those whom a poll is to ask and no mail reaches."""
    if poll.group_id is None:
        return without_address(session, poll.network_id or "")
    reached = {one.function_id for one in of_group(session, poll.group_id)}
    ids = meetings.group_posts(session, [poll.group_id])[poll.group_id] - reached
    held = accounts.functions_with_bodies(session, ids)
    return sorted(
        (f"{one.title}, {body.name}" for one, body in held if not one.holder_id), key=swedish_order
    )


def told(session: Session, poll: Poll) -> list[str]:
    """Return who is invited when a time is booked."""
    if poll.group_id is None:
        return invited(session, poll.network_id or "")
    return [one.shown for one in of_group(session, poll.group_id)]


def members(session: Session, network_id: str) -> list[Member]:
    """Return whom a poll of a network asks: those who hold its RC's posts, each address once.

    An RC that has declined its place is not asked.
    """
    rows = networks.members(session, [network_id])[network_id]
    wanted = {row.rc_id for row in rows if row.declined_at is None}
    names = {key: name for key, name in registry.names(session).items() if key in wanted}
    homes = {one.id: one for one in accounts.bodies(session) if one.rc_id in wanted}
    found: dict[str, Member] = {}
    for one in accounts.reach(session):
        home = homes.get(one.body_id)
        if home is None or home.rc_id is None or one.role is not Role.RC_MEMBER or not one.address:
            continue
        member = Member(
            one.id,
            home.rc_id,
            one.name or one.title,
            names.get(home.rc_id, home.name),
            one.address,
            read_by(one.language),
        )
        found.setdefault(one.address, member)
    return sorted(found.values(), key=lambda one: (swedish_order(one.rc), one.function_id))


def without_address(session: Session, network_id: str) -> list[str]:
    """Return the names of a network's RC that no mail reaches: somebody must ring them."""
    reached = {one.rc_id for one in members(session, network_id)}
    rows = networks.members(session, [network_id])[network_id]
    lacking = {row.rc_id for row in rows if row.declined_at is None} - reached
    names = [name for key, name in registry.names(session).items() if key in lacking]
    return sorted(names, key=swedish_order)


def invited(session: Session, network_id: str) -> list[str]:
    """Return who is invited when a time is booked: whoever holds a post at its RC, each address once."""
    rows = networks.members(session, [network_id])[network_id]
    rc_ids = {row.rc_id for row in rows if row.declined_at is None}
    names = {key: name for key, name in registry.names(session).items() if key in rc_ids}
    homes = {one.id: one.rc_id for one in accounts.bodies(session) if one.rc_id in rc_ids}
    found: dict[str, str] = {}
    for one in accounts.reach(session):
        rc_id = homes.get(one.body_id)
        if rc_id and one.email and one.role is not Role.GUEST:
            found.setdefault(one.email, f"{one.name}, {names.get(rc_id, rc_id)}")
    return sorted(found.values(), key=swedish_order)


def own_of(viewer: Viewer, asked: Collection[Member], *, of_group: bool = False) -> Member | None:
    """Return as whom of those asked a viewer answers: by a post held, else as a deputy.

    In a network by a post that acts; in a group by any, since it is asked for itself.
    """
    posts = sorted(viewer.posts, key=lambda post: not post.is_holder)
    by_id = {one.function_id: one for one in asked}
    return next(
        (
            by_id[post.function_id]
            for post in posts
            if (post.acts or of_group) and post.function_id in by_id
        ),
        None,
    )


def ask(
    session: Session, poll: Poll, own: Member | None, actor: str, at: datetime
) -> list[PollAsked]:
    """Write down whom a poll asks, and mail all but the one whose times they are, who has said yes.

    The mails wait; taking the act back ends the poll, and nobody has been asked.
    """
    made = []
    for member in whom(session, poll):
        asked = PollAsked(poll_id=poll.id, function_id=member.function_id, asked_at=at)
        session.add(asked)
        session.flush()
        made.append(asked)
        if own is not None and member.function_id == own.function_id:
            poll.asked_by = member.function_id
            say_yes(session, poll, member, queries.options(session, poll.id), at)
        else:
            _owe(session, poll, asked, member, Why.ASK, at)
    session.add(poll)
    session.flush()
    can_undo_by(session, UNDO, {"poll": poll.id, "version": poll.version})
    after: dict[str, object] = {"functions": len(made)}
    record(session, actor, "asked members", ("poll", poll.id), after=after)
    return made


def say_yes(
    session: Session, poll: Poll, member: Member, options: Collection[PollOption], at: datetime
) -> None:
    """Let times count as a yes of whoever proposed them; what they said of others stays."""
    own = queries.answer_of(session, poll.id, member.function_id)
    if own is None:
        own = new_answer(poll, member, at)
        session.add(own)
        session.flush()
    known = {mark.option_id: mark for mark in queries.marks_of(session, own.id)}
    for option in options:
        mark = known.get(option.id) or PollMark(
            answer_id=own.id, option_id=option.id, value=AnswerValue.YES
        )
        mark.value = AnswerValue.YES
        session.add(mark)
    session.flush()


def new_answer(poll: Poll, member: Member, at: datetime) -> PollAnswer:
    """Return the one row that a function's answers to a poll stand in, not stored."""
    nowhere = hash_of(
        secrets.token_urlsafe(32)
    )  # no address leads to it: it is found by whose it is
    return PollAnswer(
        poll_id=poll.id,
        function_id=member.function_id,
        name=member.shown,
        key_hash=nowhere,
        answered_at=at,
    )


def ask_again(session: Session, asked: PollAsked, at: datetime) -> None:
    """Mail whoever holds a post now what it is asked; what was answered before stands filled in."""
    poll = queries.poll(session, asked.poll_id)
    known = whom(session, poll) if poll is not None else []
    member = next((one for one in known if one.function_id == asked.function_id), None)
    if poll is not None and member is not None:
        _owe(session, poll, asked, member, Why.ASK, at)


def tell_of_more(session: Session, poll: Poll, own: Member | None, at: datetime) -> None:
    """Mail those who have answered that there is a time more; who has not has it in the first mail."""
    by_id = {one.function_id: one for one in whom(session, poll)}
    answered = {one.function_id for one in queries.answers(session, poll.id)}
    for asked in queries.asked(session, poll.id):
        member = by_id.get(asked.function_id)
        is_own = own is not None and own.function_id == asked.function_id
        if member is not None and asked.function_id in answered and not is_own:
            _owe(session, poll, asked, member, Why.MORE, at)


def remind(session: Session, poll: Poll, actor: str, at: datetime) -> int:
    """Remind those who have not answered, nobody twice on a day; return how many mails wait.

    Raises:
        ConflictError: when the poll is over.
    """
    lock(poll)
    if poll.state is not PollState.OPEN:
        raise ConflictError("Frågan är avslutad.")
    reminded: list[dict[str, str]] = []
    for one in standing(session, poll):
        if may_be_reminded(one, at) and one.member is not None:
            reminded.append({"id": one.asked.id, "before": _since(one.asked)})
            _remind(session, poll, one.asked, one.member, at)
    can_undo_by(session, UNDO_REMINDING, {"asked": reminded})
    after: dict[str, object] = {"mails": len(reminded)}
    record(session, actor, "reminded", ("poll", poll.id), after=after)
    return len(reminded)


def remind_due(session: Session, at: datetime) -> int:
    """Remind once, by day, whoever has not answered when the last day is near; return how many.

    Whoever was reminded by hand, or asked since yesterday, is not.
    """
    local, sent = to_local(at), 0
    if not WORKING_HOURS[0] <= local.hour < WORKING_HOURS[1]:
        return 0
    for poll in queries.ending_before(session, local.date() + LAST_DAYS):
        if poll.answer_by is None or poll.answer_by < local.date():
            continue
        for one in standing(session, poll):
            is_new = to_local(one.asked.asked_at).date() >= local.date()
            if one.asked.reminded_at is None and not is_new and may_be_reminded(one, at):
                assert one.member is not None  # noqa: S101 - else nobody could be reminded
                _remind(session, poll, one.asked, one.member, at)
                sent += 1
    return sent


def may_be_reminded(one: Standing, at: datetime) -> bool:
    """Whether somebody has not answered, can be reached, and has got no mail of it today."""
    if one.has_answered or one.member is None:
        return False
    if one.mail is not None and one.mail.state is MailState.HELD:
        return False
    today = to_local(at).date()
    last = one.asked.reminded_at or one.asked.asked_at
    return to_local(last).date() < today


def _remind(session: Session, poll: Poll, asked: PollAsked, member: Member, at: datetime) -> None:
    asked.reminded_at = at
    session.add(asked)
    session.flush()
    _owe(session, poll, asked, member, Why.REMIND, at)


def standing(session: Session, poll: Poll) -> list[Standing]:
    """Return how it stands with each whom a poll asks, by RC; the number of queries does not grow."""
    by_id = {one.function_id: one for one in whom(session, poll)}
    answered = {one.function_id for one in queries.answers(session, poll.id)}
    mails: dict[str, Mail] = {}
    for mail in outbox.of_batch(session, batch_of(poll)):  # oldest first: the newest stays
        mails[mail.key.split("/")[1] if mail.key else ""] = mail
    found = [
        Standing(one, by_id.get(one.function_id), one.function_id in answered, mails.get(one.id))
        for one in queries.asked(session, poll.id)
    ]
    order = {one: number for number, one in enumerate(by_id)}
    return sorted(found, key=lambda one: order.get(one.asked.function_id, len(order)))


def batch_of(poll: Poll) -> str:
    """Return what a poll's mails have in common."""
    return f"poll:{poll.id}"


def _owe(
    session: Session, poll: Poll, asked: PollAsked, member: Member, why: Why, at: datetime
) -> None:
    matter = Matter(
        key=f"poll/{asked.id}/{why}/{member.address}",
        about={"poll": poll.id, "asked": asked.id, "why": why.value, "since": _since(asked)},
        recipient=member.address,
        batch=batch_of(poll),
        is_example=poll.is_example,
    )
    hold(session, COMPOSER, matter, at)


def _since(asked: PollAsked) -> str:
    return asked.reminded_at.isoformat() if asked.reminded_at else ""


def _lock(session: Session, mail: Mail) -> None:
    poll = queries.poll(session, (mail.about or {}).get("poll", ""))
    if poll is not None:
        lock(poll)


def _write(session: Session, mail: Mail, _at: datetime) -> bool:
    """Write the mail as things stand now; False when there is nothing to ask any more."""
    about = mail.about or {}
    poll = queries.poll(session, about["poll"])
    asked = queries.asked_with_id(session, about["asked"])
    if poll is None or asked is None or poll.state is not PollState.OPEN:
        return False
    why = Why(about["why"])
    known = whom(session, poll)
    member = next((one for one in known if one.function_id == asked.function_id), None)
    if member is None or member.address != mail.recipient:
        return False  # somebody else has the post now, and is asked by a mail of their own
    answer = queries.answer_of(session, poll.id, asked.function_id)
    if why is Why.REMIND and (answer is not None or about["since"] != _since(asked)):
        return False  # answered, or the reminder was taken back
    if why is Why.MORE and answer is None:
        return False
    options = [one for one in queries.options(session, poll.id) if not one.is_withdrawn]
    marked = {mark.option_id for mark in queries.marks_of(session, answer.id)} if answer else set()
    new = [one for one in options if one.id not in marked]
    if why is Why.MORE and not new:
        return False
    token = secrets.token_urlsafe(32)
    session.add(PollLink(token_hash=hash_of(token), asked_id=asked.id))
    mail.is_secret = True
    mail.key = f"poll/{asked.id}/{why}/{mail.id}"  # the next one is about something else
    page = f"{base_url_of(session)}{address(member.language, f'/tid/{token}')}"
    asker = next((one.shown for one in known if one.function_id == poll.asked_by), "")
    write(session, mail, _said(session, poll, why, member.language, page, options, new, asker))
    return True


def _said(
    session: Session,
    poll: Poll,
    why: Why,
    language: Language,
    page: str,
    options: Collection[PollOption],
    new: Collection[PollOption],
    asker: str,
) -> Texts:
    say = Speaker(language)
    party = party_of(session, poll)
    filled = "" if why is Why.MORE else f"{page}?svar="
    return texts(
        "poll_asked",
        language,
        PollMail(
            why=why.value,
            theme=poll.theme,
            network=say.either(party.name_sv, party.name_en),
            is_circle=party.is_circle,
            each_picks=poll.each_picks,
            asker=asker or "NCH",
            where=where_of(poll, say),
            times=tuple(
                (say.span(one.starts_at, one.ends_at), f"{filled}{one.id}" if filled else page)
                for one in options
            ),
            new=tuple(say.span(one.starts_at, one.ends_at) for one in new)
            if why is Why.MORE
            else (),
            deadline=say.date(poll.answer_by) if poll.answer_by else "",
            day=say.brief_day(_noon(poll.answer_by)) if poll.answer_by else "",
            url=page,
            all_url=f"{page}?svar={ALL}",
            none_url=f"{page}?svar={NONE}",
        ),
    )


def _noon(day: date) -> datetime:
    return from_local(datetime.combine(day, time(12)))


def where_of(poll: Poll, say: Speaker) -> str:
    """Return how those asked would meet."""
    form = say.text(FORM_NAMES[poll.form])
    return form if poll.form is MeetingForm.DIGITAL else f"{poll.town}, {form}"


def preview(
    session: Session,
    poll: Poll,
    times: Collection[PollOption],
    own: Member | None,
    language: Language,
) -> Texts:
    """Return the mail as it will read, of a poll that is not stored; a link stands for each own one."""
    page = f"{base_url_of(session)}{address(language, '/tid/…')}"
    asker = own.shown if own is not None else ""
    return _said(session, poll, Why.ASK, language, page, times, (), asker)


def undo_asking(session: Session, data: Data, actor: str, _at: datetime) -> None:
    """End a poll that nobody has heard of: it asks nobody.

    Raises:
        ConflictError: when somebody has answered it or changed it since.
    """
    poll = queries.poll(session, data["poll"])
    if poll is None:
        return
    lock(poll)
    changed({"version": data["version"]}, {"version": poll.version})
    others = [one for one in queries.answers(session, poll.id) if one.function_id != poll.asked_by]
    changed({"answers": 0}, {"answers": len(others)})
    for asked in queries.asked(session, poll.id):
        session.delete(asked)
    poll.state = PollState.CLOSED
    poll.version += 1
    session.add(poll)
    session.flush()
    record(session, actor, "closed", ("poll", poll.id))


def undo_reminding(session: Session, data: Data, _actor: str, _at: datetime) -> None:
    """Let those who were to be reminded be as before."""
    for one in data["asked"]:
        asked = queries.asked_with_id(session, one["id"])
        if asked is not None:
            asked.reminded_at = datetime.fromisoformat(one["before"]) if one["before"] else None
            session.add(asked)
    session.flush()


COMPOSER = Composer(KIND, _lock, _write)
