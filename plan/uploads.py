"""Keeps an uploaded file on the server between its preview and its confirmation.

What was previewed is what is written: the page carries only a signed token that names the file by
its digest, and the person and the purpose for which it was uploaded.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

MAX_BYTES = 10 * 1024 * 1024
KEPT_SECONDS = 60 * 60


class UploadError(ValueError):
    """The file is too big, empty, gone, or was uploaded for something else."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file's name as the uploader called it, and its content."""

    name: str
    content: bytes


def keep(upload: Upload, *, purpose: str, by: int) -> str:
    """Store the file for an hour and return its token. `purpose` names the page and the plan."""
    if not upload.content:
        raise UploadError(_("檔案是空的。"))
    if len(upload.content) > MAX_BYTES:
        raise UploadError(_("檔案超過%(limit)d MB。") % {"limit": MAX_BYTES // 2**20})
    _sweep()
    digest = hashlib.sha256(upload.content).hexdigest()
    _path(digest).write_bytes(upload.content)
    return signing.dumps([digest, upload.name, by], salt=_salt(purpose))


def take(token: str, *, purpose: str, by: int) -> Upload:
    """The file behind a token. Raises UploadError unless this person uploaded it for this purpose
    within the hour."""
    lost = UploadError(_("上傳的檔案已經過期，請再上傳一次。"))
    try:
        digest, name, owner = signing.loads(token, salt=_salt(purpose), max_age=KEPT_SECONDS)
        content = _path(digest).read_bytes()
    except (signing.BadSignature, OSError) as error:
        raise lost from error
    if owner != by or hashlib.sha256(content).hexdigest() != digest:
        raise lost
    return Upload(name, content)


def _salt(purpose: str) -> str:
    return f"plan.uploads:{purpose}"


def _path(digest: str) -> Path:
    folder = settings.VAR_DIR / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / digest


def _sweep() -> None:
    """Remove what nobody confirmed in time."""
    oldest = time.time() - KEPT_SECONDS
    for path in _path("").iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
