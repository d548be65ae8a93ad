"""Evidence files of objections: looked into before they are kept, outside of what the web serves, given out in scope only.

Images are decoded and written anew, so that no metadata (place, device, owner) and nothing hidden behind the image stays.
"""

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from evaluations.models import ObjectionFile, RankingObjection
from portal.exchange import files

MAX_FILES = 4
MAX_BYTES = 8 * 2**20
MAX_PIXELS = 50_000_000
"""A photograph of a telephone has 12 to 50 million; what claims to have more is not decoded."""
KIND = "objections"
IMAGES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/jpeg", "jpg")}
PDF = "application/pdf"


@dataclass(frozen=True)
class Clean:
    """A file as it will be kept."""

    name: str
    content_type: str
    content: bytes


def checked(uploads: Iterable[Any]) -> list[Clean]:
    """The uploaded files as they will be kept.

    Raises:
        ValidationError: too many, too large, or neither a readable image nor a PDF; the message names the file.
    """
    given = list(uploads)
    if len(given) > MAX_FILES:
        raise ValidationError(_("At most %(count)d files.") % {"count": MAX_FILES})
    return [_checked(upload) for upload in given]


def _checked(upload: Any) -> Clean:
    name = _plain_name(upload.name)
    if upload.size > MAX_BYTES:
        raise ValidationError(_("“%(name)s” is larger than %(size)d MB.") % {"name": name, "size": MAX_BYTES // 2**20})
    content = upload.read(MAX_BYTES + 1)
    if content[:5] == b"%PDF-" and b"%%EOF" in content[-2048:]:
        return Clean(f"{Path(name).stem}.pdf", PDF, content)
    try:
        return _image(name, io.BytesIO(content))
    except Exception as error:  # a decoder of hostile input fails in many ways
        told = _("“%(name)s” is neither an image (JPEG, PNG, WebP) nor a PDF that can be read.")
        raise ValidationError(told % {"name": name}) from error


def _image(name: str, file: IO[bytes]) -> Clean:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file, formats=list(IMAGES)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            content_type, ending = IMAGES[str(image.format)]
            upright = ImageOps.exif_transpose(image).convert("RGB")
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright)
    kept = io.BytesIO()
    fresh.save(kept, "JPEG" if ending == "jpg" else "PNG", quality=88)
    return Clean(f"{Path(name).stem}.{ending}", content_type, kept.getvalue())


def _plain_name(name: str) -> str:
    """The last part of a file's name, without signs that a header or a path would read otherwise."""
    last = re.split(r"[\\/]", str(name))[-1]
    return re.sub(r"[^\w.\- ]", "_", last)[-80:].strip(". ") or "file"


@contextmanager
def keeping(objection: RankingObjection, clean: Iterable[Clean]) -> Iterator[None]:
    """Keep the files with their rows while the body runs; if it fails, the files go again (the rows do so by themselves)."""
    folders = []
    try:
        for one in clean:
            folder = files.new_folder(KIND)
            folders.append(folder)
            digest = files.store(files.folder_of(KIND, folder) / "file", [one.content])
            ObjectionFile.objects.create(
                objection=objection, folder=folder, name=one.name, content_type=one.content_type,
                size=len(one.content), sha256=digest,
            )  # fmt: skip
        yield
    except BaseException:
        for folder in folders:
            files.forget(KIND, folder)
        raise


def path_of(file: ObjectionFile) -> Path:
    return files.folder_of(KIND, file.folder) / "file"
