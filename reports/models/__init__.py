"""What came of it? Reviews, their frozen editions, experts' opinions, conclusions and documents."""

from reports.models.document import Document
from reports.models.edition import Edition, SnapshotLine
from reports.models.expert import Invitation, Opinion, OpinionReply, Recusal, Seat, SeatItem
from reports.models.filing import Filing
from reports.models.job import Job
from reports.models.meeting import (
    AgendaItem,
    Attendance,
    CoordinationMeeting,
    MeetingResolution,
)
from reports.models.review import Review, ReviewEvent, RuleChange
from reports.models.saved_view import SavedView
from reports.models.signoff import SignOff
from reports.models.synthesis import (
    Citation,
    CitationFlag,
    Comment,
    CommentsDone,
    Conclusion,
    Paragraph,
)
from reports.models.workbook import WorkbookUpload

__all__ = [
    "AgendaItem",
    "Attendance",
    "Citation",
    "CitationFlag",
    "Comment",
    "CommentsDone",
    "Conclusion",
    "CoordinationMeeting",
    "Document",
    "Edition",
    "Filing",
    "Invitation",
    "Job",
    "MeetingResolution",
    "Opinion",
    "OpinionReply",
    "Paragraph",
    "Recusal",
    "Review",
    "ReviewEvent",
    "RuleChange",
    "SavedView",
    "Seat",
    "SeatItem",
    "SignOff",
    "SnapshotLine",
    "WorkbookUpload",
]
