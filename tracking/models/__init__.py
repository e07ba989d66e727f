"""What was done? Reporting years, progress reports with all their parts, what befell them, and what
coordination meetings resolved.
"""

from tracking.models.evidence import Evidence
from tracking.models.handover import Handover
from tracking.models.history import ReportAuthor, ReportEvent, ReturnedPart
from tracking.models.holiday import Holiday
from tracking.models.joint import Dissent, Quotation
from tracking.models.notice import Notice
from tracking.models.override import LightOverride
from tracking.models.receipt import Receipt
from tracking.models.report import IndicatorValue, MoneyLine, ProgressReport
from tracking.models.request import CorrectionRequest, ExtensionRequest
from tracking.models.resolution import Resolution, ResolutionReport
from tracking.models.submission import Submission
from tracking.models.thread import CannedReason, Message
from tracking.models.typing import Presence, TypedCopy
from tracking.models.year import ReportingYear

__all__ = [
    "CannedReason",
    "CorrectionRequest",
    "Dissent",
    "Evidence",
    "ExtensionRequest",
    "Handover",
    "Holiday",
    "IndicatorValue",
    "LightOverride",
    "Message",
    "MoneyLine",
    "Notice",
    "Presence",
    "ProgressReport",
    "Quotation",
    "Receipt",
    "ReportAuthor",
    "ReportEvent",
    "ReportingYear",
    "Resolution",
    "ResolutionReport",
    "ReturnedPart",
    "Submission",
    "TypedCopy",
]
