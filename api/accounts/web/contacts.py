"""The page that reads contacts from a file: check first, then bring in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from api.accounts import contacts
from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.accounts.web import overview
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.kit.pages import language_of, render, speaker_of
from api.kit.table_file import MOST_BYTES, Change, Outcome

pages = APIRouter()

OUTCOME_NAMES = {
    Outcome.NEW: "ny",
    Outcome.CHANGED: "ändrad",
    Outcome.UNCHANGED: "oförändrad",
    Outcome.WRONG: "fel",
}


COLUMN_NAMES = {
    "body": "Organisation",
    "body_kind": "Slags organisation",
    "rc_id": "RC",
    "county_codes": "Län",
    "function": "Funktion",
    "function_kind": "Slags funktion",
    "role": "Roll",
    "mailbox": "Funktionsbrevlåda",
    "holder_name": "Namn på den som har funktionen",
    "holder_email": "Har funktionen",
    "holder_phone": "Telefon till den som har funktionen",
    "deputy_name": "Ersättarens namn",
    "deputy_email": "Ersättare",
    "deputy_phone": "Ersättarens telefon",
}
# A cell's code as a page says it, by column.
_SAID: Mapping[str, Mapping[str, str]] = {
    "body_kind": {kind.value: name for kind, name in overview.BODY_NAMES.items()},
    "function_kind": {kind.value: name for kind, name in overview.FUNCTION_NAMES.items()},
    "role": {role.value: name for role, name in overview.ROLE_NAMES.items()},
}


def _said(change: Change, counties: Mapping[str, str], say: Speaker) -> Change:
    """Return a change in the words of a page: the column's name, and what its codes mean."""

    def text(cell: str) -> str:
        if change.column == "county_codes":
            return say.listing(counties.get(code, code) for code in cell.split())
        known = _SAID.get(change.column, {}).get(cell)
        return say.text(known) if known else cell

    return Change(say.text(COLUMN_NAMES[change.column]), text(change.before), text(change.after))


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """The form, the columns it takes, and the report on the last file."""

    required: tuple[str, ...] = contacts.REQUIRED
    optional: tuple[str, ...] = contacts.OPTIONAL
    report: contacts.ContactsReport | None = None
    changes: Mapping[int, tuple[Change, ...]] = field(default_factory=dict)
    """What each line does, in the page's words."""
    outcome_names: tuple[tuple[Outcome, str], ...] = tuple(OUTCOME_NAMES.items())

    def outcome(self, line: contacts.LineReport) -> str:
        """Return what a line does, as a Swedish source text."""
        return OUTCOME_NAMES[line.outcome]


@pages.get("/organisationer/las-in")
def contacts_form(request: Request, viewer: SignedInViewer) -> Response:
    """Show the form."""
    insist(may_plan(viewer))
    return render(request, "accounts/contacts.html", ContactsPage())


@pages.post("/organisationer/las-in")
def read_contacts(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    file: Annotated[UploadFile | None, File()] = None,
    action: Annotated[str, Form()] = "check",
) -> Response:
    """Check a file, or bring it in; the report shows every line."""
    insist(may_plan(viewer))
    content = file.file.read(MOST_BYTES + 1) if file is not None else b""
    report = contacts.import_contacts(
        session,
        content,
        viewer.person_id,
        now(),
        request.app.state.register,
        dry_run=action != "write",
    )
    status = 422 if report.is_faulty else 200
    say, counties = speaker_of(request), dict(request.app.state.counties(language_of(request)))
    changes = {
        line.line: tuple(_said(one, counties, say) for one in line.changes) for line in report.lines
    }
    page = ContactsPage(report=report, changes=changes)
    return render(request, "accounts/contacts.html", page, status=status)
