"""`samkrets demo`: the whole main job on the real register, then served; what is invented says *Exempel*."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import typer
from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, FunctionKind, Person, Role
from api.accounts.service import demo_sign_in_path
from api.audit.proof import forget_heads
from api.calendar import queries as calendar
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.commands.demonstration import example, example_series
from api.commands.demonstration.summary import meeting_summary
from api.commands.running import serve
from api.commands.running.migrate import bring_up
from api.commands.running.opening import refuse
from api.feeds.access import feed_name, neutral_name
from api.feeds.housekeeping import put_right
from api.feeds.service import create_feed, feed_bytes
from api.invitations.meeting import sessions_with_guests
from api.invitations.web import drafting
from api.kit.clock import from_local, now, to_local
from api.kit.db import Database
from api.kit.files import make_private_folder, write_private
from api.kit.i18n import Speaker, swedish_order
from api.kit.settings import Settings
from api.library import service as library
from api.library.models import Sort
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.outbox.holding import release_all
from api.programme import queries as programmes
from api.programme.arrival import service as arrival
from api.proposals import spine
from api.proposals.asking import service as asking
from api.proposals.models import Proposal
from api.proposals.networks import service as proposals
from api.proposals.networks.building import Choice
from api.proposals.networks.engine import solve_networks
from api.proposals.networks.reasons import reasons
from api.proposals.programme import leaders as programme_leaders
from api.proposals.programme import publishing as programme_publishing
from api.proposals.programme import solving as programme_solving
from api.proposals.programme import store as programme_store
from api.proposals.programme.drafting import Frame
from api.proposals.programme.engine import WORK, solve_document
from api.proposals.programme.frame import circles_of
from api.registry import queries as registry
from api.registry.service import import_shipped
from api.surveys import queries
from api.surveys import service as surveys
from api.surveys.models import NeedsSurvey, Theme
from api.surveys.service import SurveyDetails
from api.surveys.themes import import_theme_bank, proposed_themes
from api.surveys.wishes import Wishes
from api.wiring import connect
from matcher.proof import Budget

ACTOR = "system"
SEED = 2026
MATCH_SECONDS = 60.0
PROGRAMME_SECONDS = (
    300.0  # for a machine that is slow or busy: work ends it, and the programme is the same
)
SURVEY_DAYS = timedelta(days=14)
MOST_THEMES = 15
FRIDAY = 4
MEMBER_RC = "skaraborg"  # whose coordinator the demonstration signs in

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed of the demonstration: its address and its bytes as a file."""

    scope: str
    name: str
    url: str
    file: str


def demo(
    once: bool = typer.Option(False, "--once", help="Do everything without serving, and stop."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object of what was made."),
    database: str = typer.Option("", help="Database URL; default: a new SQLite file in --data."),
    port: int = typer.Option(8000, help="Port to serve on."),
    data: Path = typer.Option(Path("var/demo"), help="Folder for the database and the feeds."),
    keep: bool = typer.Option(False, "--keep", help="Use the database that is there."),
) -> None:
    """Match, plan and publish on the real register with example people, then serve it."""
    make_private_folder(data)
    file = data.resolve() / "samkrets-demo.db"
    url = database or f"sqlite:///{file}"
    is_new = not (keep and (database or file.exists()))
    if is_new and not database:
        for old in data.glob("samkrets-demo.db*"):
            old.unlink()
        forget_heads(url)
    for old in (data / "feeds").glob("*.ics"):
        old.unlink()
    settings = Settings(database=url, base_url=f"http://127.0.0.1:{port}", data=data, is_demo=True)
    bring_up(url)
    opened = connect(url, settings.base_url)
    if is_new:
        _make_everything(opened, lambda line: typer.echo(line, err=True))
    else:
        with opened.reading() as session:
            if not meetings.national_meetings(session):
                refuse("There is no demonstration in this database: leave --keep out to make one.")
        with opened.transaction() as session:
            put_right(session, now())  # the port, and so every link, may be another one
    summary = _summary(opened, settings, data)
    opened.close()
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    if not once:
        _show(summary, settings.base_url)
        serve.run(settings, "127.0.0.1", port)


def _make_everything(database: Database, say: Say) -> None:
    at = now()
    with database.transaction() as session:
        import_shipped(session, ACTOR)
        import_theme_bank(session)
        count = len(registry.rcs(session))
    say(f"1/4  Register: {count} RC, each fact with its source.")
    with database.transaction() as session:
        survey = _survey(session, at)
        answered = surveys.example_answers(session, survey, SEED, at)
        wishes = surveys.wishes_for_programme(session, survey.id)
        surveys.example_evaluations(session, ACTOR, to_local(at).date(), SEED)
        surveys.example_needs(session, ACTOR, to_local(at).date(), SEED)
        people = example.make_people(session, tuple(person.id for person in wishes.people))
    say(f"2/4  Needs survey: {answered} of {count} RC have an example answer.")
    started = perf_counter()
    status = _match(database, at)
    say(f"3/4  Networks: {status}, {perf_counter() - started:.1f} s.")
    started = perf_counter()
    status = _plan(database, wishes, people, at)
    release_all(database, at)  # what was done here was done before anybody looks at it
    say(f"4/4  National meeting: {status}, {perf_counter() - started:.1f} s.")


def _match(database: Database, at: datetime) -> str:
    choice = Choice()
    with database.transaction() as session:
        problem = proposals.networks_problem(session, choice, at)
        title = "Exempel: nätverk för alla RC"
        proposal = proposals.propose_networks(
            session, problem, choice, title, ACTOR, at, seed=SEED, is_example=True
        )
        proposal_id, text = proposal.id, proposal.problem
    answer = solve_networks(text, Budget(MATCH_SECONDS, 2, SEED))
    with database.transaction() as session:
        proposal = proposals.stored(session, proposal_id)
        proposals.record_answer(session, proposal, answer)
        spine.review(session, proposals.NETWORKS, proposal, proposal.version, ACTOR)
        proposals.publish(session, proposal, proposal.version, ACTOR, at)
        session.flush()
        example_series.make(session, MEMBER_RC, ACTOR, at)
    gap = f"gap {float(str(answer['gap'])):.2%}"
    return f"{answer['status']}, {gap}"


def _survey(session: Session, at: datetime) -> NeedsSurvey:
    days = example.meeting_days(at)
    themes = [theme.id for theme in proposed_themes(queries.themes(session), MOST_THEMES)]
    details = SurveyDetails(
        title_sv="Exempel: behov inför nästa nationella träff",
        title_en="Exempel: needs before the next national meeting",
        deadline=_last_moment(at),
        theme_ids=tuple(themes),
        days=days,
        rc_ids=tuple(rc.id for rc in registry.rcs(session)),
        is_example=True,
    )
    survey = surveys.make_survey(session, ACTOR, details, at)
    return surveys.open_survey(session, ACTOR, survey.id, at)


def _last_moment(at: datetime) -> datetime:
    """Return when the survey closes: at five on a weekday in about a fortnight."""
    day = to_local(at + SURVEY_DAYS).date()
    day += timedelta(days=7 - day.weekday() if day.weekday() > FRIDAY else 0)
    return from_local(datetime.combine(day, time(17)))


def _plan(database: Database, wishes: Wishes, people: example.People, at: datetime) -> str:
    days = example.meeting_days(at)
    frame = Frame(days, example.ROOMS, people.leaders, people.delegates, people.guests)
    with database.transaction() as session:
        frame = replace(frame, circles=circles_of(session, people.delegates))
        meeting = create(session, _national(days[0], days[1]), ACTOR, at)
        surveys.tie_to_meeting(session, ACTOR, wishes.survey_id, meeting.id)
        proposal = programme_solving.propose(session, meeting, wishes.survey_id, frame, ACTOR, at)
        proposal_id, text, meeting_id = proposal.id, proposal.problem, meeting.id
    answer = solve_document(text, Budget(PROGRAMME_SECONDS, 2, SEED, WORK), None)
    with database.transaction() as session:
        proposal = proposals.stored(session, proposal_id)
        programme_solving.record_answer(session, proposal, answer)
        _ask_leaders(session, proposal, at)
        _show_the_way_in(session, session.get_one(Meeting, meeting_id))
        found = programme_store.look_at(proposal)
        spine.review(session, programme_store.PROGRAMME, proposal, proposal.version, ACTOR)
        programme_publishing.publish(session, proposal, proposal.version, ACTOR, at)
        _invite(session, meeting_id, at)
        _add_material(session, meeting_id, at)
        running = len(programme_store.PROGRAMME.answer_of(proposal).timetable.runs)
    share = found.scores.attended_weight / found.scores.wished_weight
    return f"{running} sessions, {share:.0%} of the wished weight attended"


def _ask_leaders(session: Session, proposal: Proposal, at: datetime) -> None:
    """Ask the RC that lead and their deputies, and let them answer by example: one says no."""
    if not programme_leaders.standings(session, proposal):
        return  # nobody offered to lead anything
    programme_leaders.ask(session, proposal, ACTOR, at)
    asking.example_answers(session, programme_store.meeting_of(session, proposal), at)
    if any(one.is_other for one in programme_leaders.standings(session, proposal)):
        programme_leaders.take_in(session, proposal, proposal.version, ACTOR, at)


def _show_the_way_in(session: Session, meeting: Meeting) -> None:
    """Write how guests come in, and whom at NCH they ring."""
    contact, _ = arrival.possible_contacts(session)[0]
    text = f"{example.MARK}: entrén mot torget, säg ditt namn i receptionen"
    arrival.write(session, meeting, text, contact, 0, ACTOR)


def _invite(session: Session, meeting_id: str, at: datetime) -> None:
    """Invite the RC's people to the meeting and guests to their own sessions: example mails that wait in the outbox."""
    whole = calendar.event_of(session, "meeting", meeting_id)
    own = sessions_with_guests(session, meeting_id)
    for event in [whole, *own] if whole is not None else own:
        shown = [one.function.id for one in drafting.recipients(session, event)]
        drafting.invite_shown(session, event, shown, at)


def _add_material(session: Session, meeting_id: str, at: datetime) -> None:
    """Link to what the meeting's people would read beforehand; nothing is behind the address."""
    title, link = f"{example.MARK}: underlag att läsa före träffen", "https://example.org/underlag"
    place = library.Place(meeting=session.get_one(Meeting, meeting_id))
    library.add(session, place, library.Draft(title, link), ACTOR, at)
    form = library.Upload("txt", f"{example.MARK}: här ligger blanketten.\n".encode())
    consent = library.Draft(
        f"{example.MARK}: samtyckesblankett för vuxna",
        sort=Sort.CONSENT,
        rc_id="jamtland",
        upload=form,
    )
    theme = library.Place(theme=session.get_one(Theme, "legal_consent"))
    library.add(session, theme, consent, ACTOR, at)


def _national(first: date, last: date) -> MeetingDraft:
    return MeetingDraft(
        kind=MeetingKind.NATIONAL,
        name_sv="Exempel: nationell träff för RC",
        name_en="Exempel: national meeting of RCs",
        focus_sv="Två spår: uppstart och organisation, och sakfrågor. Välj det som passar där ni är nu.",
        focus_en="Two tracks: start-up and organisation, and substantive issues. Choose what fits where you are now.",
        form=MeetingForm.IN_PERSON,
        town=example.TOWN,
        starts_at=from_local(datetime.combine(first, time(9, 30))),
        ends_at=from_local(datetime.combine(last, time(16, 0))),
        state=MeetingState.DRAFT,
        is_example=True,
    )


def _summary(database: Database, settings: Settings, data: Path) -> dict[str, object]:
    """Give out fresh addresses and links, and say what the database holds."""
    at = now()
    with database.transaction() as session:
        national = meetings.national_meetings(session)[0]
        feeds = [
            _subscription(session, scope, name, settings, data, at)
            for scope, name in _scopes(session, national)
        ]
        return {
            "database": settings.database,
            "networks": _networks(session, at),
            "meeting": _meeting(session, national, settings),
            "feeds": [asdict(feed) for feed in feeds],
            **_posts(session),
            "sign_in": _sign_in(session, settings, at),
        }


def _scopes(session: Session, national: Meeting) -> Iterator[tuple[Scope, str]]:
    say = Speaker("sv")
    for rc in sorted(registry.rcs(session), key=lambda one: swedish_order(one.name)):
        yield Scope(ScopeKind.RC, rc.id), f"RC {rc.name}"
    for network in networks.active_networks(session):
        yield Scope(ScopeKind.NETWORK, network.id), network.name_sv
    yield Scope(ScopeKind.MEETING, national.id), national.name_sv
    for track in programmes.programme(session, national.id).tracks:
        yield Scope(ScopeKind.TRACK, track.id), f"{say.text('Spår')}: {track.name_sv}"
    for kind in (BodyKind.RC, BodyKind.GUEST):
        for function, body in accounts.functions_of_kind(session, kind):
            yield Scope(ScopeKind.FUNCTION, function.id), f"{function.title}, {body.name}"
    for role in (FunctionKind.COORDINATOR, FunctionKind.PROSECUTOR):
        yield (
            Scope(ScopeKind.ROLE, role.value),
            feed_name(session, Scope(ScopeKind.ROLE, role.value), "sv"),
        )
    for person in _people(session):
        yield Scope(ScopeKind.PERSON, person.id), person.name


def _subscription(
    session: Session, scope: Scope, name: str, settings: Settings, data: Path, at: datetime
) -> Subscription:
    mark = "" if example.MARK in name else f"{example.MARK}: "
    # A person's calendar is not called by the name, which would stand in everybody's list of calendars.
    title = neutral_name(scope.kind, "sv") if scope.kind is ScopeKind.PERSON else name
    feed, token = create_feed(
        session, scope, Level.INTERNAL, "sv", title, None, is_example=True, at=at
    )
    file = data / "feeds" / f"{scope.kind.value}-{scope.id}.ics"
    make_private_folder(file.parent)
    write_private(file, feed_bytes(session, feed))
    url = f"{settings.base_url}/feeds/{token}.ics"
    return Subscription(scope.kind.value, f"{mark}{name}", url, str(file))


def _networks(session: Session, at: datetime) -> list[dict[str, object]]:
    say, known = Speaker("sv"), reasons(session, at)
    active = networks.active_networks(session)
    members = networks.members(session, [network.id for network in active])
    found: list[dict[str, object]] = []
    for network in active:
        ids = tuple(member.rc_id for member in members[network.id])
        km, hours = known.widest(ids)
        found.append(
            {
                "id": network.id,
                "name": network.name_sv,
                "layer": network.layer.value,
                "preset": Choice().preset,
                "members": [{"id": one, "name": known.rcs[one].name} for one in ids],
                "why": known.why(say, network.layer, ids),
                "evidence": [one.to_json() for one in known.claims(network.layer, ids)],
                "km_max": km,
                "hours_max": hours,
            }
        )
    return found


def _meeting(session: Session, national: Meeting, settings: Settings) -> dict[str, object]:
    programme = programmes.programme(session, national.id)
    return {
        "id": national.id,
        "name": national.name_sv,
        "tracks": [
            {"id": track.id, "name": track.name_sv, "focus": track.focus.value}
            for track in programme.tracks
        ],
        "sessions": sum(one.slot_id is not None for one in programme.sessions),
        "url": f"{settings.base_url}/traffar/{national.id}",
        **meeting_summary(session, national),
    }


def _posts(session: Session) -> dict[str, object]:
    """Return the ids of two functions: a planner's, and the one that the RC's sign-in belongs to."""
    planners = accounts.functions_of_kind(session, BodyKind.NCH)
    members = accounts.functions_of_kind(session, BodyKind.RC)
    return {
        "planner_post": next(one.id for one, _ in planners if one.role == Role.PLANNER),
        "rc_post": next(one.id for one, body in members if body.rc_id == MEMBER_RC),
    }


def _people(session: Session) -> tuple[Person, ...]:
    """Return the three whom the demonstration signs in: a planner, an RC member and a guest."""
    addresses = (
        "planerare.nch@example.org",
        f"operative.coordinator.{MEMBER_RC}@example.org",
        "kontakt.prosecutor@example.org",
    )
    found = [accounts.person_by_email(session, address) for address in addresses]
    return tuple(person for person in found if person is not None)


def _sign_in(session: Session, settings: Settings, at: datetime) -> list[dict[str, str]]:
    roles = (Role.PLANNER, Role.RC_MEMBER, Role.GUEST)
    return [
        {
            "role": role.value,
            "name": person.name,
            "url": f"{settings.base_url}{demo_sign_in_path(session, person, at)}",
        }
        for role, person in zip(roles, _people(session), strict=True)
    ]


def _show(summary: dict[str, Any], base_url: str) -> None:
    typer.echo(
        f"\nSamkrets is served at {base_url} (stop with Ctrl-C). Sign in, once per link:", err=True
    )
    for link in summary["sign_in"]:
        typer.echo(f"  {link['name']:<42} {link['url']}", err=True)
    typer.echo("A calendar to subscribe to, for example:", err=True)
    typer.echo(f"  {summary['feeds'][0]['name']:<42} {summary['feeds'][0]['url']}", err=True)
