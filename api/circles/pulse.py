"""Twice a year one question over all circles together: answers hold no name, and fewer than five are never shown."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Person, Role
from api.accounts.service import hash_of
from api.circles import queries
from api.circles.convening import taking_part
from api.circles.models import PulseAnswer, PulseBallot, PulseVote
from api.kit.clock import to_local
from api.kit.errors import ConflictError, MissingError
from api.kit.i18n import later, read_by
from api.kit.mail import texts
from api.networks import queries as networks
from api.outbox.asked import OneQuestion
from api.outbox.service import Options, queue

FEWEST = 5
OPEN_FOR = timedelta(days=30)
ASKED_WITHIN = timedelta(days=14)  # a worker that was away so long asks next time instead
ANSWERS = {
    PulseAnswer.YES: later("Ja, kretsen ger mig något"),
    PulseAnswer.PARTLY: later("Delvis"),
    PulseAnswer.NO: later("Nej, inte nu"),
}
QUESTION = OneQuestion(
    "/puls",
    {"ja": PulseAnswer.YES, "delvis": PulseAnswer.PARTLY, "nej": PulseAnswer.NO},
    later("Ditt svar"),
    later("Svaret sparas utan namn och krets, och visas bara om minst fem har svarat."),
)


@dataclass(frozen=True, slots=True)
class PulseMail:
    """The question."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Season:
    """What a season said; `answers` is empty while it is open, or when fewer than five have answered."""

    name: str
    asked: int
    is_open: bool
    answers: tuple[tuple[str, int], ...]  # Swedish source text and number


@dataclass(frozen=True, slots=True)
class PulseResults:
    """All seasons, newest first."""

    seasons: tuple[Season, ...]


def seasons_of(year: int) -> dict[str, date]:
    """Return the two days on which a year's question goes out."""
    return {f"{year}-1": date(year, 3, 15), f"{year}-2": date(year, 9, 15)}


def take_pulse(session: Session, at: datetime) -> None:
    """Ask everybody in the circles, once a season."""
    today = to_local(at).date()
    for season, day in seasons_of(today.year).items():
        is_time = day <= today <= day + ASKED_WITHIN
        if is_time and not queries.is_pulse_sent(session, season):
            for person in _everybody(session, today):
                _ask(session, season, person, at)


def _everybody(session: Session, today: date) -> list[Person]:
    resting = queries.resting(session, today)
    rc_ids = {
        rc_id
        for one in networks.active_networks(session)
        if one.id not in resting
        for rc_id in taking_part(session, one.id)
    }
    holders = {
        one.holder_id
        for functions in accounts.functions_of_rcs(session, sorted(rc_ids)).values()
        for one in functions
        if one.holder_id and one.role in {Role.RC_MEMBER, Role.PLANNER}
    }
    found = accounts.people(session, holders)
    return [found[one] for one in sorted(found)]


def _ask(session: Session, season: str, person: Person, at: datetime) -> None:
    language = read_by(person.language)
    token_hash, url = QUESTION.link(session, language)
    session.add(PulseBallot(token_hash=token_hash, season=season))
    said = texts("pulse", language, PulseMail(person.name, url))
    options = Options(key=f"pulse:{season}:{person.id}", is_secret=True)
    queue(session, person.email, said.subject, said.text, said.html, at, options)


def by_token(session: Session, token: str) -> PulseBallot:
    """Return the ballot of a link.

    Raises:
        MissingError: when there is none.
    """
    found = queries.pulse_ballot(session, hash_of(token))
    if found is None:
        raise MissingError
    return found


def vote(session: Session, token: str, answer: PulseAnswer, at: datetime) -> None:
    """Keep an answer; the ballot is used up, and nothing ties the two.

    Raises:
        MissingError: when there is no such ballot.
        ConflictError: when it is used, or the season has closed.
    """
    ballot = by_token(session, token)
    if not is_open(ballot.season, at):
        raise ConflictError("Omgången har stängt.")
    if not queries.use_pulse_ballot(session, ballot.token_hash):
        raise ConflictError("Du har redan svarat.")
    session.add(PulseVote(season=ballot.season, answer=answer))


def is_open(season: str, at: datetime) -> bool:
    """Return whether a season still takes answers."""
    day = seasons_of(int(season.partition("-")[0]))[season]
    return to_local(at).date() <= day + ASKED_WITHIN + OPEN_FOR


def results(session: Session, at: datetime) -> PulseResults:
    """Return what each season said, once it has closed and from five answers on."""
    found = []
    for season, (asked, counts) in sorted(queries.pulse_counts(session).items(), reverse=True):
        goes_on = is_open(season, at)
        is_shown = not goes_on and sum(counts.values()) >= FEWEST
        answers = [(ANSWERS[one], counts.get(one, 0)) for one in PulseAnswer] if is_shown else []
        found.append(Season(season, asked, goes_on, tuple(answers)))
    return PulseResults(tuple(found))
