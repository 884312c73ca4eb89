"""Each door of the house is broken once on purpose: a contract that cannot fail is no contract."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract -> the module that breaks it, and the line that does
BREACHES = {
    "one_way": ("matcher/proof.py", "import api.kit.clock"),
    "pure": ("matcher/proof.py", "import sqlite3"),
    "solvers": ("matcher/errors.py", "import ortools"),
    "one_grammar": ("matcher/errors.py", "import jsonschema"),
    "numbers_only": ("matcher/groups/cover/problem.py", "import matcher.groups.model.layer"),
    "inside_a_feature": ("api/networks/queries.py", "import api.networks.service"),
    "no_sql_in_routes": ("api/accounts/web/routes.py", "import sqlmodel"),
    "composition_root": ("api/kit/pages.py", "import api.accounts.web.routes"),
    "own_web": ("api/surveys/web/words.py", "import api.registry.web.wording"),
    "engine_door": ("api/networks/service.py", "import matcher.proof"),
    "one_order": ("api/registry/queries.py", "import api.surveys.queries"),
    "inside_the_kit": ("api/kit/clock.py", "import api.kit.db"),
    "no_circles": ("api/accounts/policy.py", "import api.networks.service"),
}


def _contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}


def _lint(folder: Path, *options: str) -> int:
    """Look at the imports; what was looked at before and is unchanged is remembered in the folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), *options]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    for name in ("matcher", "api"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    assert _lint(copy) == 0, "the house itself keeps every contract"
    return copy


def test_every_contract_has_its_breach() -> None:
    assert _contracts() == set(BREACHES)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_broken_door_is_reported(house: Path, contract: str) -> None:
    name, line = BREACHES[contract]
    file = house / name
    whole = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(f"{line}\n{whole or ''}", encoding="utf-8")
    try:
        assert _lint(house, "--contract", contract) != 0
    finally:
        if whole is None:
            file.unlink()
        else:
            file.write_text(whole, encoding="utf-8")
