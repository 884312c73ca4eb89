"""A small client of Samkrets' API for Python 3.11 and later, of the standard library alone.

Copy the file beside your script. `ReadPath` and `ActPath` are every address that there is, so that a
type checker finds a mistyped one; they are written by `python -m tests.api.v1.client_paths` from
`docs/openapi.json`. With `samkrets_answers.pyi` beside it a type checker also knows what each read
answers; nothing else needs that file.
"""

import base64
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from samkrets_answers import Reads
else:
    Reads = object

# begin: written from docs/openapi.json
ReadPath: TypeAlias = Literal[
    "/agenda",
    "/bodies",
    "/bodies/{body_id}",
    "/counties",
    "/dates",
    "/evaluations",
    "/evaluations/results.{kind}",
    "/feeds",
    "/figures/year",
    "/figures/year.{kind}",
    "/figures/year/sheet",
    "/frequent-questions",
    "/groups",
    "/groups/{key}",
    "/groups/{key}/meetings",
    "/invitations",
    "/jobs",
    "/jobs/{job_id}",
    "/load",
    "/log",
    "/mails",
    "/mails-in",
    "/mails/{mail_id}",
    "/materials",
    "/materials/{material_id}/file",
    "/materials/{material_id}/versions",
    "/materials/{material_id}/versions/{number}/file",
    "/me",
    "/me/data",
    "/meetings",
    "/meetings/{meeting_id}",
    "/meetings/{meeting_id}/agenda",
    "/meetings/{meeting_id}/agendas.{kind}",
    "/meetings/{meeting_id}/changes",
    "/meetings/{meeting_id}/co-hosts",
    "/meetings/{meeting_id}/content",
    "/meetings/{meeting_id}/doors.xlsx",
    "/meetings/{meeting_id}/event.ics",
    "/meetings/{meeting_id}/invitations",
    "/meetings/{meeting_id}/invitations/preview",
    "/meetings/{meeting_id}/materials",
    "/meetings/{meeting_id}/people.{kind}",
    "/meetings/{meeting_id}/programme",
    "/meetings/{meeting_id}/programme-versions",
    "/meetings/{meeting_id}/programme.ics",
    "/meetings/{meeting_id}/schedule.{format}",
    "/meetings/{meeting_id}/sessions.{kind}",
    "/meetings/{meeting_id}/sessions/{session_id}",
    "/meetings/{meeting_id}/tables",
    "/meetings/{meeting_id}/way-in",
    "/meetings/{meeting_id}/wishes",
    "/needs",
    "/network-proposals/{proposal_id}/affected",
    "/network-proposals/{proposal_id}/compared",
    "/network-proposals/{proposal_id}/why",
    "/networks",
    "/networks/{network_id}",
    "/networks/{network_id}/materials",
    "/networks/{network_id}/sheet",
    "/polls/{poll_id}",
    "/programme-proposals",
    "/programme-proposals/{proposal_id}",
    "/programme-proposals/{proposal_id}/affected",
    "/programme-proposals/{proposal_id}/problem.json",
    "/programme-proposals/{proposal_id}/stand-ins",
    "/proposals",
    "/proposals/{proposal_id}",
    "/pulse",
    "/questions",
    "/questions/{question_id}",
    "/rc-checks",
    "/rc-comparison",
    "/rcs",
    "/rcs/export.csv",
    "/rcs/export.json",
    "/rcs/export.xlsx",
    "/rcs/schema.json",
    "/rcs/sources.csv",
    "/rcs/{rc_id}",
    "/rcs/{rc_id}/checks",
    "/rcs/{rc_id}/neighbours",
    "/rcs/{rc_id}/road",
    "/rcs/{rc_id}/year",
    "/rounds",
    "/school-breaks",
    "/search",
    "/series/{series_id}",
    "/sessions/{session_id}/event.ics",
    "/surveys",
    "/surveys/{survey_id}",
    "/surveys/{survey_id}/answers",
    "/surveys/{survey_id}/form",
    "/surveys/{survey_id}/mails",
    "/surveys/{survey_id}/programme-problem.json",
    "/surveys/{survey_id}/reminders",
    "/surveys/{survey_id}/results.{kind}",
    "/surveys/{survey_id}/wishes",
    "/surveys/{survey_id}/wishes.{kind}",
    "/table-proposals",
    "/table-proposals/{proposal_id}",
    "/theme-bank",
    "/themes",
    "/themes/{theme_id}",
    "/themes/{theme_id}/materials",
    "/travel",
    "/travel.csv",
    "/visits",
    "/who-has-met",
    "/years",
    "/years/{proposal_id}",
]
ActPath: TypeAlias = Literal[
    "/acts/{act_id}/send-now",
    "/acts/{act_id}/undo",
    "/answers/{answer_id}/offer",
    "/answers/{answer_id}/thank",
    "/bodies/add",
    "/bodies/import",
    "/bodies/{body_id}/attends",
    "/bodies/{body_id}/contact",
    "/bodies/{body_id}/end",
    "/bodies/{body_id}/functions/add",
    "/bodies/{body_id}/join",
    "/bodies/{body_id}/rename",
    "/dates/book",
    "/evaluations/add",
    "/feeds",
    "/feeds/delivery",
    "/frequent-questions/{frequent_id}/judge",
    "/functions/{function_id}/away",
    "/functions/{function_id}/back",
    "/functions/{function_id}/end",
    "/functions/{function_id}/hand-over",
    "/functions/{function_id}/rename",
    "/functions/{function_id}/take-back",
    "/groups/{key}/meetings/add",
    "/groups/{key}/yearly",
    "/invitations/{invitation_id}/answer",
    "/invitations/{invitation_id}/substitute",
    "/jobs/{job_id}/stop",
    "/lessons/add",
    "/lessons/{lesson_id}/remove",
    "/mails-in/{reply_id}/handled",
    "/mails-in/{reply_id}/move",
    "/mails-in/{reply_id}/question",
    "/mails/pause",
    "/mails/send-drafts",
    "/mails/{mail_id}/act",
    "/materials/{material_id}/remove",
    "/materials/{material_id}/renew",
    "/meetings/add",
    "/meetings/{meeting_id}/answer",
    "/meetings/{meeting_id}/answer-by",
    "/meetings/{meeting_id}/call-off",
    "/meetings/{meeting_id}/cancel",
    "/meetings/{meeting_id}/change",
    "/meetings/{meeting_id}/change-time",
    "/meetings/{meeting_id}/co-hosts/add",
    "/meetings/{meeting_id}/co-hosts/{function_id}/remove",
    "/meetings/{meeting_id}/confirm",
    "/meetings/{meeting_id}/content/begin",
    "/meetings/{meeting_id}/content/import",
    "/meetings/{meeting_id}/content/paste",
    "/meetings/{meeting_id}/content/plan",
    "/meetings/{meeting_id}/content/read",
    "/meetings/{meeting_id}/content/rooms",
    "/meetings/{meeting_id}/content/sessions/{key}/save",
    "/meetings/{meeting_id}/content/sessions/{key}/take-in",
    "/meetings/{meeting_id}/content/sessions/{key}/take-out",
    "/meetings/{meeting_id}/content/slots",
    "/meetings/{meeting_id}/content/tracks",
    "/meetings/{meeting_id}/decide",
    "/meetings/{meeting_id}/diet",
    "/meetings/{meeting_id}/invitations/add",
    "/meetings/{meeting_id}/invitations/answer",
    "/meetings/{meeting_id}/invitations/remind",
    "/meetings/{meeting_id}/learnt",
    "/meetings/{meeting_id}/materials/add",
    "/meetings/{meeting_id}/move",
    "/meetings/{meeting_id}/programme-proposals/add",
    "/meetings/{meeting_id}/protect",
    "/meetings/{meeting_id}/seats",
    "/meetings/{meeting_id}/video",
    "/meetings/{meeting_id}/way-in",
    "/needs/ask",
    "/needs/{round_id}/outcome",
    "/network-proposals/add",
    "/network-proposals/back",
    "/network-proposals/{proposal_id}/again",
    "/network-proposals/{proposal_id}/lock",
    "/network-proposals/{proposal_id}/move",
    "/network-proposals/{proposal_id}/publish",
    "/network-proposals/{proposal_id}/redo",
    "/network-proposals/{proposal_id}/review",
    "/network-proposals/{proposal_id}/study",
    "/network-proposals/{proposal_id}/undo",
    "/network-proposals/{proposal_id}/what-if",
    "/network-proposals/{proposal_id}/withdraw",
    "/network-proposals/{proposal_id}/without",
    "/networks/{network_id}/agenda",
    "/networks/{network_id}/answer",
    "/networks/{network_id}/convener",
    "/networks/{network_id}/decline-turn",
    "/networks/{network_id}/good-times",
    "/networks/{network_id}/materials/add",
    "/networks/{network_id}/met",
    "/networks/{network_id}/nudge",
    "/networks/{network_id}/polls/add",
    "/networks/{network_id}/rename",
    "/networks/{network_id}/rest",
    "/networks/{network_id}/series/add",
    "/people/{person_id}/change",
    "/polls/{poll_id}/answer",
    "/polls/{poll_id}/book",
    "/polls/{poll_id}/close",
    "/polls/{poll_id}/remind",
    "/polls/{poll_id}/times/add",
    "/polls/{poll_id}/times/remove",
    "/programme-proposals/{proposal_id}/ask-leaders",
    "/programme-proposals/{proposal_id}/change",
    "/programme-proposals/{proposal_id}/length",
    "/programme-proposals/{proposal_id}/lock",
    "/programme-proposals/{proposal_id}/move",
    "/programme-proposals/{proposal_id}/plan-again",
    "/programme-proposals/{proposal_id}/preview-mails",
    "/programme-proposals/{proposal_id}/publish",
    "/programme-proposals/{proposal_id}/redo",
    "/programme-proposals/{proposal_id}/repair",
    "/programme-proposals/{proposal_id}/review",
    "/programme-proposals/{proposal_id}/take-answers-in",
    "/programme-proposals/{proposal_id}/take-over",
    "/programme-proposals/{proposal_id}/undo",
    "/programme-proposals/{proposal_id}/unlock",
    "/programme-proposals/{proposal_id}/withdraw",
    "/proposals/{proposal_id}/move",
    "/proposals/{proposal_id}/publish",
    "/proposals/{proposal_id}/review",
    "/questions/add",
    "/questions/{question_id}/answer",
    "/questions/{question_id}/bring-up",
    "/questions/{question_id}/close",
    "/rcs/add",
    "/rcs/ask",
    "/rcs/import",
    "/rcs/{rc_id}/check",
    "/rcs/{rc_id}/confirm/{part}",
    "/rcs/{rc_id}/correct",
    "/rcs/{rc_id}/lessons/add",
    "/school-breaks/save",
    "/series/{series_id}/change",
    "/series/{series_id}/end",
    "/series/{series_id}/prolong",
    "/series/{series_id}/protect",
    "/series/{series_id}/video",
    "/standing-meetings/import",
    "/standing-meetings/import/confirm",
    "/surveys/add",
    "/surveys/{survey_id}/answers/{rc_id}/save",
    "/surveys/{survey_id}/change",
    "/surveys/{survey_id}/close",
    "/surveys/{survey_id}/prolong",
    "/surveys/{survey_id}/remind",
    "/surveys/{survey_id}/reopen",
    "/surveys/{survey_id}/replace-links",
    "/surveys/{survey_id}/send",
    "/table-proposals/add",
    "/table-proposals/{proposal_id}/book",
    "/table-proposals/{proposal_id}/withdraw",
    "/themes/add",
    "/themes/{theme_id}/change",
    "/themes/{theme_id}/materials/add",
    "/themes/{theme_id}/texts",
    "/travel/import",
    "/travel/save",
    "/visits/propose",
    "/visits/{ask_id}/answer",
    "/years/add",
    "/years/{proposal_id}/again",
    "/years/{proposal_id}/book",
    "/years/{proposal_id}/move",
    "/years/{proposal_id}/show",
    "/years/{proposal_id}/take-back",
    "/years/{proposal_id}/undo",
    "/years/{proposal_id}/withdraw",
]
# end

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, Mapping[str, str], bytes]
Send: TypeAlias = Callable[[str, str, Mapping[str, str], bytes | None], Answer]


class SamkretsError(Exception):
    """The service said no: an RFC 9457 problem."""

    def __init__(self, status: int, problem: Json) -> None:
        self.status, self.problem = status, problem
        faults = "; ".join(
            f"{one['where']}: {one['expected']}" for one in problem.get("errors", ())
        )
        super().__init__(
            f"{status} {problem.get('title', '')}: {faults or problem.get('detail', '')}"
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to; `resource` is what to read next, `act` undoes it while its mails wait."""

    outcome: Literal["done", "shown"]
    page: str
    resource: str | None
    act: str | None

    @property
    def id(self) -> str:
        """The id of what it made or changed: the last part of its page."""
        return self.page.rstrip("/").rpartition("/")[2]


@dataclass(slots=True)
class Samkrets(Reads):
    """A service, reached by a personal key.

    send: how a request goes out (method, URL, headers, body); a test gives its own.
    """

    base_url: str
    key: str
    send: Send | None = None
    wait: Callable[[float], None] = time.sleep
    versions: dict[str, str] = field(default_factory=dict)

    if not TYPE_CHECKING:  # the types of both stand in `Reads`

        def read(self, path: "ReadPath", *ids: str, **query: object) -> Any:  # noqa: ANN401 - see above
            """Return one thing; ids take the places of {…} in the path. Its ETag is kept for `act`."""
            return self._read(path, ids, query)

        def each(self, path: "ReadPath", *ids: str, **query: object) -> Iterator[Json]:
            """Yield everything of a list, a part at a time."""
            return self._each(path, ids, query)

    def file(self, path: "ReadPath", *ids: str, **query: object) -> bytes:
        """Return a file's octets."""
        return self._ask("GET", _filled(path, ids, query))[2]

    def act(
        self,
        path: "ActPath",
        *ids: str,
        once: str | None = None,
        seen: str | None = None,
        **fields: object,
    ) -> Done:
        """Do something. `once`: the same word acts once. `seen`: the path of `read` whose version you saw.

        A field whose name is no Python name is sent by `**{"rc-skane": True}`.
        """
        headers = {"Content-Type": "application/json"}
        if once is not None:
            headers["Idempotency-Key"] = once
        if seen is not None:
            headers["If-Match"] = self.versions[seen]
        body = json.dumps(fields).encode()
        return Done(**json.loads(self._ask("POST", _filled(path, ids, {}), headers, body)[2]))

    def wait_for(self, path: "ReadPath", *ids: str, until: Callable[[Json], bool]) -> Json:
        """Read until something holds, a second at a time."""
        found: Json = self._read(path, ids, {})
        while not until(found):
            self.wait(1.0)
            found = self._read(path, ids, {})
        return found

    def _read(self, path: str, ids: tuple[str, ...], query: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        where = _filled(path, ids, query)
        _, headers, body = self._ask("GET", where)
        if "etag" in headers:
            self.versions[where] = headers["etag"]
        return json.loads(body)

    def _each(self, path: str, ids: tuple[str, ...], query: Mapping[str, object]) -> Iterator[Json]:
        where: str | None = _filled(path, ids, {"limit": 200, **query})
        while where is not None:
            _, headers, body = self._ask("GET", where)
            found = json.loads(body)
            yield from found["items"] if isinstance(found, dict) else found
            following = re.search(r'<(?:/api/v1)?([^>]+)>; rel="next"', headers.get("link", ""))
            where = following[1] if following else None

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        sent = {"Authorization": f"Bearer {self.key}", "Accept": "*/*", **(headers or {})}
        answer = (self.send or _over_http)(method, f"{self.base_url}/api/v1{path}", sent, body)
        if answer[0] >= 400:
            raise SamkretsError(answer[0], json.loads(answer[2]))
        return answer


def attached(file: Path) -> Json:
    """Return a file as a form's field takes it."""
    return {"filename": file.name, "base64": base64.b64encode(file.read_bytes()).decode()}


def _filled(path: str, ids: tuple[str, ...], query: Mapping[str, object]) -> str:
    parts = iter(ids)
    where = re.sub(r"\{\w+\}", lambda _: quote(next(parts), safe=""), path)
    return f"{where}?{urlencode(query)}" if query else where


def _over_http(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
    request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - the caller's own
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            return answer.status, _lower(answer.headers.items()), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, _lower(error.headers.items()), error.read()


def _lower(headers: Any) -> dict[str, str]:  # noqa: ANN401 - pairs of any mapping
    return {name.lower(): value for name, value in headers}
