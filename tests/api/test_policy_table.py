"""Who may what: every route has a row in policy_table.csv, and the row is what the app does.

Words in the table: `yes` may; `sign-in` is led to the form (the API answers 401); `no` gets the same
404 as for what does not exist; `own` depends on whose it is: a thing that is nobody's answers 404;
`token` is decided by the secret in the address: an unknown one answers 404, or a page that says
that the link no longer holds.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.accounts.models import Role
from api.app import create_app
from api.kit.clock import now
from api.kit.settings import Settings
from api.kit.throttle.service import LOOK_BACK, forget
from api.v1.acts import ACTS, FILES
from api.v1.views import VIEWS
from tests.factories import make_member
from tests.web import Browser, browser

TABLE = Path(__file__).with_name("policy_table.csv")
VISITORS = ("anonymous", *(role.value for role in Role))
UNKNOWN = "00000000-0000-4000-8000-000000000000"
FIELDS = {
    "version": "1",
    "person_id": UNKNOWN,
    "partstat": "ACCEPTED",
}  # what routes ask for before they look at rights
BODIES: dict[str, dict[str, str]] = {
    "/api/v1/feeds/{feed_id}": {"label": "x"},
    "/api/v1/meetings/{meeting_id}/content/import": {"text": "x"},
}
BODY = {  # the same, for the API
    "version": 1,
    "starts_at": "2027-02-16T08:30:00Z",
    "ends_at": "2027-02-16T14:00:00Z",
    "layer": "likeness",
    "rc": "skaraborg",
    "to_group": 0,
}
WORDS = {"yes", "sign-in", "no", "own", "token"}


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    answers: dict[str, str]
    form: str = ""  # of an act or a file of the API: the page's own, which answers the same

    @property
    def body(self) -> dict[str, object]:
        """What an act or another request of the API is sent."""
        return {**BODY, **FIELDS} if self.form else dict(BODIES.get(self.path, BODY))


def _rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Row(line["method"], line["path"], {who: line[who] for who in VISITORS})
            for line in csv.DictReader(file)
        ]


def _acts(rows: list[Row]) -> list[Row]:
    """An act or a file of the API has the row of its page: the two have one policy."""
    by_path = {row.path: dict(row.answers) for row in rows if row.method == "POST"}
    for answers in by_path.values():
        if answers["anonymous"] == "token":
            answers["anonymous"] = "sign-in"  # nothing of the API is by the secret in an address
    acts = [Row("POST", f"/api/v1{act.path}", by_path[act.form], act.form) for act in ACTS]
    shown = {row.path: row.answers for row in rows if row.method == "GET"}
    files = [Row("GET", f"/api/v1{path}", shown[page], page) for page, path, _ in (*FILES, *VIEWS)]
    return [*acts, *files]


ROWS = [*_rows(), *_acts(_rows())]


def _routes(app: FastAPI) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in iter_route_contexts(app.routes):
        found |= {(method, str(route.path)) for method in set(route.methods or ()) - {"HEAD"}}
    return found


def test_every_route_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    app = create_app(Settings(database=f"sqlite:///{tmp_path}/x.db"))
    in_table = {(row.method, row.path) for row in ROWS}
    missing = sorted(_routes(app) - in_table)
    app.state.database.close()
    assert not missing, "add to tests/api/policy_table.csv: " + "; ".join(
        f"{method},{path},?,?,?,?,?" for method, path in missing
    )
    assert in_table == _routes(app), "rows without a route"
    assert len(in_table) == len(ROWS), "a route with two rows"


def test_the_table_uses_its_words_and_nobody_may_more_than_a_planner() -> None:
    for row in ROWS:
        assert set(row.answers.values()) <= WORDS, row
        if row.answers["planner"] in {"no", "sign-in"}:
            assert set(row.answers.values()) <= {"no", "sign-in"}, row


@pytest.fixture
def visitors(app: FastAPI) -> dict[str, Browser]:
    found = {"anonymous": browser(app)}
    for role in Role:
        with app.state.database.transaction() as session:
            person_id = make_member(session, role, rc_id=f"rc-{role}").person.id
        found[role.value] = browser(app, person_id)
    return found


def _faults(visitors: dict[str, Browser], row: Row) -> list[str]:
    path = re.sub(
        r"{[^}]+}", UNKNOWN, row.path.replace("{kind}", "csv").replace("{format}", "json")
    )
    has_place = UNKNOWN in path
    faults = []
    for who, word in row.answers.items():
        web = visitors[who]
        if row.method == "GET":
            answer = web.get(path)
        elif path.startswith("/api/"):
            answer = web.request(row.method, path, json=row.body)
        else:
            answer = web.request(row.method, path, data={"form_token": web.token(), **FIELDS})
        status = answer.status_code
        leads_to_form = answer.headers.get("location", "").startswith("/logga-in?next=")
        # A planner's form may be found faulty before its thing is looked for; nobody else's may.
        not_there = {404, 422} if who == "planner" and row.method != "GET" else {404}
        fits = {
            "sign-in": leads_to_form if status == 303 else status == 401,
            "no": status == 404,
            "own": status in not_there if has_place else status < 500 and status not in {401, 404},
            "token": status in ({404, 409} if row.method == "GET" else {404, 409, 422}),
            "yes": (status == 404 if has_place else status not in {401, 404})
            and not leads_to_form
            and (status < 500 or row.path == "/readyz"),  # it tells of tables made without Alembic
        }
        if not fits[word]:
            faults.append(f"{row.method} {path} as {who}: {status}, the table says {word}")
    return faults


def test_every_route_answers_each_role_as_its_row_says(
    visitors: dict[str, Browser], app: FastAPI
) -> None:
    signing_out_last = sorted(ROWS, key=lambda row: row.path == "/logga-ut")
    faults: list[str] = []
    for row in signing_out_last:
        if "token" in row.answers.values():  # guesses at secrets are counted, and soon refused
            with app.state.database.transaction() as session:
                forget(session, now() + 2 * LOOK_BACK)
        faults += _faults(visitors, row)
    assert not faults, "\n".join(faults)
