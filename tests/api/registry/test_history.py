"""An RC's facts over time: the picture's line and table say what the log says, and nothing before anything changed."""

import re

from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.registry.cells import write
from api.registry.facts import FACTS
from api.registry.models import Rc
from api.registry.service import correct
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser


def test_the_line_and_its_table_show_each_change_of_a_fact(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        reader = make_member(session, Role.READER).person.id
    web = browser(app, reader)
    assert "Läget över tid" not in web.get("/rc/skaraborg").text
    for changes in (
        {"establishment_status": "partly"},
        {"staffing": "Två på heltid", "n_municipalities": "15"},
        {"establishment_status": "operative"},
    ):
        with app.state.database.transaction() as session:
            rc = session.get_one(Rc, "skaraborg")
            cells = {fact.name: write(getattr(rc, fact.name)) for fact in FACTS} | changes
            correct(session, rc.id, rc.version, cells, "system", "exempel")
    page = web.get("/rc/skaraborg").text
    table = page[page.index('aria-label="Ändrade uppgifter"') :]
    rows = re.findall(r'<tr><td class="short">', table[: table.index("</table>")])
    with app.state.database.reading() as session:
        log = session.exec(select(AuditEntry).where(AuditEntry.subject_id == "skaraborg")).all()
        changed = [
            name
            for entry in log
            if entry.before and entry.action != "imported"
            for name, after in (entry.after or {}).items()
            if name != "sources" and entry.before.get(name) != after
        ]
    assert len(changed) >= 4
    assert len(rows) == len(changed)
    assert page.count('<circle class="trend-mark') == len(changed)
    assert "Två på heltid" in table
    (line,) = re.findall(r'<polyline class="trend-line operational" points="([^"]+)"', page)
    heights = [float(point.split(",")[1]) for point in line.split()]
    assert heights[-1] == min(heights)  # in operation is the highest line of the picture
    assert "State over time" in web.get("/en/rc/skaraborg").text
