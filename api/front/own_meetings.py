"""Träffar: the meetings to come or past by month, the own place at each, and the viewer's agenda."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan, may_read_register
from api.front.meeting import SessionText, name_of, session_text
from api.front.network import LOOKS, STATES, where_of
from api.front.programme.agenda import own_agenda
from api.invitations.web.own import OwnPlace, places_of
from api.kit.clock import to_local
from api.kit.i18n import Speaker, later, swedish_order
from api.library.models import Material
from api.library.queries import of_meetings
from api.library.service import earlier
from api.meetings.audience import audiences, concerning
from api.meetings.models import Meeting
from api.meetings.series import next_of_each
from api.meetings.service import meetings_for
from api.networks import queries as networks
from api.networks.models import Layer
from api.networks.service import networks_for
from api.registry import queries as registry
from api.start.asked import Asked, asked_of

LOOKED_BACK = timedelta(days=730)
PAST = "tidigare"
FEW = 8  # meetings that are seen at one glance, without anything to filter by
# What a meeting is filtered by: the kind of meeting, and of a network's the kind of network.
KINDS = {
    "national": later("Nationella"),
    Layer.LIKENESS.value: later("Likhetskretsar"),
    Layer.NEARNESS.value: later("Grannkretsar"),
    Layer.EXPERIENCE.value: later("Erfarenhetskretsar"),
    Layer.FORUM.value: later("Forum"),
    "samverkansforum": later("Samverkansforum"),
    "managers": later("Chefer"),
    "study_visit": later("Studiebesök"),
    "other": later("Andra"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty is all."""

    kind: str = ""
    rc_id: str = ""
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting in the list, with the places there that are the viewer's."""

    id: str
    name: str
    when: str
    where: str
    who: str  # the RC that it concerns
    kind: str  # a key of KINDS
    state: str
    look: str  # how the state is drawn: draft, reviewed, published or ended
    series_path: str  # of a recurring meeting, where the rest of them are
    places: tuple[OwnPlace, ...]
    materials: tuple[Material, ...]


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """What is to come for the viewer, or has been; `places` are those at no meeting of the list.

    A guest has a place at one session, a substitute perhaps at a meeting of somebody else's network.
    """

    asked: tuple[Asked, ...]  # what the viewer must answer, before everything else
    agenda: tuple[SessionText, ...]
    agenda_of: str  # which meetings the agenda is of
    months: tuple[tuple[str, tuple[MeetingLine, ...]], ...]
    places: tuple[OwnPlace, ...]
    earlier: tuple[MeetingLine, ...]  # with materials, newest first
    wanted: Wanted
    kinds: tuple[tuple[str, str, int], ...]  # what there is to filter by: key, label, how many
    rcs: tuple[tuple[str, str], ...]  # id and name, for those who see more than their own
    is_filtered: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of the listed meetings together."""

    names: dict[str, str]
    rc_ids: dict[str, frozenset[str] | None]  # by meeting; None: all RC
    layers: dict[str, str]  # by network


def meetings_page(
    session: Session, viewer: Viewer, say: Speaker, at: datetime, wanted: Wanted | None = None
) -> MeetingsPage:
    """Return what is to come for the viewer by month, or what has been, narrowed to what is wanted."""
    wanted = wanted or Wanted()
    agenda = [line for line in own_agenda(session, viewer) if line.ends_at > at]
    if wanted.is_past:
        found = _past(session, viewer, at)
        past: list[Meeting] = []
    else:
        found = next_of_each(meetings_for(session, viewer, at))
        past = earlier(session, viewer, at)
    seen = _seen(session, viewer, (*found, *past))
    materials = of_meetings(session, [meeting.id for meeting in (*found, *past)])
    places: dict[tuple[str, str], list[OwnPlace]] = {}
    for place in places_of(session, viewer, at, say):
        places.setdefault(place.subject, []).append(place)
    lines = [
        _line(say, seen, one, tuple(_own(places, one)), materials.get(one.id, ())) for one in found
    ]
    kept = [
        (meeting, line)
        for meeting, line in zip(found, lines, strict=True)
        if _is_wanted(wanted, seen, meeting, line)
    ]
    own = [one for one, rc_ids in networks_for(session, viewer) if viewer.rc_ids & set(rc_ids)]
    is_asked = not (may_plan(viewer) or wanted.is_past)
    return MeetingsPage(
        asked=tuple(asked_of(session, viewer, own, at)) if is_asked else (),
        agenda=tuple(session_text(say, line) for line in agenda),
        agenda_of=say.listing(dict.fromkeys(name_of(say, line.meeting) for line in agenda)),
        months=tuple(_by_month(kept, say)),
        places=tuple(place for rest in places.values() for place in rest),
        earlier=tuple(_line(say, seen, one, (), materials[one.id]) for one in past),
        wanted=wanted,
        kinds=tuple(_kinds(lines, say)) if len(lines) > FEW else (),
        rcs=_rcs(seen, viewer),
        is_filtered=bool(wanted.kind or wanted.rc_id),
    )


def _own(places: dict[tuple[str, str], list[OwnPlace]], meeting: Meeting) -> list[OwnPlace]:
    """Take the places at a meeting, and at the series whose next one it is."""
    whole = places.pop(("series", meeting.series_id), []) if meeting.series_id else []
    return [*places.pop(("meeting", meeting.id), []), *whole]


def _past(session: Session, viewer: Viewer, at: datetime) -> list[Meeting]:
    """Return the viewer's own meetings that have been, newest first."""
    found = [one for one in meetings_for(session, viewer, at - LOOKED_BACK) if one.ends_at <= at]
    return concerning(session, viewer, found)[::-1]


def _seen(session: Session, viewer: Viewer, found: Sequence[Meeting]) -> _Seen:
    concerned = audiences(session, found)
    ids = list({one.network_id for one in found if one.network_id})
    names = registry.names(session) if may_read_register(viewer) else {}
    return _Seen(
        names=names,
        rc_ids={one.id: concerned[one.id].rc_ids for one in found},
        layers=networks.layers(session, ids),
    )


def _line(
    say: Speaker,
    seen: _Seen,
    meeting: Meeting,
    places: tuple[OwnPlace, ...],
    materials: tuple[Material, ...],
) -> MeetingLine:
    rc_ids = seen.rc_ids[meeting.id]
    names = sorted(
        (seen.names[one] for one in rc_ids or () if one in seen.names), key=swedish_order
    )
    return MeetingLine(
        id=meeting.id,
        name=name_of(say, meeting),
        when=say.brief(meeting.starts_at, meeting.ends_at),
        where=where_of(say, meeting),
        who=say.text("alla RC") if rc_ids is None and seen.names else ", ".join(names),
        kind=seen.layers.get(meeting.network_id or "", meeting.kind.value),
        state=say.text(STATES[meeting.state]),
        look=LOOKS[meeting.state],
        series_path=f"/serie/{meeting.series_id}" if meeting.series_id else "",
        places=places,
        materials=materials,
    )


def _is_wanted(wanted: Wanted, seen: _Seen, meeting: Meeting, line: MeetingLine) -> bool:
    rc_ids = seen.rc_ids[meeting.id]
    has_rc = not wanted.rc_id or rc_ids is None or wanted.rc_id in rc_ids
    return has_rc and (not wanted.kind or line.kind == wanted.kind)


def _by_month(
    kept: list[tuple[Meeting, MeetingLine]], say: Speaker
) -> list[tuple[str, tuple[MeetingLine, ...]]]:
    def month(pair: tuple[Meeting, MeetingLine]) -> tuple[int, int]:
        local = to_local(pair[0].starts_at)
        return local.year, local.month

    found = []
    for _, pairs in groupby(kept, key=month):
        group = list(pairs)
        name = say.month_and_year(group[0][0].starts_at)
        found.append((name, tuple(line for _, line in group)))
    return found


def _kinds(lines: list[MeetingLine], say: Speaker) -> list[tuple[str, str, int]]:
    return [
        (kind, say.text(label), number)
        for kind, label in KINDS.items()
        if (number := sum(line.kind == kind for line in lines))
    ]


def _rcs(seen: _Seen, viewer: Viewer) -> tuple[tuple[str, str], ...]:
    if not may_plan(viewer):
        return ()
    return tuple(sorted(seen.names.items(), key=lambda one: swedish_order(one[1])))
