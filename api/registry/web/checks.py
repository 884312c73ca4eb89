"""The pages on which an RC looks its facts through, NCH confirms them, and RC are laid side by side."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts.policy import insist, may_act_for_rc, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError, StaleError
from api.kit.i18n import Said, Speaker, later, swedish_order
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Posted, lead_to, render, shows, speaker_of
from api.outbox.acts import begin_act, with_receipt
from api.registry import checking, queries, service
from api.registry.checking import FACTS_OF, PARTS, Checked
from api.registry.facts import GROUPS, LABELS
from api.registry.models import CheckedBy, Rc
from api.registry.web.forms import cells_of
from api.registry.web.view import CheckLine, FormRow, Typed, fields_of, form_page, value_text

pages = APIRouter()
MOST_COMPARED = 4
OVERVIEW = "/planera/registret"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the facts: its fields, and whether it is looked through."""

    line: CheckLine
    rows: tuple[FormRow, ...]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """An RC's facts part by part, each with a button of its own."""

    rc: Rc
    action: str  # where a part is posted
    parts: tuple[Part, ...]
    is_linked: bool
    faulty: str = ""  # the part with faults
    faults: tuple[FieldFault, ...] = ()
    stale: bool = False

    @property
    def left(self) -> int:
        """How many parts wait."""
        return sum(not part.line.is_good for part in self.parts)


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One RC with its parts."""

    rc_id: str
    name: str
    lines: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """All RC, and how far each has looked its facts through."""

    headings: tuple[str, ...]
    rows: tuple[OverviewRow, ...]
    waiting: int  # RC that have not looked all through within the year


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Some RC side by side."""

    rcs: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[tuple[str, tuple[str, ...], bool], ...]], ...]
    """Heading and rows: label, a value for each RC, and whether they differ."""
    most: int = MOST_COMPARED


def lines(session: Transaction, say: Speaker, rc_id: str) -> tuple[CheckLine, ...]:
    """Return when each part of an RC's facts was last said to be right."""
    return _lines(say, checking.checked(session, [rc_id])[rc_id])


def _lines(say: Speaker, parts: dict[str, Checked]) -> tuple[CheckLine, ...]:
    at = now()
    return tuple(
        CheckLine(
            part=key,
            heading=say.text(PARTS[key]),
            said=_said(say, one),
            is_said=one.by_rc is not None or one.by_nch is not None,
            is_good=one.is_good(at),
            waits_for_nch=one.waits_for_nch,
        )
        for key, one in parts.items()
    )


def _said(say: Speaker, one: Checked) -> str:
    if one.by_rc is None and one.by_nch is None:
        return say.text("Inte bekräftat än")
    by_rc = say.date(one.by_rc.date()) if one.by_rc else ""
    by_nch = say.date(one.by_nch.date()) if one.by_nch else ""
    if by_rc and by_nch:
        return say.text("Bekräftat av RC:t %(day)s och av NCH %(other)s", day=by_rc, other=by_nch)
    if by_rc:
        return say.text("Bekräftat av RC:t %(day)s", day=by_rc)
    return say.text("Bekräftat av NCH %(day)s", day=by_nch)


@pages.get("/stammer/{token}")
def open_link(request: Request, session: Transaction, token: str) -> Response:
    """Show the facts that a mailed link is for; nothing is changed by looking."""
    rc, _ = checking.behind(session, token)
    return _page(request, session, rc, f"/stammer/{token}", is_linked=True)


@pages.post("/stammer/{token}")
def save_by_link(request: Request, session: Transaction, token: str, form: Posted) -> Response:
    """Save a part by the mailed link."""
    rc, link = checking.behind(session, token)
    actor = checking.actor_of(session, link)
    return _save(request, session, rc, form, (CheckedBy.RC, actor), f"/stammer/{token}")


@pages.get("/rc/{rc_id}/stammer")
@shows(CheckPage)
def look_through(
    request: Request, session: Transaction, viewer: SignedInViewer, rc_id: str
) -> Response:
    """Show the facts to those who act for the RC."""
    insist(may_act_for_rc(viewer, rc_id))
    rc = service.rc_for(session, viewer, rc_id)
    return _page(request, session, rc, f"/rc/{rc_id}/stammer", is_linked=False)


@pages.post("/rc/{rc_id}/stammer")
def save_part(
    request: Request, session: Transaction, viewer: SignedInViewer, rc_id: str, form: Posted
) -> Response:
    """Save a part: for the RC by its own people, for NCH by planners."""
    insist(may_act_for_rc(viewer, rc_id))
    rc = service.rc_for(session, viewer, rc_id)
    by = CheckedBy.RC if rc_id in viewer.rc_ids else CheckedBy.NCH
    who = (by, viewer.person_id)
    return _save(request, session, rc, form, who, f"/rc/{rc_id}/stammer")


@pages.post("/rc/{rc_id}/bekrafta/{part}")
def confirm(
    request: Request, session: Transaction, viewer: SignedInViewer, rc_id: str, part: str
) -> Response:
    """Confirm a part as NCH."""
    insist(may_plan(viewer))
    checking.confirm(session, rc_id, part, CheckedBy.NCH, viewer.person_id, now())
    return lead_to(request, f"/rc/{rc_id}#stammer")


@pages.get(OVERVIEW)
@shows(OverviewPage)
def overview(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show how far each RC has looked its facts through."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    register = sorted(queries.rcs(session), key=lambda rc: swedish_order(rc.name))
    known = checking.checked(session, [rc.id for rc in register])
    rows = tuple(OverviewRow(rc.id, rc.name, _lines(say, known[rc.id])) for rc in register)
    page = OverviewPage(
        headings=tuple(say.text(text) for text in PARTS.values()),
        rows=rows,
        waiting=sum(any(not line.is_good for line in row.lines) for row in rows),
    )
    return render(request, "registry/checks.html", page)


@pages.post(f"{OVERVIEW}/fraga", dependencies=[ACTS_ONCE])
def ask(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Ask those that have not looked their facts through within the year."""
    insist(may_plan(viewer))
    said = Said(later("Frågan är på väg."))
    begin_act(session, viewer.person_id, now(), said, OVERVIEW, with_mails=True)
    checking.ask(session, now())
    return lead_to(request, with_receipt(session, OVERVIEW))


@pages.get("/rc/jamfor")
@shows(ComparePage)
def compare(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    rc: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Lay RC side by side."""
    say = speaker_of(request)
    register = sorted(service.rcs_for(session, viewer), key=lambda one: swedish_order(one.name))
    wanted = [one for one in register if one.id in set(rc or ())][:MOST_COMPARED]
    groups = []
    for heading, facts in GROUPS:
        found = []
        for fact in facts:
            values = [value_text(say, fact.name, getattr(one, fact.name)) or "" for one in wanted]
            if any(values):
                found.append((say.text(LABELS[fact.name]), tuple(values), len(set(values)) > 1))
        if found:
            groups.append((say.text(heading), tuple(found)))
    page = ComparePage(
        rcs=tuple((one.id, one.name) for one in register),
        chosen=tuple(one.id for one in wanted),
        names=tuple((one.id, one.name) for one in wanted),
        groups=tuple(groups),
    )
    return render(request, "registry/compare.html", page)


def _page(
    request: Request,
    session: Transaction,
    rc: Rc,
    action: str,
    *,
    is_linked: bool,
    typed: dict[str, str] | None = None,
    faulty: str = "",
    error: FormError | StaleError | None = None,
) -> Response:
    say = speaker_of(request)
    register = queries.rcs(session)
    fields = fields_of(say, rc, register)
    if typed is not None:
        filled = form_page(say, rc, Typed(typed), register=register)
        fields |= {row.name: row for _, rows in filled.groups for row in rows if row.name in typed}
    page = CheckPage(
        rc=rc,
        action=action,
        parts=tuple(
            Part(line, tuple(fields[name] for name in FACTS_OF[line.part]))
            for line in lines(session, say, rc.id)
        ),
        is_linked=is_linked,
        faulty=faulty,
        faults=error.faults if isinstance(error, FormError) else (),
        stale=isinstance(error, StaleError),
    )
    return render(request, "registry/check.html", page, status=error.status if error else 200)


def _save(
    request: Request,
    session: Transaction,
    rc: Rc,
    form: Posted,
    who: tuple[CheckedBy, str],
    action: str,
) -> Response:
    part, version = str(form.get("part")), str(form.get("version"))
    number = int(version) if version.isdigit() else 0
    cells = cells_of(form)
    rc_id = rc.id
    try:
        checking.save(session, rc_id, part, number, cells, *who, now())
    except (FormError, StaleError) as error:
        undo(session)
        again = queries.rc(session, rc_id)
        own = {name: cell for name, cell in cells.items() if name in FACTS_OF.get(part, ())}
        return _page(
            request,
            session,
            again or rc,
            action,
            is_linked=action.startswith("/stammer/"),
            typed=own,
            faulty=part,
            error=error,
        )
    return lead_to(request, f"{action}#{part}")
