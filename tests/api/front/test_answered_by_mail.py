"""Each kind of group meeting, its whole life by real SMTP and IMAP: asked, answered from a mail program, moved, called off."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from api.accounts import directory
from api.accounts.models import FunctionKind, Role
from api.invitations import mailbox
from api.invitations.models import Invitation, Partstat
from api.invitations.queries import replies_for_a_person
from api.kit.clock import now
from tests.api.front.test_every_kind import LINK, RCS, Country, _day, _ticks, _to, _typed
from tests.api.outbox.test_outbox import Difficult, serving
from tests.factories import make_person
from tests.mailbox import answer_to, newest_request
from tests.mailbox import serving as mailbox_serving
from tests.post import text_of
from tests.web import browser

SERIES = {"how": "again", "every": "fourth_week"}
# What a kind is made of beside its name; `who` says whose posts are invited.
KINDS: dict[str, dict[str, str]] = {
    "Barnahusdag": {"who": "rc", "form": "in_person", "town": "Borås"},
    "Digitalt forum för grupp 3": {"who": "rc", **SERIES},
    "Länsstyrelsernas ledare": {"who": "leaders"},
    "Chefsgruppen": {"who": "managers"},
    "Ansökningsverkstad": {"who": "rc", "starts": "13:00", "ends": "16:00"},
    "Utbildning med få platser": {"who": "rc", "seats": "50"},
}
WORDS = ("ACCEPTED", "TENTATIVE", "DECLINED")


@pytest.fixture
def country(app: FastAPI) -> Iterator[Country]:
    handler = Difficult("well")
    with serving(handler) as server:
        yield Country(app, server, handler.taken)


def _whom(country: Country, who: str) -> tuple[dict[str, str], list[str]]:
    """Return what is ticked, and the addresses that are to get a mail."""
    if who == "rc":
        return _ticks(), [one.person.email for one in country.rcs.values()]
    if who == "leaders":
        return {f"fn-{post}": "on" for _, post in country.leaders}, [a for a, _ in country.leaders]
    ticks = {f"rc-{rc}": "on" for rc in RCS} | {"post-manager": "on"}
    addresses = []
    with country.app.state.database.transaction() as session:
        for rc, one in country.rcs.items():
            manager = make_person(session, f"Exempel Chef {rc}")
            addresses.append(manager.email)
            directory.create_function(
                session, one.body, FunctionKind.MANAGER, "Chef", Role.RC_MEMBER, holder=manager
            )
    return ticks, addresses


def _answered(country: Country, words: dict[str, str]) -> None:
    """Let a mail program of each address answer the newest invitation that it got, by IMAP."""
    replies = []
    with country.app.state.database.reading() as session:
        for number, (address, word) in enumerate(words.items()):
            mail = newest_request(session, address)
            stamp = f"{now():%Y%m%dT%H%M%SZ}"
            replies.append(answer_to(mail, word, stamp=stamp, number=number))
    with mailbox_serving(*replies) as (url, _):
        mailbox.poll(country.app.state.database, url, now)
    with country.app.state.database.reading() as session:
        assert not replies_for_a_person(session)


def _partstats(country: Country, addresses: list[str]) -> dict[str, Partstat]:
    with country.app.state.database.reading() as session:
        rows = session.exec(select(Invitation).where(col(Invitation.address).in_(addresses)))
        return {one.address: one.partstat for one in rows}


@pytest.mark.parametrize("kind", list(KINDS))
def test_this_kind_is_answered_by_mail_moved_answered_again_and_called_off(
    country: Country, kind: str
) -> None:
    made = dict(KINDS[kind])
    ticks, addresses = _whom(country, made.pop("who"))
    is_series = made.get("how") == "again"
    if is_series:
        made["last_day"] = str(_day(21))
    preview, path = country.send(_typed(name=kind, **made) | ticks)
    assert f"{len(addresses)} personer får inbjudan" in preview
    invited = country.post()
    assert _to(invited) == sorted(addresses)
    assert all(kind in str(one["Subject"]) for one in invited)
    said = {one: WORDS[number % 3] for number, one in enumerate(addresses)}
    _answered(country, said)
    assert _partstats(country, addresses) == {one: Partstat(word) for one, word in said.items()}
    assert country.post() == []  # an answer asks nobody anything
    if is_series:
        end = {"version": "1", "end_day": str(_day()), "reason": "Exempel"}
        assert country.web.submit(path, f"{path}/avsluta", end).status_code == 303
        assert len(country.post()) == len(addresses)
        return
    later = {"version": "1", "day": str(_day(11)), "starts": "10:00", "ends": "12:00"}
    assert country.web.submit(f"{path}/tid", f"{path}/tid", later).status_code == 303
    moved = country.post()
    assert _to(moved) == sorted(addresses)
    _answered(country, dict.fromkeys(addresses, "ACCEPTED"))
    assert set(_partstats(country, addresses).values()) == {Partstat.ACCEPTED}
    page = country.web.get(path).text
    assert f"{len(addresses)} inbjudna får veta det:" in page
    off = country.web.submit(path, f"{path}/stall-in", {"version": "2", "reason": "Exempel"})
    assert off.status_code == 303
    told = country.post()
    assert _to(told) == sorted(addresses)
    assert all("har ställt in träffen" in text_of(one) for one in told)


def test_a_check_in_that_was_taken_is_answered_by_mail_too(country: Country) -> None:
    slots = {"day1": str(_day()), "starts1": "09:00", "ends1": "10:30", "slot": "30"}
    country.send(_typed(how="pick", name="NCH:s avstämning", **slots, **_ticks()))
    asked = country.post()
    first = asked[0]
    link = next(one for one in LINK.findall(text_of(first)) if "/tid/" in one)
    page = browser(country.app)
    shown = page.get(link).text
    time = shown.split('name="tid" value="')[1].split('"')[0]
    assert page.submit(link, link, {"tid": time}).status_code == 303
    pair = country.post()
    assert len(pair) == 2
    _answered(country, {str(first["To"]): "TENTATIVE"})
    assert _partstats(country, [str(first["To"])])[str(first["To"])] is Partstat.TENTATIVE
    assert _to(asked) == sorted(one.person.email for one in country.rcs.values())


def test_a_course_gives_its_place_to_who_says_yes_by_mail_and_the_queue_moves_by_mail(
    country: Country,
) -> None:
    country.send(_typed(seats="1", name="Utbildning", **_ticks()))
    asked = _to(country.post())
    _answered(country, {asked[0]: "ACCEPTED", asked[1]: "ACCEPTED"})
    [queued] = country.post()
    assert (str(queued["To"]), "du står på kö" in text_of(queued)) == (asked[1], True)
    _answered(country, {asked[0]: "DECLINED"})
    moved_up = country.post()
    assert asked[1] in _to(moved_up)
