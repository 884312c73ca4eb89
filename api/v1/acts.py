"""Which act of /api/v1 is which form of the pages: the same function answers both, so rules and rights cannot differ.

`EXCUSED` names the forms that are no act of the API, each with its reason; `tests/api/v1/test_whole.py`
finds every form that stands in neither.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Act:
    """One act: the page's form, its path below /api/v1, and one line of what it does.

    takes: the fields of a form that is read by name, where the route does not declare them itself.
    """

    form: str
    path: str
    summary: str
    takes: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The subject that the act stands under in the description: the first part of its path."""
        return self.path.split("/")[1]


_PROPOSAL, _PLAN = "/planera/natverk/{proposal_id}", "/network-proposals/{proposal_id}"
_PROGRAMME, _TIMETABLE = "/planera/program/{proposal_id}", "/programme-proposals/{proposal_id}"
_CONTENT, _WRITING = "/planera/program/innehall/{meeting_id}", "/meetings/{meeting_id}/content"
_SURVEY, _ENQUIRY = "/planera/enkater/{survey_id}", "/surveys/{survey_id}"
_YEAR, _LAID = "/planera/aret/{proposal_id}", "/years/{proposal_id}"

# What the form of a matching reads by name, beside weights, sizes of each kind and pairs.
_MATCHING: Final = (
    *("changed", "preset", "sizes", "layers", "repeated_pair", "stability", "standing", "alone"),
    *("number_likeness", "number_nearness", "number_experience", "leaders", "leaders_layer"),
    *(
        f"kind_{row}_{part}"
        for row in (1, 2, 3, 4)
        for part in ("bound", "count", "which", "layer")
    ),
    *(f"{rule}_{part}" for rule in ("mean", "common") for part in ("which", "count", "layer")),
    *("poll_which", "poll_layer"),
)

ACTS: Final = (
    # The register
    Act("/rc/nytt", "/rcs/add", "Add an RC"),
    Act("/rc/{rc_id}/andra", "/rcs/{rc_id}/correct", "Correct facts of an RC, each with its source"),
    Act("/rc/{rc_id}/stammer", "/rcs/{rc_id}/check", "Confirm or correct a group of facts"),
    Act("/rc/{rc_id}/bekrafta/{part}", "/rcs/{rc_id}/confirm/{part}", "Confirm a group of facts"),
    Act("/rc/inlasning", "/rcs/import", "Read the register from a file; without `action` only look"),
    Act("/planera/registret/fraga", "/rcs/ask", "Ask every RC whether its facts are right"),
    # Contacts
    Act("/organisationer/ny", "/bodies/add", "Add an organisation"),
    Act("/organisationer/las-in", "/bodies/import", "Read contacts from a file"),
    Act("/organisationer/{body_id}/andra", "/bodies/{body_id}/rename", "Rename an organisation"),
    Act("/organisationer/{body_id}/slas-ihop", "/bodies/{body_id}/join", "Join two organisations"),
    Act("/organisationer/{body_id}/avsluta", "/bodies/{body_id}/end", "End an organisation"),
    Act("/organisationer/{body_id}/funktioner", "/bodies/{body_id}/functions/add", "Add a function"),
    Act("/organisationer/{body_id}/kontakt", "/bodies/{body_id}/contact", "Choose NCH's contact for it"),
    Act("/organisationer/{body_id}/deltar", "/bodies/{body_id}/attends", "Say who comes to what"),
    Act("/funktioner/{function_id}/andra", "/functions/{function_id}/rename", "Rename a function"),
    Act("/funktioner/{function_id}/avsluta", "/functions/{function_id}/end", "End a function"),
    Act("/funktioner/{function_id}/lamna-over", "/functions/{function_id}/hand-over", "Hand a function over"),
    Act("/funktioner/{function_id}/ta-tillbaka", "/functions/{function_id}/take-back", "Take a hand-over back"),
    Act("/funktioner/{function_id}/borta", "/functions/{function_id}/away", "Say that the holder is away"),
    Act("/funktioner/{function_id}/tillbaka", "/functions/{function_id}/back", "Say that the holder is back"),
    Act("/personer/{person_id}", "/people/{person_id}/change", "Change a person's name or number"),
    # Networks and groups
    Act("/natverk/{network_id}/svar", "/networks/{network_id}/answer", "Decline an RC's place, or take it again"),
    Act("/natverk/{network_id}/namn", "/networks/{network_id}/rename", "Name a network"),
    Act("/natverk/{network_id}/traffades", "/networks/{network_id}/met", "Say whether a meeting was held"),
    Act("/natverk/{network_id}/sammankallande", "/networks/{network_id}/convener", "Choose who convenes"),
    Act("/natverk/{network_id}/avsta", "/networks/{network_id}/decline-turn", "Decline one's turn to convene"),
    Act("/natverk/{network_id}/dagordning", "/networks/{network_id}/agenda", "Choose what to talk about"),
    Act("/natverk/{network_id}/vila", "/networks/{network_id}/rest", "Let a network rest"),
    Act("/natverk/{network_id}/puffa", "/networks/{network_id}/nudge", "Remind a network to meet"),
    Act("/natverk/{network_id}/ny-tid", "/networks/{network_id}/polls/add",
        "Ask for a time; without `do=send` nothing is kept",
        ("do", "theme", "form", "place", "video_url", "length", "meeting_id")),
    Act("/natverk/{network_id}/ny-tid/forslag", "/networks/{network_id}/good-times", "Find times that fit"),
    Act("/natverk/{network_id}/serie", "/networks/{network_id}/series/add", "Make a series of meetings"),
    Act("/natverk/{network_id}/material", "/networks/{network_id}/materials/add", "Add material of a network"),
    Act("/forum/{key}/traffar", "/groups/{key}/meetings/add", "Book or propose a meeting of a group"),
    Act("/forum/{key}/aret", "/groups/{key}/yearly", "Say how many meetings a group has a year"),
    # Proposals of networks
    Act("/planera/natverk", "/network-proposals/add", "Match networks", _MATCHING),
    Act("/planera/natverk/tillbaka", "/network-proposals/back", "Propose the round before again"),
    Act(f"{_PROPOSAL}/flytta", f"{_PLAN}/move", "Move an RC in a proposal"),
    Act(f"{_PROPOSAL}/angra", f"{_PLAN}/undo", "Undo the last change of a proposal"),
    Act(f"{_PROPOSAL}/gor-om", f"{_PLAN}/redo", "Do the undone change again"),
    Act(f"{_PROPOSAL}/granska", f"{_PLAN}/review", "Mark a proposal as reviewed"),
    Act(f"{_PROPOSAL}/publicera", f"{_PLAN}/publish", "Publish a proposal, and tell those named in `told`"),
    Act(f"{_PROPOSAL}/dra-tillbaka", f"{_PLAN}/withdraw", "Put a proposal aside"),
    Act(f"{_PROPOSAL}/varfor", f"{_PLAN}/study", "Study what else could have been"),
    Act(f"{_PROPOSAL}/tank-om", f"{_PLAN}/what-if", "Match again with one thing changed"),
    Act(f"{_PROPOSAL}/igen", f"{_PLAN}/again", "Match again around what is locked"),
    Act(f"{_PROPOSAL}/utan", f"{_PLAN}/without", "Match again without a wish"),
    Act(f"{_PROPOSAL}/las", f"{_PLAN}/lock", "Lock a network, or unlock it"),
    # Surveys
    Act("/planera/enkater", "/surveys/add", "Draft a survey"),
    Act(f"{_SURVEY}/andra", f"{_ENQUIRY}/change", "Change a survey"),
    Act(f"{_SURVEY}/utskick", f"{_ENQUIRY}/send", "Open a survey and send its links"),
    Act(f"{_SURVEY}/paminn", f"{_ENQUIRY}/remind", "Remind those who have not answered"),
    Act(f"{_SURVEY}/stang", f"{_ENQUIRY}/close", "Close a survey"),
    Act(f"{_SURVEY}/oppna", f"{_ENQUIRY}/reopen", "Open a survey again"),
    Act(f"{_SURVEY}/forlang", f"{_ENQUIRY}/prolong", "Move the last day of answering"),
    Act(f"{_SURVEY}/aterkalla", f"{_ENQUIRY}/replace-links", "Send new links instead of old ones"),
    Act(f"{_SURVEY}/svar/{{rc_id}}", f"{_ENQUIRY}/answers/{{rc_id}}/save", "Write an RC's answer down"),
    Act("/planera/utvarderingar", "/evaluations/add", "Make an evaluation and send its links"),
    Act("/planera/behov", "/needs/ask", "Ask what is needed over time"),
    Act("/planera/behov/{round_id}/utfall", "/needs/{round_id}/outcome", "Write down what came of it"),
    Act("/planera/amnen", "/themes/add", "Add a topic"),
    Act("/planera/amnen/{theme_id}", "/themes/{theme_id}/change", "Change a topic"),
    Act("/planera/amnen/{theme_id}/texter", "/themes/{theme_id}/texts", "Write a topic's texts"),
    # Meetings
    Act("/traffar/ny", "/meetings/add", "Make a meeting of chosen RC; without `do=send` nothing is kept"),
    Act("/traffar/{meeting_id}/uppgifter", "/meetings/{meeting_id}/change",
        "Change what a meeting is; without `do=save` nothing is kept"),
    Act("/traffar/{meeting_id}/tid", "/meetings/{meeting_id}/change-time", "Change a meeting's time and place"),
    Act("/traffar/{meeting_id}/bestam", "/meetings/{meeting_id}/decide", "Decide on a proposed meeting"),
    Act("/traffar/{meeting_id}/stall-in", "/meetings/{meeting_id}/call-off", "Call a meeting off"),
    Act("/traffar/{meeting_id}/skydd", "/meetings/{meeting_id}/protect", "Show a meeting only as busy"),
    Act("/traffar/{meeting_id}/videolank", "/meetings/{meeting_id}/video", "Set the video room"),
    Act("/traffar/{meeting_id}/lardom", "/meetings/{meeting_id}/learnt", "Write down what a visit taught"),
    Act("/traffar/{meeting_id}/vagen-in", "/meetings/{meeting_id}/way-in", "Write the way in"),
    Act("/traffar/{meeting_id}/medvardar", "/meetings/{meeting_id}/co-hosts/add", "Name a co-host"),
    Act("/traffar/{meeting_id}/medvardar/{function_id}/ta-bort",
        "/meetings/{meeting_id}/co-hosts/{function_id}/remove", "Take a co-host away"),
    Act("/traffar/{meeting_id}/material", "/meetings/{meeting_id}/materials/add", "Add material of a meeting"),
    Act("/traffar/{meeting_id}/kost", "/meetings/{meeting_id}/diet", "Say what one cannot eat"),
    Act("/traffar/{meeting_id}/eget-svar", "/meetings/{meeting_id}/answer", "Answer one's invitation"),
    Act("/serie/{series_id}/andra", "/series/{series_id}/change", "Change a series"),
    Act("/serie/{series_id}/forlang", "/series/{series_id}/prolong", "Prolong a series"),
    Act("/serie/{series_id}/avsluta", "/series/{series_id}/end", "End a series"),
    Act("/serie/{series_id}/videolank", "/series/{series_id}/video", "Set a series' video room"),
    Act("/serie/{series_id}/skydd", "/series/{series_id}/protect", "Show a series only as busy"),
    Act("/planera/traffar/las-in", "/standing-meetings/import", "Read standing meetings from a file; keeps nothing"),
    Act("/planera/traffar/las-in/bekrafta", "/standing-meetings/import/confirm", "Take read meetings in"),
    # Invitations
    Act("/traffar/{meeting_id}/inbjudningar", "/meetings/{meeting_id}/invitations/add", "Invite functions"),
    Act("/traffar/{meeting_id}/inbjudningar/paminn", "/meetings/{meeting_id}/invitations/remind", "Remind"),
    Act("/traffar/{meeting_id}/inbjudningar/svar", "/meetings/{meeting_id}/invitations/answer",
        "Answer for somebody"),
    Act("/traffar/{meeting_id}/platser", "/meetings/{meeting_id}/seats", "Limit the places"),
    Act("/traffar/{meeting_id}/svarsdag", "/meetings/{meeting_id}/answer-by", "Choose the day to answer by"),
    Act("/inbjudan/{invitation_id}", "/invitations/{invitation_id}/answer", "Answer an invitation"),
    Act("/inbjudan/{invitation_id}/ersattare", "/invitations/{invitation_id}/substitute", "Pass one's place on"),
    Act("/inbjudningar/svar/{reply_id}/fraga", "/mails-in/{reply_id}/question", "Make a question to NCH of a mail"),
    Act("/inbjudningar/svar/{reply_id}/klart", "/mails-in/{reply_id}/handled", "Mark a mail as handled"),
    Act("/inbjudningar/svar/{reply_id}/flytta", "/mails-in/{reply_id}/move", "Move the meeting as a mail proposes"),
    # Polls
    Act("/tidsval/{poll_id}/svara", "/polls/{poll_id}/answer", "Say which times one can"),
    Act("/tidsval/{poll_id}/paminn", "/polls/{poll_id}/remind", "Remind those who have not answered"),
    Act("/tidsval/{poll_id}/boka", "/polls/{poll_id}/book", "Book one of the times"),
    Act("/tidsval/{poll_id}/lagg-till", "/polls/{poll_id}/times/add", "Add a time"),
    Act("/tidsval/{poll_id}/ta-bort", "/polls/{poll_id}/times/remove", "Take a time away"),
    Act("/tidsval/{poll_id}/avsluta", "/polls/{poll_id}/close", "Close a poll"),
    # Content of a programme, and its proposals
    Act(f"{_CONTENT}/borja", f"{_WRITING}/begin", "Begin the content of a programme"),
    Act(f"{_CONTENT}/pass/{{key}}", f"{_WRITING}/sessions/{{key}}/save", "Save a session; `nytt` makes one"),
    Act(f"{_CONTENT}/pass/{{key}}/ta-bort", f"{_WRITING}/sessions/{{key}}/take-out", "Take a session out"),
    Act(f"{_CONTENT}/pass/{{key}}/ta-med", f"{_WRITING}/sessions/{{key}}/take-in", "Take a session in again"),
    Act(f"{_CONTENT}/tider", f"{_WRITING}/slots", "Save the times"),
    Act(f"{_CONTENT}/lokaler", f"{_WRITING}/rooms", "Save the rooms"),
    Act(f"{_CONTENT}/spar", f"{_WRITING}/tracks", "Save the tracks"),
    Act(f"{_CONTENT}/schema", f"{_WRITING}/read",
        "Read a schedule from a file (pretalx, frab, CoSPLib, a table); without `take` only look"),
    Act(f"{_CONTENT}/klistra", f"{_WRITING}/paste", "Take sessions from rows or a spreadsheet"),
    Act(f"{_CONTENT}/rakna", f"{_WRITING}/plan", "Plan the programme"),
    Act("/planera/program/ny/{meeting_id}", "/meetings/{meeting_id}/programme-proposals/add",
        "Plan a programme from a survey"),
    Act(f"{_PROGRAMME}/tar-over", f"{_TIMETABLE}/take-over", "Have somebody else lead"),
    Act(f"{_PROGRAMME}/andra", f"{_TIMETABLE}/change", "Open a draft of the next version"),
    Act(f"{_PROGRAMME}/flytta", f"{_TIMETABLE}/move", "Move a session"),
    Act(f"{_PROGRAMME}/langd", f"{_TIMETABLE}/length", "Change a session's length"),
    Act(f"{_PROGRAMME}/angra", f"{_TIMETABLE}/undo", "Undo the last change"),
    Act(f"{_PROGRAMME}/gor-om", f"{_TIMETABLE}/redo", "Do the undone change again"),
    Act(f"{_PROGRAMME}/las", f"{_TIMETABLE}/lock", "Lock a session"),
    Act(f"{_PROGRAMME}/las-upp", f"{_TIMETABLE}/unlock", "Unlock a session"),
    Act(f"{_PROGRAMME}/rakna-om", f"{_TIMETABLE}/plan-again", "Plan what is not locked again"),
    Act(f"{_PROGRAMME}/fraga-ledare", f"{_TIMETABLE}/ask-leaders", "Ask who leads"),
    Act(f"{_PROGRAMME}/ta-in-svar", f"{_TIMETABLE}/take-answers-in", "Take the leaders' answers in"),
    Act(f"{_PROGRAMME}/granska", f"{_TIMETABLE}/review", "Mark a programme as reviewed"),
    Act(f"{_PROGRAMME}/mejlen/visa", f"{_TIMETABLE}/preview-mails", "Look at the mails of publishing"),
    Act(f"{_PROGRAMME}/publicera", f"{_TIMETABLE}/publish", "Publish a programme"),
    Act(f"{_PROGRAMME}/dra-tillbaka", f"{_TIMETABLE}/withdraw", "Put a programme aside"),
    Act(f"{_PROGRAMME}/laga", f"{_TIMETABLE}/repair", "Find the smallest change that mends a programme"),
    # Dates, the year, visits, journeys
    Act("/planera/datum", "/dates/book", "Book a date and a place"),
    Act("/planera/skollov", "/school-breaks/save", "Save the school breaks"),
    Act("/planera/bord", "/table-proposals/add", "Deal RC out at tables in several rounds, no two twice",
        ("rounds", "smallest", "largest", "mix", "new_company", "rcs")),
    Act("/planera/bord/{proposal_id}/boka", "/table-proposals/{proposal_id}/book",
        "Make a meeting of each table and invite those who sit there",
        ("name", "name_en", "focus_sv", "starts", "ends", "posts", *(f"day{n}" for n in range(1, 13)))),
    Act("/planera/bord/{proposal_id}/dra-tillbaka", "/table-proposals/{proposal_id}/withdraw", "Put it aside"),
    Act("/planera/aret", "/years/add", "Lay a year out"),
    Act(f"{_YEAR}/flytta", f"{_LAID}/move", "Move a meeting of a laid-out year"),
    Act(f"{_YEAR}/angra", f"{_LAID}/undo", "Undo the last change of a year"),
    Act(f"{_YEAR}/rakna-om", f"{_LAID}/again", "Lay a year out again"),
    Act(f"{_YEAR}/boka", f"{_LAID}/book", "Make a year's meetings, as drafts"),
    Act(f"{_YEAR}/visa", f"{_LAID}/show", "Show a year's meetings to everybody"),
    Act(f"{_YEAR}/ta-tillbaka", f"{_LAID}/take-back", "Take a year's meetings back"),
    Act(f"{_YEAR}/dra-tillbaka", f"{_LAID}/withdraw", "Put a year aside"),
    Act("/planera/studiebesok", "/visits/propose", "Propose who visits whom"),
    Act("/planera/studiebesok/fragor/{ask_id}", "/visits/{ask_id}/answer", "Answer for a host"),
    Act("/planera/restider", "/travel/save", "Save the hours of a leg"),
    Act("/planera/restider/las-in", "/travel/import", "Read journeys from a file"),
    # Questions, library
    Act("/fragor/ny", "/questions/add", "Ask a circle, all RC or NCH"),
    Act("/fragor/{question_id}/svar", "/questions/{question_id}/answer", "Answer a question"),
    Act("/fragor/{question_id}/avsluta", "/questions/{question_id}/close", "Close a question, or open it again"),
    Act("/fragor/{question_id}/ta-upp", "/questions/{question_id}/bring-up", "Bring it up at the next meeting"),
    Act("/fragor/svar/{answer_id}/tacka", "/answers/{answer_id}/thank", "Thank for an answer"),
    Act("/fragor/svar/{answer_id}/erbjud", "/answers/{answer_id}/offer", "Offer an answer to everybody"),
    Act("/rc/{rc_id}/aret", "/rcs/{rc_id}/lessons/add", "Publish a line of what an RC learnt in a year"),
    Act("/planera/vad-det-gav/a4", "/lessons/add", "Publish a line of what NCH learnt in a year"),
    Act("/lardomar/{lesson_id}/ta-bort", "/lessons/{lesson_id}/remove", "Take such a line away"),
    Act("/fragor/vanliga/{frequent_id}", "/frequent-questions/{frequent_id}/judge", "Publish an offered answer"),
    Act("/bibliotek/amne/{theme_id}", "/themes/{theme_id}/materials/add", "Add material of a topic"),
    Act("/bibliotek/{material_id}/ny-version", "/materials/{material_id}/renew", "Give material a new version"),
    Act("/bibliotek/{material_id}/ta-bort", "/materials/{material_id}/remove", "Take material away"),
    # Feeds, mails, jobs, undoing
    Act("/prenumerera/leverans", "/feeds/delivery", "Choose between mails, a calendar and both"),
    Act("/planera/utskick/paus", "/mails/pause", "Pause all mail, or let it go again"),
    Act("/planera/utskick/utkast", "/mails/send-drafts", "Send drafts"),
    Act("/planera/utskick/{mail_id}", "/mails/{mail_id}/act", "Send, keep or drop a mail"),
    Act("/angra/{act_id}", "/acts/{act_id}/undo", "Undo an act while its mails wait"),
    Act("/skicka-nu/{act_id}", "/acts/{act_id}/send-now", "Send an act's mails at once"),
    Act("/jobb/{job_id}/stoppa", "/jobs/{job_id}/stop", "Stop a calculation; the best so far stays"),
)  # fmt: skip

# What the pages give as a file, the API gives too: the page's address, the path here, what it is.
FILES: Final = (
    ("/rc/export.csv", "/rcs/export.csv", "The register as CSV"),
    ("/rc/export.xlsx", "/rcs/export.xlsx", "The register as a workbook"),
    ("/rc/kallor.csv", "/rcs/sources.csv", "Where each fact of the register comes from, as CSV"),
    ("/planera/vad-det-gav.{kind}", "/figures/year.{kind}", "What a year gave, for each RC"),
    ("/enkater/{survey_id}/resultat.{kind}", "/surveys/{survey_id}/results.{kind}", "A survey's figures"),
    ("/planera/enkater/{survey_id}/onskemal.{kind}", "/surveys/{survey_id}/wishes.{kind}", "Every wish"),
    ("/planera/enkater/{survey_id}/programproblem.json", "/surveys/{survey_id}/programme-problem.json",
     "The problem that a survey's answers make"),
    ("/planera/program/{proposal_id}/problem.json", "/programme-proposals/{proposal_id}/problem.json",
     "The engine's problem of a programme"),
    ("/utvarderingar/resultat.{kind}", "/evaluations/results.{kind}", "The figures of evaluations"),
    ("/planera/restider.csv", "/travel.csv", "The table of journeys"),
    ("/traffar/{meeting_id}/lagg-till.ics", "/meetings/{meeting_id}/event.ics", "A meeting for a calendar"),
    ("/pass/{session_id}/lagg-till.ics", "/sessions/{session_id}/event.ics", "A session for a calendar"),
    ("/bibliotek/{material_id}", "/materials/{material_id}/file", "A document's current file"),
    ("/bibliotek/{material_id}/version/{number}", "/materials/{material_id}/versions/{number}/file",
     "An earlier file of a document"),
)  # fmt: skip

_BROWSER = "signs a browser in or out"
_HAND = "shows other planners what is in one's hand over the grid; it changes nothing"
_LINK = "a mailed link is one person's own; its page is its way"
_FEED = "DELETE, PATCH and POST /feeds do it"

EXCUSED: Final = {
    "/exempel/logga-in": _BROWSER,
    "/logga-in": _BROWSER,
    "/logga-in/{token}": _BROWSER,
    "/logga-ut": _BROWSER,
    "/mina-sessioner/andra/avsluta": _BROWSER,
    "/mina-sessioner/{session_id}/avsluta": _BROWSER,
    "/mina-nycklar": "a key is made and ended by a person, never by another key",
    "/mina-nycklar/{key_id}/avsluta": "a key is made and ended by a person, never by another key",
    "/stammer/{token}": _LINK,
    "/enkat": _LINK,
    "/enkat/{token}": _LINK,
    "/enkat/{token}/utkast": _LINK,
    "/utvardering/{token}": _LINK,
    "/leda/{token}": _LINK,
    "/besok/{token}": _LINK,
    "/tid/{token}": _LINK,
    "/tid/{token}/kalender": _LINK,
    "/traffades/{token}": _LINK,
    "/puls/{token}": _LINK,
    "/svar/{token}": _LINK,
    "/svar/{token}/kost": _LINK,
    "/svar/{token}/ersattare": _LINK,
    "/fraga/{token}": _LINK,
    "/planera/program/{proposal_id}/upplockat": _HAND,
    "/prenumerera": _FEED,
    "/prenumerera/{token_id}/namn": _FEED,
    "/prenumerera/{token_id}/avsluta": _FEED,
}
