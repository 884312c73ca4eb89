"""Every mail in one hand: sender, subject, preview, one button, the same in text and HTML."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.kit.i18n import LANGUAGES, NO_BREAK, TIE, Language
from api.kit.mail import LONGEST_SUBJECT, TEMPLATES, sender_name, subject_of, texts
from tests.api.test_translations import TORN

NAMES = sorted(file.stem for file in TEMPLATES.glob("*.html"))
LONG = "Exempel: Likhetskrets 1.1: Rutiner för samtycke & samråd <mellan> myndigheter i hela länet"
URL = "https://samkrets.example/svar/abc"
# A text that a line may not break in, wherever a mail has a text of its page.
WHEN = "den 3 mars kl. 9"


class Page(SimpleNamespace):
    """Any mail's page: what its template asks for is a text, an address or a list, by its name."""

    def __getattr__(self, name: str) -> object:  # noqa: PLR0911 - one line a kind of name
        if name.endswith("url"):
            return URL
        if name.startswith(("is_", "has_", "asks_", "takes_")):
            return True
        if name in {"answered", "asked", "left", "minutes", "number"}:
            return 7
        if name == "lines":
            return (Page(), Page())
        if name in {"circles", "coming", "news", "parts"}:
            return (Page(),)
        if name in {"times", "materials"}:
            return (("Exempel & tid <x>", URL),)
        if name in {"buddy", "newcomer", "nch"}:
            return Page()
        return f"Exempel & {name} <x>"

    def __iter__(self) -> Iterator[str]:
        """Be a pair of texts too, such as when and what."""
        return iter(("Exempel & när <x>", "Exempel & vad <x>"))


class Timed(Page):
    """The same with a time in each text."""

    def __getattr__(self, name: str) -> object:
        """Return what a page has by that name."""
        found = super().__getattr__(name)
        return f"{found} {WHEN}" if isinstance(found, str) and found != URL else found


class _Words(HTMLParser):
    """The words that a reader of the HTML sees, without the preview and the head."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.buttons = 0
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"style", "title"} or given.get("aria-hidden"):
            self._hidden += 1
        if tag == "a":
            self.links.append(given["href"] or "")
        self.buttons += given.get("class") == "button"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "title"} or (tag == "div" and self._hidden):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)
            self.words += re.findall(r"\w+", data)


def seen(html: str) -> _Words:
    reader = _Words()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_text_says_what_the_html_says(name: str, language: Language) -> None:
    said = texts(name, language, Page(title=LONG, part="holds"))
    html = seen(said.html)
    shown = [word for word in re.findall(r"\w+", re.sub(r"https?://\S+", "", said.text)) if word]
    brand = [
        "Samkrets",
        *re.findall(r"\w+", "Nationellt centrum mot hedersrelaterat våld och förtryck (NCH)"),
    ]
    assert html.words[: len(brand)] == brand  # who it is from stands first
    assert html.words[len(brand) :] == shown
    assert sorted(html.links) == sorted(re.findall(r"https?://\S+", said.text))
    assert "<x>" not in said.html  # what people have written is text, never markup
    assert "&amp;" not in said.text


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_mail_breaks_inside_a_time_and_its_text_stays_as_it_is_typed(
    name: str,
) -> None:
    """What is tied is the HTML; the same words stand in the text part with plain blanks."""
    for language in LANGUAGES:
        said = texts(name, language, Timed(title=f"{LONG} {WHEN}", part="holds"))
        shown = seen(said.html).texts
        assert [text for text in shown if TORN.search(text)] == []
        assert sum(NO_BREAK in text for text in shown) > 0
        assert not re.search(TIE.replace(" ", NO_BREAK), said.text + said.subject)
        assert WHEN in said.text


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_is_short_and_a_mail_has_one_button_a_contact_and_a_reason(name: str) -> None:
    part = (
        "deputises" if name == "hand_over" else "holds"
    )  # others are told, and have nothing to press
    said = texts(name, "sv", Page(title=LONG, session=LONG, body=LONG, rc_name=LONG, part=part))
    assert len(said.subject) <= LONGEST_SUBJECT
    assert seen(said.html).buttons == (0 if name in {"digest", "log_head", "cancellation"} else 1)
    assert "funktionsbrevlada@example.org" in said.text
    assert re.search(r"Du får mejlet|stänga av veckobrevet|SAMKRETS_AUDIT_MAIL", said.text)
    preview = re.search(r'aria-hidden="true">([^&]+)', said.html)
    assert preview is not None
    assert preview[1].strip()


def test_what_and_when_stand_first_and_the_title_is_cut_at_a_word() -> None:
    assert subject_of("Inbjudan 12 jan 13.00", "Likhet 1.1") == "Inbjudan 12 jan 13.00: Likhet 1.1"
    cut = subject_of("Inbjudan 12 jan 13.00", LONG)
    assert cut.startswith("Inbjudan 12 jan 13.00: Exempel: Likhetskrets")
    assert cut.endswith("…")
    assert len(cut) <= LONGEST_SUBJECT


def test_mail_comes_from_the_authority_by_way_of_the_product(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sender_name() == "NCH via Samkrets"
    monkeypatch.setenv("SAMKRETS_AUTHORITY", "Länsstyrelsen i Exempel")
    monkeypatch.setenv("SAMKRETS_CONTACT_PHONE", "010-000 00 00")
    assert sender_name() == "Länsstyrelsen i Exempel via Samkrets"
    assert "Ring 010-000 00 00" in texts("sign_in", "sv", Page()).text


def test_every_mail_is_of_the_one_template() -> None:
    for name in NAMES:
        assert (
            (TEMPLATES / f"{name}.html")
            .read_text(encoding="utf-8")
            .startswith("{% extends layout %}")
        )
    assert [one.name for one in Path(TEMPLATES).iterdir() if one.is_dir()] == ["parts"]
