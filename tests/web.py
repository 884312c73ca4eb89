"""A browser without script for tests: pages, forms with their hidden fields, and signing in."""

import re
import threading
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts.service import open_session
from api.kit.clock import now
from api.kit.db import Database
from api.kit.i18n import JOINER, NO_BREAK, TIE

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


# What `tied` ties; what a formatter itself holds together stays as it is: 1\u00a0424, 3,5\u00a0tim.
_TIES = re.compile(TIE.replace(" ", NO_BREAK))


class Browser(TestClient):
    """A TestClient that fills forms in as they stand on a page, and reads what is tied on it as plain words."""

    def request(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as TestClient has it
        """Ask as a TestClient does; the blanks that `api.kit.i18n.tied` put in are blanks again."""
        answer = super().request(*args, **named)
        if answer.headers.get("content-type", "").startswith("text/html"):
            answer._content = _TIES.sub(" ", answer.content.decode().replace(JOINER, "")).encode()
        return answer

    _token: tuple[str | None, str] | None = None  # whose session's, and the token

    def token(self) -> str:
        """Return a token for forms that are sent as they are; one page's is good for as long as the session."""
        session = self.cookies.get("samkrets")
        if self._token is None or self._token[0] != session:
            self._token = session, dict(HIDDEN.findall(self.get("/logga-in").text))["form_token"]
        return self._token[1]

    def submit(
        self, page: str, action: str, data: Mapping[str, str | list[str]] | None = None
    ) -> Any:  # noqa: ANN401 - httpx2's Response
        """GET `page`, then POST the form token found there with `data` to `action`."""
        token = dict(HIDDEN.findall(self.get(page).text))["form_token"]
        return self.post(action, data={"form_token": token, **(data or {})})


def browser(app: FastAPI, person_id: str | None = None) -> Browser:
    """A browser on the app, signed in as the person where one is given."""
    made = Browser(app, follow_redirects=False, raise_server_exceptions=False)
    if person_id is not None:
        database: Database = app.state.database
        with database.transaction() as session:
            made.cookies.set("samkrets", open_session(session, person_id, "test", now()))
    return made


def press(web: Browser, page: str, action: str, form: Mapping[str, str], times: int) -> list[Any]:
    """Press the same button of the same page several times at once; return all answers."""
    data = {"form_token": dict(HIDDEN.findall(web.get(page).text))["form_token"], **form}
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(web.post(action, data=data)))
        for _ in range(times)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
