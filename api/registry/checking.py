"""Is it still right? Once a year each RC looks its facts through, part by part, and NCH confirms after it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.accounts.news import FunctionHandedOver
from api.accounts.queries import Reach
from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.clock import to_local
from api.kit.errors import MissingError
from api.kit.i18n import read_by
from api.kit.mail import texts
from api.outbox.asked import new_link
from api.outbox.service import Options, queue
from api.registry import queries, service
from api.registry.facts import CONTACTS, GROUPS, MONEY, PROGRESS, SUPPORT
from api.registry.models import CheckedBy, CheckLink, FactCheck, Rc

PARTS: Mapping[str, str] = {
    "framsteg": PROGRESS,
    "stod": SUPPORT,
    "pengar": MONEY,
    "kontakter": CONTACTS,
}
"""What an RC looks through: the part's key, and the heading that its facts stand under."""
FACTS_OF = {
    key: tuple(fact.name for head, facts in GROUPS if head == heading for fact in facts)
    for key, heading in PARTS.items()
}
ASKED_ON = (2, 1)  # month and day: after the year's budgets and before the spring's meetings
ASKED_WITHIN = timedelta(days=14)  # a worker that was away so long asks next year instead
REMINDED_AFTER = timedelta(days=21)
GOOD_FOR = timedelta(days=330)  # confirmed within so long counts as this year's


@dataclass(frozen=True, slots=True)
class CheckMail:
    """The yearly question."""

    rc: str
    is_reminder: bool
    url: str


@dataclass(frozen=True, slots=True)
class Checked:
    """When a part was last said to be right; None: never."""

    by_rc: datetime | None = None
    by_nch: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether the RC has said so within the year."""
        return self.by_rc is not None and at - self.by_rc < GOOD_FOR

    @property
    def waits_for_nch(self) -> bool:
        """Whether the RC has said so after NCH did."""
        return self.by_rc is not None and (self.by_nch is None or self.by_nch < self.by_rc)


def checked(session: Session, rc_ids: Collection[str]) -> dict[str, dict[str, Checked]]:
    """Return when each part of each RC was last said to be right."""
    latest: dict[tuple[str, str, CheckedBy], datetime] = {
        (one.rc_id, one.part, one.by): one.at for one in queries.checks(session, rc_ids)
    }
    return {
        rc_id: {
            part: Checked(
                latest.get((rc_id, part, CheckedBy.RC)), latest.get((rc_id, part, CheckedBy.NCH))
            )
            for part in PARTS
        }
        for rc_id in rc_ids
    }


def confirm(
    session: Session, rc_id: str, part: str, by: CheckedBy, actor: str, at: datetime
) -> None:
    """Keep that a part of an RC's facts is right.

    Raises:
        MissingError: when there is no such RC or part.
    """
    if part not in PARTS or queries.rc(session, rc_id) is None:
        raise MissingError
    session.add(FactCheck(rc_id=rc_id, part=part, by=by, at=at))
    session.flush()
    record(session, actor, "checked", ("rc", rc_id), after={"part": part, "by": by.value})


def save(
    session: Session,
    rc_id: str,
    part: str,
    version: int,
    cells: Mapping[str, str],
    by: CheckedBy,
    actor: str,
    at: datetime,
) -> None:
    """Save what was changed of a part, and keep that it is right; other parts' cells are left alone.

    Raises:
        FormError, StaleError, MissingError: as `service.correct` and `confirm`.
    """
    own = {name: cell for name, cell in cells.items() if name in FACTS_OF.get(part, ())}
    source = "RC:t självt" if by is CheckedBy.RC else "NCH"
    service.correct(session, rc_id, version, own, actor, source)
    confirm(session, rc_id, part, by, actor, at)


def behind(session: Session, token: str) -> tuple[Rc, CheckLink]:
    """Return the RC whose facts a mailed link opens; looking changes nothing.

    Raises:
        MissingError: when it opens nothing.
    """
    link = queries.check_link(session, hash_of(token))
    rc = queries.rc(session, link.rc_id) if link is not None else None
    if link is None or rc is None:
        raise MissingError
    return rc, link


def actor_of(session: Session, link: CheckLink) -> str:
    """Return who acts by a link: whoever has its function, else the link itself."""
    function = accounts.function(session, link.function_id)
    return (function.holder_id if function is not None else None) or f"link:{link.function_id}"


def ask(session: Session, at: datetime, rc_ids: Collection[str] | None = None) -> int:
    """Mail the question to the RC that have not looked all their facts through within the year.

    rc_ids: only these. An earlier link of the RC ends. Returns how many mails that makes.
    """
    register = [rc for rc in queries.rcs(session) if rc_ids is None or rc.id in rc_ids]
    known = checked(session, [rc.id for rc in register])
    waiting = [rc for rc in register if not _is_done(known[rc.id], at)]
    return _mail(session, waiting, at, is_reminder=False)


def keep_register(session: Session, at: datetime) -> None:
    """Ask when the day of the year has come, and remind once; doing it twice changes nothing."""
    today = to_local(at).date()
    day = date(today.year, *ASKED_ON)
    links = queries.check_links(session)
    if day <= today <= day + ASKED_WITHIN:
        fresh = {key for key, one in links.items() if at - one.sent_at < GOOD_FOR}
        ask(session, at, {rc.id for rc in queries.rcs(session)} - fresh)
    due = {
        key
        for key, one in links.items()
        if not one.is_reminder
        and REMINDED_AFTER <= at - one.sent_at < REMINDED_AFTER + ASKED_WITHIN
    }
    known = checked(session, due)
    waiting = [rc for rc in queries.rcs(session) if rc.id in due and not _is_done(known[rc.id], at)]
    _mail(session, waiting, at, is_reminder=True)


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """The old holder's link ends; the new one finds the facts when signed in."""
    queries.end_check_links(session, function_id=news.function_id)


def _is_done(parts: Mapping[str, Checked], at: datetime) -> bool:
    return all(one.is_good(at) for one in parts.values())


def _mail(session: Session, waiting: Iterable[Rc], at: datetime, *, is_reminder: bool) -> int:
    found = {rc.id: rc for rc in waiting}
    sent = 0
    for reach, rc_id in _posts(session, found):
        language = read_by(reach.language)
        token_hash, url = new_link(session, language, "/stammer")
        queries.end_check_links(session, rc_id=rc_id)
        session.add(
            CheckLink(
                token_hash=token_hash,
                rc_id=rc_id,
                function_id=reach.id,
                sent_at=at,
                is_reminder=is_reminder,
            )
        )
        session.flush()
        said = texts("register_check", language, CheckMail(found[rc_id].name, is_reminder, url))
        options = Options(
            is_secret=True,
            batch=f"register:{to_local(at).year}",
            tells_others=True,
            post=reach.id,
        )
        queue(session, reach.address, said.subject, said.text, said.html, at, options)
        sent += 1
    return sent


def _posts(session: Session, found: Collection[str]) -> list[tuple[Reach, str]]:
    """Return the post through which each of these RC is asked: its coordinator's first."""
    bodies = {body.id: body.rc_id or "" for body in accounts.bodies(session)}
    own = [
        one
        for one in accounts.reach(session)
        if bodies[one.body_id] in found and one.role is Role.RC_MEMBER
    ]
    posts = accounts.contacts(own).values()
    return sorted(((one, bodies[one.body_id]) for one in posts), key=lambda pair: pair[1])
