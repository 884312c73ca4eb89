"""What a file is, by its octets and never by its name; what carries programs or unpacks to far too much is refused."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from api.kit.errors import FieldFault

MOST_BYTES: Final = 8_000_000
MOST_UNPACKED_BYTES: Final = 80_000_000
MOST_PARTS: Final = 3_000
MOST_STREAMS: Final = 20_000  # of packed objects in a PDF
MOST_RELATIONS: Final = 100_000  # octets of what a text document says that it fetches

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain; charset=utf-8",
}
"""What is taken, and how it is sent."""

_MAIN_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_OPEN_DOCUMENT = {MEDIA_TYPES[one].encode(): one for one in ("odt", "ods", "odp")}
# Macros, and objects of other programs inside a document.
_PROGRAM = re.compile(
    r"vbaproject|vbadata|macrosheets|/activex/|oleobject|embeddings/[^/]*\.bin$|^basic/|^scripts/",
    re.IGNORECASE,
)
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
_PDF_OBJECTS = re.compile(rb"/ObjStm\b[^>]{0,400}>>\s*stream\r?\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def type_of(octets: bytes) -> str:
    """Return what a file is, as a key of `MEDIA_TYPES`; foreign files are looked at apart.

    Raises:
        FieldFault: when it is empty, too large, of no such type, or carries a program.
    """
    if not octets:
        raise FieldFault("file", "Välj en fil.")
    if len(octets) > MOST_BYTES:
        raise FieldFault(
            "file", "Filen är för stor: högst %(most)s MB.", most=MOST_BYTES // 1_000_000
        )
    if octets.startswith(b"%PDF-"):
        return _pdf(octets)
    if octets.startswith(b"PK\x03\x04"):
        return _package(octets)
    if octets.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if octets.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return _plain_text(octets)


def _pdf(octets: bytes) -> str:
    if any(_ACTIVE_PDF.search(part) for part in (octets, *_packed_objects(octets))):
        raise _with_program()
    return "pdf"


def _packed_objects(octets: bytes) -> Iterator[bytes]:
    """Yield what a PDF's object streams hold, as far as the limit goes."""
    left, whole = MOST_UNPACKED_BYTES, memoryview(octets)
    for number, found in enumerate(_PDF_OBJECTS.finditer(octets)):
        if number == MOST_STREAMS:
            raise _too_much()
        try:
            part = zlib.decompressobj().decompress(whole[found.end() :], left)
        except zlib.error:  # packed in another way, or not at all: then it was read as it stands
            continue
        left -= len(part)
        if left <= 0:
            raise _too_much()
        yield part


def _package(octets: bytes) -> str:
    """Return which office document a zip is."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED_BYTES:
                raise _too_much()
            if sum(one.compress_size for one in parts) > len(octets):  # parts lie over each other
                raise _too_much()
            names = {one.filename for one in parts}
            if any(one.flag_bits & 1 for one in parts):
                raise FieldFault("file", "Filen har ett lösenord. Spara den utan lösenord.")
            if any(_PROGRAM.search(name) for name in names) or _has_remote_template(archive, names):
                raise _with_program()
            for part, extension in _MAIN_PARTS.items():
                if part in names and "[Content_Types].xml" in names:
                    return extension
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _OPEN_DOCUMENT[archive.read("mimetype").strip()]
    except (zipfile.BadZipFile, KeyError, NotImplementedError, OSError, RuntimeError, zlib.error):
        pass
    raise _unknown()


def _has_remote_template(archive: zipfile.ZipFile, names: set[str]) -> bool:
    """Whether a text document fetches its template, macros and all, from elsewhere."""
    rels = "word/_rels/settings.xml.rels"
    if rels not in names:
        return False
    if archive.getinfo(rels).file_size > MOST_RELATIONS:
        raise _too_much()
    told = archive.read(rels).replace(b"\0", b"")  # also as UTF-16
    return b"attachedTemplate" in told and b"External" in told


def _plain_text(octets: bytes) -> str:
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unknown() from error
    if _CONTROL.search(text) or text.lstrip()[:1] == "<":  # a page or a picture that a browser runs
        raise _unknown()
    return "txt"


def _unknown() -> FieldFault:
    return FieldFault(
        "file",
        "Filen går inte att läsa som PDF, Word, Excel, PowerPoint, OpenDocument, bild eller text.",
    )


def _with_program() -> FieldFault:
    return FieldFault(
        "file",
        "Filen innehåller makron, program eller andra filer. Spara den utan dem, till exempel som PDF.",
    )


def _too_much() -> FieldFault:
    return FieldFault("file", "Filen packar upp till för mycket och tas inte emot.")
