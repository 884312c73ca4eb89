"""Which read of /api/v1 is which page, as data: the page's own route answers, so rights cannot differ.

`UNSHOWN` names the pages that are no read of the API, each with its reason; `tests/api/v1/test_whole.py`
finds every page that stands nowhere.
"""

from typing import Final

_PROPOSAL, _PLAN = "/planera/natverk/{proposal_id}", "/network-proposals/{proposal_id}"
_PROGRAMME, _TIMETABLE = "/planera/program/{proposal_id}", "/programme-proposals/{proposal_id}"
_SURVEY, _ENQUIRY = "/planera/enkater/{survey_id}", "/surveys/{survey_id}"
_MEETING, _GATHERING = "/traffar/{meeting_id}", "/meetings/{meeting_id}"

# The page, its path below /api/v1, and one line of what it says.
VIEWS: Final = (
    # The register
    ("/rc/lan", "/counties", "Who covers which county"),
    ("/rc/jamfor", "/rc-comparison", "RC side by side"),
    ("/rc/{rc_id}/aret", "/rcs/{rc_id}/year", "An RC's year in figures"),
    ("/rc/{rc_id}/vagen", "/rcs/{rc_id}/road", "The steps to the start of an RC"),
    ("/rc/{rc_id}/stammer", "/rcs/{rc_id}/checks", "What an RC is asked to check"),
    ("/planera/registret", "/rc-checks", "Whose facts are checked"),
    # Networks
    ("/natverk/{network_id}/a4", "/networks/{network_id}/sheet", "A network on one sheet"),
    ("/natverk/{network_id}/material", "/networks/{network_id}/materials", "A network's material"),
    ("/planera/vem-har-traffat-vem", "/who-has-met", "Who has met whom"),
    ("/planera/puls", "/pulse", "What the networks say of themselves"),
    (f"{_PROPOSAL}/varfor", f"{_PLAN}/why", "Why these networks, and what else could be"),
    (f"{_PROPOSAL}/jamfor", f"{_PLAN}/compared", "A proposal beside another, or today's networks"),
    (f"{_PROPOSAL}/publicera", f"{_PLAN}/affected", "Who is affected, and who gets a mail"),
    # Surveys, evaluations, needs, figures
    ("/planera/amnen", "/theme-bank", "The topics, with their texts and use"),
    ("/planera/amnen/{theme_id}/texter", "/themes/{theme_id}", "A topic's texts"),
    (f"{_SURVEY}/forhandsvisa", f"{_ENQUIRY}/form", "A survey as it is answered"),
    (f"{_SURVEY}/utskick", f"{_ENQUIRY}/mails", "What sending mails, and to whom"),
    (f"{_SURVEY}/paminn", f"{_ENQUIRY}/reminders", "Whom a reminder goes to"),
    (f"{_SURVEY}/onskemal", f"{_ENQUIRY}/wishes", "What each RC wishes"),
    ("/utvarderingar", "/evaluations", "Evaluations over time"),
    ("/behov", "/needs", "Needs over time"),
    ("/planera/vad-det-gav", "/figures/year", "What a year gave"),
    ("/planera/vad-det-gav/a4", "/figures/year/sheet", "What a year gave, as on one A4"),
    ("/belastning", "/load", "Hours and meetings of each"),
    # Meetings and their programmes
    (f"{_MEETING}/min-agenda", f"{_GATHERING}/agenda", "One's own agenda"),
    (f"{_MEETING}/bord", f"{_GATHERING}/tables", "Who sits at which table"),
    (f"{_MEETING}/onskningar", f"{_GATHERING}/wishes", "What became of one's wishes"),
    (f"{_MEETING}/andrat", f"{_GATHERING}/changes", "What changed, and who was told"),
    (f"{_MEETING}/medvardar", f"{_GATHERING}/co-hosts", "The co-hosts"),
    (f"{_MEETING}/vagen-in", f"{_GATHERING}/way-in", "The way in, for guests"),
    (f"{_MEETING}/pass/{{session_id}}", f"{_GATHERING}/sessions/{{session_id}}", "A session"),
    (f"{_MEETING}/inbjudningar/utkast", f"{_GATHERING}/invitations/preview", "How an invitation reads"),
    ("/planera/program/innehall/{meeting_id}", f"{_GATHERING}/content", "The content of a programme"),
    ("/planera/program/versioner/{meeting_id}", f"{_GATHERING}/programme-versions", "Its versions"),
    (f"{_PROGRAMME}/publicera", f"{_TIMETABLE}/affected", "What publishing changes, and for whom"),
    (f"{_PROGRAMME}/forhinder", f"{_TIMETABLE}/stand-ins", "Who could stand in"),
    # Dates, visits, journeys
    ("/planera/datum", "/dates", "Dates and places, ranked with reasons"),
    ("/planera/skollov", "/school-breaks", "The school breaks"),
    ("/planera/studiebesok", "/visits", "Study visits: proposed, asked, answered"),
    ("/planera/restider", "/travel", "The legs of journeys"),
    # The rest
    ("/planera/mejl", "/mails-in", "Mails that came in"),
    ("/bibliotek/amne/{theme_id}", "/themes/{theme_id}/materials", "A topic's material"),
    ("/bibliotek/{material_id}/versioner", "/materials/{material_id}/versions", "A document's versions"),
    ("/sok", "/search", "What is found, of what you may see"),
)  # fmt: skip

_FORM = "an empty form; the description of its act says what it takes"
_BROWSER = "signs a browser in or out"
_FIXED = "a text of the service itself, the same for all"
_SELF = "GET /me and /me/data say it"
_PIECE = "a piece of a page while one works in it"

UNSHOWN: Final = {
    "/": "the first page: what it lists is read at its own addresses",
    "/planera": "leads to the first page",
    "/openapi.json": _FIXED,
    "/.well-known/security.txt": _FIXED,
    "/integritet": _FIXED,
    "/tillganglighet": _FIXED,
    "/kakor": _FIXED,
    "/healthz": "for whoever runs the service",
    "/readyz": "for whoever runs the service",
    "/metrics": "for whoever runs the service",
    "/logga-in": _BROWSER,
    "/logga-in/skickat": _BROWSER,
    "/logga-in/organisation": _BROWSER,
    "/logga-in/organisation/svar": _BROWSER,
    "/logga-in/organisation/{provider_id}": _BROWSER,
    "/logga-in/organisation/{provider_id}/svar": _BROWSER,
    "/mina-sessioner": _BROWSER,
    "/mina-nycklar": "a key is made and ended by a person, never by another key",
    "/enkat": _FORM,
    "/utvardering/tack": "thanks after a mailed link",
    "/funktioner/overlamnad": "a receipt",
    "/enkater": "GET /surveys",
    "/personer/{person_id}": _SELF,
    "/jag-slutar": _SELF,
    "/valkommen": "the first page of somebody new: read at its own addresses",
    "/handelser/{event_id}.ics": "a link in a mail; GET /meetings/{meeting_id}/event.ics",
    "/inbjudan/{invitation_id}": "one's own invitation; GET /meetings/{meeting_id}/invitations",
    "/behov/resultat.{kind}": "the figures as a file; GET /needs",
    "/natverk/{network_id}/ny-tid": _FORM,
    "/natverk/{network_id}/serie": _FORM,
    "/serie/{series_id}/andra": _FORM,
    "/tidsval/{poll_id}/svara": _FORM,
    "/organisationer/las-in": _FORM,
    "/organisationer/ny": _FORM,
    "/funktioner/{function_id}/lamna-over": _FORM,
    "/planera/enkater/ny": _FORM,
    "/planera/enkater/{survey_id}/andra": _FORM,
    "/planera/enkater/{survey_id}/svar/{rc_id}": _FORM,
    "/planera/utvarderingar/ny": _FORM,
    "/planera/behov/ny": _FORM,
    "/rc/inlasning": _FORM,
    "/rc/nytt": _FORM,
    "/rc/{rc_id}/andra": _FORM,
    "/traffar/{meeting_id}/kost": _FORM,
    "/traffar/{meeting_id}/uppgifter": _FORM,
    "/traffar/{meeting_id}/tid": _FORM,
    "/traffar/ny": _FORM,
    "/planera/traffar/las-in": _FORM,
    "/fragor/ny": _FORM,
    "/planera/program/ny/{meeting_id}": _FORM,
    "/planera/program/innehall/{meeting_id}/pass/{key}": _FORM,
    "/planera/program/innehall/{meeting_id}/schema": _FORM,
    "/planera/natverk/{proposal_id}/flytta": _PIECE,
    "/planera/natverk/{proposal_id}/ratta": _PIECE,
    "/planera/natverk/{proposal_id}/kostar": _PIECE,
    "/planera/natverk/{proposal_id}/a4": "GET /proposals/{proposal_id} holds the same",
    "/planera/program/{proposal_id}/omdome/{session_key}": _PIECE,
    "/planera/program/{proposal_id}/version": _PIECE,
    "/planera/bord/{proposal_id}/a4": "GET /table-proposals/{proposal_id} holds the same",
    "/planera/bord/{proposal_id}/bord.{kind}": "the same as a file; GET /table-proposals/{proposal_id}",
}
