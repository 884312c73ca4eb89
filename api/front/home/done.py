"""Every act answers: what was done is said on the page that it leads to, once.

An act that tells others has a receipt of its own with *Ångra* (`api.outbox.acts`). Every other act's
text stands here, by its route. Only a browser that goes from page to page is told (Fetch Metadata);
the address then carries the text's key, and `kit.js` takes it away again.
"""

from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.i18n import later
from api.operations.metrics import route_of

_SAVED = later("Sparat.")
_REMOVED = later("Borttaget.")
_CONFIRMED = later("Delen är sparad och bekräftad.")
_ADDED = later("Materialet är tillagt.")
_LESSON = later("Raden är publicerad.")
_UNDONE = later("Ångrat. Det är som före det senaste du gjorde.")
_COUNTING = later("Samkrets räknar. Du kan göra annat under tiden.")
_REVIEWED = later("Granskat. Ingen annan ser det förrän du publicerar.")
_ASIDE = later("Arkiverat. Inget av det gäller.")

# What a route that leads on to another page has done, when it has done it.
DONE: Final = {
    "/forum/{key}/aret": _SAVED,
    "/forum/{key}/traffar": later("Träffen är inlagd."),
    "/funktioner/{function_id}/lamna-over": later("Sparat: det här har funktionen nu."),
    "/funktioner/{function_id}/ta-tillbaka": later("Funktionen är tillbaka hos den som hade den."),
    "/fragor/svar/{answer_id}/erbjud": later("Svaret är erbjudet. NCH läser det först."),
    "/fragor/svar/{answer_id}/tacka": later("Tacket syns vid svaret."),
    "/fragor/vanliga/{frequent_id}": _SAVED,
    "/fragor/{question_id}/avsluta": _SAVED,
    "/fragor/{question_id}/ta-upp": _SAVED,
    "/inbjudan/{invitation_id}": later("Svaret är sparat."),
    "/inbjudningar/svar/{reply_id}/fraga": later("Ämnet är nu en fråga till NCH."),
    "/inbjudningar/svar/{reply_id}/klart": later("Mejlet är hanterat."),
    "/jobb/{job_id}/stoppa": later("Beräkningen stoppas. Det bästa så långt finns kvar."),
    "/lardomar/{lesson_id}/ta-bort": _REMOVED,
    "/mina-nycklar/{key_id}/avsluta": later("Nyckeln är avslutad."),
    "/mina-sessioner/andra/avsluta": later("Du är utloggad på alla andra ställen."),
    "/mina-sessioner/{session_id}/avsluta": later("Inloggningen är utloggad."),
    "/natverk/{network_id}/dagordning": _SAVED,
    "/natverk/{network_id}/namn": _SAVED,
    "/natverk/{network_id}/ny-tid": later("Frågan om tider är öppen."),
    "/natverk/{network_id}/ny-tid/forslag": later("Tider är ifyllda. Ingen är frågad än."),
    "/natverk/{network_id}/svar": later("Svaret är sparat."),
    "/natverk/{network_id}/traffades": later("Svaret är sparat."),
    "/natverk/{network_id}/vila": _SAVED,
    "/organisationer/ny": later("Organisationen är tillagd."),
    "/organisationer/{body_id}/andra": _SAVED,
    "/organisationer/{body_id}/avsluta": later("Organisationen är avslutad."),
    "/organisationer/{body_id}/slas-ihop": later("Organisationerna är hopslagna."),
    "/funktioner/{function_id}/andra": _SAVED,
    "/funktioner/{function_id}/avsluta": later("Funktionen är avslutad."),
    "/organisationer/{body_id}/deltar": _SAVED,
    "/organisationer/{body_id}/funktioner": later("Funktionen är tillagd."),
    "/organisationer/{body_id}/kontakt": _SAVED,
    "/personer/{person_id}": _SAVED,
    "/planera/amnen": later("Ämnet är tillagt."),
    "/planera/amnen/{theme_id}": _SAVED,
    "/planera/amnen/{theme_id}/texter": _SAVED,
    "/planera/aret": _COUNTING,
    "/planera/bord": _COUNTING,
    "/planera/bord/{proposal_id}/dra-tillbaka": _ASIDE,
    "/planera/aret/{proposal_id}/angra": _UNDONE,
    "/planera/aret/{proposal_id}/boka": later("Träffarna är utkast. Bara planerare ser dem."),
    "/planera/aret/{proposal_id}/dra-tillbaka": _ASIDE,
    "/planera/aret/{proposal_id}/flytta": later("Träffen är flyttad i förslaget."),
    "/planera/aret/{proposal_id}/rakna-om": _COUNTING,
    "/planera/datum": later("Träffen är bokad och kommer till kalendrarna."),
    "/planera/behov/{round_id}/utfall": _SAVED,
    "/planera/vad-det-gav/a4": _LESSON,
    "/rc/{rc_id}/aret": _LESSON,
    "/planera/enkater": later("Utkastet är sparat. Ingen har fått något än."),
    "/planera/enkater/{survey_id}/andra": _SAVED,
    "/planera/enkater/{survey_id}/aterkalla": later(
        "Länkarna är spärrade. Nya går till dem som kan nås."
    ),
    "/planera/enkater/{survey_id}/forlang": later(
        "Sista svarsdagen är flyttad, också i kalendrarna. Inget mejl har skickats."
    ),
    "/planera/enkater/{survey_id}/oppna": later(
        "Enkäten är öppen igen. Länkarna som redan har skickats gäller, och inget nytt mejl har skickats."
    ),
    "/planera/enkater/{survey_id}/stang": later("Enkäten är stängd. Inget mejl har skickats."),
    "/planera/enkater/{survey_id}/svar/{rc_id}": later("Svaret är sparat."),
    "/planera/natverk": _COUNTING,
    "/planera/natverk/tillbaka": later(
        "Den förra indelningen är föreslagen igen. Inget ändras förrän du publicerar."
    ),
    "/planera/natverk/{proposal_id}/angra": _UNDONE,
    "/planera/natverk/{proposal_id}/dra-tillbaka": _ASIDE,
    "/planera/natverk/{proposal_id}/gor-om": later("Flytten är gjord igen."),
    "/planera/natverk/{proposal_id}/flytta": later("Flyttat i förslaget."),
    "/planera/natverk/{proposal_id}/granska": _REVIEWED,
    "/planera/natverk/{proposal_id}/igen": _COUNTING,
    "/planera/natverk/{proposal_id}/las": later("Låset är ändrat."),
    "/planera/natverk/{proposal_id}/publicera": later("Kretsarna är publicerade."),
    "/planera/natverk/{proposal_id}/tank-om": _COUNTING,
    "/planera/natverk/{proposal_id}/utan": _COUNTING,
    "/planera/natverk/{proposal_id}/varfor": _COUNTING,
    "/planera/program/innehall/{meeting_id}/borja": later(
        "Innehållet är påbörjat. Ingen annan ser det än."
    ),
    "/planera/program/innehall/{meeting_id}/schema": later("Schemat är inläst."),
    "/planera/program/innehall/{meeting_id}/klistra": later("Passen är inlagda."),
    "/planera/program/innehall/{meeting_id}/lokaler": _SAVED,
    "/planera/program/innehall/{meeting_id}/pass/{key}/ta-bort": later(
        "Passet är borttaget. Du kan ta med det igen."
    ),
    "/planera/program/innehall/{meeting_id}/pass/{key}/ta-med": later("Passet är med igen."),
    "/planera/program/innehall/{meeting_id}/rakna": _COUNTING,
    "/planera/program/innehall/{meeting_id}/spar": _SAVED,
    "/planera/program/innehall/{meeting_id}/tider": _SAVED,
    "/planera/program/ny/{meeting_id}": _COUNTING,
    "/planera/program/{proposal_id}/andra": later(
        "Ett utkast till nästa version är öppnat. Det som är publicerat gäller till dess."
    ),
    "/planera/program/{proposal_id}/angra": _UNDONE,
    "/planera/program/{proposal_id}/langd": later("Passets längd är ändrad."),
    "/planera/program/{proposal_id}/gor-om": later("Flytten är gjord igen."),
    "/planera/program/{proposal_id}/dra-tillbaka": _ASIDE,
    "/planera/program/{proposal_id}/flytta": later("Passet är flyttat i förslaget."),
    "/planera/program/{proposal_id}/granska": _REVIEWED,
    "/planera/program/{proposal_id}/laga": _COUNTING,
    "/planera/program/{proposal_id}/las": later(
        "Passet är låst: det står kvar när resten räknas om."
    ),
    "/planera/program/{proposal_id}/las-upp": later("Passet är upplåst."),
    "/planera/program/{proposal_id}/publicera": later("Programmet är publicerat."),
    "/planera/program/{proposal_id}/rakna-om": _COUNTING,
    "/planera/program/{proposal_id}/ta-in-svar": later("Svaren är med i utkastet."),
    "/planera/program/{proposal_id}/tar-over": later("Ett utkast är gjort där den nya leder."),
    "/planera/restider": later("Sträckan är sparad. Alla restider räknas med den nu."),
    "/planera/restider/las-in": later("Tabellen är inläst. Alla restider räknas med den nu."),
    "/planera/skollov": later("Loven är sparade."),
    "/planera/studiebesok/fragor/{ask_id}": _SAVED,
    "/planera/utskick/paus": later("Ändrat."),
    "/planera/utskick/utkast": later("Mejlen är på väg."),
    "/planera/utskick/{mail_id}": later("Mejlet är ändrat."),
    "/prenumerera/leverans": _SAVED,
    "/prenumerera/{token_id}/avsluta": later("Kalenderlänken är avstängd."),
    "/prenumerera/{token_id}/namn": _SAVED,
    "/rc/nytt": later("RC är tillagt."),
    "/rc/{rc_id}/andra": _SAVED,
    "/rc/{rc_id}/bekrafta/{part}": _CONFIRMED,
    "/rc/{rc_id}/stammer": _CONFIRMED,
    "/stammer/{token}": _CONFIRMED,
    "/serie/{series_id}/skydd": _SAVED,
    "/tidsval/{poll_id}/avsluta": later("Frågan om tider är avslutad."),
    "/tidsval/{poll_id}/ta-bort": later("Tiden är borttagen."),
    "/traffar/{meeting_id}/inbjudningar/svar": later("Svaret är sparat."),
    "/traffar/{meeting_id}/kost": _SAVED,
    "/traffar/{meeting_id}/lardom": _SAVED,
    "/traffar/{meeting_id}/material": _ADDED,
    "/natverk/{network_id}/material": _ADDED,
    "/bibliotek/amne/{theme_id}": _ADDED,
    "/bibliotek/{material_id}/ny-version": later("Den nya filen gäller. De äldre finns kvar."),
    "/bibliotek/{material_id}/ta-bort": _REMOVED,
    "/traffar/{meeting_id}/platser": _SAVED,
    "/traffar/{meeting_id}/medvardar": later(
        "Medvärden är tillagd och har träffen i sin kalender."
    ),
    "/traffar/{meeting_id}/medvardar/{function_id}/ta-bort": later(
        "Medvärden är borttagen och ser inte träffen längre."
    ),
    "/traffar/{meeting_id}/skydd": _SAVED,
    "/traffar/{meeting_id}/svarsdag": _SAVED,
    "/traffar/{meeting_id}/uppgifter": later("Träffen är ändrad."),
    "/traffar/{meeting_id}/vagen-in": _SAVED,
}
KEY = "klart"
OTHER_RECEIPT = "kvitto="


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


_TEXTS: Final = {_key(text): text for text in DONE.values()}


def said(key: str) -> str:
    """Return the Swedish source text of a key in an address; an empty one for what is no key."""
    return _TEXTS.get(key, "")


class SaysWhatIsDone:
    """Lets the page that an act leads to say what was done."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the text's key into the address that a form's answer leads to."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        is_browser = Headers(scope=scope).get("sec-fetch-mode") == "navigate"

        async def send_and_say(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 303 and is_browser:
                text = DONE.get(route_of(scope))
                headers = MutableHeaders(raw=message["headers"])
                if text:
                    headers["location"] = _with_key(headers["location"], _key(text))
            await send(message)

        await self.app(scope, receive, send_and_say)


def _with_key(location: str, key: str) -> str:
    if OTHER_RECEIPT in location:
        return location
    path, mark, fragment = location.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{KEY}={key}{mark}{fragment}"
