"""Published reviews as data, from the frozen edition that was filed. Public, and for everybody the
same: who works on a review reads it on its pages."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit.api import PublicRead, read_by_view
from config.kit.roc import gregorian_year
from reports import attainment
from reports.enums import FilingStep, Level, ReviewKind
from reports.models import Filing, Review
from reports.opendata.reviews import nodes, number
from reports.queries.reviews import published_filing, published_filings


class FilingSerializer(serializers.Serializer):
    """The filing by which the review is public."""

    step = serializers.ChoiceField(choices=FilingStep.choices)
    document_number = serializers.CharField()
    on = serializers.DateField()
    addressee = serializers.CharField()
    published_on = serializers.DateField()


class EditionSerializer(serializers.Serializer):
    """The edition that was filed; equal digests stand for equal inputs and rules."""

    number = serializers.IntegerField()
    digest = serializers.CharField()
    compiled_at = serializers.DateTimeField()


class ReviewSerializer(serializers.ModelSerializer):
    plan = serializers.CharField(source="plan.slug", read_only=True)
    first_year_gregorian = serializers.SerializerMethodField()
    last_year_gregorian = serializers.SerializerMethodField()
    filing = serializers.SerializerMethodField()
    edition = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = (
            "id", "plan", "kind", "title", "first_year", "first_year_gregorian", "last_year",
            "last_year_gregorian", "filing", "edition",
        )  # fmt: skip

    def get_first_year_gregorian(self, review: Review) -> int:
        return gregorian_year(review.first_year)

    def get_last_year_gregorian(self, review: Review) -> int:
        return gregorian_year(review.last_year)

    def get_filing(self, review: Review) -> FilingSerializer:
        return FilingSerializer(self.context["filings"][review.pk]).data

    def get_edition(self, review: Review) -> EditionSerializer:
        return EditionSerializer(self.context["filings"][review.pk].edition).data


class NodeLineSerializer(serializers.Serializer):
    """One node of the frozen tree with its attainment and its conclusion."""

    level = serializers.ChoiceField(choices=Level.choices)
    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    attainment = serializers.DecimalField(
        20, 4, allow_null=True, help_text="Per cent; null: unknown, which is not zero."
    )
    band = serializers.CharField(allow_blank=True, help_text="Key of the edition's rules.")
    below = serializers.BooleanField(help_text="Below the threshold of the edition's rules.")
    known = serializers.IntegerField(help_text="Measures of which the attainment is known.")
    unknown = serializers.IntegerField()
    excluded = serializers.IntegerField(help_text="Stopped or not applicable ones.")
    conclusion = serializers.ListField(
        child=serializers.CharField(), help_text="Its paragraphs; none where nothing was concluded."
    )


class ReviewFilter(filters.FilterSet):
    plan = filters.CharFilter("plan__slug", label="slug")
    kind = filters.ChoiceFilter(choices=ReviewKind)

    class Meta:
        model = Review
        fields = ()


class LineFilter(filters.FilterSet):
    level = filters.ChoiceFilter("conclusions__level", choices=Level, method=read_by_view)

    class Meta:
        model = Review
        fields = ()


class ReviewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """成果評估 that are published, each with its filing and edition."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilter
    permission_classes = [PublicRead]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Review]:
        rows = Review.objects.published().select_related("plan")
        return rows.order_by("plan__slug", "last_year", "pk")

    def list(self, request: Request, *args, **kwargs) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._told(rows))

    @extend_schema(filters=False)
    def retrieve(self, request: Request, *args, **kwargs) -> Response:
        return Response(self._told([self.get_object()])[0])

    def _told(self, rows: Sequence[Review]) -> Sequence[dict]:
        context = {**self.get_serializer_context(), "filings": published_filings(rows)}
        return ReviewSerializer(rows, many=True, context=context).data

    @extend_schema(responses=NodeLineSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=LineFilter)
    def lines(self, request: Request, pk: str) -> Response:
        """The tree of the edition, in its order, with what the review found."""
        filing = published_filing(self.get_object())
        level = self.filter_values["level"]
        rows = [row for row in _lines(filing) if level in ("", None, row["level"])]
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(NodeLineSerializer(page, many=True).data)


def _lines(filing: Filing) -> Iterator[dict]:
    """Of the edition that was filed."""
    edition = filing.edition
    said = {
        (told["level"], told["code"]): [paragraph["text"] for paragraph in told["paragraphs"]]
        for told in (edition.closing or {}).get("conclusions", ())
    }
    for level, code, name in nodes(edition.head):
        node = attainment.of(edition.standing, level, code)
        yield {
            "level": level,
            "code": code,
            "name": name,
            "attainment": number(node["attainment"]),
            "band": node["band"] or "",
            **{key: node[key] for key in ("below", "known", "unknown", "excluded")},
            "conclusion": said.get((level, code), []),
        }
