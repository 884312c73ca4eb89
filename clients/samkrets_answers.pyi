"""What each read of Samkrets' API answers, for type checkers: written by `python -m tests.api.v1.client_paths`.

`samkrets_client` runs without this file; beside it, `samkrets.read("/load")` is a `LoadPage`.
"""

from collections.abc import Iterator
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, overload

class AgendaLineOut(TypedDict):
    """One line of your personal agenda."""

    meeting_id: str
    session_id: str
    title_sv: str
    title_en: str
    starts_at: str
    ends_at: str
    room: str | None
    tables: list[int]


class AgendaPage(TypedDict):
    """The sheet: the meeting, and each session with its time, room, task and preparation."""

    meeting_id: str
    meeting: str
    when: str
    where: str
    sessions: list[SessionText]
    holes: list[Hole]


class Alternative(TypedDict):
    """Clearly different networks that cost nearly as little."""

    price: str
    layers: list[list[str | list[str]]]


class AnswerOut(TypedDict):
    """An answer by one RC, or by NCH (an empty `rc_id`)."""

    id: str
    rc_id: str
    text: str
    answered_at: str
    thanked_at: str | None


class AnswerPage(TypedDict):
    """The form, with the current answer or what was typed."""

    action: str
    title: str
    rc_name: str
    deadline: str
    is_example: bool
    themes: list[list[str]]
    others: list[list[str]]
    most_others: int
    days: list[list[str]]
    choices: dict[str, list[list[str]]]
    values: dict[str, list[str]]
    carried: list[str]
    answered: str
    is_saved: bool
    draft: str
    draft_action: str
    survey_id: str


AnswerValue: TypeAlias = Literal["yes", "maybe", "no"]


AreaScope: TypeAlias = Literal["county", "part_of_county", "municipality"]


class ArrivalPage(TypedDict):
    """The form."""

    meeting_id: str
    meeting: str
    way_in: str
    contact: str
    contacts: list[list[str]]
    version: int
    longest: int


class AskRow(TypedDict):
    """A host that was asked: by whom, about what, what it has said, and when a day is proposed."""

    id: str
    name: str
    why: str
    state: str
    asked: str
    is_open: bool
    has_mail: bool
    path: str


class Asked(TypedDict):
    """What was asked for, and the answer in words."""

    start: str
    goal: str
    answer: str
    stay: str
    way: list[str]


Audience: TypeAlias = Literal["circle", "all", "nch"]


class BankPage(TypedDict):
    """Every theme by category, each with its own small form."""

    groups: list[list[str | list[Theme]]]
    categories: list[list[str]]


BodyKind: TypeAlias = Literal["rc", "ls", "nch", "guest"]


class BodyOut(TypedDict):
    """An organisation: an RC, a county administrative board, NCH or another agency."""

    id: str
    kind: BodyKind
    name: str
    county_codes: str
    rc_id: str | None
    version: int


class BodyWithFunctionsOut(TypedDict):
    """An organisation with its functions."""

    id: str
    kind: BodyKind
    name: str
    county_codes: str
    rc_id: str | None
    version: int
    functions: list[FunctionOut]


class CalledOff(TypedDict):
    """A meeting that is called off since its circle ends, and who is told of that at once."""

    title: str
    when: str
    told: list[str]


class Cell(TypedDict):
    """One pair: where it is drawn, how dark (0 to 1), what it says, and whether it is marked."""

    x: int
    y: int
    shade: str
    text: str
    is_marked: bool


class CellFault(TypedDict):
    """A cell that cannot be used: where it stands, what it holds, and what is expected there."""

    line: int
    column: str
    found: Said | str
    expected: Said


class Chair(TypedDict):
    """Who sits: RC and function, and the name where the reader may see it."""

    function: str
    name: str


class Change(TypedDict):
    """What changes for one RC in one kind of network."""

    name: str
    layer: str
    meets: str
    parts: str
    before: str
    after: str
    fit: str
    verdict: Literal["better", "worse", ""]


class ChangeLine(TypedDict):
    """What changes for an RC in one kind of circle."""

    layer: str
    meets: str
    parts: str


class ChangesChange(TypedDict):
    """One published version: when, what is another in the programme, and in the reader's own agenda."""

    when: str
    sessions: list[str]
    own: list[str]


class ChangesPage(TypedDict):
    """Every change since the first version, newest first."""

    meeting_id: str
    meeting: str
    changes: list[ChangesChange]


class CheckLine(TypedDict):
    """When a part of an RC's facts was last said to be right, in words."""

    part: str
    heading: str
    said: str
    is_said: bool
    is_good: bool
    waits_for_nch: bool


class CheckPage(TypedDict):
    """An RC's facts part by part, each with a button of its own."""

    rc: Rc
    action: str
    parts: list[Part]
    is_linked: bool
    faulty: str
    stale: bool


class Choice(TypedDict):
    """Somebody to choose, or that the session is not held, and what it costs."""

    value: str
    label: str


class ChoiceRow(TypedDict):
    """A choice with its figures in words; hours are estimated and rounded to halves."""

    key: str
    day: str
    where: str
    attending: str
    tentative: str
    worst: str
    mean: str
    p95: str
    longest: str
    total: str
    nights: str
    debt: str
    cost: str
    why: str
    place: str
    is_best_day: bool


class CoHostsPage(TypedDict):
    """A meeting's co-hosts, and the form for one more; pairs of a post's id and its name."""

    meeting_id: str
    meeting: str
    co_hosts: list[list[str]]
    choices: list[list[str]]


class CompareComparePage(TypedDict):
    """Everything that the page shows."""

    id: str
    other_id: str
    first: str
    second: str
    choices: list[list[str]]
    verdict: str
    pairs: str
    layers: list[SideBySide]
    changes: list[Change]


class ComparePage(TypedDict):
    """Some RC side by side."""

    rcs: list[list[str]]
    chosen: list[str]
    names: list[list[str]]
    groups: list[list[str | list[list[str | list[str] | bool]]]]
    most: int


class Concerned(TypedDict):
    """Somebody whose agenda is another: what it gains, loses, keeps elsewhere, and at another table."""

    function_id: str
    who: str
    gains: list[str]
    loses: list[str]
    moves: list[str]
    seats: list[str]


class Contact(TypedDict):
    """Somebody to ring or write to."""

    title: str
    name: str


class ContentPage(TypedDict):
    """A meeting's content as its planner works with it."""

    meeting_id: str
    meeting: str
    when: str
    is_begun: bool
    version: int
    sessions: list[SessionLine]
    minutes: int
    slots: list[SlotLine]
    pause: int
    rooms: list[RoomLine]
    tracks: list[TrackLine]
    focuses: list[list[str]]
    kinds: list[list[str]]
    earlier: list[list[str]]
    newest: str
    saved: str
    survey: str
    opened: str


class CountiesPage(TypedDict):
    """All counties."""

    rows: list[CountyRow]


class County(TypedDict):
    """One of Sweden's 21 counties."""

    code: str
    name_sv: str
    name_en: str
    land_area_km2: float | None
    population: int
    municipalities: int
    residence_city: str
    residence_lat: float | None
    residence_lon: float | None


class CountyRow(TypedDict):
    """A county and the RC in it."""

    county: County
    rcs: list[Rc]


class DayHead(TypedDict):
    """A day with how many RC can, may, cannot and have said nothing, whether most can, and what to mind."""

    day: str
    can: int
    may: int
    cannot: int
    unknown: int
    is_best: bool
    mind: list[str]


class Decided(TypedDict):
    """The meeting that gets its day and place here; `texts` are its name and focus in both languages."""

    id: str
    name: str
    when: str
    version: int
    texts: dict[str, str]


class Difference(TypedDict):
    """What is another: sessions in words, and whose agenda."""

    sessions: list[str]
    people: list[Concerned]


class DistanceRow(TypedDict):
    """How far two members are from each other."""

    first: str
    second: str
    km: str
    band: str
    travel: str
    hours: float | None


class DraftPage(TypedDict):
    """The page before sending."""

    meeting_id: str
    event_id: str
    title: str
    when: str
    recipients: list[DraftingRecipient]
    letters: list[list[Literal["sv", "en"] | Texts]]


class DraftedOut(TypedDict):
    """A proposal of a programme, a year or tables on its way; problem and solution are the engine's documents."""

    id: str
    kind: ProposalKind
    state: ProposalState
    title: str
    meeting_id: str | None
    job_id: str | None
    created_at: str
    published_at: str | None
    is_example: bool
    version: int


class DraftingRecipient(TypedDict):
    """Somebody who will get a mail of their own."""

    function: Function
    person: Person
    waits: bool
    with_calendar: bool


class Entry(TypedDict):
    """Something that can be found: its name, its page without language, a line about it, and more words."""

    title: str
    path: str
    detail: str
    words: str
    at: str | None


class FeedOut(TypedDict):
    """An address of yours; the secret itself was shown once and is not kept."""

    id: str
    label: str
    kind: ScopeKind
    scope_id: str
    level: Level
    language: Literal["sv", "en"]
    name: str
    created_at: str
    expires_at: str
    fetched_at: str | None
    clearing_until: str | None


class Figure(TypedDict):
    """A figure and what it counts, each in words."""

    value: str
    what: str
    beside: str


class FigureRow(TypedDict):
    """One attribute that was weighed: weight, how unlike the group is and how much is known, as text."""

    name: str
    weight: str
    dissimilarity: str
    share: int
    known: str


class FigureTable(TypedDict):
    """A table as the page shows it; the first column heads its row."""

    headings: list[str]
    rows: list[list[str | int | float | None]]


Focus: TypeAlias = Literal["start_up", "subject_matters"]


class FormRow(TypedDict):
    """One field of the form: what it is, its choices, its value as a cell."""

    name: str
    label: str
    kind: str
    options: list[list[str]]
    value: str


class FormTyped(TypedDict):
    """The form as it was typed: the first value of each field, and all values of lists."""

    fields: dict[str, list[str]]


class Found(TypedDict):
    """What was found of one kind, the best first, and whether there is more."""

    label: str
    entries: list[Entry]
    has_more: bool


class FrequentOut(TypedDict):
    """A question and its answer without names, read by all."""

    id: str
    question: str
    answer: str
    published_at: str | None


class Function(TypedDict):
    """A post in a body: the lasting thing, with one holder and one deputy."""

    id: str
    body_id: str
    kind: Literal["operative_coordinator", "curator", "ls_project_leader", "manager", "nch_planner", "nch_contact", "police_contact", "prosecutor_contact", "region_contact"]
    title: str
    role: Literal["planner", "rc_member", "guest", "reader"]
    holder_id: str | None
    deputy_id: str | None
    deputy_hands_over: bool
    version: int
    ended_at: str | None


FunctionKind: TypeAlias = Literal["operative_coordinator", "curator", "ls_project_leader", "manager", "nch_planner", "nch_contact", "police_contact", "prosecutor_contact", "region_contact"]


class FunctionOut(TypedDict):
    """A post in an organisation, with who holds it."""

    id: str
    title: str
    kind: FunctionKind
    role: Role
    mailbox: str
    holder: HolderOut | None
    deputy: HolderOut | None
    version: int


FundingBasis: TypeAlias = Literal["stated", "layout"]


FundingStatus: TypeAlias = Literal["secured", "planned", "lacking"]


class GainsPage(TypedDict):
    """A year for all RC, to a planner."""

    year: int
    years: list[int]
    is_over: bool
    headings: list[str]
    figures: list[Figure]
    parts: list[PartLine]
    rcs: list[RcLine]
    trips: list[TripLine]
    lessons: list[str]
    learnt: list[str]
    notes: list[str]
    is_example: bool


class GapCard(TypedDict):
    """A session without its leader."""

    key: str
    title: str
    when: str
    choices: list[Choice]


class GroupOut(TypedDict):
    """A forum by role, or a saved group of posts."""

    key: str
    name: str
    purpose: str
    functions: int


class Guide(TypedDict):
    """An RC of one's circles that has taken a step: what it has, where that is known from, whom to ask."""

    rc_id: str
    name: str
    circles: str
    text: str
    source: str
    contacts: list[Contact]


class Having(TypedDict):
    """An RC that has something of a theme: by the register, or in the library."""

    rc_id: str
    name: str
    titles: list[list[str]]
    is_in_register: bool


class HolderOut(TypedDict):
    """Whoever holds a function: what colleagues need to ring or write."""

    id: str
    name: str
    email: str
    phone: str


class Hole(TypedDict):
    """A time without a session of one's own."""

    when: str
    why: str
    running: list[Running]


class InboxLine(TypedDict):
    """One mail: who and why in words; with a proposed time, whether one press moves the meeting there."""

    id: str
    sender: str
    subject: str
    why: str
    received: str
    meeting_id: str
    meeting: str
    proposed: str
    version: int | None
    may_be_asked: bool


class InboxPage(TypedDict):
    """The mails that wait for a person, oldest first."""

    lines: list[InboxLine]


class InvitationOut(TypedDict):
    """A function's place at a meeting, and what it has answered."""

    id: str
    function_id: str
    name: str
    address: str
    place: Place
    partstat: Partstat
    answered_at: str | None
    is_optional: bool
    version: int


class JobOut(TypedDict):
    """A calculation outside the request."""

    id: str
    kind: str
    state: JobState
    phase: str
    incumbent: float | None
    lower_bound: float | None
    gap: float | None
    created_at: str
    finished_at: str | None
    error: str


JobState: TypeAlias = Literal["queued", "running", "done", "stopped", "failed"]


JsonValue: TypeAlias = Any


Layer: TypeAlias = Literal["likeness", "nearness", "experience", "forum"]


class LayerStudy(TypedDict):
    """All that is said about one kind of network."""

    key: str
    name: str
    members: list[MemberLine]
    steady: list[str]
    is_studied: bool
    attributes: list[list[str]]
    page_number: int
    last: int


class LegRow(TypedDict):
    """A leg of the table; `hours` is empty where NCH has taken it away."""

    key: list[str]
    mode: str
    hours: str
    basis: str
    changed: str
    version: int


class LessonLine(TypedDict):
    """A line of what was learnt, and whether the viewer may take it away."""

    id: str
    text: str
    may_withdraw: bool


Level: TypeAlias = Literal["busy", "neutral", "internal"]


class Life(TypedDict):
    """How a circle lives; texts are in the reader's language, names those of RC."""

    convener: str
    is_mine: bool
    is_chosen: bool
    candidates: list[list[str]]
    items: list[list[str | bool]]
    line: str
    held: int
    unanswered: list[PastMeeting]
    last: str
    resting_until: str
    is_silent: bool
    nudged: str
    takes_over: str
    takes_over_who: str
    written_to: list[str]


class LoadPage(TypedDict):
    """A year's hours."""

    year: int
    years: list[int]
    cap: int
    months: list[str]
    rows: list[PersonRow]
    pieces: list[list[str | list[PieceRow]]]
    is_for_all: bool
    page_number: int
    last: int
    unplaced: list[list[str]]


class LogOut(TypedDict):
    """Who changed what, with the hash that chains it to the row before."""

    number: int
    at: str
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    hash: str


class MailLine(TypedDict):
    """One mail: to whom, in which function, and what it says; `key` is the outbox's."""

    key: str
    name: str
    address: str
    function: str
    about: str
    language: str
    subject: str
    text: list[str]
    is_told: bool
    is_draft: bool


class MailOut(TypedDict):
    """A mail in the outbox, without its text."""

    id: str
    state: MailState
    recipient: str
    subject: str
    created_at: str
    due_at: str
    sent_at: str | None
    reason: str


MailState: TypeAlias = Literal["draft", "held", "queued", "sending", "sent", "failed", "paused"]


class MapView(TypedDict):
    """Everything that the map macro draws."""

    view_box: str
    counties: list[Outline]
    areas: list[Outline]
    seats: list[Seat]
    ties: list[Tie]
    attribution: str
    spot: list[float | None] | None


class MarkOut(TypedDict):
    """What one answer says of a time."""

    name: str
    value: AnswerValue


class MaterialOut(TypedDict):
    """A link or a document; a document's file is at /materials/{id}/file."""

    id: str
    title: str
    address: str
    sort: Sort
    read_by: ReadBy
    is_file: bool
    meeting_id: str | None
    network_id: str | None
    theme_id: str | None
    added_at: str


class Matrix(TypedDict):
    """The whole picture; `side` is its width and height."""

    title: str
    side: int
    rows: list[MatrixRow]
    choices: list[list[int | str]]
    chosen: int


class MatrixCell(TypedDict):
    """What is known of an RC on a day: the answer's key, its sign and it in words, and the form's field."""

    kind: str
    sign: str
    words: str
    field: str
    value: str


class MatrixMatrix(TypedDict):
    """RC by day."""

    days: list[DayHead]
    rows: list[WebMatrixRow]


class MatrixRow(TypedDict):
    """One RC: its number in the picture, its name and its cells in the order of the columns."""

    number: int
    name: str
    at: int
    cells: list[Cell]


class MeOut(TypedDict):
    """Who the key belongs to, and what it reaches now."""

    id: str
    name: str
    roles: list[Role]
    rc_ids: list[str]
    function_ids: list[str]


MeetingForm: TypeAlias = Literal["in_person", "digital", "hybrid"]


MeetingKind: TypeAlias = Literal["national", "network", "samverkansforum", "managers", "study_visit", "other"]


class MeetingOut(TypedDict):
    """A meeting; times are UTC, the end is exclusive."""

    id: str
    kind: MeetingKind
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm
    town: str
    starts_at: str
    ends_at: str
    state: MeetingState
    network_id: str | None
    is_example: bool
    version: int


class MeetingRow(TypedDict):
    """A meeting of the network."""

    id: str
    name: str
    when: str
    brief: str
    where: str
    state: str
    look: str
    version: int
    is_proposed: bool
    may_change: bool
    series_path: str


MeetingState: TypeAlias = Literal["draft", "proposed", "published", "cancelled"]


class MemberLine(TypedDict):
    """Why one RC is where it is, and the best it could have had."""

    rc_id: str
    name: str
    mates: str
    ties: str
    apart: str
    unknown: str
    is_thin: bool
    far: str
    best: str
    price: str


class MemberOut(TypedDict):
    """An RC in a network."""

    id: str
    name: str


class MemberRow(TypedDict):
    """An RC of the network, with its facts in words and its people where the viewer may see them."""

    rc_id: str
    name: str
    seat: str
    is_own: bool
    dissimilarity: str
    contacts: list[Contact]
    seeks: str
    offers: str
    has_declined: bool
    hears: list[str]
    may_answer: bool


class MetPage(TypedDict):
    """The picture, and how many pairs have met of all there are."""

    matrix: Matrix | None
    met: int
    pairs: int


class MonthCell(TypedDict):
    """Hours in a month, and whether they are more than the cap."""

    hours: str
    is_over: bool


class NeedsPage(TypedDict):
    """Every closed round that the filter picks."""

    may_plan: bool
    open: list[OpenEvaluation]
    groups: list[list[str]]
    group: str
    years: list[int]
    year: int | None
    legend: list[list[str]]
    trends: list[QuestionTrend]
    table: FigureTable
    rounds: list[Round]
    is_example: bool
    most: int
    fault: Any
    faulty: str


class NeighbourDocument(TypedDict):
    """How far away another RC's seat is."""

    id: str
    name: str
    great_circle_km: float
    travel_hours: float
    travel_band: str


class NeighbourList(TypedDict):
    """The nearest RC, nearest first."""

    items: list[NeighbourDocument]


NetworkForm: TypeAlias = Literal["in_person", "digital"]


class NetworkOut(TypedDict):
    """A peer network of today."""

    id: str
    name_sv: str
    name_en: str
    layer: Layer
    form: NetworkForm
    farthest_km: float | None
    members: list[MemberOut]
    is_example: bool


class NetworkPage(TypedDict):
    """Everything that the page of a network shows."""

    id: str
    name: str
    layer: str
    purpose: str
    why: str
    is_thin: bool
    is_digital: bool
    is_example: bool
    members: list[MemberRow]
    figures: list[FigureRow]
    distances: list[DistanceRow]
    meetings: list[MeetingRow]
    map: MapView
    polls: list[list[str]]
    learnt: list[str]
    may_act: bool
    life: Life
    invited: list[str]
    former_name: str
    why_lines: list[list[str | list[str]]]


class OpenEvaluation(TypedDict):
    """An evaluation that still takes answers: how many have come, and nothing else."""

    id: str
    title: str
    closes_on: str
    answered: int
    issued: int
    is_example: bool


class Outline(TypedDict):
    """An area: its SVG path and its class, pre or op or empty."""

    path: str
    kind: str
    rc_id: str


class OverviewPage(TypedDict):
    """All RC, and how far each has looked its facts through."""

    headings: list[str]
    rows: list[OverviewRow]
    waiting: int


class OverviewRow(TypedDict):
    """One RC with its parts."""

    rc_id: str
    name: str
    lines: list[CheckLine]


class OwnPlace(TypedDict):
    """A place in a list; `path` leads to where it is answered or passed on."""

    path: str
    subject: list[str]
    title: str
    when: str
    function: str
    name: str
    partstat: Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]
    is_mine: bool
    is_waiting: bool


class OwnWishesPage(TypedDict):
    """The wishes of the reader's own RC, or of all for a planner."""

    meeting_id: str
    meeting: str
    rcs: list[RcWishes]


class PairRow(TypedDict):
    """A visitor with the host it has now; `host` is empty where it has none."""

    visitor: str
    name: str
    host: str
    host_name: str
    band: str
    why: str
    beside: str
    is_moved: bool
    hosts: list[list[str]]


class Part(TypedDict):
    """One part of the facts: its fields, and whether it is looked through."""

    line: CheckLine
    rows: list[FormRow]


class PartLine(TypedDict):
    """RC of one part of the country or one phase; the averages an RC, empty where they are too few."""

    name: str
    rcs: str
    values: list[str]


Partstat: TypeAlias = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]


class PastMeeting(TypedDict):
    """A meeting that was to be, with no answer yet to whether it was."""

    id: str
    when: str


class Person(TypedDict):
    """Somebody who holds a function: only what colleagues need to ring or write."""

    id: str
    name: str


class PersonRow(TypedDict):
    """A post and its hours month by month; `id` names it to whoever may see what they come from."""

    id: str
    name: str
    months: list[MonthCell]
    total: str


PhaseBand: TypeAlias = Literal["pre_operational", "operational"]


class PieceRow(TypedDict):
    """One thing that takes time."""

    day: str
    name: str
    path: str
    hours: str
    journey: str


Place: TypeAlias = Literal["invited", "waiting", "withdrawn"]


class PlacePage(TypedDict):
    """What lies at a meeting, a circle or a theme, and the form for more."""

    path: str
    back: list[str]
    heading: str
    lead: str
    rows: list[Row]
    may_add: bool
    typed: Typed
    sorts: list[list[str]]
    readers: list[list[str]]
    having: list[Having]
    most_megabytes: int


class Placed(TypedDict):
    """One RC in a list of circles, and whether it is in another company in the other proposal."""

    name: str
    has_moved: bool


class PlacingPage(TypedDict):
    """The form as typed, and the ranking where there is one."""

    typed: FormTyped
    query: str
    day_rows: list[int]
    place_rows: list[int]
    towns: list[str]
    rcs: list[list[str]]
    quorums: list[list[str]]
    defaults: dict[str, str]
    conflict: list[str]
    choices: list[ChoiceRow]
    beside: list[ChoiceRow]
    more: int
    refused: list[str]
    is_by_band: bool
    travel: list[TravelRow]
    unplaced: list[list[str]]
    ahead: list[list[str]]
    map: MapView | None
    bands: list[str]
    matrix: MatrixMatrix
    shown_place: str
    survey: str
    rule: str
    decides: Decided | None


PlanCertainty: TypeAlias = Literal["stated", "probable", "possible_barnahus", "conflicting"]


PollState: TypeAlias = Literal["open", "booked", "closed"]


class PollWithTimesOut(TypedDict):
    """A poll with its times and who can."""

    id: str
    network_id: str | None
    group_id: str | None
    meeting_id: str | None
    theme: str
    form: MeetingForm
    town: str
    state: PollState
    answer_by: str | None
    each_picks: bool
    is_example: bool
    version: int
    times: list[TimeOut]
    answered: list[str]


class ProgrammeOut(TypedDict):
    """A meeting's programme as far as you may see it."""

    tracks: list[TrackOut]
    sessions: list[SessionOut]


ProposalKind: TypeAlias = Literal["networks", "programme", "year", "rounds"]


class ProposalOut(TypedDict):
    """A proposal of networks; `networks` and the proof are there when the engine has answered."""

    id: str
    kind: ProposalKind
    state: ProposalState
    title: str
    version: int
    networks: dict[str, list[list[str]]]
    objective: float | None
    lower_bound: float | None
    gap: float | None
    is_example: bool


ProposalState: TypeAlias = Literal["solving", "draft", "reviewed", "published", "withdrawn"]


class PublishPage(TypedDict):
    """Everything that the page shows."""

    id: str
    title: str
    version: int
    is_reviewed: bool
    changes: list[RcChange]
    unchanged: str
    new: int
    lives_on: int
    ended: list[str]
    called_off: list[CalledOff]
    told: list[ToldLine]
    untold: str
    unreached: str
    letters: list[list[str | Texts]]


class PublishProgrammePage(TypedDict):
    """Everything that the page shows."""

    id: str
    title: str
    version: int
    is_reviewed: bool
    has_conflicts: bool
    difference: Difference
    mails: list[MailLine]
    greeting: str
    meeting_id: str
    hours: list[str] | None


class PulseResults(TypedDict):
    """All seasons, newest first."""

    seasons: list[Season]


class QuestionOut(TypedDict):
    """A question to a circle, to all RC or to NCH."""

    id: str
    rc_id: str
    audience: Audience
    network_id: str | None
    text: str
    asked_at: str
    closed_at: str | None
    answers: list[AnswerOut]
    version: int


class QuestionTrend(TypedDict):
    """One question over the meetings."""

    key: str
    name: str
    chart: str


class Rc(TypedDict):
    """One regional resource centre; None is unknown, never no."""

    id: str
    name: str
    own_name: str | None
    county_code: str
    area_scope: Literal["county", "part_of_county", "municipality"] | None
    grant_group: str | None
    establishment_status: Literal["planning", "needs_inventory", "start_up", "partly", "operative"] | None
    started_year: int | None
    counted_established: bool | None
    org_model_current: str | None
    org_model_planned: str | None
    org_model_planned_certainty: Literal["stated", "probable", "possible_barnahus", "conflicting"] | None
    support_professionals: Literal["not_in_operation", "none", "planned", "yes"] | None
    support_exposed_any: Literal["not_in_operation", "none", "planned", "yes"] | None
    support_exposed_minors: Literal["not_in_operation", "none", "planned", "yes"] | None
    support_exposed_adults: Literal["not_in_operation", "none", "planned", "yes"] | None
    services: list[str]
    services_planned: list[str]
    can_show: list[str]
    funding_status: Literal["secured", "planned", "lacking"] | None
    funding_basis: Literal["stated", "layout"] | None
    funding_detail: str | None
    huvudman: str | None
    huvudman_planned: str | None
    digital_only: bool | None
    mobile: bool | None
    physical_site: bool | None
    n_municipalities: int | None
    staffing: str | None
    staff_count: float | None
    governance_bodies: str | None
    collaboration: str | None
    contact_region: str | None
    contact_police: str | None
    contact_prosecutor: str | None
    agency_networks: str | None
    notes: str | None
    seat_city: str | None
    seat_lat: float | None
    seat_lon: float | None
    seat_basis: str | None
    centroid_lat: float | None
    centroid_lon: float | None
    municipalities_count: int | None
    land_area_km2: float | None
    population: int | None
    population_on: str | None
    municipality_codes: list[str]
    area_basis: str | None
    max_km_seat_to_municipality_centroid: float | None
    area_size_band: Literal["small", "medium", "large", "very_large"] | None
    norrland: bool | None
    sources: dict[str, str]
    version: int


class RcChange(TypedDict):
    """An RC that gets other company."""

    name: str
    lines: list[ChangeLine]


class RcDocument(TypedDict):
    """One regional resource centre; null is unknown, never no."""

    phase_band: NotRequired[PhaseBand | None]
    sources: dict[str, str]
    version: int
    id: str
    name: str
    county_code: str
    own_name: NotRequired[str | None]
    establishment_status: NotRequired[Status | None]
    counted_established: NotRequired[bool | None]
    org_model_current: NotRequired[str | None]
    org_model_planned: NotRequired[str | None]
    org_model_planned_certainty: NotRequired[PlanCertainty | None]
    area_scope: NotRequired[AreaScope | None]
    seat_city: NotRequired[str | None]
    seat_lat: NotRequired[float | None]
    seat_lon: NotRequired[float | None]
    seat_basis: NotRequired[str | None]
    centroid_lat: NotRequired[float | None]
    centroid_lon: NotRequired[float | None]
    land_area_km2: NotRequired[float | None]
    population: NotRequired[int | None]
    population_on: NotRequired[str | None]
    area_size_band: NotRequired[SizeBand | None]
    norrland: NotRequired[bool | None]
    n_municipalities: NotRequired[int | None]
    municipalities_count: NotRequired[int | None]
    municipality_codes: list[str]
    area_basis: NotRequired[str | None]
    max_km_seat_to_municipality_centroid: NotRequired[float | None]
    support_professionals: NotRequired[Support | None]
    support_exposed_any: NotRequired[Support | None]
    support_exposed_minors: NotRequired[Support | None]
    support_exposed_adults: NotRequired[Support | None]
    grant_group: NotRequired[str | None]
    started_year: NotRequired[int | None]
    services: list[Service]
    services_planned: list[Service]
    can_show: list[Showable]
    funding_status: NotRequired[FundingStatus | None]
    funding_basis: NotRequired[FundingBasis | None]
    funding_detail: NotRequired[str | None]
    huvudman: NotRequired[str | None]
    huvudman_planned: NotRequired[str | None]
    staffing: NotRequired[str | None]
    staff_count: NotRequired[float | None]
    governance_bodies: NotRequired[str | None]
    collaboration: NotRequired[str | None]
    digital_only: NotRequired[bool | None]
    mobile: NotRequired[bool | None]
    physical_site: NotRequired[bool | None]
    contact_region: NotRequired[str | None]
    contact_police: NotRequired[str | None]
    contact_prosecutor: NotRequired[str | None]
    agency_networks: NotRequired[str | None]
    notes: NotRequired[str | None]


class RcLine(TypedDict):
    """One RC's year: as read on the page, and as numbers for a file."""

    rc_id: str
    name: str
    values: list[str]
    numbers: list[str | int | float | None]


class RcList(TypedDict):
    """The register."""

    items: list[RcDocument]


class RcRow(TypedDict):
    """An RC in the form: does it want to visit, how many visits does it take."""

    id: str
    name: str
    phase: str
    visits: bool
    takes: int


class RcWishes(TypedDict):
    """An RC's wishes."""

    rc_id: str
    name: str
    met: int
    lines: list[WishLine]


ReadBy: TypeAlias = Literal["circle", "meeting", "all"]


class Recipient(TypedDict):
    """A function that is told, and where its mail goes."""

    rc_id: str
    function_id: str
    title: str
    name: str
    language: Literal["sv", "en"]


RegisterFile: TypeAlias = dict[str, Any]


class RoadPage(TypedDict):
    """The road of one RC."""

    rc_id: str
    name: str
    is_running: bool
    steps: list[Step]
    has_circles: bool
    may_correct: bool


Role: TypeAlias = Literal["planner", "rc_member", "guest", "reader"]


class RoomLine(TypedDict):
    """A room in the form."""

    number: int
    key: str
    name: str
    capacity: str
    equipment: str
    is_digital: bool
    is_accessible: bool


class Round(TypedDict):
    """One closed round: what most chose, and what became of it."""

    id: str
    title: str
    chosen: list[list[str | list[str]]]
    outcome: list[str]
    text: str


class RoundOut(TypedDict):
    """A published, frozen version of all networks and its difference from the one before."""

    number: int
    published_at: str
    groups: list[dict[str, Any]]
    changed: list[dict[str, Any]]


class Row(TypedDict):
    """One material in a list."""

    id: str
    title: str
    address: str
    is_file: bool
    about: str
    place: list[str]
    readers: str
    may_change: bool
    versions: int


class Running(TypedDict):
    """A session that runs meanwhile, and why it is not on the agenda."""

    id: str
    title: str
    room: str
    why: str


class Said(TypedDict):
    """A text to be said at the edge, in whoever's language: a Swedish source text and its values."""

    source: str
    values: list[list[Any]]


class SchoolBreak(TypedDict):
    """A school break, first and last day included, as somebody has entered it."""

    first: str
    last: str
    name: str


class SchoolPage(TypedDict):
    """The breaks that are kept, and the list as text to change."""

    breaks: list[SchoolBreak]
    text: str
    missing: str
    is_checked: bool
    changes: list[list[str | list[TableFileChange]]]


ScopeKind: TypeAlias = Literal["person", "function", "rc", "network", "meeting", "track", "role"]


class SearchPage(TypedDict):
    """What was asked, and what was found of each kind."""

    query: str
    found: list[Found]


class Season(TypedDict):
    """What a season said; `answers` is empty while it is open, or when fewer than five have answered."""

    name: str
    asked: int
    is_open: bool
    answers: list[list[str | int]]


class Seat(TypedDict):
    """An RC's seat on the map, with the number that the table beside repeats."""

    x: float | None
    y: float | None
    number: int
    rc_id: str
    name: str
    is_chosen: bool


class SendingPage(TypedDict):
    """The mail as it will go, and to how many."""

    survey_id: str
    title: str
    mails: int
    rc_names: list[str]
    without_address: list[str]
    texts: list[list[str | Texts]]
    is_reminder: bool
    is_over: bool


class SeriesOut(TypedDict):
    """Recurring meetings: what they share, and the rule."""

    id: str
    network_id: str | None
    group_id: str | None
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm
    town: str
    starts_at: str
    ends_at: str
    rule: str
    state: MeetingState
    is_example: bool
    version: int


Service: TypeAlias = Literal["support_phone_professionals", "support_phone_exposed", "support_phone_per_agency", "consultations", "lectures", "training", "training_via_vnr", "training_plan", "routine_development", "low_threshold_support", "samrad_children", "samrad_adults", "sip", "needs_mapping", "target_group_analysis", "dialog_meetings"]


class SessionLine(TypedDict):
    """A session in the table."""

    key: str
    title: str
    leader: str
    minutes: str
    format: str
    track: str
    demand: int
    marks: list[str]
    missing: list[str]
    is_off: bool


class SessionOut(TypedDict):
    """A session of a programme; those that do not run have no slot and say why."""

    id: str
    title_sv: str
    title_en: str
    purpose_sv: str
    task_sv: str
    leader: str
    preparation_sv: str
    format: str
    starts_at: str | None
    ends_at: str | None
    room: str | None
    track: str | None
    reason_sv: str
    reason_en: str


class SessionPage(TypedDict):
    """One session whole, as a guest meets it."""

    meeting_id: str
    meeting: str
    focus: str
    where: str
    is_example: bool
    session: SessionText
    way_in: WayIn
    places: list[OwnPlace]


class SessionText(TypedDict):
    """What a session says for itself."""

    id: str
    meeting_id: str
    title: str
    when: str
    room: str
    track: str
    format: str
    purpose: str
    task: str
    method: str
    link: str
    leader: str
    preparation: str
    gives_guest: str
    table: str


class Sheet(TypedDict):
    """One round of one session; `round_number` is 0 where the session has only one round."""

    session: str
    when: str
    room: str
    round_number: int
    tables: list[Table]


class SheetPage(TypedDict):
    """The network's page, and the time that its meetings take."""

    network: NetworkPage
    time: str
    farthest: str


Showable: TypeAlias = Literal["legal_consent", "adult_target", "org_barnahus", "org_cmv_vnr", "org_mobile", "needs_inventory", "agreements", "finance_longterm", "consult_method", "direct_support", "communication", "statistics"]


class SideBySide(TypedDict):
    """The networks of one kind in both; none in full where both have the same."""

    name: str
    first: list[list[Placed]]
    second: list[list[Placed]]
    is_same: bool


SizeBand: TypeAlias = Literal["small", "medium", "large", "very_large"]


class SlotLine(TypedDict):
    """A time in the form."""

    number: int
    key: str
    day: str
    begins: str
    ends: str
    kind: str
    name: str


Sort: TypeAlias = Literal["agenda", "presentation", "agreement", "checklist", "consent", "other"]


class StandInPage(TypedDict):
    """Everything that the page shows."""

    id: str
    leader: str
    name: str
    gaps: list[GapCard]


Status: TypeAlias = Literal["planning", "needs_inventory", "start_up", "partly", "operative"]


class Step(TypedDict):
    """One step of the road: how far the RC has come, and who in its circles has taken it."""

    name: str
    question: str
    own: str
    is_done: bool
    guides: list[Guide]


class StudyPage(TypedDict):
    """Everything that the page shows."""

    id: str
    title: str
    is_studied: bool
    is_outdated: bool
    job_id: str | None
    layers: list[LayerStudy]
    alternatives: list[Alternative]
    rcs: list[list[str]]
    heat: Matrix | None
    heat_layer: str
    ways: list[str]
    way_lines: list[WayLine]
    unknown: list[UnknownLine]
    shown: list[LayerStudy]
    other_layers: list[list[str]]


Support: TypeAlias = Literal["not_in_operation", "none", "planned", "yes"]


class SurveyAnswerOut(TypedDict):
    """An RC's answer, as it was given."""

    rc_id: str
    answer: dict[str, JsonValue]
    answered_at: str
    is_example: bool
    version: int


class SurveyOut(TypedDict):
    """A needs survey: what it asks, whom, and how many have answered."""

    id: str
    meeting_id: str | None
    title_sv: str
    title_en: str
    deadline: str
    state: SurveyState
    theme_ids: list[str]
    days: list[str]
    rc_ids: list[str]
    answered: int
    is_example: bool
    version: int


SurveyState: TypeAlias = Literal["draft", "open", "closed"]


class Table(TypedDict):
    """A table with those who sit at it."""

    number: int
    chairs: list[Chair]


class TableFileChange(TypedDict):
    """One cell that a line changes: the column, and its text before and after (empty = nothing)."""

    column: str
    before: str
    after: str


class TablesPage(TypedDict):
    """All sheets of a meeting."""

    meeting_id: str
    meeting: str
    where: str
    sheets: list[Sheet]


class TextField(TypedDict):
    """One text of one band in one language."""

    name: str
    label: str
    language: str
    value: str


class Texts(TypedDict):
    """A mail's texts in one language."""

    subject: str
    text: str
    html: str


class TextsPage(TypedDict):
    """A theme's texts, its best format, whom it concerns and the report's lines that it rests on."""

    theme: Theme
    name: str
    roles: str
    bands: list[list[str | list[TextField]]]
    formats: list[list[str]]
    values: dict[str, list[str]]


class Theme(TypedDict):
    """A topic that RC ask for or can offer; read from the shipped bank once, then edited here."""

    id: str
    name_sv: str
    name_en: str
    detail_en: str
    category: str
    roles: list[str]
    phases: list[str]
    formats: list[str]
    source: str
    texts: dict[str, Any]
    is_active: bool
    version: int


class ThemeOut(TypedDict):
    """A topic that RC ask for or can offer."""

    id: str
    name_sv: str
    name_en: str
    category: str
    is_active: bool
    version: int


class Tie(TypedDict):
    """A line between two seats."""

    x1: float | None
    y1: float | None
    x2: float | None
    y2: float | None


class TimeOut(TypedDict):
    """A time that a poll asks about."""

    id: str
    starts_at: str
    ends_at: str
    marks: list[MarkOut]


class ToldLine(TypedDict):
    """Somebody who gets the mail about the new circles."""

    rc: str
    recipient: Recipient


class TrackLine(TypedDict):
    """A track in the form."""

    number: int
    key: str
    name: str
    english: str
    focus: str


class TrackOut(TypedDict):
    """A track and its stated focus."""

    id: str
    name_sv: str
    name_en: str
    focus: Focus


class TravelPage(TypedDict):
    """The question, the table, the form for one leg, and what a file would change."""

    asked: Asked
    rows: list[LegRow]
    modes: list[list[str]]
    typed: dict[str, str]
    date: str
    theirs: str
    is_checked: bool
    changes: list[list[str | list[TableFileChange]]]
    file_faults: list[CellFault]
    near: str
    page_number: int
    last: int


class TravelRow(TypedDict):
    """An RC's journey to the town shown: number on the map, band, estimated hours one way, nights away."""

    number: int
    name: str
    band: int | None
    band_name: str
    hours: str
    stay: str
    years: str


class TrendPage(TypedDict):
    """Every closed evaluation that the filter picks, question by question."""

    may_plan: bool
    open: list[OpenEvaluation]
    groups: list[list[str]]
    group: str
    years: list[int]
    year: int | None
    trends: list[QuestionTrend]
    table: FigureTable
    next_themes: list[list[str | list[str]]]
    is_example: bool


class TripLine(TypedDict):
    """What a meeting's journeys took in all, beside the town where they would have taken least."""

    name: str
    path: str
    town: str
    hours: str
    cheapest: str


class Typed(TypedDict):
    """What stood in a form that could not be taken."""

    title: str
    address: str
    sort: str
    read_by: str


class UnknownLine(TypedDict):
    """A fact that is not known, what it could be, and whose circles would then be others."""

    rc_id: str
    text: str
    moved: str


class Version(TypedDict):
    """One published version; `difference` is to the one before, None for the first."""

    id: str
    number: int
    when: str
    who: str
    running: int
    is_in_force: bool
    difference: Difference | None


class VersionsPage(TypedDict):
    """All versions of a meeting's programme, newest first."""

    meeting_id: str
    meeting: str
    versions: list[Version]


class ViewVersion(TypedDict):
    """One version of a document."""

    number: int
    when: str
    size: str
    is_current: bool


class ViewVersionsPage(TypedDict):
    """A document with all its versions."""

    row: Row
    versions: list[ViewVersion]
    most_megabytes: int


class VisitsPage(TypedDict):
    """The form as filled in, and the pairs."""

    rcs: list[RcRow]
    longest: str
    bands: list[list[str]]
    most: int
    pairs: list[PairRow]
    score: str
    price: str
    broken: list[str]
    loads: list[list[str]]
    map: MapView
    ahead: list[list[str]]
    asked: list[AskRow]
    query: str
    unplaced: list[list[str]]


class WayIn(TypedDict):
    """What a guest needs on the day; empty texts where nothing is written."""

    way_in: str
    contact: str
    name: str


class WayLine(TypedDict):
    """With whom each RC would be in the first kind of circles, by each ready-made choice."""

    name: str
    mates: list[list[str | bool]]


class WebMatrixRow(TypedDict):
    """An RC and its cells, in the order of the days."""

    rc_id: str
    name: str
    cells: list[MatrixCell]


class WholeDraftOut(TypedDict):
    """A proposal with the engine's documents."""

    id: str
    kind: ProposalKind
    state: ProposalState
    title: str
    meeting_id: str | None
    job_id: str | None
    created_at: str
    published_at: str | None
    is_example: bool
    version: int
    problem: JsonValue
    solution: JsonValue


class WishLine(TypedDict):
    """A wish: the theme, whether it was the one not to be missed, and what became of it in words."""

    theme: str
    is_must: bool
    is_met: bool
    what: str
    then: str


class WishPage(TypedDict):
    """Every wish with the answer behind it."""

    survey_id: str
    headings: list[str]
    rows: list[list[Any]]
    is_example: bool
    programme: str
    page_number: int
    last: int


class YearSheet(TypedDict):
    """A year on one A4: an RC's own, or NCH's over all RC (an empty `rc_id`)."""

    rc_id: str
    name: str
    path: str
    year: int
    years: list[int]
    is_over: bool
    figures: list[Figure]
    headings: list[str]
    parts: list[PartLine]
    met: list[str]
    lessons: list[LessonLine]
    notes: list[str]
    may_write: bool
    is_example: bool
    draft: str


class Reads:
    """What `Samkrets` reads, by its path."""

    @overload
    def read(self, path: Literal["/agenda"], *ids: str, **query: object) -> list[AgendaLineOut]: ...
    @overload
    def read(self, path: Literal["/bodies"], *ids: str, **query: object) -> list[BodyOut]: ...
    @overload
    def read(self, path: Literal["/bodies/{body_id}"], *ids: str, **query: object) -> BodyWithFunctionsOut: ...
    @overload
    def read(self, path: Literal["/counties"], *ids: str, **query: object) -> CountiesPage: ...
    @overload
    def read(self, path: Literal["/dates"], *ids: str, **query: object) -> PlacingPage: ...
    @overload
    def read(self, path: Literal["/evaluations"], *ids: str, **query: object) -> TrendPage: ...
    @overload
    def read(self, path: Literal["/feeds"], *ids: str, **query: object) -> list[FeedOut]: ...
    @overload
    def read(self, path: Literal["/figures/year"], *ids: str, **query: object) -> GainsPage: ...
    @overload
    def read(self, path: Literal["/figures/year/sheet"], *ids: str, **query: object) -> YearSheet: ...
    @overload
    def read(self, path: Literal["/frequent-questions"], *ids: str, **query: object) -> list[FrequentOut]: ...
    @overload
    def read(self, path: Literal["/groups"], *ids: str, **query: object) -> list[GroupOut]: ...
    @overload
    def read(self, path: Literal["/groups/{key}"], *ids: str, **query: object) -> GroupOut: ...
    @overload
    def read(self, path: Literal["/groups/{key}/meetings"], *ids: str, **query: object) -> list[str]: ...
    @overload
    def read(self, path: Literal["/invitations"], *ids: str, **query: object) -> list[InvitationOut]: ...
    @overload
    def read(self, path: Literal["/jobs"], *ids: str, **query: object) -> list[JobOut]: ...
    @overload
    def read(self, path: Literal["/jobs/{job_id}"], *ids: str, **query: object) -> JobOut: ...
    @overload
    def read(self, path: Literal["/load"], *ids: str, **query: object) -> LoadPage: ...
    @overload
    def read(self, path: Literal["/log"], *ids: str, **query: object) -> list[LogOut]: ...
    @overload
    def read(self, path: Literal["/mails"], *ids: str, **query: object) -> list[MailOut]: ...
    @overload
    def read(self, path: Literal["/mails-in"], *ids: str, **query: object) -> InboxPage: ...
    @overload
    def read(self, path: Literal["/mails/{mail_id}"], *ids: str, **query: object) -> MailOut: ...
    @overload
    def read(self, path: Literal["/materials"], *ids: str, **query: object) -> list[MaterialOut]: ...
    @overload
    def read(self, path: Literal["/materials/{material_id}/versions"], *ids: str, **query: object) -> ViewVersionsPage: ...
    @overload
    def read(self, path: Literal["/me"], *ids: str, **query: object) -> MeOut: ...
    @overload
    def read(self, path: Literal["/me/data"], *ids: str, **query: object) -> dict[str, JsonValue]: ...
    @overload
    def read(self, path: Literal["/meetings"], *ids: str, **query: object) -> list[MeetingOut]: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}"], *ids: str, **query: object) -> MeetingOut: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/agenda"], *ids: str, **query: object) -> AgendaPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/changes"], *ids: str, **query: object) -> ChangesPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/co-hosts"], *ids: str, **query: object) -> CoHostsPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/content"], *ids: str, **query: object) -> ContentPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/invitations"], *ids: str, **query: object) -> list[InvitationOut]: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/invitations/preview"], *ids: str, **query: object) -> DraftPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/materials"], *ids: str, **query: object) -> list[MaterialOut]: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/programme"], *ids: str, **query: object) -> ProgrammeOut: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/programme-versions"], *ids: str, **query: object) -> VersionsPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/schedule.{format}"], *ids: str, **query: object) -> dict[str, Any]: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/sessions/{session_id}"], *ids: str, **query: object) -> SessionPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/tables"], *ids: str, **query: object) -> TablesPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/way-in"], *ids: str, **query: object) -> ArrivalPage: ...
    @overload
    def read(self, path: Literal["/meetings/{meeting_id}/wishes"], *ids: str, **query: object) -> OwnWishesPage: ...
    @overload
    def read(self, path: Literal["/needs"], *ids: str, **query: object) -> NeedsPage: ...
    @overload
    def read(self, path: Literal["/network-proposals/{proposal_id}/affected"], *ids: str, **query: object) -> PublishPage: ...
    @overload
    def read(self, path: Literal["/network-proposals/{proposal_id}/compared"], *ids: str, **query: object) -> CompareComparePage: ...
    @overload
    def read(self, path: Literal["/network-proposals/{proposal_id}/why"], *ids: str, **query: object) -> StudyPage: ...
    @overload
    def read(self, path: Literal["/networks"], *ids: str, **query: object) -> list[NetworkOut]: ...
    @overload
    def read(self, path: Literal["/networks/{network_id}"], *ids: str, **query: object) -> NetworkOut: ...
    @overload
    def read(self, path: Literal["/networks/{network_id}/materials"], *ids: str, **query: object) -> PlacePage: ...
    @overload
    def read(self, path: Literal["/networks/{network_id}/sheet"], *ids: str, **query: object) -> SheetPage: ...
    @overload
    def read(self, path: Literal["/polls/{poll_id}"], *ids: str, **query: object) -> PollWithTimesOut: ...
    @overload
    def read(self, path: Literal["/programme-proposals"], *ids: str, **query: object) -> list[DraftedOut]: ...
    @overload
    def read(self, path: Literal["/programme-proposals/{proposal_id}"], *ids: str, **query: object) -> WholeDraftOut: ...
    @overload
    def read(self, path: Literal["/programme-proposals/{proposal_id}/affected"], *ids: str, **query: object) -> PublishProgrammePage: ...
    @overload
    def read(self, path: Literal["/programme-proposals/{proposal_id}/stand-ins"], *ids: str, **query: object) -> StandInPage: ...
    @overload
    def read(self, path: Literal["/proposals"], *ids: str, **query: object) -> list[ProposalOut]: ...
    @overload
    def read(self, path: Literal["/proposals/{proposal_id}"], *ids: str, **query: object) -> ProposalOut: ...
    @overload
    def read(self, path: Literal["/pulse"], *ids: str, **query: object) -> PulseResults: ...
    @overload
    def read(self, path: Literal["/questions"], *ids: str, **query: object) -> list[QuestionOut]: ...
    @overload
    def read(self, path: Literal["/questions/{question_id}"], *ids: str, **query: object) -> QuestionOut: ...
    @overload
    def read(self, path: Literal["/rc-checks"], *ids: str, **query: object) -> OverviewPage: ...
    @overload
    def read(self, path: Literal["/rc-comparison"], *ids: str, **query: object) -> ComparePage: ...
    @overload
    def read(self, path: Literal["/rcs"], *ids: str, **query: object) -> RcList: ...
    @overload
    def read(self, path: Literal["/rcs/export.json"], *ids: str, **query: object) -> RegisterFile: ...
    @overload
    def read(self, path: Literal["/rcs/schema.json"], *ids: str, **query: object) -> dict[str, JsonValue]: ...
    @overload
    def read(self, path: Literal["/rcs/{rc_id}"], *ids: str, **query: object) -> RcDocument: ...
    @overload
    def read(self, path: Literal["/rcs/{rc_id}/checks"], *ids: str, **query: object) -> CheckPage: ...
    @overload
    def read(self, path: Literal["/rcs/{rc_id}/neighbours"], *ids: str, **query: object) -> NeighbourList: ...
    @overload
    def read(self, path: Literal["/rcs/{rc_id}/road"], *ids: str, **query: object) -> RoadPage: ...
    @overload
    def read(self, path: Literal["/rcs/{rc_id}/year"], *ids: str, **query: object) -> YearSheet: ...
    @overload
    def read(self, path: Literal["/rounds"], *ids: str, **query: object) -> list[RoundOut]: ...
    @overload
    def read(self, path: Literal["/school-breaks"], *ids: str, **query: object) -> SchoolPage: ...
    @overload
    def read(self, path: Literal["/search"], *ids: str, **query: object) -> SearchPage: ...
    @overload
    def read(self, path: Literal["/series/{series_id}"], *ids: str, **query: object) -> SeriesOut: ...
    @overload
    def read(self, path: Literal["/surveys"], *ids: str, **query: object) -> list[SurveyOut]: ...
    @overload
    def read(self, path: Literal["/surveys/{survey_id}"], *ids: str, **query: object) -> SurveyOut: ...
    @overload
    def read(self, path: Literal["/surveys/{survey_id}/answers"], *ids: str, **query: object) -> list[SurveyAnswerOut]: ...
    @overload
    def read(self, path: Literal["/surveys/{survey_id}/form"], *ids: str, **query: object) -> AnswerPage: ...
    @overload
    def read(self, path: Literal["/surveys/{survey_id}/mails"], *ids: str, **query: object) -> SendingPage: ...
    @overload
    def read(self, path: Literal["/surveys/{survey_id}/reminders"], *ids: str, **query: object) -> SendingPage: ...
    @overload
    def read(self, path: Literal["/surveys/{survey_id}/wishes"], *ids: str, **query: object) -> WishPage: ...
    @overload
    def read(self, path: Literal["/table-proposals"], *ids: str, **query: object) -> list[DraftedOut]: ...
    @overload
    def read(self, path: Literal["/table-proposals/{proposal_id}"], *ids: str, **query: object) -> WholeDraftOut: ...
    @overload
    def read(self, path: Literal["/theme-bank"], *ids: str, **query: object) -> BankPage: ...
    @overload
    def read(self, path: Literal["/themes"], *ids: str, **query: object) -> list[ThemeOut]: ...
    @overload
    def read(self, path: Literal["/themes/{theme_id}"], *ids: str, **query: object) -> TextsPage: ...
    @overload
    def read(self, path: Literal["/themes/{theme_id}/materials"], *ids: str, **query: object) -> PlacePage: ...
    @overload
    def read(self, path: Literal["/travel"], *ids: str, **query: object) -> TravelPage: ...
    @overload
    def read(self, path: Literal["/visits"], *ids: str, **query: object) -> VisitsPage: ...
    @overload
    def read(self, path: Literal["/who-has-met"], *ids: str, **query: object) -> MetPage: ...
    @overload
    def read(self, path: Literal["/years"], *ids: str, **query: object) -> list[DraftedOut]: ...
    @overload
    def read(self, path: Literal["/years/{proposal_id}"], *ids: str, **query: object) -> WholeDraftOut: ...
    @overload
    def each(self, path: Literal["/agenda"], *ids: str, **query: object) -> Iterator[AgendaLineOut]: ...
    @overload
    def each(self, path: Literal["/bodies"], *ids: str, **query: object) -> Iterator[BodyOut]: ...
    @overload
    def each(self, path: Literal["/feeds"], *ids: str, **query: object) -> Iterator[FeedOut]: ...
    @overload
    def each(self, path: Literal["/frequent-questions"], *ids: str, **query: object) -> Iterator[FrequentOut]: ...
    @overload
    def each(self, path: Literal["/groups"], *ids: str, **query: object) -> Iterator[GroupOut]: ...
    @overload
    def each(self, path: Literal["/groups/{key}/meetings"], *ids: str, **query: object) -> Iterator[str]: ...
    @overload
    def each(self, path: Literal["/invitations"], *ids: str, **query: object) -> Iterator[InvitationOut]: ...
    @overload
    def each(self, path: Literal["/jobs"], *ids: str, **query: object) -> Iterator[JobOut]: ...
    @overload
    def each(self, path: Literal["/log"], *ids: str, **query: object) -> Iterator[LogOut]: ...
    @overload
    def each(self, path: Literal["/mails"], *ids: str, **query: object) -> Iterator[MailOut]: ...
    @overload
    def each(self, path: Literal["/materials"], *ids: str, **query: object) -> Iterator[MaterialOut]: ...
    @overload
    def each(self, path: Literal["/meetings"], *ids: str, **query: object) -> Iterator[MeetingOut]: ...
    @overload
    def each(self, path: Literal["/meetings/{meeting_id}/invitations"], *ids: str, **query: object) -> Iterator[InvitationOut]: ...
    @overload
    def each(self, path: Literal["/meetings/{meeting_id}/materials"], *ids: str, **query: object) -> Iterator[MaterialOut]: ...
    @overload
    def each(self, path: Literal["/networks"], *ids: str, **query: object) -> Iterator[NetworkOut]: ...
    @overload
    def each(self, path: Literal["/programme-proposals"], *ids: str, **query: object) -> Iterator[DraftedOut]: ...
    @overload
    def each(self, path: Literal["/proposals"], *ids: str, **query: object) -> Iterator[ProposalOut]: ...
    @overload
    def each(self, path: Literal["/questions"], *ids: str, **query: object) -> Iterator[QuestionOut]: ...
    @overload
    def each(self, path: Literal["/rcs"], *ids: str, **query: object) -> Iterator[RcDocument]: ...
    @overload
    def each(self, path: Literal["/rcs/export.json"], *ids: str, **query: object) -> Iterator[RcDocument]: ...
    @overload
    def each(self, path: Literal["/rcs/{rc_id}/neighbours"], *ids: str, **query: object) -> Iterator[NeighbourDocument]: ...
    @overload
    def each(self, path: Literal["/rounds"], *ids: str, **query: object) -> Iterator[RoundOut]: ...
    @overload
    def each(self, path: Literal["/surveys"], *ids: str, **query: object) -> Iterator[SurveyOut]: ...
    @overload
    def each(self, path: Literal["/surveys/{survey_id}/answers"], *ids: str, **query: object) -> Iterator[SurveyAnswerOut]: ...
    @overload
    def each(self, path: Literal["/table-proposals"], *ids: str, **query: object) -> Iterator[DraftedOut]: ...
    @overload
    def each(self, path: Literal["/themes"], *ids: str, **query: object) -> Iterator[ThemeOut]: ...
    @overload
    def each(self, path: Literal["/years"], *ids: str, **query: object) -> Iterator[DraftedOut]: ...
