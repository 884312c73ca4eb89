"""One question that a mail asks by a link: opening it fills a choice in and saves nothing, a button saves it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlmodel import Session

from api.accounts.service import hash_of
from api.kit.db import base_url_of
from api.kit.errors import FieldFault
from api.kit.i18n import Language, Speaker, later
from api.kit.pages import address

Answer = TypeVar("Answer")

OURS = later("Ert svar")


def new_link(session: Session, language: Language, path: str) -> tuple[str, str]:
    """Return what is kept of a new secret, SHA-256 in hexadecimal, and the address that a mail carries."""
    token = secrets.token_urlsafe(32)
    return hash_of(token), base_url_of(session) + address(language, f"{path}/{token}")


@dataclass(frozen=True, slots=True)
class Asked:
    """How the question stands on its page: templates/one_question.html shows it."""

    path: str  # of the link: the button posts there
    answers: tuple[tuple[str, str], ...]  # the word of each, and how it reads
    chosen: str = ""
    is_saved: bool = False
    is_open: bool = True  # there is still something to answer
    legend: str = OURS
    hint: str = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class OneQuestion(Generic[Answer]):
    """A kind of question: where its links lead, and the word of each answer in `?svar=`."""

    path: str
    words: Mapping[str, Answer]
    legend: str = OURS
    hint: str = ""

    def link(self, session: Session, language: Language) -> tuple[str, str]:
        """Return what is kept of a new link, and its address; `?svar=` and a word fills that answer in."""
        return new_link(session, language, self.path)

    def of_token(self, token: str) -> str:
        """Return the path of a link."""
        return f"{self.path}/{token}"

    def after(self, token: str) -> str:
        """Return the path that is shown when an answer has been saved."""
        return f"{self.of_token(token)}?sparat=true"

    def said(self, word: str) -> Answer:
        """Return the answer that was chosen.

        Raises:
            FieldFault: when none was.
        """
        if word not in self.words:
            raise FieldFault("svar", "Välj ett av alternativen.")
        return self.words[word]

    def asked(
        self,
        token: str,
        texts: Mapping[Answer, str],
        say: Speaker,
        *,
        word: str = "",
        standing: Answer | None = None,
        is_saved: bool = False,
        is_open: bool = True,
        faults: tuple[FieldFault, ...] = (),
    ) -> Asked:
        """Return how the question stands: what the address fills in, else what was answered before."""
        before = next((key for key, one in self.words.items() if one == standing), "")
        return Asked(
            path=self.of_token(token),
            answers=tuple((key, say.text(texts[one])) for key, one in self.words.items()),
            chosen=word if word in self.words else before,
            is_saved=is_saved,
            is_open=is_open,
            legend=say.text(self.legend),
            hint=say.text(self.hint) if self.hint else "",
            faults=faults,
        )
