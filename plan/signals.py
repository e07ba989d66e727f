"""News of this room that rooms above act on; senders know nothing of who listens."""

from django.dispatch import Signal

# A version was approved: `version`, `before` (the one that it supersedes, or None), `rule`
# (RunningYearRule) and `by`. Sent inside the transaction: who listens may refuse, and returns a
# dict that goes into the revision's `outcome`.
version_approved = Signal()
