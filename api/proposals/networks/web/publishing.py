"""What publishing networks does, seen before it is done: who gets other company, and exactly who is told by mail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.kit.db import base_url_of
from api.kit.i18n import Language, Speaker, read_by
from api.kit.mail import Texts, texts
from api.kit.pages import address
from api.networks.foresight import Change, Group, Succession, changes, read_change, succession
from api.networks.service import LAYER_NAMES
from api.outbox.models import Mail, MailState
from api.outbox.queries import drop_unsent, unsent
from api.outbox.service import Options, queue
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks import building as matching
from api.proposals.networks import service
from api.proposals.networks.reasons import reasons
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.why_view import listed, names_of

_BATCH = "round:"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A function that is told, and where its mail goes."""

    rc_id: str
    function_id: str
    title: str
    name: str
    email: str
    language: Language


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What happens when a proposal is published."""

    groups: tuple[Group, ...]
    changes: tuple[Change, ...]
    line: Succession
    recipients: tuple[Recipient, ...]
    news: tuple[Change, ...]  # the changes, together with those that nobody has been told of yet
    outdated: tuple[str, ...]  # mails of earlier rounds that wait and would no longer be true

    @property
    def untold(self) -> tuple[str, ...]:
        """The RC that are back where the last mail left them, so that they need none."""
        newly = {one.rc_id for one in self.news}
        return tuple(dict.fromkeys(one.rc_id for one in self.changes if one.rc_id not in newly))

    @property
    def unreached(self) -> tuple[str, ...]:
        """The RC with other company that nobody is told at."""
        reached = {one.rc_id for one in self.recipients} | set(self.untold)
        return tuple(dict.fromkeys(one.rc_id for one in self.changes if one.rc_id not in reached))


@dataclass(frozen=True, slots=True)
class CircleInMail:
    """One kind of circle in the mail; without one `mates` is empty."""

    name: str
    mates: str
    news: str
    parted: str
    why: str


@dataclass(frozen=True, slots=True)
class NetworksMail:
    """What the mail to an RC shows."""

    rc_name: str
    has_new: bool  # somebody in a circle is new to the RC
    circles: tuple[CircleInMail, ...]
    url: str


def foresee(session: Session, proposal: Proposal) -> Foreseen:
    """Return what publishing the proposal now would change, and whom it concerns.

    Raises:
        ConflictError: when the engine has not answered yet.
    """
    answer = NETWORKS.answer_of(proposal)
    groups = matching.groups_of(NETWORKS.problem_of(proposal), answer.networks)
    changed = tuple(changes(session, groups))
    waiting = [mail for mail in unsent(session, _BATCH) if mail.about]
    news, outdated = _news(changed, waiting)
    told = recipients(session, {one.rc_id for one in news})
    line = succession(session, groups)
    return Foreseen(groups, changed, line, tuple(told), tuple(news), tuple(outdated))


def _news(changed: Sequence[Change], waiting: Sequence[Mail]) -> tuple[list[Change], list[str]]:
    """Return what each RC has not been told, and the waiting mails that the changes make untrue."""
    concerned = {one.rc_id for one in changed}
    told = [(mail.id, mail.about["rc"], mail.about["changes"]) for mail in waiting if mail.about]
    earlier = {
        (one.layer, one.rc_id): one
        for _, rc_id, changes in told
        if rc_id in concerned
        for one in map(read_change, changes)
    }
    now = {(one.layer, one.rc_id): one for one in changed}
    found = []
    for key in now | earlier:
        one = now.get(key) or earlier[key]
        if key in now and key in earlier:
            one = now[key].after(earlier[key])
        if one.met or one.parted:
            found.append(one)
    return found, [mail_id for mail_id, rc_id, _ in told if rc_id in concerned]


def recipients(session: Session, rc_ids: Collection[str]) -> list[Recipient]:
    """Return whom a mail reaches at these RC: every function's mailbox, else its holder."""
    bodies = {body.id: body.rc_id for body in accounts.bodies(session) if body.rc_id in rc_ids}
    found: dict[tuple[str, str], Recipient] = {}
    for one in accounts.reach(session):
        rc_id = bodies.get(one.body_id)
        if rc_id is None or not one.address or one.role is not Role.RC_MEMBER:
            continue
        language = read_by(one.language)
        made = Recipient(rc_id, one.id, one.title, one.name, one.address, language)
        found.setdefault((rc_id, one.address), made)
    return sorted(found.values(), key=lambda one: (one.rc_id, one.title, one.email))


def letter(
    session: Session, proposal: Proposal, seen: Foreseen, rc_id: str, language: Language
) -> Texts:
    """Return the mail that an RC gets, in a language."""
    say = Speaker(language)
    names = names_of(session, NETWORKS.problem_of(proposal))
    kinds = dict.fromkeys(group.layer for group in seen.groups)
    known = reasons(session)
    circles = []
    for layer in kinds:
        group = next((g for g in seen.groups if g.layer == layer and rc_id in g.rc_ids), None)
        change = next((c for c in seen.news if (c.layer, c.rc_id) == (layer, rc_id)), None)
        if group is None and change is None:
            continue
        mates = [one for one in group.rc_ids if one != rc_id] if group else []
        new = listed(say, change.met, names) if change else ""
        old = listed(say, change.parted, names) if change else ""
        reason = known.why(say, layer, group.rc_ids) if group else ""
        news = say.text("Nya för er: %(names)s.", names=new) if new else ""
        parted = say.text("Inte längre med er: %(names)s.", names=old) if old else ""
        name = say.text(LAYER_NAMES[layer])
        circles.append(CircleInMail(name, listed(say, mates, names), news, parted, reason))
    url = base_url_of(session) + address(language, "/natverk")
    has_new = any(one.news for one in circles)
    page = NetworksMail(names[rc_id], has_new, tuple(circles), url)
    return texts("networks_published", language, page)


def publish_and_tell(
    session: Session,
    proposal: Proposal,
    version: int,
    told: Collection[str],
    actor: str,
    at: datetime,
    *,
    as_drafts: bool = False,
) -> int:
    """Publish a reviewed proposal and queue a mail to each of the functions shown; return how many.

    With `as_drafts` the mails wait in the outbox until a planner sends them or throws them away.

    Nobody who came to be concerned since the page was shown is told unseen. Publishing again
    changes nothing and tells nobody. Mails of an earlier round that still wait and are no longer
    true are dropped; what they told is told now, as far as it holds.
    """
    is_new = proposal.state == ProposalState.REVIEWED
    seen = foresee(session, proposal) if is_new else None
    made = service.publish(session, proposal, version, actor, at)
    if seen is None:
        return 0
    drop_unsent(session, seen.outdated)
    chosen = [one for one in seen.recipients if one.function_id in told]
    for one in chosen:
        said = letter(session, proposal, seen, one.rc_id, one.language)
        key = f"round:{made.id}:{one.rc_id}:{one.email}"
        options = Options(
            key=key,
            batch=f"{_BATCH}{made.id}",
            is_draft=as_drafts,
            is_example=proposal.is_example,
            tells_others=True,
            post=one.function_id,
        )
        mail = queue(session, one.email, said.subject, said.text, said.html, at, options)
        if mail.state in (MailState.HELD, MailState.DRAFT):
            news = [change.to_json() for change in seen.news if change.rc_id == one.rc_id]
            mail.about = {**(mail.about or {}), "rc": one.rc_id, "changes": news}
            session.add(mail)
    return len(chosen)
