"""Files of messages: the download, the previews, the large view."""

import re
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from parley.store.errors import Missing, Refused
from parley.talk import gallery, kinds, media, reading
from parley.web import answers, files, gate, intake
from parley.web.forms import number

bp = Blueprint("media", __name__, url_prefix="/files")

# Nothing that a person sent ever acts as a page of ours, not even when opened alone.
POLICY = "default-src 'none'; sandbox"
# Of several parts werkzeug sends none, nor of a file that is shorter than the end asked for.
PART = re.compile(r"bytes=(?:[0-9]{1,18}-[0-9]{0,18}|-([0-9]{1,18}))")
KEEP = "private, max-age=31536000, immutable"


@bp.get("/<int:file_id>")
def show(file_id: int) -> Response:
    """The photo or film large, with the ones before and after it in the room.

    With ?photos as in the gallery: of that person, or of all for 0.
    """
    author = number("photos")
    with gate.reading() as (c, me):
        message, file = media.find(c, me, file_id)
        if not file.is_seen:
            return answers.done(f"/files/{file.id}/{quote(file.name)}")
        query = gallery.Query(message.room_id, me, author)
        back = author is not None
        before, after = gallery.beside(c, query, message, file, back)
        first, last = gallery.ends(c, query, back)
    shown: dict[str, Any] = {"message": message, "file": file, "before": before, "after": after}
    shown |= {"first": first, "last": last}
    return answers.page("files/show.html", "large", **shown, author=author)


@bp.get("/<int:file_id>/thumb")
def thumb(file_id: int) -> Response:
    """The preview of at most 320 px."""
    return send(_find(file_id).thumb)


@bp.get("/<int:file_id>/large")
def large(file_id: int) -> Response:
    """The preview of at most 1280 px."""
    return send(_find(file_id).large)


@bp.get("/<int:file_id>/huge")
def huge(file_id: int) -> Response:
    """The preview of at most 2560 px; of a smaller photo the photo itself."""
    file = _find(file_id)
    if file.is_photo and not file.huge:
        return send(file.hash, file.type, file.name)
    return send(file.huge)


@bp.get("/<int:file_id>/<name>")
def download(file_id: int, name: str) -> Response:
    """The file whole: a picture that we have made opens, everything else is saved.

    A film, too: pages play it, but alone in a tab POLICY leaves it no origin to load itself from.
    """
    file = _find(file_id)
    if name != file.name:
        raise Missing()
    opens = file.type in kinds.OPENED and file.is_photo
    return send(file.hash, file.type, file.name, not opens or "download" in request.args)


def send(name: str | None, kind: str = "", saved_as: str = "", is_saved: bool = False) -> Response:
    """A stored file, in pieces, with ranges (RFC 9110, 14). Raises Missing."""
    if not name:
        raise Missing()
    try:
        file = files.open(name)
    except FileNotFoundError:
        raise Missing() from None
    if not kind:  # previews are WebP where something shines through, else JPEG
        kind = "image/webp" if file.read(4) == b"RIFF" else "image/jpeg"
    size = file.seek(0, 2)
    file.seek(0)
    part = PART.fullmatch(request.headers.get("Range", ""))
    if not part or int(part[1] or 0) > size:  # then all of it (RFC 9110, 14.1.2 and 14.2)
        request.environ.pop("HTTP_RANGE", None)
    if kind not in kinds.BY_TYPE:  # as it was written down by an older Parley, or by hand
        kind = kinds.UNKNOWN.type
    told: dict[str, Any] = {"as_attachment": is_saved, "download_name": saved_as or None}
    response = make_response(send_file(file, kind, **told, etag=name))
    response.content_length = size
    response.headers["Cache-Control"] = KEEP
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "DENY"  # Cross-Origin-Resource-Policy is not for frames
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    return response


def portrait(kept: str | None) -> str | None:
    """The form's picture, stored; what is kept when none was chosen; none when it is to go.

    Raises what Intake.portrait does, always about the field `photo`.
    """
    photo = request.files.get("photo")
    if not photo or not photo.filename:
        return None if "no_photo" in request.form else kept
    try:
        return intake.portrait(photo.filename, photo.stream)
    except Refused as wrong:
        wrong.field = "photo"
        raise


def _find(file_id: int) -> reading.File:
    with gate.reading() as (c, me):
        return media.file(c, me, file_id)
