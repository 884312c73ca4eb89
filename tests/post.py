"""The post of a test's service: what is due goes to a real SMTP server, and what came is read as its receivers do."""

import re
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

from fastapi import FastAPI

from api.kit.clock import now
from api.kit.mail import Server
from api.outbox.holding import release_due
from api.outbox.sending import send_due
from tests.api.outbox.test_outbox import parsed
from tests.links import rows
from tests.web import browser


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class Postman:
    """Brings the post; opens every link of every mail twice, as scanners do, and sees that nothing changed."""

    def __init__(self, app: FastAPI, server: Server, taken: list[bytes]) -> None:
        self.app, self.server, self.taken = app, server, taken
        self.seen = self.opened = 0
        self.address = re.compile(re.escape(app.state.settings.base_url) + r"(/[^\s>]*)")

    def post(self) -> list[EmailMessage]:
        """Let what is due go, and return what came."""
        release_due(self.app.state.database, now)
        # In a thread of its own: where a browser is open, this one has a running loop already.
        with ThreadPoolExecutor(1) as other:
            send = (self.app.state.database, self.server, "samkrets@example.org", now)
            other.submit(send_due, *send).result()
        new = [parsed(one) for one in self.taken[self.seen :]]
        self.seen = len(self.taken)
        self._open_twice(new)
        return new

    def paths(self, message: EmailMessage) -> list[str]:
        """Return where the links of a mail lead, without the service's address."""
        return [str(one) for one in self.address.findall(text_of(message))]

    def _open_twice(self, mails: list[EmailMessage]) -> None:
        links = sorted({one for mail in mails for one in self.paths(mail)})
        if not links:
            return
        nobody, before = browser(self.app), rows(self.app)
        for path in links:
            assert {nobody.get(path).status_code for _ in range(2)} <= {200, 303}, path
        self.opened += len(links)
        assert rows(self.app) == before
