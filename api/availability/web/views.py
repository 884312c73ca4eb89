"""What the pages of polls show: the form, the answers to members, and the answering page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.availability import asking, queries
from api.availability.asking import ALL, NONE, Member, Standing, party_of, where_of
from api.availability.busy import Told
from api.availability.models import AnswerValue, Poll, PollAnswer, PollOption, PollState
from api.availability.service import Opened, free_to_pick, may_run
from api.availability.web.forms import USUAL_LENGTH, Fields, Row, rows_of
from api.availability.web.unread import UnreadList, unread_list
from api.calendar.days import SchoolBreak, is_squeeze_day, school_break_on
from api.kit.clock import now, to_local
from api.kit.errors import FieldFault
from api.kit.i18n import LANGUAGES, Language, Speaker, later
from api.kit.mail import Texts
from api.meetings.models import Meeting
from api.meetings.service import NOTICE
from api.networks.models import Network
from api.outbox.models import MailState

# How it stands with the newest mail to somebody.
MAIL_STATES = {
    MailState.HELD: later("mejlet går kl. %(clock)s"),
    MailState.QUEUED: later("mejlet är på väg"),
    MailState.SENDING: later("mejlet är på väg"),
    MailState.SENT: later("fick mejlet %(day)s"),
    MailState.FAILED: later("mejlet kom inte fram: ring"),
    MailState.PAUSED: later("mejlet väntar hos NCH"),
    MailState.DRAFT: later("mejlet väntar hos NCH"),
}


@dataclass(frozen=True, slots=True)
class ProposePage:
    """The form that asks a network for a time, with what was typed and what is wrong with it."""

    network_id: str
    network_name: str
    meeting_id: str
    meeting_name: str
    theme: str
    form: str
    town: str
    video_url: str
    length: str
    rows: tuple[Row, ...]
    answer_by: str
    proposed: str  # how many times were filled in; empty when none were asked for
    unread: str  # how much of the calendar was not read; empty when all was
    clashing: int = 0  # how many of the times somebody cannot, for nothing better is free
    has_calendar: bool = False  # the file that was uploaded is counted in those times
    faults: tuple[FieldFault, ...] = ()
    recipients: tuple[str, ...] = ()  # who gets the question
    unreached: tuple[str, ...] = ()  # RC without an address


@dataclass(frozen=True, slots=True)
class AskPage:
    """Before anybody is asked: who gets a mail, what it says, and the form's fields once more."""

    network_id: str
    network_name: str
    recipients: tuple[Member, ...]
    own: Member | None  # whose times they are
    unreached: tuple[str, ...]  # RC without an address
    letters: tuple[tuple[Language, Texts], ...]
    answer_by: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AskedRow:
    """Somebody whom a poll asks, and how it stands: answered, or what became of the mail."""

    name: str
    has_answered: bool
    said: str
    answers: tuple[tuple[str, str], ...]  # a kind of answer (yes, maybe, no), and the times
    may_be_reminded: bool = False


@dataclass(frozen=True, slots=True)
class OptionRow:
    """A time with who can: names per answer, what speaks against the day, whether it is the best."""

    id: str
    when: str
    remarks: tuple[str, ...]
    yes: tuple[str, ...]
    maybe: tuple[str, ...]
    no: tuple[str, ...]
    unanswered: tuple[str, ...]
    is_best: bool


@dataclass(frozen=True, slots=True)
class PollPage:
    """A poll as the network's members see it."""

    id: str
    page: str  # of those who meet
    party_name: str
    is_circle: bool
    each_picks: bool
    may_run: bool
    theme: str
    where: str
    link: str
    version: int
    is_open: bool
    is_example: bool
    meeting_id: str | None
    is_move: bool
    options: tuple[OptionRow, ...]
    withdrawn: tuple[OptionRow, ...]
    answers: int
    asked: tuple[AskedRow, ...]  # those who were mailed a link of their own
    others: tuple[AskedRow, ...]  # who answered by the link that is passed on
    answer_by: str
    may_answer: bool
    may_remind: int  # how many
    told: tuple[str, ...]  # who is invited when a time is booked
    unreached: tuple[str, ...]
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A time on the answering page, and what is filled in."""

    id: str
    when: str
    value: str


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """The page that anyone with the link answers on."""

    token: str
    theme: str
    where: str
    network_name: str
    each_picks: bool  # one of the times is chosen, and is one's own
    name: str
    choices: tuple[Choice, ...]
    is_open: bool
    is_own: bool
    is_read: bool
    is_example: bool
    booked: str
    action: str = ""  # where the answer is saved
    who: str = ""  # as whom one answers; empty: one writes a name
    answer_by: str = ""
    is_saved: bool = False
    unread: UnreadList | None = None  # what of an uploaded calendar was not read
    faults: tuple[FieldFault, ...] = ()


def propose_page(
    session: Session,
    viewer: Viewer,
    network: Network,
    meeting: Meeting | None,
    say: Speaker,
    fields: Fields,
    faults: Iterable[FieldFault] = (),
) -> ProposePage:
    """Return the form, empty or as it was typed, and whom it asks."""
    told, _ = _told(session, network, viewer)
    return ProposePage(
        recipients=tuple(one.shown for one in told),
        unreached=tuple(asking.without_address(session, network.id)),
        network_id=network.id,
        network_name=_name(network, say),
        meeting_id=meeting.id if meeting is not None else "",
        meeting_name=_meeting_name(meeting, say) if meeting is not None else "",
        theme=fields.get("theme", ""),
        form=fields.get("form", meeting.form.value if meeting is not None else "digital"),
        town=fields.get("town", meeting.town if meeting is not None else ""),
        video_url=fields.get("video_url", meeting.video_url if meeting is not None else ""),
        length=fields.get("length", USUAL_LENGTH),
        rows=rows_of(fields),
        answer_by=fields.get("answer_by", ""),
        proposed=fields.get("forslag", ""),
        unread=fields.get("olast", ""),
        has_calendar=fields.get("kalender", "") == "1",
        clashing=int(fields.get("krockar", ""))
        if fields.get("krockar", "") in {"1", "2", "3"}
        else 0,
        faults=tuple(faults),
    )


def ask_page(
    session: Session, poll: Poll, network: Network, viewer: Viewer, say: Speaker, fields: Fields
) -> AskPage:
    """Return what a poll that is about to be asked sends, and to whom."""
    recipients, own = _told(session, network, viewer)
    options = queries.options(session, poll.id)
    read = {one.language for one in recipients}
    return AskPage(
        network_id=network.id,
        network_name=_name(network, say),
        recipients=recipients,
        own=own,
        unreached=tuple(asking.without_address(session, network.id)),
        letters=tuple(
            (each, asking.preview(session, poll, options, own, each))
            for each in LANGUAGES
            if each in read
        ),
        answer_by=say.date(poll.answer_by) if poll.answer_by else "",
        fields=tuple(
            (name, value) for name, value in fields.items() if name not in {"form_token", "do"}
        ),
    )


def _told(
    session: Session, network: Network, viewer: Viewer
) -> tuple[tuple[Member, ...], Member | None]:
    """Return who is asked, and whose times they are if they are a member's own."""
    everybody = asking.members(session, network.id)
    own = asking.own_of(viewer, everybody)
    return tuple(one for one in everybody if own is None or one != own), own


def poll_page(
    session: Session,
    poll: Poll,
    viewer: Viewer,
    say: Speaker,
    base_url: str,
    breaks: tuple[SchoolBreak, ...],
    at: datetime,
    faults: Iterable[FieldFault] = (),
) -> PollPage:
    """Return a poll with its answers; the number of queries does not grow with them."""
    party = party_of(session, poll)
    answers = queries.answers(session, poll.id)
    marks = {(m.answer_id, m.option_id): m.value for m in queries.marks(session, poll.id)}
    options = queries.options(session, poll.id)
    current = [option for option in options if not option.is_withdrawn]
    best = best_of(current, answers, marks)
    rows = {
        option.id: _option_row(option, answers, marks, say, _remarks(option, poll, say, breaks))
        for option in options
    }
    standing = asking.standing(session, poll)
    everybody = asking.whom(session, poll)
    own = asking.own_of(viewer, everybody, of_group=not party.is_circle)
    by_function = {one.function_id: one for one in answers if one.function_id}
    asked = {one.asked.function_id for one in standing}
    return PollPage(
        id=poll.id,
        page=party.page,
        party_name=say.either(party.name_sv, party.name_en),
        is_circle=party.is_circle,
        each_picks=poll.each_picks,
        may_run=may_run(viewer, poll),
        theme=poll.theme,
        where=where_of(poll, say),
        link=f"{base_url}/tid/{poll.address}",
        version=poll.version,
        is_open=poll.state is PollState.OPEN,
        is_example=poll.is_example,
        meeting_id=poll.meeting_id,
        is_move=poll.state is PollState.OPEN and poll.meeting_id is not None,
        options=tuple(replace(rows[o.id], is_best=o.id == best) for o in current),
        withdrawn=tuple(rows[option.id] for option in options if option.is_withdrawn),
        answers=len(answers),
        asked=tuple(
            replace(
                _asked_row(one, by_function.get(one.asked.function_id), current, marks, say),
                may_be_reminded=asking.may_be_reminded(one, at),
            )
            for one in standing
        ),
        others=tuple(
            AskedRow(one.name, True, "", _said(one, current, marks, say))  # noqa: FBT003 - has answered
            for one in answers
            if one.function_id not in asked
        ),
        answer_by=say.date(poll.answer_by) if poll.answer_by else "",
        may_answer=poll.state is PollState.OPEN and own is not None,
        may_remind=sum(asking.may_be_reminded(one, at) for one in standing),
        told=tuple(asking.told(session, poll)),
        unreached=tuple(asking.lacking(session, poll)),
        faults=tuple(faults),
    )


def _asked_row(
    one: Standing,
    answer: PollAnswer | None,
    options: list[PollOption],
    marks: Mapping[tuple[str, str], AnswerValue],
    say: Speaker,
) -> AskedRow:
    name = one.member.shown if one.member is not None else say.text("Ingen har funktionen nu")
    if answer is not None:
        return AskedRow(answer.name, True, "", _said(answer, options, marks, say))  # noqa: FBT003 - has answered
    if one.mail is None:
        return AskedRow(name, False, say.text("har inte fått något mejl"), ())  # noqa: FBT003 - has not
    moment = one.mail.sent_at or one.mail.due_at
    said = say.text(MAIL_STATES[one.mail.state], clock=say.clock(moment), day=say.brief_day(moment))
    return AskedRow(name, False, said, ())  # noqa: FBT003 - has not


def _said(
    answer: PollAnswer,
    options: list[PollOption],
    marks: Mapping[tuple[str, str], AnswerValue],
    say: Speaker,
) -> tuple[tuple[str, str], ...]:
    """Return what somebody has said of the times, a kind of answer at a time."""
    return tuple(
        (value.value, "; ".join(say.brief(one.starts_at, one.ends_at) for one in found))
        for value in AnswerValue
        if (found := [one for one in options if marks.get((answer.id, one.id)) is value])
    )


def best_of(
    options: list[PollOption],
    answers: list[PollAnswer],
    marks: Mapping[tuple[str, str], AnswerValue],
) -> str | None:
    """Return the time that most can; `maybe` only decides between equals, then the earlier time.

    None while nobody has answered.
    """
    if not answers or not options:
        return None

    def worth(option: PollOption) -> tuple[int, int]:
        said = [marks.get((answer.id, option.id)) for answer in answers]
        return -said.count(AnswerValue.YES), -said.count(AnswerValue.MAYBE)

    return min(options, key=worth).id


def answer_page(  # noqa: PLR0913 - each is another way to fill it in
    session: Session,
    found: Opened,
    say: Speaker,
    typed: Fields | None = None,
    faults: Iterable[FieldFault] = (),
    read: Told | None = None,
    *,
    chosen: str = "",
    is_saved: bool = False,
    action: str = "",
) -> AnswerPage:
    """Return the answering page: with one's own answer, what was typed, or what a calendar says.

    `chosen` is what a mailed link fills in: all times, none, or the id of the one that suits.
    """
    poll, own, meeting = found.poll, found.own, found.meeting
    marks: dict[str, AnswerValue | None] = (
        {m.option_id: m.value for m in queries.marks_of(session, own.id)} if own else {}
    )
    filled = {
        name: str(mark or "") for name, mark in (marks | dict(read.answers if read else {})).items()
    }
    if chosen:
        filled |= _filled(chosen, queries.options(session, poll.id))
    left_open = sum(mark is None for mark in read.answers.values()) if read else 0
    options = [option for option in queries.options(session, poll.id) if not option.is_withdrawn]
    if poll.each_picks:
        mine = found.member.function_id if found.member is not None else ""
        free = free_to_pick(session, options, now())
        options = [one for one in options if one.id in free or (mine and one.taken_by == mine)]
    is_booked = poll.state is PollState.BOOKED and meeting is not None
    booked = say.span(meeting.starts_at, meeting.ends_at) if is_booked and meeting else ""
    name = own.name if own is not None else ""
    return AnswerPage(
        token=found.token,
        theme=poll.theme,
        where=where_of(poll, say),
        network_name=say.either(found.party.name_sv, found.party.name_en),
        each_picks=poll.each_picks,
        action=action or f"/tid/{found.token}",
        who=found.member.shown if found.member is not None else "",
        answer_by=say.date(poll.answer_by) if poll.answer_by and found.member else "",
        is_saved=is_saved and own is not None,
        name=name if typed is None else typed.get("name", name),
        choices=tuple(
            Choice(
                option.id,
                say.span(option.starts_at, option.ends_at),
                str((typed or {}).get(f"tid-{option.id}", filled.get(option.id, ""))),
            )
            for option in options
        ),
        is_open=poll.state is PollState.OPEN,
        is_own=own is not None and found.member is None,
        is_read=read is not None,
        unread=unread_list(read.unread, left_open, say) if read and read.unread else None,
        is_example=poll.is_example,
        booked=booked,
        faults=tuple(faults),
    )


def _option_row(
    option: PollOption,
    answers: list[PollAnswer],
    marks: Mapping[tuple[str, str], AnswerValue],
    say: Speaker,
    remarks: tuple[str, ...],
) -> OptionRow:
    def names(value: AnswerValue | None) -> tuple[str, ...]:
        return tuple(a.name for a in answers if marks.get((a.id, option.id)) is value)

    return OptionRow(
        id=option.id,
        when=say.span(option.starts_at, option.ends_at),
        remarks=remarks,
        yes=names(AnswerValue.YES),
        maybe=names(AnswerValue.MAYBE),
        no=names(AnswerValue.NO),
        unanswered=names(None),
        is_best=False,
    )


def _remarks(
    option: PollOption, poll: Poll, say: Speaker, breaks: tuple[SchoolBreak, ...]
) -> tuple[str, ...]:
    day = to_local(option.starts_at).date()
    found = []
    if option.starts_at - poll.made_at < NOTICE:
        found.append(say.text("det är mindre än sex veckor dit"))
    if is_squeeze_day(day):
        found.append(say.text("det är en klämdag"))
    school = school_break_on(day, breaks)
    if school is not None:
        found.append(say.text("det är skollov: %(name)s", name=school))
    if day.isoweekday() > 5:
        found.append(say.text("det är helg"))
    return tuple(found)


def _filled(chosen: str, options: list[PollOption]) -> dict[str, str]:
    """Return what a link that says yes to all, none or one of the times fills in."""
    yes, no = AnswerValue.YES.value, AnswerValue.NO.value
    known = {one.id for one in options}
    if chosen not in {ALL, NONE} and chosen not in known:
        return {}
    return {one: yes if chosen in {ALL, one} else no for one in known}


def _name(network: Network, say: Speaker) -> str:
    return say.either(network.name_sv, network.name_en)


def _meeting_name(meeting: Meeting, say: Speaker) -> str:
    return say.either(meeting.name_sv, meeting.name_en)
