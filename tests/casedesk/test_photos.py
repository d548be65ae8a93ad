"""Photographs: whatever is uploaded, what is stored is a plain JPEG; what the camera noted is kept apart."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from casedesk import photos
from casedesk.actions.intake import Reporter, open_case
from casedesk.models import CasePhoto
from estates.models import Estate
from tests import world


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def file(db):
    estate = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").first()
    return open_case(
        estate=estate, category="lift", text="电梯坏了", channel="web", reporter=Reporter(), now=timezone.now()
    )


def picture(size=(60, 40), format="JPEG", mode="RGB", color="red", name="", **save) -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new(mode, size, color).save(data, format, **save)
    return SimpleUploadedFile(name or f"p.{format.lower()}", data.getvalue())


def noted() -> Image.Exif:
    """What a camera notes: turned by 90 degrees, time, offset, place, a maker's note."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8769).update({0x9003: "2021:11:08 09:12:30", 0x9011: "+08:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 35.0, 24.0), 3: "E", 4: (114.0, 17.0, 60.0)})
    return exif


def test_time_and_place_are_read_and_the_picture_stands_upright_without_them():
    photograph = photos.read_photo(picture((60, 40), exif=noted()))
    assert photograph.taken_at == datetime(2021, 11, 8, 1, 12, 30, tzinfo=UTC)
    assert (photograph.latitude, photograph.longitude) == (Decimal("30.590000"), Decimal("114.300000"))
    assert (photograph.width, photograph.height) == (40, 60)
    for data in (photograph.jpeg, photograph.thumbnail):
        assert b"Exif" not in data and b"SECRET" not in data
        assert not Image.open(io.BytesIO(data)).getexif()


def test_a_large_photo_is_scaled_down():
    photograph = photos.read_photo(picture((4000, 3000)))
    assert (photograph.width, photograph.height) == (2000, 1500)
    assert max(Image.open(io.BytesIO(photograph.thumbnail)).size) == 400


@pytest.mark.parametrize(
    ("format", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("WEBP", "RGBA"), ("JPEG", "CMYK")],
)
def test_other_kinds_become_jpeg(format, mode):
    color = 0 if mode in ("P", "1", "I;16") else None
    photograph = photos.read_photo(picture(format=format, mode=mode, color=color))
    assert Image.open(io.BytesIO(photograph.jpeg)).format == "JPEG"


def test_the_name_says_nothing_about_the_kind():
    assert photos.read_photo(picture(format="PNG", name="../../etc/passwd.svg")).width == 60


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SVG,
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.4 nothing",
        bomb(),
        picture().read()[:200],
        b"\xff\xd8\xff" + b"\0" * 99,
    ],
    ids=["empty", "svg", "gif", "pdf", "bomb", "cut off", "only a beginning"],
)
def test_what_is_no_photo_is_refused_with_one_message(data):
    with pytest.raises(ValidationError) as refused:
        photos.read_photo(SimpleUploadedFile("x.jpg", data))
    assert len(refused.value.messages) == 1


def test_what_rides_behind_a_picture_is_gone():
    polyglot = SimpleUploadedFile("x.jpg", picture().read() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in photos.read_photo(polyglot).jpeg


def test_a_jpeg_made_to_keep_the_decoder_busy_is_refused():
    busy = picture().read() + b"\xff\xda" * 100
    with pytest.raises(ValidationError):
        photos.read_photo(SimpleUploadedFile("x.jpg", busy))


def test_too_large_and_too_many_are_refused(monkeypatch):
    monkeypatch.setattr(photos, "MAX_BYTES", 100)
    with pytest.raises(ValidationError, match="larger"):
        photos.read_photo(picture())
    with pytest.raises(ValidationError, match="At most 9"):
        photos.read_photos([picture() for _ in range(12)])


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "2999:01:01 00:00:00", "yesterday", "\x00"])
def test_a_time_that_cannot_be_is_left_out(taken):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = taken
    assert photos.read_photo(picture(exif=exif)).taken_at is None


@pytest.mark.parametrize("place", [(999.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0,), ()])
def test_a_place_that_cannot_be_is_left_out(place):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: place, 3: "E", 4: place})
    assert photos.read_photo(picture(exif=exif)).latitude is None


def test_a_failed_transaction_leaves_no_file(file, tmp_path):
    with pytest.raises(RuntimeError), photos.cleaned_on_failure(), transaction.atomic():
        photos.add_photo(file.case, picture(), kind=CasePhoto.Kind.REPORTED, now=timezone.now())
        assert len(list(tmp_path.rglob("*.jpg"))) == 2
        raise RuntimeError
    assert list(tmp_path.rglob("*.jpg")) == []
    assert not CasePhoto.objects.exists()


def test_files_without_a_row_are_swept_up_and_others_stay(file, tmp_path):
    now = timezone.now()
    kept = photos.add_photo(file.case, picture(), kind=CasePhoto.Kind.HANDLED, now=now)
    orphan = tmp_path / "photos" / kept.name.replace(kept.name[-10:], "orphan.jpg")
    orphan.write_bytes(b"x")
    assert photos.sweep_orphans(now) == 0  # its transaction may still be under way
    assert photos.sweep_orphans(now + timedelta(days=2)) == 1
    assert photos.open_photo(kept).read(2) == b"\xff\xd8"
    assert not orphan.exists()


def test_a_photo_is_shown_to_whoever_may_see_the_case(file, people):
    photo = photos.add_photo(file.case, picture(), kind=CasePhoto.Kind.REPORTED, now=timezone.now())
    path = f"/cases/photos/{photo.pk}/"
    got = {}
    for name in ("officer_east", "officer_west", "inspector_east", "nobody"):
        client = Client()
        client.force_login(getattr(people, name))
        response = client.get(path)
        got[name] = response.status_code
        if response.status_code == 200:
            assert response["Content-Type"] == "image/jpeg"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Cache-Control"].startswith("private")
            assert len(b"".join(client.get(path + "?small"))) == len(photos.open_photo(photo, thumbnail=True).read())
    assert got == {"officer_east": 200, "officer_west": 404, "inspector_east": 404, "nobody": 404}
    assert Client().get(path).status_code == 302
