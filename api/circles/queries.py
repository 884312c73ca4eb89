"""All SQL over the life of circles."""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session, col, delete, func, or_, select, update

from api.accounts.models import HandOver
from api.circles.models import (
    Absence,
    Buddy,
    CircleCare,
    Convening,
    Held,
    PulseAnswer,
    PulseBallot,
    PulseVote,
)


def buddies_of(
    session: Session, person_id: str, function_ids: Collection[str], since: datetime
) -> list[Buddy]:
    """Return who helps a person in these posts, newest first."""
    statement = select(Buddy).where(
        Buddy.person_id == person_id,
        col(Buddy.function_id).in_(function_ids),
        col(Buddy.since) > since,
    )
    return list(session.exec(statement.order_by(col(Buddy.since).desc(), col(Buddy.id).desc())))


def newcomers_of(session: Session, function_ids: Collection[str], since: datetime) -> list[Buddy]:
    """Return whom the holders of these posts help, newest first."""
    statement = select(Buddy).where(
        col(Buddy.buddy_function_id).in_(function_ids), col(Buddy.since) > since
    )
    return list(session.exec(statement.order_by(col(Buddy.since).desc(), col(Buddy.id).desc())))


def buddy_counts(session: Session, since: datetime) -> dict[str, int]:
    """Return how many newcomers each post's holder has been asked to help since a moment."""
    statement = (
        select(Buddy.buddy_function_id, func.count())
        .where(col(Buddy.since) > since)
        .group_by(Buddy.buddy_function_id)
    )
    return dict(session.exec(statement).all())


def lines_before(session: Session, moment: datetime) -> list[CircleCare]:
    """Return the circles whose line stands since before a moment: nobody has answered about a meeting since."""
    since = select(Held.network_id).where(
        Held.network_id == CircleCare.network_id, col(Held.answered_at) >= moment
    )
    return list(session.exec(select(CircleCare).where(CircleCare.line != "", ~since.exists())))


def new_holders(session: Session, function_ids: Collection[str], since: datetime) -> set[str]:
    """Return the posts among these that have got another holder since a moment."""
    statement = select(HandOver.function_id).where(
        col(HandOver.function_id).in_(function_ids),
        col(HandOver.at) > since,
        col(HandOver.to_holder_id).is_distinct_from(col(HandOver.from_holder_id)),
    )
    return set(session.exec(statement))


def forget_buddy(session: Session, hand_over_id: str) -> None:
    """Forget who was asked to help after a hand-over."""
    session.exec(delete(Buddy).where(col(Buddy.hand_over_id) == hand_over_id))


def buddy_after(session: Session, hand_over_id: str) -> Buddy | None:
    """Return who was asked to help after a hand-over."""
    return session.exec(select(Buddy).where(Buddy.hand_over_id == hand_over_id)).first()


def absence(session: Session, absence_id: str) -> Absence | None:
    """Return a time away."""
    return session.get(Absence, absence_id)


def open_absences(session: Session, function_ids: Collection[str]) -> dict[str, Absence]:
    """Return by post the time away that goes on or is to come."""
    statement = select(Absence).where(
        col(Absence.function_id).in_(function_ids), col(Absence.ended_at).is_(None)
    )
    return {one.function_id: one for one in session.exec(statement.order_by(Absence.id))}


def absences_to_begin(session: Session, day: date) -> list[Absence]:
    """Return the times away whose first day has come."""
    statement = select(Absence).where(
        col(Absence.begun_at).is_(None),
        col(Absence.ended_at).is_(None),
        col(Absence.starts_on) <= day,
    )
    return list(session.exec(statement.order_by(Absence.id)))


def absences_to_end(session: Session, day: date) -> list[Absence]:
    """Return the times away whose last day is over."""
    statement = select(Absence).where(col(Absence.ended_at).is_(None), col(Absence.until) < day)
    return list(session.exec(statement.order_by(Absence.id)))


def absence_of_hand_over(session: Session, hand_over_id: str) -> Absence | None:
    """Return the time away that a hand-over began or ended."""
    statement = select(Absence).where(
        or_(Absence.begun_by == hand_over_id, Absence.ended_by == hand_over_id)
    )
    return session.exec(statement).first()


def turn(session: Session, network_id: str) -> Convening | None:
    """Return whose turn it is to convene a circle."""
    statement = select(Convening).where(
        Convening.network_id == network_id, col(Convening.ended_at).is_(None)
    )
    return session.exec(statement).first()


def turn_by_id(session: Session, turn_id: str) -> Convening | None:
    """Return a turn."""
    return session.get(Convening, turn_id) if turn_id else None


def turns(session: Session, network_id: str) -> list[Convening]:
    """Return the turns that a circle has had, newest first."""
    statement = select(Convening).where(Convening.network_id == network_id)
    return list(
        session.exec(statement.order_by(col(Convening.since).desc(), col(Convening.id).desc()))
    )


def open_turns(session: Session) -> list[Convening]:
    """Return whose turn it is in every circle."""
    statement = select(Convening).where(col(Convening.ended_at).is_(None))
    return list(session.exec(statement.order_by(Convening.id)))


def care(session: Session, network_id: str) -> CircleCare | None:
    """Return what a circle has said of its next time."""
    return session.get(CircleCare, network_id)


def resting(session: Session, day: date) -> set[str]:
    """Return the circles that rest on a day."""
    statement = select(CircleCare.network_id).where(col(CircleCare.resting_until) >= day)
    return set(session.exec(statement))


def held(session: Session, meeting_id: str) -> Held | None:
    """Return what is known of whether a meeting took place."""
    return session.get(Held, meeting_id)


def held_by_hash(session: Session, token_hash: str) -> Held | None:
    """Return the meeting that a link asks about."""
    return session.exec(select(Held).where(Held.token_hash == token_hash)).first()


def held_of(session: Session, meeting_ids: Collection[str]) -> dict[str, Held]:
    """Return what is known of whether these meetings took place."""
    rows = session.exec(select(Held).where(col(Held.meeting_id).in_(meeting_ids)))
    return {one.meeting_id: one for one in rows}


def uncounted(session: Session, asked_before: datetime) -> list[Held]:
    """Return the meetings that nobody has answered about since they were asked, some time ago."""
    statement = select(Held).where(
        col(Held.answer).is_(None),
        col(Held.is_counted).is_(False),
        col(Held.asked_at) < asked_before,
    )
    return list(session.exec(statement.order_by(Held.meeting_id)))


def is_pulse_sent(session: Session, season: str) -> bool:
    """Return whether a season's question has been sent."""
    statement = select(PulseBallot.token_hash).where(PulseBallot.season == season).limit(1)
    return session.exec(statement).first() is not None


def pulse_ballot(session: Session, token_hash: str) -> PulseBallot | None:
    """Return the ballot of a link."""
    return session.get(PulseBallot, token_hash)


def use_pulse_ballot(session: Session, token_hash: str) -> bool:
    """Use a ballot up; False when it is used already (one winner in a race)."""
    statement = (
        update(PulseBallot)
        .where(col(PulseBallot.token_hash) == token_hash, col(PulseBallot.is_used).is_(False))
        .values(is_used=True)
        .returning(col(PulseBallot.token_hash))
    )
    return session.exec(statement).first() is not None


def pulse_counts(session: Session) -> dict[str, tuple[int, dict[PulseAnswer, int]]]:
    """Return by season how many were asked, and how many gave each answer."""
    asked = select(PulseBallot.season, func.count()).group_by(PulseBallot.season)
    given = select(PulseVote.season, PulseVote.answer, func.count()).group_by(
        PulseVote.season, PulseVote.answer
    )
    found: dict[str, tuple[int, dict[PulseAnswer, int]]] = {
        season: (number, {}) for season, number in session.exec(asked)
    }
    for season, answer, number in session.exec(given):
        found.setdefault(season, (0, {}))[1][PulseAnswer(answer)] = number
    return found
