"""A table whose rows are cards on a phone: each cell says its column's heading."""

from markupsafe import Markup

from api.kit.pages import stacked


def test_each_cell_of_the_body_says_its_heading_and_what_is_empty_is_marked() -> None:
    table = Markup(
        '<thead><tr><th scope="col"><a href="?sort=a">RC</a> ▲</th><th scope="col" class="number">A &amp; B</th>'
        '<th scope="col">Mer</th></tr></thead>\n<tbody><tr><th scope="row">Skåne</th><td class="number">1</td>'
        "<td><p>–</p></td></tr>\n<tr><th>Uppsala</th><td></td><td><input></td></tr>"
        '<tr><th>Örebro</th><td colspan="2">paus</td></tr></tbody>'
    )
    head, _, body = stacked(table).partition("</thead>")
    assert head == table.partition("</thead>")[0]
    assert body == (
        '\n<tbody><tr><th scope="row">Skåne</th><td class="number" data-label="A &amp; B">1</td>'
        '<td data-label="Mer" data-nothing><p>–</p></td></tr>\n'
        '<tr><th>Uppsala</th><td data-label="A &amp; B" data-nothing></td><td data-label="Mer"><input></td></tr>'
        '<tr><th>Örebro</th><td colspan="2">paus</td></tr></tbody>'
    )


def test_what_comes_after_the_first_cells_is_folded_under_the_row_s_name() -> None:
    table = Markup(
        '<thead><tr><th scope="col">RC</th><th scope="col">Med</th><th scope="col">Mer</th></tr></thead>'
        '<tbody><tr><th scope="row">Skåne</th><td>Uppsala</td><td>text</td></tr></tbody>'
    )
    assert stacked(table, 1).partition("</thead>")[2] == (
        '<tbody><tr><th scope="row"><span class="on-rows">Skåne</span>'
        '<details class="on-cards"><summary>Skåne</summary></details></th>'
        '<td data-label="Med">Uppsala</td><td data-later data-label="Mer">text</td></tr></tbody>'
    )
