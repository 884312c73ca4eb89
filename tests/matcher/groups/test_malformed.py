"""A thousand malformed files: every one is answered with faults or a problem, never with another error."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.commands.engine.matching import members_table
from matcher.documents.text import read_json
from matcher.errors import InvalidProblemError
from matcher.groups.files.codec import read_problem
from matcher.groups.files.members import Shorthand, read_members

MEMBERS = 'id,phase,area,lat,lon\na,low,1.5,59.3,18.1\nb,mid,,57.7,12\n"c, d",high,7,,\n'
PROBLEM = (
    '{"members": [{"id": "a", "values": {"x": 1, "g": [59, 18]}, "certainty": {"x": 0.5}},'
    ' {"id": "b", "operational": true, "most_networks": 1, "opt_out": ["one"]}],'
    ' "layers": [{"name": "one", "sizes": [2, 3], "weights": {"x": 2}, "together": [["a", "b"]],'
    ' "history": [[["a", "b"]]], "longest_travel": {"km": 100}}], "giver_cap": 2}'
)
SCRAPS = st.sampled_from(
    [
        *',";\n\r\0\t=<-{}[]:',
        "nan",
        "-1",
        "1e999",
        "9" * 400,
        "å",
        "\ud7ff",
        "id",
        "lat",
        "null",
        "\u2028",
    ]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), SCRAPS), min_size=1, max_size=6)


def edited(text: str, edits: list[tuple[float, int, str]]) -> str:
    for share, cut, scrap in edits:
        place = int(share * len(text))
        text = text[:place] + scrap + text[place + cut :]
    return text


@settings(max_examples=600)
@given(
    EDITS, st.sampled_from(["gower", "sqeuclidean"]), st.sampled_from(["", "area=1", "geography=2"])
)
def test_malformed_members_files_end_in_faults(
    edits: list[tuple[float, int, str]], metric: str, weights: str
) -> None:
    options = Shorthand(metric="gower" if metric == "gower" else "sqeuclidean", weights=weights)
    with suppress(InvalidProblemError):
        read_members(members_table(edited(MEMBERS, edits).encode(errors="surrogatepass")), options)


@settings(max_examples=400)
@given(EDITS)
def test_malformed_problems_end_in_faults(edits: list[tuple[float, int, str]]) -> None:
    with suppress(InvalidProblemError):
        read_problem(read_json(edited(PROBLEM, edits)))


@settings(max_examples=200)
@given(
    st.text(max_size=12),
    st.text(max_size=12),
    st.text(max_size=12),
    st.text(max_size=12),
)
def test_any_text_in_an_option_ends_in_faults(
    sizes: str, weights: str, ordered: str, together: str
) -> None:
    options = Shorthand(
        sizes=sizes, weights=weights, ordered=(ordered,), together=(together,), unknown=sizes
    )
    with suppress(InvalidProblemError):
        read_members(members_table(MEMBERS.encode()), options)


NO_JSON = {
    '{"a": 1, "a": 2}': '$: got "a" twice in an object; expected each name once',
    '{"ö": 1, "o\u0308": 2}': '$: got "ö" twice in an object; expected each name once',
    '{"a": NaN}': "$: got NaN; expected a finite number",
    '{"a": 1e999}': "$: got 1e999; expected a number that a 64-bit float can hold",
    '{"a" 1}': "line 1, column 6: got \"1}\"; expected JSON (expecting ':' delimiter)",
    '{"a": 1': "line 1, column 8: got the end of the text; expected JSON (expecting ',' delimiter)",
}


@pytest.mark.parametrize("text", NO_JSON)
def test_what_is_no_json_is_told_by_what_stands_there(text: str) -> None:
    with pytest.raises(InvalidProblemError) as caught:
        read_json(text)
    assert str(caught.value) == NO_JSON[text]


def test_texts_of_a_document_are_composed_as_the_cells_of_a_table_are() -> None:
    assert read_json('{"o\u0308": ["a\u030a", {"b": "A\\u030a"}]}') == {"ö": ["å", {"b": "Å"}]}


VALUES = {
    '["r"]': 'member a, attribute x: got ["r"]; expected a text',
    '["r", "s"]': 'member a, attribute x: got ["r", "s"]; expected a text',
    "[59, 18]": "member a, attribute x: got [59, 18]; expected a text",
}


@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_another_kind_is_told_as_the_file_has_it(value: str) -> None:
    text = f'{{"members": [{{"id": "a", "values": {{"x": {value}}}}}, {{"id": "b", "values": {{"x": "r"}}}}]}}'
    with pytest.raises(InvalidProblemError) as caught:
        read_problem(read_json(text))
    assert str(caught.value) == VALUES[value]
