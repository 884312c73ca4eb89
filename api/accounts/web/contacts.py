"""The page that reads contacts from a file: check first, then bring in."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from api.accounts import contacts
from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.pages import render
from api.kit.table_file import MOST_BYTES, Outcome

pages = APIRouter()

OUTCOME_NAMES = {
    Outcome.NEW: "ny",
    Outcome.CHANGED: "ändrad",
    Outcome.UNCHANGED: "oförändrad",
    Outcome.WRONG: "fel",
}


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """The form, the columns it takes, and the report on the last file."""

    required: tuple[str, ...] = contacts.REQUIRED
    optional: tuple[str, ...] = contacts.OPTIONAL
    report: contacts.ContactsReport | None = None
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
        session, content, viewer.person_id, now(), dry_run=action != "write"
    )
    status = 422 if report.is_faulty else 200
    return render(request, "accounts/contacts.html", ContactsPage(report=report), status=status)
