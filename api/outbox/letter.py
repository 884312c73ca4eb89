"""Every mail of ours in one hand: what it says as a record, and from it the subject, the text and the HTML.

The text part says what the HTML says, since both are made of the same record. A reader of many mails
sees the sender, what and when in the subject, time and place in the preview; one button, one contact.
"""

import re
from dataclasses import dataclass

from api.kit.i18n import Language, Speaker
from api.kit.mail import Texts, render
from api.kit.settings import Settings

LONGEST_SUBJECT = 60  # what a telephone shows
_SHORT = re.compile(r"\(([^()]+)\)\s*$")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its paragraphs; without a heading only the paragraphs."""

    paragraphs: tuple[str, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A text and where it leads."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a mail says, in its reader's language.

    subject: what and when first, see `subject_of`. preheader: time and place, shown after the subject in
    lists. facts: label and value (when, where, with whom, what is to be done). why: why the reader gets
    this. stop: the way to get it otherwise or not at all.
    """

    subject: str
    preheader: str
    lead: tuple[str, ...]
    greeting: str = ""
    title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: Link | None = None
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()
    small: tuple[str, ...] = ()
    why: str = ""
    stop: Link | None = None
    is_url_shown: bool = (
        False  # the button's address stands as text too: for who must see where it leads
    )


@dataclass(frozen=True, slots=True)
class _Page:
    sheet: Sheet
    authority: str
    contact: str


def letter(sheet: Sheet, language: Language) -> Texts:
    """Return a mail's subject, text and HTML."""
    say = Speaker(language)
    settings = Settings()
    page = _Page(sheet, settings.authority, contact_line(say))
    return Texts(
        subject=" ".join(sheet.subject.split()),
        text=_tidy(render("letter.txt", language, page)),
        html=render("letter.html", language, page),
    )


def contact_line(say: Speaker) -> str:
    """Return whom to ask: a telephone number where one is set, and the function mailbox."""
    settings = Settings()
    if settings.contact_phone:
        return say.text(
            "Frågor? Ring %(phone)s eller skriv till %(mail)s.",
            phone=settings.contact_phone,
            mail=settings.contact_mail,
        )
    return say.text("Frågor? Skriv till %(mail)s.", mail=settings.contact_mail)


def sender_name() -> str:
    """Return the name that mail comes from: "NCH via Samkrets"."""
    authority = Settings().authority
    found = _SHORT.search(authority)
    return f"{found[1] if found else authority} via Samkrets"


def subject_of(first: str, title: str) -> str:
    """Return "first: title" in 60 letters: the title is cut at a word, what and when never."""
    title = " ".join(title.split())
    room = LONGEST_SUBJECT - len(first) - 2
    if len(title) <= room:
        return f"{first}: {title}"
    kept = title[: max(room - 1, 0)]
    head, _, _ = kept.rpartition(" ")
    return f"{first}: {(head if len(head) > room // 2 else kept).rstrip(' ,.:;–-')}…"


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
