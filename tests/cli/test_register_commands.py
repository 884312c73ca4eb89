from pathlib import Path

from typer.testing import CliRunner

from api.cli import app


def _run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_shipped_register_is_imported_and_exported_for_matching(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    code, _, told = _run("import", "--shipped", "--database", url)
    assert code == 0
    assert "16 new, 0 changed, 0 unchanged, 0 wrong" in told

    code, out, _ = _run("export", "members", "--database", url)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 17)
    assert lines[0].split(",")[:5] == [
        "id",
        "phase_band",
        "model",
        "model_certainty",
        "log10_land_km2",
    ]

    code, _, _ = _run("export", "register", "--out", tmp_path / "r.xlsx", "--database", url)
    assert code == 0
    code, _, told = _run("import", tmp_path / "r.xlsx", "--database", url)
    assert code == 0
    assert "0 new, 0 changed, 16 unchanged, 0 wrong" in told


def test_a_wrong_file_is_told_line_by_line_and_nothing_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("rc_id,rc_name,county_code\na1,A,01\n")
    bad.write_text("rc_id,rc_name,county_code\nb1,,01\n")
    code, _, told = _run("import", good, bad, "--database", url)
    assert code == 2
    expected = "line 2: rc_name: '': expected a value, since this column may not be empty"
    assert f"{bad}: {expected}" in told
    _, out, _ = _run("export", "members", "--database", url)
    assert len(out.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_not_said_to_have_no_wrong_lines(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    short = {"rc": "rc_id,rc_name,population\nskane,Skåne\n", "contacts": "body_kind;body\nrc\n"}
    for name, text in short.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(text)
        code, _, told = _run("import", "--dry-run", file, "--database", url)
        assert code == 2
        assert f"{file}: no lines read" in told
        assert "0 wrong" not in told


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    code, _, told = _run("import", "--shipped", "--dry-run", "--database", url)
    assert (code, told.splitlines()[-1]) == (0, "Dry run: nothing was written.")
    _, out, _ = _run("export", "members", "--database", url)
    assert len(out.splitlines()) == 1


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    code, _, told = _run("import", tmp_path / "no.csv", "--database", f"sqlite:///{tmp_path}/r.db")
    assert code == 2
    assert told == f"{tmp_path}/no.csv: cannot be read: No such file or directory\n"
