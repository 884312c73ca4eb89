"""Identifiers tell what came first where moments, kept to the second, do not."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI

from api.kit.clock import now
from api.kit.db import new_id
from api.proposals import queries
from api.proposals.models import Proposal, ProposalKind, ProposalState


def test_identifiers_sort_as_they_are_made_and_are_all_different(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [new_id() for _ in range(10_000)]
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    made += [new_id() for _ in range(100)]  # a clock that is set back
    assert made == sorted(made)
    assert {uuid.UUID(one).version for one in made} == {7}
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(lambda _: new_id(), range(2_000)))
    assert len({*made, *at_once}) == len(made) + len(at_once)


@pytest.mark.both_databases
def test_the_newest_of_a_second_is_the_one_made_last(app: FastAPI) -> None:
    at = now()
    with app.state.database.transaction() as session:
        for title in "abcdefgh":
            session.add(
                Proposal(
                    kind=ProposalKind.YEAR,
                    state=ProposalState.DRAFT,
                    title=title,
                    settings="{}",
                    problem="{}",
                    engine_version="1",
                    created_by="test",
                    created_at=at,
                )
            )
    with app.state.database.reading() as session:
        found = [one.title for one in queries.proposals(session, ProposalKind.YEAR)]
    assert "".join(found) == "hgfedcba"
