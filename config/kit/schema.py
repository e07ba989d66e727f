"""How the API describes itself: the refusals of every operation, and the version headers.

Apart from `config.kit.api`, which the framework imports before drf-spectacular can be.
"""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import permissions, serializers


class Error(serializers.Serializer):
    """What every refusal looks like."""

    code = serializers.CharField(help_text="Short, stable word for programs.")
    detail = serializers.CharField(help_text="A sentence for people, in the reader's language.")


class InvalidError(Error):
    """400: what was given can't be taken."""

    fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Sentences by field or query parameter; missing where none of them is at fault, "
        "such as in JSON that can't be read.",
    )


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='The ETag that was read, such as `"3"`. Missing: 428; not current: 412.',
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="Strong tag: the version of the report with all its parts.",
)


class Schema(AutoSchema):
    """Adds to every operation the refusals that it can answer with."""

    def _get_response_bodies(self, direction: str = "response") -> dict:
        bodies = super()._get_response_bodies(direction)
        for code, refusal in self._refusals().items():
            if code not in bodies:
                bodies[code] = self._get_response_for_code(refusal, code, direction=direction)
        return bodies

    def _refusals(self) -> dict[str, OpenApiResponse]:
        writes = self.method not in permissions.SAFE_METHODS
        found = {
            "400": OpenApiResponse(
                InvalidError, "Unknown or wrong filter, or a field that can't be taken."
            ),
            "401": OpenApiResponse(Error, "The token is unknown, expired or revoked."),
            "403": OpenApiResponse(Error, "The token's scopes don't hold this."),
            "429": OpenApiResponse(Error, "Too many calls; `Retry-After` says how long to wait."),
        }
        if writes:
            found["403"] = OpenApiResponse(Error, "Not signed in, or not this person's to do.")
            found["409"] = OpenApiResponse(Error, "Not the time for it: status or dates.")
            found["412"] = OpenApiResponse(Error, "Changed by somebody else since it was read.")
            found["428"] = OpenApiResponse(Error, "If-Match is missing.")
        if "{" in self.path:
            found["404"] = OpenApiResponse(Error, "Not there, or out of this person's sight.")
        elif self._is_list_view():
            found["404"] = OpenApiResponse(Error, "There is no such page.")
        return found
