"""Files that people brought, or that we made for somebody: sent as attachments, never cached."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def private_file(file: FieldFile, name: str, content_type: str) -> FileResponse:
    """The file, streamed under `name`; 404 where it is gone.

    FileResponse quotes the name (RFC 6266), so nothing in it can break out of the header. No
    browser shows the file in a page of ours, guesses its type, or stores it.
    """
    try:
        stored = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(stored, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
