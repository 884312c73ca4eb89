"""Files of the library: what they are by content, scanned where a scanner is set, one current version each, and who sees them."""

import base64
import io
import socket
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.accounts.service import viewer_for
from api.feeds.housekeeping import digest
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault
from api.kit.settings import Settings
from api.library import content, scanning, service
from api.library.content import MEDIA_TYPES, type_of
from api.library.models import Material, MaterialFile, ReadBy, Sort
from api.library.service import Draft, Place, Upload
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from api.surveys.models import Theme
from api.surveys.themes import import_theme_bank
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import HIDDEN, Browser, browser

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF"


def package(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in parts.items():
            archive.writestr(name, octets)
    return out.getvalue()


def office(main: str, **more: bytes) -> bytes:
    return package({"[Content_Types].xml": b"<Types/>", main: b"<x/>", **more})


TAKEN = {
    "pdf": PDF,
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "odt": package({"mimetype": MEDIA_TYPES["odt"].encode(), "content.xml": b"<x/>"}),
    "ods": package({"mimetype": MEDIA_TYPES["ods"].encode()}),
    "odp": package({"mimetype": MEDIA_TYPES["odp"].encode()}),
    "png": b"\x89PNG\r\n\x1a\n....",
    "jpg": b"\xff\xd8\xff\xe0....",
    "txt": "Checklista: tänk på det här.\n".encode(),
}

PACKED = zlib.compress(b"1 0 <</S/JavaScript/JS(app.alert(1))>>")
REFUSED = {
    "empty": b"",
    "too large": b"a" * (content.MOST_BYTES + 1),
    "a program": b"MZ\x90\x00\x03",
    "an ELF": b"\x7fELF\x02\x01\x01\x00",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing with script": b'\n<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>',
    "an old Word file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "a plain zip": package({"readme.txt": b"x"}),
    "half a zip": office("word/document.xml")[:40],
    "macros": office("word/document.xml", **{"word/vbaProject.bin": b"x"}),
    "old macros": office("xl/workbook.xml", **{"xl/macrosheets/sheet1.xml": b"x"}),
    "an object inside": office("word/document.xml", **{"word/embeddings/oleObject1.bin": b"x"}),
    "macros of LibreOffice": package(
        {"mimetype": MEDIA_TYPES["odt"].encode(), "Basic/Standard/a.xml": b"x"}
    ),
    "a template from elsewhere": office(
        "word/document.xml",
        **{
            "word/_rels/settings.xml.rels": b'<Relationship Type="x/attachedTemplate" '
            b'Target="https://example.org/a.dotm" TargetMode="External"/>'
        },
    ),
    "script in a PDF": PDF + b"<</S/JavaScript/JS(x)>>",
    "a file in a PDF": PDF + b"<</EmbeddedFiles 3 0 R>>",
    "script packed in a PDF": b"%PDF-1.7\n1 0 obj<</Type/ObjStm/N 1/Filter/FlateDecode>>stream\n"
    + PACKED
    + b"\nendstream",
    "streams without end": PDF + b"/ObjStm>>stream\n" * (content.MOST_STREAMS + 1),
    "a template named without end": office(
        "word/document.xml", **{"word/_rels/settings.xml.rels": b"attachedTemplate " * 10_000}
    ),
    "a template from elsewhere in UTF-16": office(
        "word/document.xml",
        **{
            "word/_rels/settings.xml.rels": '<x Type="x/attachedTemplate" TargetMode="External"/>'.encode(
                "utf-16"
            )
        },
    ),
    "too many parts": package({str(one): b"" for one in range(content.MOST_PARTS + 1)}),
    "a bomb": office(
        "word/document.xml", **{"word/media/a": b"\0" * (content.MOST_UNPACKED_BYTES + 1)}
    ),
}


@pytest.mark.parametrize("extension", TAKEN)
def test_a_file_is_what_its_octets_say(extension: str) -> None:
    assert type_of(TAKEN[extension]) == extension


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_no_document_or_carries_a_program_is_refused(why: str) -> None:
    with pytest.raises(FieldFault) as fault:
        type_of(REFUSED[why])
    assert fault.value.field == "file"


@contextmanager
def clamd(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """A scanner that says one thing, or hangs up; yields its address and the files it was sent."""
    files: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))

    def exactly(line: socket.socket, number: int) -> bytes:
        found = b""
        while len(found) < number:
            more = line.recv(number - len(found))
            if not more:
                return found
            found += more
        return found

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line:
                assert exactly(line, 10) == b"zINSTREAM\0"
                octets = b""
                while size := struct.unpack("!L", exactly(line, 4))[0]:
                    octets += exactly(line, size)
                files.append(octets)
                if answer is not None:
                    line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{door.getsockname()[1]}", files
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join()


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [
        (b"stream: OK\0", True),
        (b"stream: Eicar-Test-Signature FOUND\0", False),
        (b"INSTREAM size limit exceeded. ERROR\0", False),
        (b"", False),
        (None, False),
    ],
)
def test_only_what_the_scanner_calls_clean_is_taken(
    answer: bytes | None, *, is_taken: bool
) -> None:
    octets = b"a" * 200_000
    with clamd(answer) as (where, files):
        if is_taken:
            scanning.insist_on_clean(octets, where)
        else:
            with pytest.raises(FieldFault):
                scanning.insist_on_clean(octets, where)
    assert files == [octets]


def test_a_scanner_that_is_away_lets_nothing_in(tmp_path: Path) -> None:
    for where in ("127.0.0.1:1", f"unix:{tmp_path}/none.sock"):
        with pytest.raises(FieldFault):
            scanning.insist_on_clean(b"x", where)
    scanning.insist_on_clean(b"x", "")  # none is set


@pytest.mark.parametrize("address", ["clamd", "/run/clamd.ctl", "https://x:1", "host:port"])
def test_an_address_that_could_never_be_asked_is_refused_at_start(address: str) -> None:
    with pytest.raises(ValueError, match="clamd"):
        Settings(clamd=address)


def _place(session: Session) -> Place:
    return Place(meeting=make_meeting(session))


def test_the_newest_file_is_the_current_one_and_the_older_stay(session: Session) -> None:
    place = _place(session)
    upload = Upload("txt", b"one")
    made = service.add(session, place, Draft("Exempel", upload=upload), "nch", now())
    assert made.address == f"/bibliotek/{made.id}"
    service.renew(session, made, upload, "nch", now())  # the same again is no version
    service.renew(session, made, Upload("pdf", PDF), "nch", now() + timedelta(hours=1))
    viewer = make_member(session, Role.PLANNER).viewer
    _, current = service.file_for(session, viewer, made.id)
    assert (current.number, current.extension, current.octets) == (2, "pdf", PDF)
    _, first = service.file_for(session, viewer, made.id, 1)
    assert first.octets == b"one"
    for number in range(service.MOST_VERSIONS - 2):
        service.renew(session, made, Upload("txt", str(number).encode()), "nch", now())
    with pytest.raises(ConflictError):
        service.renew(session, made, Upload("txt", b"more"), "nch", now())
    service.remove(session, made, "nch")
    assert session.exec(select(MaterialFile)).all() == []


def test_a_link_has_no_versions_and_the_library_has_an_end(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _place(session)
    link = service.add(session, place, Draft("Exempel", "https://example.org/a"), "nch", now())
    with pytest.raises(ConflictError):
        service.renew(session, link, Upload("txt", b"x"), "nch", now())
    both = Draft("Exempel", "https://example.org/b", upload=Upload("txt", b"x"))
    with pytest.raises(FieldFault):
        service.add(session, place, both, "nch", now())
    monkeypatch.setattr(service, "MOST_KEPT_BYTES", 3)
    with pytest.raises(ConflictError):
        service.add(session, place, Draft("Exempel", upload=Upload("txt", b"four")), "nch", now())


def test_no_rc_fills_the_library_for_the_others(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, kept = _place(session), Upload("txt", b"four")
    monkeypatch.setattr(service, "MOST_OF_ONE_BYTES", 4)
    first = service.add(session, place, Draft("Exempel", rc_id="skane", upload=kept), "one", now())
    with pytest.raises(ConflictError):
        service.add(session, place, Draft("Annat", rc_id="skane", upload=kept), "one", now())
    with pytest.raises(ConflictError):
        service.renew(session, first, Upload("txt", b"more"), "one", now())
    for other in ("jamtland", ""):  # "": NCH
        service.add(session, place, Draft("Annat", rc_id=other, upload=kept), "two", now())


@pytest.fixture
def people(app: FastAPI) -> dict[str, Browser]:
    """A planner, a member of the circle {fyrbodal, skaraborg}, an RC outside it, a reader and a guest."""
    found = {}
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        ids = {
            "planner": make_member(session, Role.PLANNER).person.id,
            "member": make_member(session, Role.RC_MEMBER, rc_id="skaraborg").person.id,
            "jamtland": make_member(session, Role.RC_MEMBER, rc_id="jamtland").person.id,
            "reader": make_member(session, Role.READER).person.id,
            "guest": make_member(session, Role.GUEST).person.id,
        }
        group = Group(Layer.LIKENESS, ("fyrbodal", "skaraborg"), {}, 92.0)
        publish_round(session, "one", [group], "nch", now())
    for name, person_id in ids.items():
        found[name] = browser(app, person_id)
        found[name].headers["x-person"] = person_id
    return found


def _upload(web: Browser, page: str, octets: bytes, **form: str) -> Any:  # noqa: ANN401
    token = dict(HIDDEN.findall(web.get(page).text))["form_token"]
    files = {"file": ("../../etc/passwd.exe", octets, "application/x-msdownload")}
    return web.post(page, data={"form_token": token, **form}, files=files)


def test_a_circles_own_file_is_seen_by_its_members_and_planners_alone(
    app: FastAPI, people: dict[str, Browser]
) -> None:
    with app.state.database.reading() as session:
        circle = session.exec(select(Network)).one().id
    page = f"/natverk/{circle}/material"
    assert (
        _upload(people["member"], page, PDF, title="Hemligt avtal", sort="agreement").status_code
        == 303
    )
    assert (
        _upload(people["member"], page, TAKEN["txt"], title="För alla", read_by="all").status_code
        == 303
    )
    with app.state.database.reading() as session:
        ids = {one.title: one.id for one in session.exec(select(Material))}
    own, shared = ids["Hemligt avtal"], ids["För alla"]
    for who, sees_own, sees_shared in (
        ("planner", True, True),
        ("member", True, True),
        ("jamtland", False, True),
        ("reader", False, True),
        ("guest", False, False),
    ):
        web = people[who]
        for material_id, is_seen in ((own, sees_own), (shared, sees_shared)):
            for path in ("", "/versioner", "/version/1"):
                status = web.get(f"/bibliotek/{material_id}{path}").status_code
                assert (status == 200) is is_seen, (who, path)
        for path in ("/bibliotek", "/sok?q=hemligt", page, "/rc/skaraborg"):
            assert (
                "Hemligt avtal" in web.get(path).text
            ) is sees_own or path == "/sok?q=hemligt", (who, path)
        assert ("Hemligt avtal" in web.get("/sok?q=hemligt").text) is sees_own, who
    got = people["member"].get(f"/bibliotek/{own}")
    assert got.content == PDF
    assert got.headers["content-disposition"] == 'attachment; filename="hemligt-avtal.pdf"'
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert people["jamtland"].get(page).status_code == 404
    for seen_on in ("/bibliotek", f"/bibliotek/{shared}/versioner"):
        assert page in people["member"].get(seen_on).text
        assert page not in people["jamtland"].get(seen_on).text
    remove = f"/bibliotek/{shared}/ta-bort"
    assert people["jamtland"].submit("/bibliotek", remove).status_code == 404
    assert people["member"].submit("/bibliotek", remove).status_code == 303


def test_who_has_this_joins_the_register_and_what_is_new_is_in_the_weekly_letter(
    app: FastAPI, people: dict[str, Browser]
) -> None:
    theme = "/bibliotek/amne/legal_consent"
    form = {"title": "Samtyckesblankett för vuxna", "sort": "consent"}
    assert _upload(people["jamtland"], theme, TAKEN["docx"], **form).status_code == 303
    page = people["member"].get(theme).text
    assert '<a href="/rc/jamtland">Jämtland</a>' in page
    assert "Samtyckesblankett för vuxna" in page
    assert "Finns hos: Jämtland" in people["reader"].get("/bibliotek").text
    assert "Samtyckesblankett för vuxna" in people["reader"].get("/rc/jamtland").text
    assert "Samtyckesblankett för vuxna" not in people["reader"].get("/bibliotek?slag=agenda").text
    with app.state.database.reading() as session:
        member = accounts.person(session, people["member"].headers["x-person"])
        guest = accounts.person(session, people["guest"].headers["x-person"])
        assert member is not None
        assert guest is not None
        made = session.exec(select(Material)).one()
        told = digest(session, member, now())
        assert told.materials == (
            ("Samtyckesblankett för vuxna", f"http://testserver/bibliotek/{made.id}"),
        )
        assert digest(session, guest, now()).materials == ()
        assert digest(session, member, now() + timedelta(days=8)).materials == ()
        assert (made.rc_id, made.read_by, made.sort) == ("jamtland", ReadBy.ALL, Sort.CONSENT)
        material_id = made.id
    # Only whose it is, and planners, renew it.
    renew = f"/bibliotek/{material_id}/ny-version"
    for who, status in (("member", 404), ("reader", 404), ("jamtland", 303), ("planner", 303)):
        token = dict(HIDDEN.findall(people[who].get("/bibliotek").text))["form_token"]
        files = {"file": ("a", f"Ny {who}".encode(), "text/plain")}
        answer = people[who].post(renew, data={"form_token": token}, files=files)
        assert answer.status_code == status, who
    assert people["member"].get(f"/bibliotek/{material_id}").content == b"Ny planner"
    assert people["member"].get(f"/bibliotek/{material_id}/version/1").content == TAKEN["docx"]


def test_a_file_that_is_refused_leaves_nothing_and_keeps_what_was_typed(
    app: FastAPI, people: dict[str, Browser]
) -> None:
    theme = "/bibliotek/amne/legal_consent"
    answer = _upload(people["jamtland"], theme, b"MZ\x90\0", title="Exempel")
    assert answer.status_code == 422
    assert 'value="Exempel"' in answer.text
    assert "kan lämnas ut som allmän handling" in answer.text
    assert _upload(people["reader"], theme, TAKEN["txt"], title="x").status_code == 404
    with app.state.database.reading() as session:
        assert session.exec(select(Material)).all() == []
        assert session.get(Theme, "legal_consent") is not None


def test_whose_a_file_is_follows_the_place(app: FastAPI, people: dict[str, Browser]) -> None:
    with app.state.database.reading() as session:
        person = accounts.person(session, people["member"].headers["x-person"])
        assert person is not None
        circle = Place(member_ids=("fyrbodal", "skaraborg"))
        assert service.whose(viewer_for(session, person), circle) == "skaraborg"
        planner = accounts.person(session, people["planner"].headers["x-person"])
        assert planner is not None
        assert service.whose(viewer_for(session, planner), circle) == ""


def test_every_way_in_has_the_same_limits_pages_and_api_alike(
    app: FastAPI, people: dict[str, Browser]
) -> None:
    """What a file is by its content, how large it is, unpacked too, and what the scanner says."""
    with app.state.database.transaction() as session:
        circle = session.exec(select(Network)).one().id
        meeting = make_meeting(session).id
    theme = "legal_consent"
    web = people["planner"]
    assert _upload(web, f"/bibliotek/amne/{theme}", TAKEN["txt"], title="A").status_code == 303
    with app.state.database.reading() as session:
        [kept] = [one.id for one in session.exec(select(Material))]
    ways = {
        f"/traffar/{meeting}/material": f"/meetings/{meeting}/materials/add",
        f"/natverk/{circle}/material": f"/networks/{circle}/materials/add",
        f"/bibliotek/amne/{theme}": f"/themes/{theme}/materials/add",
        f"/bibliotek/{kept}/ny-version": f"/materials/{kept}/renew",
    }
    token = dict(HIDDEN.findall(web.get("/bibliotek").text))["form_token"]

    def answers(octets: bytes) -> dict[str, int]:
        sent = {"filename": "a.txt", "base64": base64.b64encode(octets).decode()}
        found = {}
        for page, path in ways.items():
            files = {"file": ("a.txt", octets, "text/plain")}
            form = {"form_token": token, "title": "B"}
            found[page] = web.post(page, data=form, files=files).status_code
            body = {"title": "C", "file": sent}
            found[path] = web.post(f"/api/v1{path}", json=body).status_code
        return found

    for why in ("a program", "macros", "a bomb"):
        assert set(answers(REFUSED[why]).values()) == {422}, why
    with clamd(b"stream: Eicar-Test-Signature FOUND\0") as (where, files):
        app.state.settings = app.state.settings.model_copy(update={"clamd": where})
        assert set(answers(TAKEN["txt"]).values()) == {422}
        assert len(files) == 2 * len(ways)
    with app.state.database.reading() as session:
        assert [one.id for one in session.exec(select(Material))] == [kept]
        assert len(session.exec(select(MaterialFile)).all()) == 1
