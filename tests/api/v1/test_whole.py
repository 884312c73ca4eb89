"""Everything that the pages do is an act of the API, or is excused with its reason."""

from api.v1.acts import ACTS, EXCUSED, FILES
from api.v1.resources import RESOURCES
from api.v1.views import UNSHOWN, VIEWS
from tests.api.test_policy_table import ROWS


def test_every_form_of_the_pages_is_an_act_or_is_excused() -> None:
    forms = {row.path for row in ROWS if row.method == "POST" and not row.path.startswith("/api/")}
    acts = [act.form for act in ACTS]
    assert len(acts) == len(set(acts))
    assert len({act.path for act in ACTS}) == len(acts)
    missing = sorted(forms - set(acts) - EXCUSED.keys())
    assert not missing, f"name them in api/v1/acts.py: {missing}"
    assert not set(acts) & EXCUSED.keys()
    assert set(acts) | EXCUSED.keys() <= forms, "an act of a form that is gone"


def test_every_page_is_a_read_of_the_api_or_is_excused() -> None:
    pages = {row.path for row in ROWS if row.method == "GET" and not row.path.startswith("/api/")}
    pages -= {path for path in pages if "{token}" in path}  # a mailed link is one person's own
    read = {*RESOURCES, *(page for page, _, _ in (*FILES, *VIEWS))}
    missing = sorted(pages - read - UNSHOWN.keys())
    assert not missing, f"name them in api/v1/views.py: {missing}"
    assert not read & UNSHOWN.keys()
    assert read | UNSHOWN.keys() <= pages, "a read of a page that is gone"
    paths = [path for _, path, _ in VIEWS]
    assert len(paths) == len(set(paths))
