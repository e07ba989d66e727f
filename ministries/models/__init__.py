"""Who? Ministries as legal identities with dates, people, what people may do, and the audit log."""

from ministries.models.audit import AuditCheckpoint, AuditEvent, AuditHead, AuditSeal
from ministries.models.domain import AllowedDomain
from ministries.models.feed import CalendarFeed
from ministries.models.membership import Deputyship, Membership, RoleGrant
from ministries.models.ministry import Body, Lineage, Ministry, Succession
from ministries.models.sign_in import LiveSession, SignInLock, UsedPassword
from ministries.models.token import ApiToken
from ministries.models.user import User

__all__ = [
    "AllowedDomain",
    "ApiToken",
    "AuditCheckpoint",
    "AuditEvent",
    "AuditHead",
    "AuditSeal",
    "Body",
    "CalendarFeed",
    "Deputyship",
    "Lineage",
    "LiveSession",
    "Membership",
    "Ministry",
    "RoleGrant",
    "SignInLock",
    "Succession",
    "UsedPassword",
    "User",
]
