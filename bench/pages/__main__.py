"""`python -m bench.pages`: server time of each page, 21 RC and three years' meetings.

With `--large` it is 290 RC and 5,000 people, and what a page says and asks is measured too.
The demonstration's database gets five more RC and, for each month, a meeting of every network, and for
each quarter a national meeting with its answered needs survey. Every address that a planner and an RC
member reach from their first page is then asked for, in turn, in one process, without a browser:
the times are those from request to whole answer, and the test client's own share is in them.
"""

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.service import open_session
from api.app import create_app
from api.cli import RARELY
from api.commands.running.serve import settle
from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.registry import queries as registry
from api.registry.cells import write
from api.registry.facts import FACTS
from api.registry.service import add
from api.start.service import demo_people
from api.surveys import queries as surveys
from api.surveys import service as survey_service
from bench.pages.large import GOAL_MS as LARGE_GOAL_MS
from bench.pages.large import MOST_BYTES, MOST_STATEMENTS, counted, grow

MORE_RC, MONTHS, QUARTERS = 5, 36, 12
GOAL_MS = 150


def make_demo(folder: Path) -> str:
    """Make the demonstration's database and return its URL."""
    url = f"sqlite:///{folder}/pages.db"
    command = [sys.executable, "-m", "api", "demo", "--once"]
    subprocess.run(
        [*command, "--database", url, "--data", str(folder)], check=True, capture_output=True
    )
    return url


def _meeting(session: Session, kind: MeetingKind, days_ago: int, network_id: str | None) -> str:
    start = now() - timedelta(days=days_ago)
    draft = MeetingDraft(
        kind=kind,
        name_sv=f"Exempel: träff {days_ago}",
        name_en=f"Exempel: meeting {days_ago}",
        focus_sv="Rutiner",
        focus_en="Routines",
        form=MeetingForm.DIGITAL,
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        network_id=network_id,
        is_example=True,
    )
    return create(session, draft, "bench", start - timedelta(days=30)).id  # as it was planned then


def add_years(session: Session) -> None:
    """Add the RC, and three years of what they did."""
    for number in range(MORE_RC):
        copied = registry.rcs(session)[number]
        cells = {fact.name: write(getattr(copied, fact.name)) for fact in FACTS}
        add(session, {**cells, "id": f"exempel-{number}", "name": f"Exempel {number}"}, "bench")
    session.flush()
    for network in networks.active_networks(session):
        for month in range(MONTHS):
            _meeting(session, MeetingKind.NETWORK, 30 * month + 1, network.id)
    themes = tuple(theme.id for theme in surveys.themes(session)[:12])
    asked = tuple(rc.id for rc in registry.rcs(session))
    for quarter in range(QUARTERS):
        _meeting(session, MeetingKind.NATIONAL, 91 * quarter + 5, None)
        details = survey_service.SurveyDetails(
            title_sv=f"Exempel: inför träff {quarter}",
            title_en=f"Exempel: before meeting {quarter}",
            deadline=now() + timedelta(days=14),
            theme_ids=themes,
            days=(),
            rc_ids=asked,
            is_example=True,
        )
        made = survey_service.make_survey(session, "bench", details, now())
        opened = survey_service.open_survey(session, "bench", made.id, now())
        survey_service.example_answers(session, opened, quarter, now())


def places(web: TestClient) -> list[str]:
    """Return the pages of an account: the first page's links and theirs, one of each kind.

    A link that leads to a fault is said.
    """
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        kind = "/".join(
            "*" if len(part) > 30 or part.startswith("exempel-") else part
            for part in path.split("/")
        )
        if kind in found or kind.startswith(("/static", "/en", "/feeds")) or "." in kind:
            continue
        answer = web.get(path)
        if answer.status_code >= 500:
            print(f"  {answer.status_code}: {path}")
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        found[kind] = path
        links = [part.split('"')[0] for part in answer.text.split('href="')[1:]]
        waiting += [link.split("#")[0].split("?")[0] for link in links if link.startswith("/")]
    return sorted(found.values())


def _heaviest(web: TestClient, database: Database, paths: list[str]) -> None:
    """Print the most that a page says and asks, and those that say or ask too much."""
    octets, asked = {}, {}
    for path in paths:
        with counted(database.engine) as statements:
            octets[path] = len(web.get(path).content)
        asked[path] = statements[0]
    print(f"  at most {max(octets.values()) // 1000} kB and {max(asked.values())} statements")
    for path in paths:
        if octets[path] > MOST_BYTES or asked[path] > MOST_STATEMENTS:
            print(f"  too much, {octets[path] // 1000} kB, {asked[path]} statements: {path}")


def main() -> None:
    """Print a line for each role and for the slowest pages."""
    parser = argparse.ArgumentParser(description="Measure the server time of every page.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument(
        "--large", action="store_true", help="290 RC and 5,000 people instead; with size and SQL."
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database=make_demo(Path(folder)), is_demo=True))
        gc.set_threshold(*RARELY)  # as `samkrets serve`
        settle()
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as web:
            database = app.state.database
            with database.transaction() as session:
                if not options.large:
                    add_years(session)
                people = {person.role: person.person_id for person in demo_people(session)}
            if options.large:
                grow(database)
            for role in (Role.PLANNER, Role.RC_MEMBER):
                with database.transaction() as session:
                    web.cookies.set("samkrets", open_session(session, people[role], "bench", now()))
                times: dict[str, list[float]] = {path: [] for path in places(web)}
                for _ in range(options.rounds):
                    for path, taken in times.items():
                        begun = time.perf_counter()
                        web.get(path)
                        taken.append(1000 * (time.perf_counter() - begun))
                if options.large:
                    _heaviest(web, database, list(times))
                every = [ms for taken in times.values() for ms in taken]
                p95 = statistics.quantiles(every, n=20)[-1]
                print(
                    f"{role.value}: {len(times)} pages, median {statistics.median(every):.0f} ms,"
                    f" p95 {p95:.0f} ms (goal {LARGE_GOAL_MS if options.large else GOAL_MS}), max {max(every):.0f} ms"
                )
                slowest = sorted(times, key=lambda path: -statistics.median(times[path]))[:5]
                for path in slowest:
                    print(f"  {statistics.median(times[path]):6.0f} ms  {path}")


if __name__ == "__main__":
    main()
