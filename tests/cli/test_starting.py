"""What starts loads no more than it needs: the list of commands none of them, the service no solver."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli import COMMANDS, app

# What takes long to load and most processes never use: solvers, spreadsheets, the job engine, clusters.
HEAVY = frozenset(
    {
        *("ortools", "pandas", "scipy", "openpyxl", "xlsxwriter", "segno", "dbos"),
        *("distributed", "dask", "authlib", "uvicorn"),
    }
)


def _loaded(script: str) -> set[str]:
    """Return which heavy packages a new process has loaded at the end of a script."""
    telling = f"{script}\nimport sys; print('loaded', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", telling], check=True, capture_output=True, text=True
    )
    [*_, last] = done.stdout.splitlines()
    assert last.startswith("loaded ")
    return {name.partition(".")[0] for name in last.split()} & HEAVY


def test_the_list_of_commands_loads_none_of_them() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from api.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "assert not [one for one in sys.modules if one.startswith('api.commands')]"
    )
    assert _loaded(script) == set()


def test_the_service_loads_no_solver_and_no_spreadsheet() -> None:
    assert _loaded("import api.app") == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_a_commands_own_help_says(name: str) -> None:
    line = COMMANDS[name][1]
    answer = CliRunner().invoke(app, [name, "--help"])
    assert answer.exit_code == 0
    assert line in " ".join(answer.output.split())
    listed = CliRunner().invoke(app, ["--help"])
    assert line in " ".join(listed.output.split())
