"""The jobs of a planner and a coordinator, their presses counted beside those of before, and every answer in view.

`pytest --full -s tests/e2e/test_presses.py` prints the table; the milliseconds are told, never asserted.
"""

import re
import sys

import pytest
from playwright.sync_api import Error

from api.accounts.models import Role
from api.proposals import queries as proposals
from api.proposals.models import ProposalKind, ProposalState
from tests.e2e.hand import Hand, hand_on
from tests.e2e.jobs import DESK, JOBS, OF_A_MEMBER, PHONE, Job, Kept
from tests.e2e.keyboard import KeyboardHand
from tests.e2e.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("browser"),
    pytest.mark.usefixtures("held"),
]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails wait ten minutes, as they do for people: set before the site and its worker start."""
    monkeypatch.setenv("SAMKRETS_HOLD_MINUTES", "10")


@pytest.fixture
def asked(workshop: Site) -> Site:
    """The demonstration before its programme is out: what RC have answered waits to be made one of."""
    with workshop.app.state.database.transaction() as session:
        for one in proposals.proposals(session, ProposalKind.PROGRAMME):
            one.state = ProposalState.WITHDRAWN
    return workshop


def _line(job: Job, hand: Hand, fault: str) -> str:
    before = "-" if job.before is None else f"{job.before[0]} + {job.before[1]}"
    now = f"{hand.presses} + {hand.screens}"
    told = f"{job.name:<52}{before:>8}{now:>8}{hand.fields:>7}{hand.slowest_ms:>9.0f} ms"
    return f"{told}  {fault or '; '.join(hand.out_of_sight)}".rstrip()


def _shown(hand: Hand) -> str:
    """What the page says where a job stopped: its name and what it notes."""
    said = hand.page.locator("h1, .notice").all_inner_texts()
    return f"{hand.page.url}: {' / '.join(said)[:150]}"


def _done(site: Site, job: Job, kept: Kept, kind: type[Hand] = Hand) -> tuple[Hand, str]:
    is_member = job in OF_A_MEMBER
    context = site.context(
        Role.RC_MEMBER if is_member else Role.PLANNER, PHONE if is_member else DESK
    )
    context.set_default_timeout(60_000)
    hand = hand_on(context, site.url + job.begins(kept), kind)
    fault = ""
    try:
        job.do(hand, kept)
    except (Error, AssertionError) as error:
        fault = re.sub(r"\s+", " ", f"{_shown(hand)}; {error}")[:400]
    context.close()
    return hand, fault


def test_the_jobs_take_fewer_presses_and_no_answer_is_out_of_sight(asked: Site) -> None:
    kept = Kept()
    found = [(job, *_done(asked, job, kept)) for job in (*JOBS, *OF_A_MEMBER)]
    head = f"{'presses + screens scrolled':<52}{'before':>8}{'now':>8}{'fields':>7}  slowest"
    lines = [head, *(_line(job, hand, fault) for job, hand, fault in found)]
    same = [(job, hand) for job, hand, fault in found if job.before is not None and not fault]
    before = sum(sum(job.before or ()) for job, _ in same)
    after = sum(hand.presses + hand.screens for _, hand in same)
    only = sum((job.before or (0,))[0] for job, _ in same)
    presses = sum(hand.presses for _, hand in same)
    lines.append(
        f"all that could be done before: {before} -> {after}; presses alone {only} -> {presses}"
    )
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert [(job.name, fault) for job, _, fault in found if fault] == []
    assert [(job.name, hand.out_of_sight) for job, hand, _ in found if hand.out_of_sight] == []
    more = [
        (job.name, hand.presses, hand.screens)
        for job, hand in same
        if hand.presses > (job.before or (0,))[0] + job.tells_others
        and hand.presses + hand.screens > sum(job.before or ())
    ]
    assert more == []
    assert 2 * presses <= only
    assert 2 * after <= before + 2  # a screen more or less where a list has grown


def test_each_job_is_done_by_keyboard_alone_with_its_answer_in_sight(asked: Site) -> None:
    kept = Kept()
    found = [(job, *_done(asked, job, kept, KeyboardHand)) for job in (*JOBS, *OF_A_MEMBER)]
    assert [(job.name, fault) for job, _, fault in found if fault] == []
    assert [(job.name, hand.out_of_sight) for job, hand, _ in found if hand.out_of_sight] == []
