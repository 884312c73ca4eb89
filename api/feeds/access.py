"""Which calendars a viewer may have: the same rights as the pages they tell of."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import FunctionKind, Role
from api.accounts.policy import Viewer, may_see_network, may_see_rc_calendar
from api.calendar import queries as calendar
from api.calendar.models import Event, ScopeKind
from api.calendar.service import Scope
from api.feeds import queries as feeds
from api.kit.i18n import Language, Speaker, later
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.meetings.service import may_see_meeting, rc_ids_of
from api.networks import queries as networks
from api.networks.models import Network
from api.networks.service import networks_for, short_name
from api.programme import queries as programme
from api.programme.models import Track


@dataclass(frozen=True, slots=True)
class Choice:
    """A calendar that a viewer may subscribe to; `title` is for the page, not for the calendar."""

    scope: Scope
    title: str


# What the calendar is called in people's programs: neutral, since calendars are shared at work.
NAMES = {
    ScopeKind.PERSON: "Mina träffar",
    ScopeKind.FUNCTION: "Träffar för min funktion",
    ScopeKind.RC: "Alla träffar för vårt RC",
    ScopeKind.NETWORK: "Kretsträffar",
    ScopeKind.MEETING: "Nationell träff",
    ScopeKind.TRACK: "Ett spår på den nationella träffen",
    ScopeKind.ROLE: "Träffar för alla med en viss funktion",
}


EVERYTHING = "Allt som rör mig"


# Everybody with a role or of a kind, as their calendar is called.
ROLES = {
    Role.PLANNER.value: later("planerare"),
    Role.RC_MEMBER.value: later("RC:s medarbetare"),
    Role.GUEST.value: later("gäster"),
    Role.READER.value: later("läsare"),
    FunctionKind.COORDINATOR.value: later("operativa samordnare"),
    FunctionKind.CURATOR.value: later("kuratorer"),
    FunctionKind.PROJECT_LEADER.value: later("projektledare på länsstyrelserna"),
    FunctionKind.MANAGER.value: later("chefer"),
    FunctionKind.PLANNER.value: later("planerare på NCH"),
    FunctionKind.CONTACT.value: later("kontaktpersoner på NCH"),
    FunctionKind.POLICE.value: later("kontaktpersoner hos Polisen"),
    FunctionKind.PROSECUTOR.value: later("kontaktpersoner hos Åklagarmyndigheten"),
    FunctionKind.REGION.value: later("kontaktpersoner hos regionerna"),
}


def neutral_name(kind: ScopeKind, language: Language) -> str:
    """Return the name that a calendar of a kind gets."""
    return Speaker(language).text(NAMES[kind])


def feed_name(session: Session, scope: Scope, language: Language) -> str:
    """Return a calendar's name: neutral, but two circles' or two roles' can be told apart."""
    name = neutral_name(scope.kind, language)
    if scope.kind is ScopeKind.NETWORK:
        network = networks.network(session, scope.id)
        if network is not None:
            return f"{name} {short_name(network)[0 if language == 'sv' else 1]}"
    if scope.kind is ScopeKind.ROLE and scope.id in ROLES:
        say = Speaker(language)
        return say.text("Träffar för %(role)s", role=say.text(ROLES[scope.id]))
    return name


def may_subscribe(session: Session, viewer: Viewer | None, scope: Scope) -> bool:
    """Return whether a viewer may have a calendar of this scope."""
    if viewer is None:
        return False
    match scope.kind:
        case ScopeKind.PERSON:
            allowed = scope.id == viewer.person_id and bool(viewer.function_ids)
        case ScopeKind.FUNCTION:
            allowed = scope.id in viewer.function_ids
        case ScopeKind.RC:
            allowed = may_see_rc_calendar(viewer, scope.id)
        case ScopeKind.NETWORK:
            known = networks.network(session, scope.id) is not None
            allowed = known and may_see_network(viewer, rc_ids_of(session, scope.id))
        case ScopeKind.MEETING:
            allowed = _may_see_meeting(session, viewer, scope.id)
        case ScopeKind.TRACK:
            allowed = _may_see_meeting(session, viewer, _meeting_of_track(session, scope.id))
        case ScopeKind.ROLE:
            # It holds what every function with the role is invited to, in all RC and networks.
            allowed = bool(viewer.roles & {Role.PLANNER, Role.READER})
    return allowed


def _meeting_of_track(session: Session, track_id: str) -> str | None:
    track = programme.track(session, track_id)
    return track.meeting_id if track else None


def _may_see_meeting(session: Session, viewer: Viewer, meeting_id: str | None) -> bool:
    meeting = meetings.meeting(session, meeting_id) if meeting_id else None
    return meeting is not None and may_see_meeting(session, viewer, meeting)


def may_see_event(session: Session, viewer: Viewer | None, event: Event) -> bool:
    """Return whether an event is in any calendar that the viewer may have."""
    scopes = calendar.audience(session, event.id)
    return any(may_subscribe(session, viewer, Scope(*scope)) for scope in sorted(scopes))


def choices(session: Session, viewer: Viewer, language: Language) -> list[Choice]:
    """Return the lasting calendars of a viewer: own, the functions', the RC's and the networks'."""
    say = Speaker(language)
    found = [Choice(Scope(ScopeKind.PERSON, viewer.person_id), say.text(EVERYTHING))]
    for function, body in accounts.functions_of(session, viewer.person_id):
        title = say.text("Funktionen %(title)s, %(body)s", title=function.title, body=body.name)
        found.append(Choice(Scope(ScopeKind.FUNCTION, function.id), title))
        whole = Scope(ScopeKind.RC, body.rc_id or "")
        if body.rc_id and may_subscribe(session, viewer, whole):
            found.append(Choice(whole, body.name))
    for network, _ in networks_for(session, viewer):
        name = network.name_sv if language == "sv" else network.name_en
        found.append(Choice(Scope(ScopeKind.NETWORK, network.id), name))
    return list({choice.scope: choice for choice in found}.values())


def titled(session: Session, scope: Scope, language: Language) -> str:
    """Return what a calendar is of, for the page of somebody who may have it."""
    say = Speaker(language)
    if scope.kind is ScopeKind.PERSON:
        return say.text(EVERYTHING)
    if scope.kind is ScopeKind.RC:
        body = accounts.body_of_rc(session, scope.id)
        return body.name if body else neutral_name(scope.kind, language)
    if scope.kind is ScopeKind.FUNCTION:
        found = feeds.functions(session, [scope.id])
        return found[0].title if found else neutral_name(scope.kind, language)
    named = _named(session, scope)
    if named is None:
        return neutral_name(scope.kind, language)
    name = named.name_sv if language == "sv" else named.name_en
    return say.text("Spåret %(name)s", name=name) if scope.kind is ScopeKind.TRACK else name


def _named(session: Session, scope: Scope) -> Network | Meeting | Track | None:
    """Return the thing of a scope that has a name in both languages."""
    if scope.kind is ScopeKind.NETWORK:
        return networks.network(session, scope.id)
    if scope.kind is ScopeKind.MEETING:
        return meetings.meeting(session, scope.id)
    return programme.track(session, scope.id) if scope.kind is ScopeKind.TRACK else None
