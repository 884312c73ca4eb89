"""The jobs of a planner and a coordinator, done in a browser with as few presses as the pages allow.

`before`: what the same job took at commit e58799c, counted by hand (presses, and screens scrolled where they
were told); None where it could not be done at all. A job that tells others, or that cannot be undone,
may take one press more than before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import expect

from api.commands.demonstration import example
from api.kit.clock import now, to_local
from tests.e2e.hand import Hand
from tests.e2e.keyboard import SOLVED_MS
from tests.e2e.site import Look

DESK, PHONE = Look("sv", 1280, "light"), Look("sv", 360, "light")


@dataclass
class Kept:
    """What one job leaves for those after it: addresses on the site."""

    proposal: str = ""
    programme: str = ""
    survey: str = ""
    meeting: str = ""


@dataclass(frozen=True)
class Job:
    """Something that somebody comes to do, and where they begin."""

    name: str
    before: tuple[int, int] | None
    do: Callable[[Hand, Kept], None]
    begins: Callable[[Kept], str] = lambda _: "/"
    tells_others: bool = False


def _day(weeks: int) -> str:
    return (to_local(now()) + timedelta(weeks=weeks)).date().isoformat()


def _found(hand: Hand, words: str, name: str) -> None:
    """Search by the letters alone: / is typed, as they are."""
    hand.page.keyboard.press("/")
    hand.fill(hand.page.locator("#site-search"), words)
    hand.press(hand.page.locator(".search-found a", has_text=name).first)


def correct_a_fact(hand: Hand, _: Kept) -> None:
    """The search finds the fact itself and opens its field."""
    _found(hand, "skåne finansieringen", "Skåne: Om finansieringen")
    pencil = hand.page.locator("details.pencil", has=hand.page.locator("#funding_detail"))
    hand.fill(pencil.locator("#funding_detail"), "Telefonlinjen betalas av Region Skåne.")
    hand.fill(pencil.get_by_label("Varifrån vet du det?"), "styrgruppens beslut 12 mars")
    hand.press(pencil.get_by_role("button", name="Spara"))
    hand.sees(hand.page.locator(".receipt"), "what was saved")


def add_an_rc(hand: Hand, _: Kept) -> None:
    hand.link("Nytt RC")
    page = hand.page
    hand.fill(page.locator("#name"), "Södermanland")
    hand.choose(page.locator("#county_code"), "04")
    hand.choose(page.locator("#area_scope"), "county")
    hand.choose(page.locator("#establishment_status"), "start_up")
    hand.fill(page.locator("#seat_city"), "Nyköping")
    hand.fill(page.locator("#contact_name"), "Exempel Sara Ny")
    hand.fill(page.locator("#contact_email"), "sara.ny@example.org")
    hand.button("Spara")
    hand.sees(page.locator("h1", has_text="Södermanland"), "the RC that was added")


def circles_with_wishes(hand: Hand, kept: Kept) -> None:
    """A proposal from a preset, with two RC together and two apart: one form."""
    hand.link("Nya kretsar")
    page = hand.page
    hand.choose(page.locator("#preset input").nth(1))
    for kind, first, second in (
        ("together", "skane", "kronoberg"),
        ("apart", "jonkoping", "uppsala"),
    ):
        hand.choose(page.locator(f"#{kind}_1_first"), first)
        hand.choose(page.locator(f"#{kind}_1_second"), second)
    hand.button("Ta fram ett förslag")
    hand.sees(page.locator(".circle").first, "the circles", SOLVED_MS)
    kept.proposal = page.url.partition("?")[0].partition("#")[0].removeprefix(_site(page.url))


def compare_two(hand: Hand, _: Kept) -> None:
    hand.link("Jämför")
    hand.sees(hand.page.get_by_role("heading", level=1, name="Jämför sida vid sida"), "both")
    hand.sees(hand.page.locator("p.lead"), "which is better")


def _by_choices(hand: Hand) -> None:
    """Without a mouse an RC is moved by choosing it and its circle."""
    mover = hand.page.locator(".layer:not([hidden]) form[action$='/flytta']")
    hand.choose(mover.locator("select").last, index=1)
    hand.press(mover.get_by_role("button").first)


def move_and_undo(hand: Hand, _: Kept) -> None:
    page = hand.page
    circles = page.locator(".layer:not([hidden]) .circle")
    held, aim = circles.nth(0).locator("[data-held]").first, circles.nth(1).locator(".circle-head")
    hand.drag(held, aim, keys=_by_choices)
    undo = page.get_by_role("button", name="Ångra senaste flytten")
    hand.sees(undo, "the way back after a move")
    hand.sees(page.locator(".layer:not([hidden]) [role=status] p").first, "what the move did")
    hand.press(undo)
    expect(undo).to_have_count(0)
    hand.sees(page.locator(".circle").first, "the circles as they were")


def publish_circles(hand: Hand, _: Kept) -> None:
    hand.button("Jag har granskat förslaget")
    hand.button("Publicera kretsarna")
    hand.sees(hand.page.locator(".receipt"), "that they are published")


def make_and_send_a_survey(hand: Hand, kept: Kept) -> None:
    hand.link("Ny enkät")
    page = hand.page
    hand.fill(page.locator("#title_sv"), "Vad behöver ni i vår?")
    hand.fill(page.locator("#title_en"), "What do you need in spring?")
    hand.fill(page.locator("#deadline"), _day(3))
    hand.button("Öppna enkäten och skicka")
    hand.sees(page.locator(".receipt"), "that it is sent")
    kept.survey = page.url.partition("?")[0].removeprefix(_site(page.url))


def remind(hand: Hand, _: Kept) -> None:
    hand.button("Påminn")
    hand.sees(hand.page.locator(".receipt"), "that they are reminded")


def programme_from_answers(hand: Hand, kept: Kept) -> None:
    hand.button("Gör program av svaren")
    hand.sees(hand.page.locator(".board-bar"), "the programme's bar", SOLVED_MS)
    kept.programme = (
        hand.page.url.partition("?")[0].partition("#")[0].removeprefix(_site(hand.page.url))
    )


def _by_arrows(hand: Hand) -> None:
    """Without a mouse a session is picked up, carried by the arrows and let go."""
    hand.press(hand.page.locator(".pass[data-held] a").nth(2))
    expect(hand.page.locator("[data-verdict]").first).to_be_attached()
    hand.page.keyboard.press("ArrowDown")
    expect(hand.page.locator(".drop-here")).to_be_attached()
    hand.page.keyboard.press("Enter")


def move_a_session(hand: Hand, _: Kept) -> None:
    page = hand.page
    held = page.locator(".pass[data-held]").nth(2)
    free = page.locator("td[data-place] .free").first
    cost = page.locator("#cost")
    before = cost.inner_text()
    hand.drag(held, free, keys=_by_arrows)
    expect(cost).not_to_have_text(before)
    expect(page.get_by_role("button", name="Ångra").first).to_be_visible()
    hand.sees(page.locator("#cost"), "what the move cost")
    hand.put_back(page.get_by_role("button", name="Ångra"))  # the next job needs it whole
    expect(page.get_by_role("button", name="Gör om").first).to_be_visible()


def lock_and_compute_the_rest(hand: Hand, kept: Kept) -> None:
    page = hand.page
    hand.point_at(page.locator(".pass[data-held]").nth(1))
    hand.press(page.get_by_role("button", name="Lås här").first)
    hand.press(page.get_by_role("button", name="Räkna om det som inte är låst"))
    hand.sees(page.locator(".board-bar"), "the programme's bar", SOLVED_MS)
    kept.programme = page.url.partition("?")[0].partition("#")[0].removeprefix(_site(page.url))


def publish_the_programme(hand: Hand, _: Kept) -> None:
    hand.button("Jag har granskat programmet")
    hand.button("Publicera programmet")
    hand.sees(hand.page.locator(".receipt"), "that it is published")


def repair_a_leader(hand: Hand, _: Kept) -> None:
    page = hand.page
    hand.choose(page.locator("#ill"), index=1)
    hand.button("Gör så här")
    hand.sees(page.locator(".board-bar"), "the programme with another leader", SOLVED_MS)


def day_and_place(hand: Hand, kept: Kept) -> None:
    hand.link("Ny nationell träff")
    page = hand.page
    day = example.meeting_days(now())[0] + timedelta(days=70)
    hand.fill(page.locator("#day1"), day.isoformat())
    with page.expect_response(lambda one: day.isoformat() in one.url):
        page.keyboard.press("Tab")  # nothing is pressed: the comparison comes as it is filled in
    hand.sees(page.locator("#best-line a"), "which day and town are best")
    hand.fill(page.locator("#focus_sv"), "Det som RC har bett om.")
    hand.button("Boka träffen")
    hand.sees(page.locator(".receipt"), "that it is booked")
    kept.meeting = page.url.partition("?")[0].removeprefix(_site(page.url))


def the_year(hand: Hand, _: Kept) -> None:
    page = hand.page
    hand.button("Ta fram ett förslag för")
    hand.sees(page.get_by_role("button", name="Lägg in alla i kalendrarna"), "the year", SOLVED_MS)
    hand.button("Lägg in alla i kalendrarna")
    hand.sees(page.locator(".receipt"), "that it is in the calendars")


def read_the_mails(hand: Hand, _: Kept) -> None:
    hand.press(hand.page.locator(".doors").get_by_role("link", name="Utskick"))
    hand.sees(hand.page.locator(".mailings > li").first, "the mails")


def export_the_register(hand: Hand, _: Kept) -> None:
    with hand.page.expect_download():
        hand.link("Excel")


def find_a_meeting(hand: Hand, _: Kept) -> None:
    _found(hand, "en timme", "en timme i månaden")
    hand.sees(hand.page.get_by_role("heading", level=1), "what was searched for")


def whom_to_ring(hand: Hand, _: Kept) -> None:
    """The first page says it already."""
    ring = hand.page.locator('main a[href^="tel:"]').first
    hand.scroll(ring)
    hand.sees(ring, "whom to ring")


def ask_for_a_time(hand: Hand, _: Kept) -> None:
    page = hand.page
    hand.link("Föreslå tider")
    hand.fill(page.get_by_label("Vad träffen handlar om"), "Rutiner")
    day = to_local(now() + timedelta(days=70)).date()
    while day.isoweekday() != 2:
        day += timedelta(days=1)
    hand.fill(page.locator("#day1"), day.isoformat())
    hand.fill(page.locator("#clock1"), "09:00")
    hand.button("Fråga de andra")
    hand.sees(page.locator(".receipt"), "that they are asked")


def answer_an_invitation(hand: Hand, _: Kept) -> None:
    hand.button("Jag kommer")
    hand.sees(hand.page.get_by_text("Du har svarat att du kommer."), "the answer")


def subscribe(hand: Hand, _: Kept) -> None:
    hand.button("Få träffarna i din kalender")
    hand.sees(hand.page.locator("#url"), "the calendar's address")


def correct_ones_own_fact(hand: Hand, _: Kept) -> None:
    about = hand.page.locator('main a[href^="/rc/"]').first.inner_text()
    _found(hand, f"{about.removeprefix('Det här står om ')} finansieringen", ": Om finansieringen")
    pencil = hand.page.locator("details.pencil", has=hand.page.locator("#funding_detail"))
    hand.fill(pencil.locator("#funding_detail"), "Länsstyrelsen och regionen delar på kostnaden.")
    hand.fill(pencil.get_by_label("Varifrån vet du det?"), "avtalet")
    hand.press(pencil.get_by_role("button", name="Spara"))
    hand.sees(hand.page.locator(".receipt, h1").first, "what was saved")


def decline_the_circle(hand: Hand, _: Kept) -> None:
    hand.link("Tacka nej")
    hand.press(hand.page.locator("dialog[open] form button").first)
    hand.sees(hand.page.locator(".receipt"), "that it is declined")


def hand_over(hand: Hand, _: Kept) -> None:
    page = hand.page
    hand.link("Jag slutar eller lämnar över")
    hand.press(page.get_by_role("link", name="Lämna över").first)
    hand.fill(page.get_by_label("Namn på den som ska ha funktionen"), "Exempel Ny")
    hand.fill(page.get_by_label("E-postadress till den som ska ha funktionen"), "ny@example.org")
    hand.button("Spara överlämningen")
    hand.sees(page.get_by_text("Exempel Ny är nu"), "who has it now")


def _site(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


JOBS = (
    Job("correct a fact", (4, 0), correct_a_fact),
    Job("add an RC with a contact", (9, 0), add_an_rc),
    Job("proposal from a preset, two together and two apart", (7, 1), circles_with_wishes),
    Job("compare two proposals", (2, 0), compare_two, lambda kept: kept.proposal),
    Job("move an RC and undo it", (2, 0), move_and_undo, lambda kept: kept.proposal),
    Job(
        "review and publish the circles",
        (3, 0),
        publish_circles,
        lambda kept: kept.proposal,
        tells_others=True,
    ),
    Job("make and send a survey", (5, 0), make_and_send_a_survey, tells_others=True),
    Job("remind those who have not answered", (2, 0), remind, tells_others=True),
    Job("programme from the answers", (4, 0), programme_from_answers),
    Job("move a session", (2, 4), move_a_session, lambda kept: kept.programme),
    Job(
        "lock a session and compute the rest",
        (2, 0),
        lock_and_compute_the_rest,
        lambda kept: kept.programme,
    ),
    Job(
        "review and publish the programme",
        (3, 0),
        publish_the_programme,
        lambda kept: kept.programme,
        tells_others=True,
    ),
    Job("repair: a leader is ill", (4, 6), repair_a_leader, lambda kept: kept.programme),
    Job("day and place, booked", (3, 0), day_and_place, tells_others=True),
    Job("the year laid out and booked", (4, 0), the_year, tells_others=True),
    Job("read the mails", (1, 0), read_the_mails),
    Job("export the register", (1, 0), export_the_register, lambda _: "/rc"),
    Job("find a meeting again", None, find_a_meeting),
)
OF_A_MEMBER = (
    Job("whom to ring", (1, 3), whom_to_ring),
    Job("ask the circle for a time", (3, 3), ask_for_a_time, tells_others=True),
    Job("answer an invitation", (2, 0), answer_an_invitation),
    Job("subscribe", (2, 0), subscribe),
    Job("correct a fact of one's own", (2, 10), correct_ones_own_fact),
    Job("decline a circle", (2, 5), decline_the_circle, tells_others=True),
    Job("hand over", None, hand_over, tells_others=True),
)
