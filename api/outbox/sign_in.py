"""The mail that carries a one-time link."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts.news import SignInLinkMade
from api.kit.clock import now
from api.kit.db import base_url_of
from api.kit.mail import texts
from api.kit.pages import address
from api.outbox.models import URGENT
from api.outbox.service import Options, queue


@dataclass(frozen=True, slots=True)
class SignInMail:
    """What the mail shows."""

    name: str
    url: str
    minutes: int


def on_sign_in_link(session: Session, news: SignInLinkMade) -> None:
    """Queue the mail; its text is erased once it is sent, since it holds the link's token."""
    at = now()
    minutes = round((news.expires_at - at).total_seconds() / 60)
    url = base_url_of(session) + address(news.language, news.path)
    said = texts("sign_in", news.language, SignInMail(news.name, url, minutes))
    options = Options(is_secret=True, batch=URGENT)
    queue(session, news.email, said.subject, said.text, said.html, at, options)
