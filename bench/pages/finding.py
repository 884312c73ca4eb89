"""`python -m bench.pages.finding [--database URL]`: a search in 10,000 entries, as a planner and as an RC member.

The database (an empty one; default a SQLite file) gets the register and 10,000 things of every kind that
can be found: posts, circles' and national meetings, questions with answers, frequent ones, links, mails,
themes and the log. Each query is asked through the page, in one process; of each kind of query stand the median, the
95th percentile and the worst answer, and the processor time of that process, which says more on a busy machine.
"""

import argparse
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from sqlmodel import Session, func, select

from api.accounts.models import Body, BodyKind, Function, FunctionKind, Person, Role
from api.accounts.service import open_session
from api.app import create_app
from api.front.home.finding import write_whole
from api.kit.clock import now
from api.kit.finding.models import SearchEntry
from api.kit.settings import Settings
from api.library.models import Material, ReadBy
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.migrations import upgrade
from api.outbox.service import queue
from api.questions.models import Answer, Audience, Frequent, Question
from api.registry.service import import_shipped
from api.surveys.models import Theme

GOAL_MS, ROUNDS = 100, 20
WORDS = (
    "samtycke", "sekretess", "avtal", "samverkan", "rutin", "blankett", "polis", "åklagare", "region",
    "skola", "handläggning", "orosanmälan", "barnahus", "kommun", "stöd", "skydd", "placering", "chatt",
    "telefon", "utbildning", "nätverk", "studiebesök", "finansiering", "ansökan",
)  # fmt: skip
QUERIES = {
    "a word": ("samtycke", "örebro", "exempel", "2026"),
    "another ending": ("blanketterna",),
    "several words": ("sekretess polis", "barnahus region skola", "samordnare skåne"),
    "a misspelt word": ("avtla", "sekretes", "polsi"),
    "a letter": ("e",),
    "what is not there": ("ingenting sådant",),
}


def _post(session: Session, number: int, role: Role, rc_id: str | None) -> Person:
    kind = BodyKind.RC if rc_id else BodyKind.NCH
    body = Body(kind=kind, name=f"Exempel {number}", rc_id=None)
    person = Person(name=f"Exempel Person{number}", email=f"person{number}@example.org")
    session.add_all([body, person])
    session.flush()
    function = FunctionKind.PLANNER if role is Role.PLANNER else FunctionKind.COORDINATOR
    session.add(
        Function(body_id=body.id, kind=function, title="Samordnare", role=role, holder_id=person.id)
    )
    return person


def fill(session: Session, chance: random.Random) -> dict[Role, str]:
    """Put 10,000 things in; return a person of each role that asks."""
    at = now()
    import_shipped(session, "bench")
    planner = _post(session, 0, Role.PLANNER, None)
    member = _post(session, 1, Role.RC_MEMBER, None)
    home = session.exec(select(Body).where(Body.name == "Exempel 1")).one()
    home.kind, home.rc_id = BodyKind.RC, "skaraborg"
    session.flush()
    asker = session.exec(select(Function).where(Function.holder_id == member.id)).one().id

    def said(many: int) -> str:
        return " ".join(chance.choices(WORDS, k=many))

    for number in range(2, 802):
        _post(session, number, Role.GUEST, None)
    theme = Theme(id="bench", name_sv="Exempel", name_en="Example", category="legal", roles=[], phases=[], formats=[])  # fmt: skip
    session.add(theme)
    session.flush()
    for number in range(1500):
        start = at + timedelta(days=chance.randrange(-900, 300))
        session.add(
            Meeting(
                kind=MeetingKind.NATIONAL,
                name_sv=f"Exempel: {said(3)}",
                name_en=f"Example: {said(3)}",
                focus_sv=said(8),
                focus_en=said(8),
                form=MeetingForm.DIGITAL,
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                state=MeetingState.PUBLISHED if number % 5 else MeetingState.DRAFT,
            )
        )
    for number in range(1200):
        to = (Audience.ALL, Audience.NCH)[number % 2]
        asked = Question(function_id=asker, rc_id="skaraborg" if number % 4 else "jamtland", audience=to, text=said(30), asked_at=at)  # fmt: skip
        session.add(asked)
        session.flush()
        session.add(Answer(question_id=asked.id, function_id=asker, text=said(60), answered_at=at))
    session.add_all(
        Frequent(question=said(20), answer=said(80), offered_at=at, published_at=at)
        for _ in range(300)
    )
    session.add_all(
        Material(
            theme_id="bench",
            read_by=ReadBy.ALL,
            title=said(4),
            address=f"https://example.org/{number}",
            added_at=at,
        )
        for number in range(1500)
    )
    for number in range(4700):
        queue(session, f"person{number}@example.org", said(5), "Exempel", "", at)
    session.flush()
    return {Role.PLANNER: planner.id, Role.RC_MEMBER: member.id}


def main() -> None:
    """Print how long the index takes to write and the answers to each kind of query."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder)}/finding.db"
        upgrade(url)
        app = create_app(Settings(database=url, is_demo=True))
        with TestClient(app, base_url="http://127.0.0.1") as web:
            database = app.state.database
            with database.transaction() as session:
                people = fill(session, random.Random(0))
            begun = time.perf_counter()
            write_whole(database)
            written = time.perf_counter() - begun
            with database.reading() as session:
                number = session.exec(select(func.count()).select_from(SearchEntry)).one()
            print(f"{number} entries, written in {written:.1f} s")
            for role, person in people.items():
                with database.transaction() as session:
                    web.cookies.set("samkrets", open_session(session, person, "bench", now()))
                print(f"{role.value}, goal {GOAL_MS} ms")
                for kind, queries in QUERIES.items():
                    taken, used = [], time.process_time()
                    for query in queries * ROUNDS:
                        begun = time.perf_counter()
                        answer = web.get("/sok", params={"q": query}, headers={"X-Part": "found"})
                        taken.append(1000 * (time.perf_counter() - begun))
                        assert answer.status_code == 200  # noqa: S101 - a bench that measures refusals is none
                    cpu = 1000 * (time.process_time() - used) / len(taken)
                    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
                    print(
                        f"  {kind:18} median {statistics.median(taken):4.0f}, p95 {p95:4.0f},"
                        f" worst {max(taken):4.0f} ms; {cpu:3.0f} of processor"
                    )


if __name__ == "__main__":
    main()
