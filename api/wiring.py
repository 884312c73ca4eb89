"""Connects features upward: the one list of who hears what, for the web service, the worker and the commands."""

from api.accounts.models import ApiKey, Body, Function, Person
from api.accounts.news import AccountsChanged, FunctionHandedOver, HandOverMade, SignInLinkMade
from api.audit.naming import BELONGS, NAMED
from api.audit.service import on_accounts_changed
from api.availability import asking as asked_when
from api.availability import following as polls
from api.availability import service as times
from api.availability.models import Poll
from api.calendar.service import EventChanged
from api.circles import absence, convening, declining
from api.circles import hand_over as circles
from api.circles.models import Convening
from api.dietary.service import on_meeting_changed
from api.feeds import rights
from api.feeds.delivery import AddressesEnded, on_addresses_ended
from api.feeds.joining import (
    FeedsDirty,
    on_event_changed,
    on_feeds_dirty,
    on_network_renamed,
    on_place_changed,
)
from api.feeds.models import Feed, FeedToken
from api.invitations import service as invitations
from api.invitations import telling
from api.invitations import undoing as places
from api.invitations.delivery import on_video_changed
from api.invitations.holding import on_mail_left
from api.invitations.models import Invitation
from api.invitations.series import PlaceChanged
from api.jobs.service import JobFinished
from api.kit.db import Database
from api.kit.settings import Settings
from api.library.models import Material
from api.meetings import deadlines, following, groups, video
from api.meetings import service as meetings
from api.meetings import undoing as series
from api.meetings.calendars import MeetingChanged
from api.meetings.hosting import CoHostLeft
from api.meetings.models import Meeting, MeetingGroup, MeetingSeries
from api.meetings.series import SeriesAgreed, SeriesContinued
from api.meetings.service import MeetingAgreed, MeetingMoved
from api.networks import service as networks
from api.networks.models import Network
from api.networks.service import CircleAnswered, NetworkEnded, NetworkPublished, NetworkRenamed
from api.outbox.acts import install
from api.outbox.holding import on_function_handed_over
from api.outbox.service import MailLeft
from api.outbox.sign_in import on_sign_in_link
from api.programme import following as programme
from api.programme.models import ProgrammeSession
from api.proposals import queries as proposals
from api.proposals.asking import service as asking
from api.proposals.asking.models import LeaderAsk
from api.proposals.kinds import on_job_finished
from api.proposals.models import Proposal
from api.proposals.programme import publishing as programmes
from api.proposals.programme import telling as session_words
from api.proposals.programme.writing import taking_in
from api.proposals.rounds import booking as rounds
from api.proposals.visits import asking as visits
from api.proposals.visits.models import VisitAsk
from api.proposals.year import booking
from api.questions import service as questions
from api.registry import checking
from api.registry.models import Rc
from api.surveys import deadlines as asked
from api.surveys import mailing
from api.surveys import undoing as survey_acts
from api.surveys.models import Evaluation, NeedsSurvey, Theme

# How each kind of step of an act is taken back.
_UNDOERS = {
    asked_when.UNDO: asked_when.undo_asking,
    asked_when.UNDO_REMINDING: asked_when.undo_reminding,
    times.UNDO_TIME: times.undo_time,
    times.UNDO_BOOKING: times.undo_booking,
    meetings.UNDO_MADE: meetings.undo_made,
    groups.UNDO: groups.undo_made,
    meetings.UNDO: meetings.undo_change,
    series.KIND: series.undo_series,
    video.UNDO: video.undo_video,
    booking.UNDO: booking.undo_booking,
    rounds.UNDO: rounds.undo_booking,
    visits.UNDO: visits.undo_asking,
    places.KIND: places.undo_place,
    networks.UNDO_ANSWER: networks.undo_answer,
    declining.UNDO: declining.undo_declining,
    circles.UNDO: circles.undo_hand_over,
    absence.UNDO: absence.undo_absence,
    convening.NUDGE: convening.undo_nudge,
    convening.TURN: convening.undo_turn,
    asking.UNDO: asking.undo_ask,
    mailing.UNDO: mailing.undo_mailing,
    survey_acts.OPENED: survey_acts.undo_opening,
    survey_acts.SENT: survey_acts.undo_sending,
    survey_acts.TIED: survey_acts.undo_tying,
    places.REPLY: places.undo_reply,
    telling.REMINDER.kind: telling.undo_reminder,
    questions.UNDO: questions.undo_asking,
    programmes.UNDO: programmes.undo_publishing,
    session_words.UNDO: session_words.undo_words,
    taking_in.UNDO: taking_in.undo_taking,
}
# What each kind of thing in the log is called: its table, and its name in Swedish and English.
_NAMED = {
    "body": (Body, "name", "name"),
    "evaluation": (Evaluation, "title_sv", "title_en"),
    "feed": (Feed, "name", "name"),
    "function": (Function, "title", "title"),
    "group": (MeetingGroup, "name", "name"),
    "invitation": (Invitation, "name", "name"),
    "leader_ask": (LeaderAsk, "title_sv", "title_en"),
    "material": (Material, "title", "title"),
    "meeting": (Meeting, "name_sv", "name_en"),
    "needs_survey": (NeedsSurvey, "title_sv", "title_en"),
    "network": (Network, "name_sv", "name_en"),
    "person": (Person, "name", "name"),
    "poll": (Poll, "theme", "theme"),
    "programme_session": (ProgrammeSession, "title_sv", "title_en"),
    "proposal": (Proposal, *proposals.TITLES),
    "rc": (Rc, "name", "name"),
    "series": (MeetingSeries, "name_sv", "name_en"),
    "theme": (Theme, "name_sv", "name_en"),
}
# Whose the others are: the column of their table that says it, and what kind that is.
_BELONGS = {
    "api_key": (ApiKey, "person_id", "person"),
    "co_host": (None, "", "meeting"),
    "convening": (Convening, "network_id", "network"),
    "feed_token": (FeedToken, "feed_id", "feed"),
    "programme": (None, "", "meeting"),
    "programme_outline": (None, "", "meeting"),
    "visit_ask": (VisitAsk, "visitor_rc", "rc"),
}
# Steps that calendars follow at once: whoever has fetched them has seen what is undone.
_IN_CALENDARS = frozenset(
    {
        times.UNDO_TIME,
        times.UNDO_BOOKING,
        meetings.UNDO_MADE,
        meetings.UNDO,
        series.KIND,
        video.UNDO,
        booking.UNDO,
        programmes.UNDO,
        session_words.UNDO,
    }
)


# Who writes each kind of mail that is written when it goes.
_COMPOSERS = {
    telling.KIND: telling.COMPOSER,
    telling.REMINDER.kind: telling.REMINDER,
    asked_when.KIND: asked_when.COMPOSER,
    mailing.KIND: mailing.COMPOSER,
}


def connect(url: str, base_url: str, hold_minutes: float | None = None) -> Database:
    """Open a database whose transactions tell the higher features what happened in the lower.

    `base_url` starts the links in mail and calendars; mail that tells others waits for
    `hold_minutes`, which are the settings' where none are given.
    """
    database = Database(url, base_url)
    outbox = install(database, Settings().hold_minutes if hold_minutes is None else hold_minutes)
    outbox.composers |= _COMPOSERS
    outbox.undoers |= _UNDOERS
    NAMED.update(_NAMED)
    BELONGS.update(_BELONGS)
    outbox.in_calendars |= _IN_CALENDARS
    database.subscribe(AccountsChanged, on_accounts_changed)
    database.subscribe(AccountsChanged, following.on_accounts_changed)
    database.subscribe(NetworkPublished, following.on_network_published)
    database.subscribe(NetworkPublished, rights.on_network_published)
    database.subscribe(NetworkRenamed, following.on_network_renamed)
    database.subscribe(NetworkRenamed, on_network_renamed)
    database.subscribe(CircleAnswered, following.on_circle_answered)
    database.subscribe(CircleAnswered, declining.on_circle_answered)
    database.subscribe(NetworkEnded, following.on_network_ended)
    database.subscribe(MeetingChanged, on_meeting_changed)
    database.subscribe(MeetingChanged, deadlines.on_meeting_changed)
    database.subscribe(MeetingChanged, programme.on_meeting_changed)
    database.subscribe(MeetingChanged, asked.on_meeting_changed)
    database.subscribe(MeetingAgreed, invitations.on_meeting_agreed)
    database.subscribe(SeriesAgreed, invitations.on_series_agreed)
    database.subscribe(MeetingMoved, programme.on_meeting_moved)
    database.subscribe(AccountsChanged, programme.on_accounts_changed)
    database.subscribe(FunctionHandedOver, on_function_handed_over)  # before anybody is told anew
    database.subscribe(FunctionHandedOver, programme.on_function_handed_over)
    database.subscribe(SignInLinkMade, on_sign_in_link)
    database.subscribe(HandOverMade, circles.on_hand_over_made)
    database.subscribe(HandOverMade, polls.on_hand_over_made)
    database.subscribe(FunctionHandedOver, mailing.on_function_handed_over)
    database.subscribe(AccountsChanged, rights.on_accounts_changed)
    database.subscribe(FunctionHandedOver, rights.on_function_handed_over)
    database.subscribe(FunctionHandedOver, asking.on_function_handed_over)
    database.subscribe(FunctionHandedOver, invitations.on_function_handed_over)
    database.subscribe(FunctionHandedOver, polls.on_function_handed_over)
    database.subscribe(FunctionHandedOver, visits.on_function_handed_over)
    database.subscribe(FunctionHandedOver, questions.on_function_handed_over)
    database.subscribe(FunctionHandedOver, checking.on_function_handed_over)
    database.subscribe(CoHostLeft, rights.on_network_published)
    database.subscribe(MailLeft, on_mail_left)
    database.subscribe(video.VideoChanged, on_video_changed)
    database.subscribe(PlaceChanged, on_place_changed)
    database.subscribe(SeriesContinued, invitations.on_series_continued)
    database.subscribe(EventChanged, on_event_changed)
    database.subscribe(EventChanged, invitations.on_event_changed)
    database.subscribe(FeedsDirty, on_feeds_dirty)
    database.subscribe(AddressesEnded, on_addresses_ended)
    database.subscribe(rights.RightsChanged, rights.on_rights_changed)
    database.subscribe(JobFinished, on_job_finished)
    return database
