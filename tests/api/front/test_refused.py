"""A form that is refused comes back on its page: what was typed is in it, and the true reason beside its field."""

import re
from collections.abc import Iterator

import pytest

from api.front.home.refused import Reason, Refusal, filled_in
from tests.security.forms import Form, forms_of
from tests.security.test_foreign_fields import ID, World, _looked_at_and_undone, _walk, world

__all__ = ["world"]

TYPED = {"date", "email", "number", "search", "tel", "text", "textarea", "time", "url"}
WRITTEN = "Exempel: det här har jag skrivit"

PAGE = """<h1>Enkät</h1>
<details class="ask"><summary>Ändra</summary><details><summary>Mer</summary>
<form method="post" action="/a/b?x=1"><input type="hidden" name="rc" value="skane">
<label for="day">Ny <b>dag</b></label><input id="day" name="day" type="date" value="2027-01-01" aria-describedby="h">
<textarea id="why" name="why">Gammalt</textarea>
<select id="kind" name="kind"><option value="">-</option><option value="x" selected>X</option><option value="y">Y</option></select>
<input type="radio" name="how" value="1" checked><input type="radio" name="how" value="2">
<input type="checkbox" name="who" value="a" checked><input type="checkbox" name="who" value="b">
<input type="file" name="file"><button name="then" value="go">Spara</button></form></details></details>
<form method="post" action="/a/b"><input type="hidden" name="rc" value="uppsala"><input id="other" name="day" type="date"></form>"""


SECOND = [("rc", "uppsala"), ("day", "2020-01-01")]


def _refusal(*reasons: Reason) -> Refusal:
    return Refusal("Kontrollera formuläret", reasons, "/a", "Fel:")


def test_every_kind_of_field_keeps_what_was_chosen_and_the_fold_is_open() -> None:
    typed = [
        ("rc", "skane"),
        ("day", '2020"<x>'),
        ("why", "\nTvå\nrader & <b>"),
        ("kind", "y"),
        ("how", "2"),
        ("who", "b"),
    ]
    page = filled_in(PAGE, "/a/b", typed, _refusal(Reason("day", "Välj <senare>.")))
    assert page is not None
    assert '<details class="ask" open>' in page
    assert "<details open>" in page
    first, second = forms_of(page)
    assert first.fields == {
        "rc": "skane",
        "day": '2020"<x>',
        "why": "\n\nTvå\nrader & <b>",  # a browser drops the first line break of a text field
        "kind": "y",
        "how": "2",
        "who": "b",
    }
    assert second.fields == {"rc": "uppsala", "day": ""}
    assert '<li><a href="#day">Ny dag: Välj &lt;senare&gt;.</a></li>' in page
    assert page.count('id="refusal"') == 1
    day = re.search(r'<input id="day"[^>]*>', page)
    assert day is not None
    assert 'aria-describedby="refused-day h"' in day[0]
    assert 'aria-invalid="true"' in day[0]


def test_of_several_forms_with_one_address_the_one_that_was_sent_is_filled_in() -> None:
    page = filled_in(PAGE, "/a/b", SECOND, _refusal(Reason("", "Nej.")))
    assert page is not None
    first, second = forms_of(page)
    assert (first.fields["day"], second.fields["day"]) == ("2027-01-01", "2020-01-01")
    assert '<p class="fault" id="refused-0">' in page
    assert 'href="#other"' in page


def test_a_page_without_the_form_or_with_nothing_to_keep_is_left_alone() -> None:
    button = '<h1>A</h1><form method="post" action="/a/b"><button>Stäng</button></form>'
    for page in ("<h1>A</h1>", button, button.replace("<h1>A</h1>", "")):
        assert filled_in(page, "/a/b", [], _refusal(Reason("", "Nej."))) is None


def test_a_page_that_says_its_faults_itself_is_only_filled_in() -> None:
    page = filled_in(PAGE, "/a/b", SECOND)
    assert page is not None
    assert page == PAGE.replace(
        '<input id="other" name="day" type="date">',
        '<input id="other" name="day" type="date" value="2020-01-01">',
    )


def _wrong(form: Form) -> Iterator[dict[str, str]]:
    """Yield what somebody may send by mistake: words where they do not fit, and far too many."""
    written = {name: WRITTEN for name, kind in form.kinds.items() if kind in TYPED}
    yield {**form.fields, **written}
    yield {**form.fields, **written, next(iter(written)): f"{WRITTEN}. " * 400}


def _of_each_kind(found: list[tuple[str, Form]]) -> list[tuple[str, Form]]:
    """Return one form of each kind: forty themes have a form each."""
    kinds = {
        re.sub(r"/amnen/[^/]+", "/amnen/*", ID.sub("*", form.action)): (page, form)
        for page, form in found
    }
    return list(kinds.values())


@pytest.mark.parametrize("who", ["planner", "member"])
def test_no_refused_form_loses_what_was_typed(world: World, who: str) -> None:
    web, lost, kept = world.visitors[who], [], 0
    with _looked_at_and_undone(world, frozenset()):
        for page, form in _of_each_kind(_walk(world, who)):
            if not any(kind in TYPED for kind in form.kinds.values()):
                continue
            for fields in _wrong(form):
                answer = web.post(form.action, data=fields)
                assert answer.status_code < 500, (form.action, fields)
                if answer.status_code in {403, 409, 413, 422}:
                    is_kept = WRITTEN in answer.text and 'class="lost"' not in answer.text
                    kept += is_kept
                    if not is_kept:
                        lost.append(
                            f"{form.action} of {page}: {answer.status_code} {sorted(fields)}"
                        )
    assert kept > 10
    assert not lost, "\n".join(lost)
