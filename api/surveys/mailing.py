"""Mails of surveys: to each RC and its county board, reminders, links again, and ballots."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, BodyKind, Function, FunctionKind, Role
from api.accounts.news import FunctionHandedOver
from api.accounts.queries import Reach
from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.db import base_url_of, new_id
from api.kit.errors import ConflictError, FieldFault, FormError, MissingError
from api.kit.i18n import Language, Speaker, read_by, swedish_order
from api.kit.mail import Texts, texts
from api.kit.pages import address
from api.outbox.acts import Composer, Data, can_undo_by
from api.outbox.holding import Matter, hold
from api.outbox.models import Mail
from api.outbox.queries import drop_held
from api.outbox.service import Options, queue, write
from api.registry import queries as registry
from api.surveys import queries
from api.surveys.deadlines import put_last_ballot_day
from api.surveys.evaluations import issue_ballots
from api.surveys.links import is_answerable, make_link, revoke_links, revoke_links_of
from api.surveys.models import Evaluation, EvaluationKind, NeedsSurvey, RecipientKind
from api.surveys.service import band_of, profiles

KIND = "survey"  # of the mails that are written when they go
REMINDER = "needs_survey_reminder"  # the template's name
UNDO = "survey mailed"
LONGEST_LINE = 200  # characters of a planner's own line in a mail
AGAIN_AFTER = timedelta(minutes=10)  # between two links to the same RC, so that nobody is flooded


@dataclass(frozen=True, slots=True)
class Recipient:
    """A function that a survey's mail goes to."""

    rc_id: str
    kind: RecipientKind
    function_id: str
    email: str
    title: str  # the function's, as its body calls it
    language: Language


MOST_NAMED = 500  # posts whose titles a page names before mail goes to them


def named(chosen: Sequence[Recipient], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return whom mails go to, RC by RC in the order of their `names`, the others last.

    Of very many it is each RC with how many of its posts.
    """
    ordered = sorted(
        chosen,
        key=lambda one: (one.rc_id not in names, swedish_order(names.get(one.rc_id, one.title))),
    )
    if len(chosen) > MOST_NAMED:
        counts = Counter(names.get(one.rc_id, one.title) for one in ordered)
        return tuple(f"{name} ({number})" for name, number in counts.items())
    return tuple(
        f"{names[one.rc_id]}: {one.title}" if one.rc_id in names else one.title for one in ordered
    )


@dataclass(frozen=True, slots=True)
class SurveyMail:
    """What an invitation or reminder shows."""

    title: str
    rc_name: str
    url: str
    deadline: str
    day: str  # of the deadline, in brief
    answered: int
    asked: int
    line: str = ""  # the planner's own


@dataclass(frozen=True, slots=True)
class BallotMail:
    """What the mail after a meeting shows."""

    title: str
    url: str
    closes_on: str


def recipients(session: Session, rc_ids: Iterable[str]) -> list[Recipient]:
    """Return who gets an RC's link: its coordinator, and the county board's project leader.

    A county board answers for every RC of its county, with a link for each.
    """
    wanted = set(rc_ids)
    counties = {rc.id: rc.county_code for rc in registry.rcs(session) if rc.id in wanted}
    people: dict[str, list[Reach]] = {}
    for one in accounts.reach(session):
        people.setdefault(one.body_id, []).append(one)
    found: dict[tuple[str, str], Recipient] = {}
    for body in accounts.bodies(session):
        for function in people.get(body.id, ()):
            for rc_id in _rcs_of(body, function, counties):
                made = _recipient(rc_id, body, function)
                if made is not None:
                    found.setdefault((rc_id, made.email), made)
    return sorted(found.values(), key=lambda one: (one.rc_id, one.kind, one.email))


def _rcs_of(body: Body, function: Function | Reach, counties: dict[str, str]) -> list[str]:
    if function.kind is FunctionKind.PROJECT_LEADER and body.kind is BodyKind.COUNTY_BOARD:
        codes = body.county_codes.split()
        return [rc_id for rc_id, code in counties.items() if code in codes]
    asked = {FunctionKind.COORDINATOR, FunctionKind.PROJECT_LEADER}
    if body.rc_id in counties and function.kind in asked and function.role is Role.RC_MEMBER:
        return [body.rc_id]
    return []


def _recipient(rc_id: str, body: Body, function: Reach) -> Recipient | None:
    if not function.address:
        return None
    kind = RecipientKind.RC if body.kind is BodyKind.RC else RecipientKind.COUNTY_BOARD
    language = read_by(function.language)
    return Recipient(rc_id, kind, function.id, function.address, function.title, language)


def without_address(rc_ids: Sequence[str], told: Iterable[Recipient]) -> list[str]:
    """Return the RC that no mail reaches, of those asked: somebody must be found to ask."""
    reached = {one.rc_id for one in told}
    return [rc_id for rc_id in rc_ids if rc_id not in reached]


def send_links(
    session: Session,
    survey: NeedsSurvey,
    chosen: Sequence[Recipient],
    mail: str,
    at: datetime,
    line: str = "",
    *,
    is_held: bool = False,
    is_own_wish: bool = False,
) -> int:
    """Queue a mail with a new link to each of these recipients and return how many.

    `mail` is the template's name: `needs_survey` or `needs_survey_reminder`; `line` is the planner's
    own, said in it. It waits as all that tells others does and is written when it goes, but where
    `is_own_wish` of whoever gets it; what `is_held` can be taken back with its links.
    """
    made: list[str] = []
    for recipient in chosen:
        token = make_link(
            session, survey, recipient.rc_id, recipient.kind, at, recipient.function_id
        )
        if is_own_wish:
            said = _said(session, survey, recipient.rc_id, mail, recipient.language, token, line)
            options = Options(is_secret=True, is_example=survey.is_example, batch=survey.id)
            queue(session, recipient.email, said.subject, said.text, said.html, at, options)
            continue
        matter = Matter(
            key=_key(hash_of(token)),
            about={
                "link": hash_of(token),
                "mail": mail,
                "language": recipient.language,
                "line": line,
            },
            recipient=recipient.email,
            batch=survey.id,
            is_example=survey.is_example,
        )
        hold(session, COMPOSER, matter, at)
        made.append(hash_of(token))
    if is_held:
        can_undo_by(session, UNDO, {"links": made})
    return len(chosen)


def _key(token_hash: str) -> str:
    return f"survey/{token_hash}"


def _said(
    session: Session,
    survey: NeedsSurvey,
    rc_id: str,
    mail: str,
    language: Language,
    token: str,
    line: str,
) -> Texts:
    say = Speaker(language)
    page = SurveyMail(
        title=survey.title_sv if language == "sv" else survey.title_en,
        rc_name=registry.names(session)[rc_id],
        url=base_url_of(session) + address(language, f"/enkat/{token}"),
        deadline=say.moment(survey.deadline),
        day=say.brief_day(survey.deadline),
        answered=len(queries.answers(session, survey.id)),
        asked=len(survey.rc_ids),
        line=line,
    )
    return texts(mail, language, page)


def _lock(_session: Session, _mail: Mail) -> None:
    """Nothing of a survey is locked: an answer is a row of its own."""


def _write(session: Session, mail: Mail, at: datetime) -> bool:
    """Write the mail with a link of its own; none goes by a link that ended, nor a reminder to who has answered."""
    about = mail.about or {}
    link = queries.link(session, about["link"])
    survey = queries.survey(session, link.survey_id) if link is not None else None
    if link is None or survey is None:
        return False
    has_answered = queries.answer(session, survey.id, link.rc_id) is not None
    session.delete(link)  # of its token only the hash is known, and it has gone to nobody
    if link.revoked_at is not None or not is_answerable(survey, at):
        return False
    if about["mail"] == REMINDER and has_answered:
        return False
    token = make_link(session, survey, link.rc_id, link.recipient, link.made_at, link.function_id)
    session.flush()
    language = read_by(about["language"])
    mail.is_secret = True
    said = _said(session, survey, link.rc_id, about["mail"], language, token, about["line"])
    write(session, mail, said)
    return True


def undo_mailing(session: Session, data: Data, _actor: str, _at: datetime) -> None:
    """Take back links that nobody has got, and their mails: who was asked is as it was before."""
    for token_hash in data["links"]:
        link = queries.link(session, token_hash)
        if link is not None:
            session.delete(link)
        drop_held(session, _key(token_hash))
    session.flush()


def preview(session: Session, survey: NeedsSurvey, mail: str, language: Language) -> Texts:
    """Return what the mail says, with a name and an address that stand for each RC's own."""
    say = Speaker(language)
    page = SurveyMail(
        title=survey.title_sv if language == "sv" else survey.title_en,
        rc_name=say.text("(ert resurscentrum)"),
        url=base_url_of(session) + address(language, "/enkat/…"),
        deadline=say.moment(survey.deadline),
        day=say.brief_day(survey.deadline),
        answered=len(queries.answers(session, survey.id)),
        asked=len(survey.rc_ids),
    )
    return texts(mail, language, page)


def own_line(text: str) -> str:
    """Return a planner's own line as mails say it.

    Raises:
        FormError: when it is longer than a line.
    """
    line = " ".join(text.split())
    if len(line) > LONGEST_LINE:
        raise FormError(FieldFault("line", "Högst %(most)s tecken.", most=LONGEST_LINE))
    return line


def remind(
    session: Session,
    actor: str,
    survey: NeedsSurvey,
    at: datetime,
    line: str = "",
    only_rc: str = "",
) -> int:
    """Remind those who have not answered, or one of them, and return how many mails go.

    Raises:
        ConflictError: when the survey takes no answers, or there is nobody left to remind.
    """
    if not is_answerable(survey, at):
        raise ConflictError("Enkäten är inte öppen.")
    have = {row.rc_id for row in queries.answers(session, survey.id)}
    lacking = [rc_id for rc_id in survey.rc_ids if rc_id not in have and only_rc in {"", rc_id}]
    if not lacking:
        raise ConflictError("De har redan svarat. Ingen påminnelse behövs.")
    chosen = recipients(session, lacking)
    if not chosen:
        raise ConflictError(
            "Ingen av dem som saknas kan nås med e-post. Lägg till en samordnare eller en projektledare först."
        )
    sent = send_links(session, survey, chosen, REMINDER, at, line, is_held=True)
    after: dict[str, object] = {"rcs": lacking, "mails": sent}
    record(session, actor, "reminded", ("needs_survey", survey.id), after=after)
    return sent


def replace_links(
    session: Session, actor: str, survey: NeedsSurvey, rc_id: str, at: datetime
) -> int:
    """End an RC's links, since one has gone astray, and mail new ones; return how many mails go.

    Raises:
        ConflictError: when the survey takes no answers.
        MissingError: when the RC is not asked.
    """
    if not is_answerable(survey, at):
        raise ConflictError("Enkäten är inte öppen.")
    if rc_id not in survey.rc_ids:
        raise MissingError
    revoke_links(session, actor, survey.id, rc_id, at)
    return send_links(session, survey, recipients(session, [rc_id]), "needs_survey", at)


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """The old holder's links end, and the new one gets links of their own to what is still open."""
    function = accounts.function(session, news.function_id)
    home = accounts.body(session, function.body_id) if function else None
    if news.from_person_id is None or function is None or home is None:
        return
    counties = {rc.id: rc.county_code for rc in registry.rcs(session)}
    rc_ids = _rcs_of(home, function, counties)
    for survey in queries.surveys(session) if rc_ids else ():
        mine = [
            one for one in recipients(session, survey.rc_ids) if one.function_id == news.function_id
        ]
        ended = revoke_links_of(session, survey.id, news.function_id, rc_ids, news.at)
        if ended:
            after: dict[str, object] = {"function": news.function_id, "links": ended}
            subject = ("needs_survey", survey.id)
            record(session, news.actor, "revoked links", subject, after=after)
        if ended and is_answerable(survey, news.at):
            send_links(session, survey, mine, "needs_survey", news.at)


def send_again(session: Session, email: str, at: datetime) -> None:
    """Mail the links of open surveys again to an address that has some; silent when it has none.

    The caller answers alike in all cases, so that nobody learns whose addresses are known here.
    """
    wanted = email.strip().lower()
    for survey in queries.surveys(session):
        if not is_answerable(survey, at):
            continue
        for recipient in recipients(session, survey.rc_ids):
            if recipient.email.lower() != wanted:
                continue
            earlier = queries.links(session, survey.id, recipient.rc_id)
            if any(link.made_at > at - AGAIN_AFTER for link in earlier):
                continue
            send_links(session, survey, [recipient], "needs_survey", at, is_own_wish=True)


_LETTERS = {EvaluationKind.MEETING: "evaluation", EvaluationKind.NEEDS: "needs_asked"}


def ballot_recipients(session: Session, rc_ids: Sequence[str]) -> list[Recipient]:
    """Return who gets a ballot: whoever gets a survey's links, each address once."""
    return list({one.email: one for one in recipients(session, rc_ids)}.values())


def ballot_preview(session: Session, evaluation: Evaluation, language: Language) -> Texts:
    """Return the mail with a ballot as it will read; "…" stands for each one's own link."""
    page = BallotMail(
        title=evaluation.title_sv if language == "sv" else evaluation.title_en,
        url=base_url_of(session) + address(language, "/utvardering/…"),
        closes_on=Speaker(language).date(evaluation.closes_on),
    )
    return texts(_LETTERS[evaluation.kind], language, page)


def send_ballots(
    session: Session, actor: str, evaluation: Evaluation, chosen: Sequence[Recipient], at: datetime
) -> int:
    """Queue one ballot for each of these; the mails' texts are erased when sent.

    Raises:
        ConflictError: when ballots have been sent: a second round would let people answer twice.
    """
    if queries.ballots_used(session, evaluation.id)[1]:
        raise ConflictError("Länkarna till utvärderingen är redan skickade.")
    known = profiles(session)
    bands = [band_of(evaluation.kind, known.get(one.rc_id)) for one in chosen]
    tokens = issue_ballots(session, evaluation, bands)
    for recipient, token in zip(chosen, tokens, strict=True):
        language = recipient.language
        page = BallotMail(
            title=evaluation.title_sv if language == "sv" else evaluation.title_en,
            url=base_url_of(session) + address(language, f"/utvardering/{token}"),
            closes_on=Speaker(language).date(evaluation.closes_on),
        )
        said = texts(_LETTERS[evaluation.kind], language, page)
        options = Options(
            is_secret=True, is_example=evaluation.is_example, batch=new_id(), tells_others=True
        )
        queue(session, recipient.email, said.subject, said.text, said.html, at, options)
    put_last_ballot_day(session, evaluation, {one.rc_id for one in chosen} - {""}, at)
    after: dict[str, object] = {"ballots": len(tokens)}
    record(session, actor, "sent ballots", ("evaluation", evaluation.id), after=after)
    return len(tokens)


COMPOSER = Composer(KIND, _lock, _write)
