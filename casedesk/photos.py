"""Photographs of a case: checked, written anew without what the camera noted, kept below ``DATA_DIR/photos``.

What is stored is never what was uploaded: pixels are decoded and encoded again, so nothing that rides on a file (metadata,
scripts, a second format behind the picture) comes through. Time and place that the camera noted are read first and kept in
private columns.
"""

import hashlib
import io
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from casedesk.models import CasePhoto
from evaluations.models import AppraisalCase
from portal.models import User
from portal.rules import CHINA

MOST = 9
"""Photographs of one report or one handling."""
MAX_BYTES = 15 * 2**20
MAX_PIXELS = 50_000_000
"""Telephones take up to 50 megapixels; decoded, that is 150 MB for a moment."""
MAX_SCANS = 64
"""Passes of a progressive JPEG: more are made only to keep a decoder busy."""
LONGEST_SIDE, THUMBNAIL = 2000, 400
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPTED = "image/jpeg,image/png,image/webp"
"""For the file field: a telephone that keeps HEIC hands over a JPEG then."""

_UNREADABLE = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, OverflowError, ZeroDivisionError, AttributeError,
    EOFError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
"""What Pillow raises on files that are damaged or made to deceive."""


@dataclass(frozen=True)
class Photograph:
    """A photograph ready to be stored: JPEG without metadata, its thumbnail, and what the camera had noted."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: datetime | None = None
    longitude: Decimal | None = None
    latitude: Decimal | None = None


# --- reading ------------------------------------------------------------------------------------------------------------


def read_photo(upload: UploadedFile) -> Photograph:
    """``upload`` decoded, turned upright, scaled down to 2000 pixels and encoded anew.

    Raises:
        ValidationError: it is too large, damaged, or no JPEG, PNG or WebP.
    """
    name = os.path.basename(upload.name or "")[:60]
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError(
            _("“%(name)s” is larger than %(most)d MB. Choose a smaller photo.")
            % {"name": name, "most": MAX_BYTES // 2**20}
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decoded(upload.read(MAX_BYTES + 1), name)
    except _UNREADABLE as error:
        raise ValidationError(
            _("“%(name)s” cannot be read as a photo. Send JPEG, PNG or WebP.") % {"name": name}
        ) from error


def read_photos(uploads: list[UploadedFile]) -> list[Photograph]:
    """All of ``uploads``.

    Raises:
        ValidationError: there are more than nine, or one of them is no photograph.
    """
    if len(uploads) > MOST:
        raise ValidationError(
            _("At most %(most)d photos; %(count)d were sent.") % {"most": MOST, "count": len(uploads)}
        )
    return [read_photo(upload) for upload in uploads]


def _decoded(data: bytes, name: str) -> Photograph:
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS or min(image.size) < 1:
        raise ValidationError(
            _("“%(name)s” has more than %(most)d megapixels. Choose a smaller photo.")
            % {"name": name, "most": MAX_PIXELS // 10**6}
        )
    if data.count(b"\xff\xda") > MAX_SCANS:
        raise ValueError("too many scans")
    noted = _noted(image)
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG need not be decoded larger than it is wanted
    image.load()
    image = ImageOps.exif_transpose(image)
    image = _on_white(image)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return Photograph(_jpeg(image), _jpeg(small), image.width, image.height, **noted)


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # a new image: nothing of the old one's info is written
    file = io.BytesIO()
    clean.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011


def _noted(image: Image.Image) -> dict[str, Any]:
    """Time and place from EXIF as far as they can be believed; what cannot is left out."""
    noted: dict[str, Any] = {}
    try:
        exif = image.getexif()
        noted["taken_at"] = _moment(exif.get_ifd(_EXIF))
    except _UNREADABLE:
        return noted
    try:
        place = exif.get_ifd(_GPS)
        latitude = _degrees(place.get(2), place.get(1) == "S", 90)
        longitude = _degrees(place.get(4), place.get(3) == "W", 180)
    except _UNREADABLE:
        return noted
    if latitude is not None and longitude is not None and (latitude or longitude):
        noted |= {"latitude": latitude, "longitude": longitude}
    return noted


def _moment(exif: dict[int, Any]) -> datetime | None:
    try:
        taken = datetime.strptime(str(exif[_TAKEN]).strip("\x00 "), "%Y:%m:%d %H:%M:%S")
    except (KeyError, ValueError):
        return None
    zone = CHINA
    offset = str(exif.get(_OFFSET, "")).strip("\x00 ")
    if len(offset) == 6 and offset[0] in "+-":
        try:
            minutes = int(offset[1:3]) * 60 + int(offset[4:])
            zone = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
        except ValueError:
            zone = CHINA
    taken = taken.replace(tzinfo=zone)
    return taken if taken.year >= 2000 and taken < datetime.now(CHINA) + timedelta(days=1) else None


def _degrees(parts: Any, negative: bool, most: int) -> Decimal | None:
    if not parts:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:  # also refuses NaN
        return None
    return round(Decimal(str(-value if negative else value)), 6)


# --- storing ------------------------------------------------------------------------------------------------------------

_written: ContextVar[list[str] | None] = ContextVar("written", default=None)


@contextmanager
def cleaned_on_failure() -> Iterator[None]:
    """Remove the files that :func:`store_photo` wrote in the body if the body fails. Goes around the transaction."""
    names: list[str] = []
    mark = _written.set(names)
    try:
        yield
    except BaseException:
        for name in names:
            _forget(name)
        raise
    finally:
        _written.reset(mark)


def add_photo(
    case: AppraisalCase,
    upload: UploadedFile,
    *,
    kind: CasePhoto.Kind,
    now: datetime,
    by: User | None = None,
    round: int = 1,
) -> CasePhoto:
    """Check ``upload`` and keep it as a photograph of ``case``, in the caller's transaction (see :func:`cleaned_on_failure`).

    Raises:
        ValidationError: it is no photograph.
    """
    return store_photo(case, read_photo(upload), kind=kind, now=now, by=by, round=round)


def store_photo(
    case: AppraisalCase,
    photograph: Photograph,
    *,
    kind: CasePhoto.Kind,
    now: datetime,
    by: User | None = None,
    round: int = 1,
) -> CasePhoto:
    """Write the files of ``photograph``, then its row: a file without a row is swept up, a row without a file never is."""
    name = f"{now.astimezone(CHINA):%Y/%m}/{uuid4().hex}.jpg"
    names = _written.get()
    if names is not None:
        names.append(name)
    _write(_path(name), photograph.jpeg)
    _write(_path(_thumbnail_of(name)), photograph.thumbnail)
    return CasePhoto.objects.create(
        case=case,
        kind=kind,
        round=round,
        name=name,
        sha256=hashlib.sha256(photograph.jpeg).hexdigest(),
        size=len(photograph.jpeg),
        width=photograph.width,
        height=photograph.height,
        taken_at=photograph.taken_at,
        longitude=photograph.longitude,
        latitude=photograph.latitude,
        added_at=now,
        added_by=by,
    )


def open_photo(photo: CasePhoto, *, thumbnail: bool = False) -> BinaryIO:
    """The file of ``photo``, a JPEG.

    Raises:
        FileNotFoundError: it is gone, which a restored database without its files may bring about.
    """
    return open(_path(_thumbnail_of(photo.name) if thumbnail else photo.name), "rb")


def sweep_orphans(now: datetime, *, older_than: timedelta = timedelta(days=1)) -> int:
    """Remove files that no row names: their transaction failed and nobody was there to clean. How many photographs."""
    root, before = _root(), (now - older_than).timestamp()
    if not root.is_dir():
        return 0
    found = {
        str(path.relative_to(root))
        for path in root.glob("*/*/*.jpg")
        if not path.stem.endswith("-small") and path.stat().st_mtime < before
    }
    orphans = found - set(CasePhoto.objects.filter(name__in=found).values_list("name", flat=True))
    for name in orphans:
        _forget(name)
    return len(orphans)


def _root() -> Path:
    return Path(settings.DATA_DIR) / "photos"


def _path(name: str) -> Path:
    return _root() / name


def _thumbnail_of(name: str) -> str:
    return f"{name.removesuffix('.jpg')}-small.jpg"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(path, "xb") as file:
        file.write(data)


def _forget(name: str) -> None:
    _path(name).unlink(missing_ok=True)
    _path(_thumbnail_of(name)).unlink(missing_ok=True)
