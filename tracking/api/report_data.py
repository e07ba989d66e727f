"""A progress report as data: what is read of it, and what a request may bring."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.kit.roc import gregorian_year
from plan.models import Assignment
from tracking.enums import Cause, FilingState, Light, Part, Verb
from tracking.lights import filing_state
from tracking.models import Evidence, IndicatorValue, MoneyLine, ProgressReport
from tracking.parts import WRITABLE_FIELDS
from tracking.rules.reports import moves


# --- what is read ---------------------------------------------------------------------------------
class ReportHeadSerializer(serializers.ModelSerializer):
    """Where a report is on its road, without what it says."""

    plan = serializers.CharField(source="reporting_year.plan.slug", read_only=True)
    year = serializers.IntegerField(source="reporting_year.year", read_only=True)
    year_gregorian = serializers.SerializerMethodField()
    measure = serializers.CharField(source="measure.code", read_only=True)
    ministry = serializers.CharField(source="ministry.code", read_only=True)
    state = serializers.SerializerMethodField(
        help_text="The same as pages show: four kinds of empty kept apart."
    )

    class Meta:
        model = ProgressReport
        fields = (
            "id", "plan", "year", "year_gregorian", "measure", "ministry", "ministry_name", "role",
            "coordinating", "status", "state", "version", "submissions", "returned_parts",
            "correction_due_on", "extended_until", "corrects", "filed_at", "late", "accepted_at",
            "exempt_reason",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"returned_parts": {"help_text": "Parts of the last return, while open."}}

    def get_year_gregorian(self, report: ProgressReport) -> int:
        return gregorian_year(report.reporting_year.year)

    def get_state(self, report: ProgressReport) -> FilingState:
        return filing_state(
            report.status,
            report.nothing_to_report,
            report.due_on,
            report.correction_due_on,
            timezone.localdate(),
        )


class MoneySerializer(serializers.ModelSerializer):
    class Meta:
        model = MoneyLine
        fields = ("source", "allocated_thousand", "spent_thousand", "note")
        extra_kwargs = {
            "allocated_thousand": {"help_text": "千元 (NT$ 1,000)"},
            "spent_thousand": {"help_text": "千元 (NT$ 1,000); null: not known"},
        }


PARTS = serializers.DictField(
    child=serializers.DecimalField(20, 4, allow_null=True),
    read_only=True,
    help_text="Number by part, where the indicator has a dimension; empty where none is known.",
)


class ValueSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="indicator.name", read_only=True)
    unit = serializers.CharField(source="indicator.unit", read_only=True)
    formula = serializers.CharField(source="indicator.formula", read_only=True)
    parts = PARTS

    class Meta:
        model = IndicatorValue
        fields = ("indicator", "name", "unit", "formula", "actual", "parts", "note")


class AnsweredDutySerializer(serializers.ModelSerializer):
    """A duty that the report answers, by the name that its body bears in the plan."""

    ministry = serializers.CharField(source="ministry.code", read_only=True)
    short_name = serializers.CharField(source="ministry.short_name", read_only=True)

    class Meta:
        model = Assignment
        fields = ("ministry", "short_name", "role")


class EvidenceSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField(help_text="The link, or where the file is served.")

    class Meta:
        model = Evidence
        fields = ("id", "title", "url", "media_type", "size", "sha256", "public", "added_at")

    def get_url(self, evidence: Evidence) -> str:
        return evidence.url or reverse("evidence", args=[evidence.pk])


class ReportSerializer(ReportHeadSerializer):
    light = serializers.ChoiceField(choices=Light.choices, allow_blank=True, read_only=True)
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True, read_only=True)
    duties = AnsweredDutySerializer(
        source="assignments",
        many=True,
        read_only=True,
        help_text="Usually one; several where bodies with duties for the measure became one.",
    )
    values = ValueSerializer(many=True, read_only=True)
    money = MoneySerializer(source="money_lines", many=True, read_only=True)
    evidence = EvidenceSerializer(many=True, read_only=True)

    class Meta(ReportHeadSerializer.Meta):
        fields = (
            *ReportHeadSerializer.Meta.fields, "duties", *WRITABLE_FIELDS, "values", "money",
            "evidence",
        )  # fmt: skip
        read_only_fields = fields


class MoveSerializer(serializers.Serializer):
    """A move that the report's status knows; `reason` says why this person can't make it."""

    verb = serializers.ChoiceField(choices=Verb.choices)
    ok = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    note = serializers.BooleanField(help_text="Whether a written reason is required.")


class ReportDetailSerializer(ReportSerializer):
    moves = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = (*ReportSerializer.Meta.fields, "moves")

    def get_moves(self, report: ProgressReport) -> MoveSerializer(many=True):
        found = moves(report, self.context["request"].user)
        return MoveSerializer(found, many=True).data


# --- what is written ------------------------------------------------------------------------------
class ValueInput(serializers.Serializer):
    indicator = serializers.IntegerField()
    actual = serializers.DecimalField(20, 4, required=False, allow_null=True)
    parts = serializers.DictField(
        child=serializers.DecimalField(20, 4, allow_null=True),
        required=False,
        help_text="Number by part; replaces all parts of the indicator.",
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ReportInput(serializers.ModelSerializer):
    """Fields left out stay as they are; `money`, where given, replaces all lines."""

    light = serializers.ChoiceField(choices=Light.choices, allow_blank=True)
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True)
    values = ValueInput(many=True)
    money = MoneySerializer(many=True)

    class Meta:
        model = ProgressReport
        fields = (*WRITABLE_FIELDS, "values", "money")

    def validate_values(self, values: list[dict]) -> list[dict]:
        given = [value["indicator"] for value in values]
        if len(set(given)) < len(given):
            raise ValidationError(_("同一個指標只給一次實績。"))
        return values

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise ValidationError({name: [_("這個欄位不能填寫。")] for name in unknown})
        return super().to_internal_value(data)


class NoteInput(serializers.Serializer):
    note = serializers.CharField(max_length=2000)


class ReopenInput(serializers.Serializer):
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    due_on = serializers.DateField(
        required=False, allow_null=True, help_text="Last day; without it, 14 days from today."
    )


class ReturnInput(serializers.Serializer):
    parts = serializers.DictField(
        child=serializers.CharField(max_length=2000),
        help_text=f"Reason by part: {', '.join(Part.values)}.",
    )
    correction_due_on = serializers.DateField(
        required=False, allow_null=True, help_text="Last day; without it, 14 days from today."
    )
