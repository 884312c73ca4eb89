"""School breaks: none until somebody enters them, on a page or from a file; a bad line changes nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.accounts.models import Role
from api.calendar.days import SCHOOL_BREAKS, SchoolBreak, parse_school_breaks, written_school_breaks
from api.kit.clock import now, today
from api.kit.errors import FieldFault
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.year.school_years import usual_year
from tests.factories import make_member
from tests.web import HIDDEN, Browser, browser

PAGE = "/planera/skollov"
LIST = "first,last,name\n2027-02-15,2027-02-19,Exempel sportlov\n"


@pytest.fixture
def web(app: FastAPI, tmp_path: Path) -> Iterator[Browser]:
    kept = app.state.settings
    app.state.settings = kept.model_copy(update={"data": tmp_path})
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    yield browser(app, person_id)
    app.state.settings = kept


def test_the_list_starts_empty_and_is_entered_as_text_or_as_a_file(
    web: Browser, tmp_path: Path
) -> None:
    assert "Inga skollov är inlagda än." in web.get(PAGE).text
    assert web.submit(PAGE, PAGE, {"text": LIST.replace("\n", "\r\n")}).status_code == 303
    assert (tmp_path / SCHOOL_BREAKS).read_text(encoding="utf-8") == LIST
    assert "(week 7)" in web.get(f"/en{PAGE}").text

    token = dict(HIDDEN.findall(web.get(PAGE).text))["form_token"]
    other = LIST.replace("-02-", "-03-").encode("utf-8-sig")
    file = {"file": ("lov.csv", other, "text/csv")}
    assert web.post(PAGE, data={"form_token": token}, files=file).status_code == 303
    assert "mars 2027 (vecka 11)" in web.get(PAGE).text


def test_a_year_being_planned_without_breaks_is_named_until_they_are_entered(
    app: FastAPI, web: Browser
) -> None:
    asked, later = usual_year(today()), today().year + 2
    assert f"Skolloven för {asked} är inte inlagda" in web.get(PAGE).text
    old = f"first,last,name\n{asked - 1}-02-15,{asked - 1}-02-19,Exempel sportlov\n"
    assert web.submit(PAGE, PAGE, {"text": old}).status_code == 303
    assert f"Skolloven för {asked} är inte inlagda" in web.get(PAGE).text, "last year's say nothing"

    with app.state.database.transaction() as session:
        for year, state in ((later, ProposalState.DRAFT), (later - 3, ProposalState.DRAFT)):
            session.add(_proposal(year, state))
        session.add(_proposal(later + 1, ProposalState.WITHDRAWN))
    assert f"Skolloven för {asked} och {later} är inte inlagda" in web.get(PAGE).text
    assert (
        f"The school holidays of {asked} and {later} have not been entered"
        in web.get(f"/en{PAGE}").text
    )
    refused = web.submit(PAGE, PAGE, {"text": "nonsense"})
    assert f"Skolloven för {asked} och {later} är inte inlagda" in refused.text

    lines = [f"{year}-02-15,{year}-02-19,Exempel sportlov" for year in (asked, later)]
    new = "\n".join(["first,last,name", *lines, ""])
    assert web.submit(PAGE, PAGE, {"text": new}).status_code == 303
    assert "är inte inlagda" not in web.get(PAGE).text


def _proposal(year: int, state: ProposalState) -> Proposal:
    return Proposal(
        kind=ProposalKind.YEAR,
        state=state,
        title=str(year),
        settings="{}",
        problem="{}",
        engine_version="1",
        time_limit_s=1.0,
        created_by="test",
        created_at=now(),
    )


def test_from_july_on_the_year_to_come_is_planned() -> None:
    assert usual_year(date(2027, 6, 30)) == 2027
    assert usual_year(date(2027, 7, 1)) == 2028


@pytest.mark.parametrize(
    "bad",
    [
        "first,last,name\n2027-02-30,2027-03-01,x\n",
        "first,last,name\n2027-02-19,2027-02-15,x\n",
        "first,last,name\n2027-01-01,2099-01-01,x\n",
        "first,last,name\n2027-02-19\n",
        "start,slut\n2027-02-15,2027-02-19\n",
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_changes_nothing(
    web: Browser, tmp_path: Path, bad: str
) -> None:
    web.submit(PAGE, PAGE, {"text": LIST})
    refused = web.submit(PAGE, PAGE, {"text": bad})
    assert refused.status_code == 422
    assert "Rad " in refused.text
    assert (tmp_path / SCHOOL_BREAKS).read_text(encoding="utf-8") == LIST


@given(st.text(max_size=200))
def test_any_text_is_read_as_breaks_or_refused_by_a_fault(text: str) -> None:
    try:
        found = parse_school_breaks(text)
    except FieldFault:
        return
    assert parse_school_breaks(written_school_breaks(found)) == found


def test_names_with_commas_and_quotes_are_kept() -> None:
    kept = (SchoolBreak(date(2028, 2, 29), date(2028, 3, 1), 'Exempel, "lov"'),)
    assert parse_school_breaks(written_school_breaks(kept)) == kept
