"""Why an expert should perhaps not judge a measure: grounds found by comparing names and codes.

Pure: an expert's own bodies and affiliation against a measure of a frozen head. A ground is a
proposal; a reviewer decides on it.
"""

import unicodedata
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _


def ground(
    head: Mapping,
    leads: Collection[str],
    partners: Collection[str],
    own: Collection[str],
    affiliation: str,
) -> str:
    """The reason in one sentence, "" where there is none.

    `leads` and `partners` are codes of the head's ministries; `own` codes of the bodies to which
    the expert belongs, with all that they came from or became. An own body that leads is a ground,
    and so is any body of the measure whose full or short name, now or before, is part of the
    affiliation (衛生福利部國民健康署 holds 衛生福利部).
    """
    for code in leads:
        line = _line(head, code)
        if any(body in own for body in line):
            return _("專家任職的部會就是主辦這項措施的%(ministry)s，或與它有承接關係。") % {
                "ministry": _name(head, code)
            }
    written = _plain(affiliation)
    for role, codes in ((_("主辦"), leads), (_("協辦"), partners)):
        for code in codes:
            for body in _line(head, code):
                if _is_named(head, body, written):
                    return _("任職機關（構）「%(affiliation)s」與%(role)s的%(ministry)s有關。") % {
                        "affiliation": affiliation,
                        "role": role,
                        "ministry": _name(head, code),
                    }
    return ""


def _line(head: Mapping, code: str) -> list[str]:
    return [code, *head["ministries"].get(code, {}).get("before", ())]


def _name(head: Mapping, code: str) -> str:
    return head["ministries"].get(code, {}).get("short_name", code)


def _is_named(head: Mapping, code: str, written: str) -> bool:
    body = head["ministries"].get(code, {})
    names = (_plain(body.get(name, "")) for name in ("full_name", "short_name"))
    return any(name and name in written for name in names)


def _plain(text: str) -> str:
    """Without blanks and variants that people mix: 台灣 is 臺灣."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("台", "臺").lower()
