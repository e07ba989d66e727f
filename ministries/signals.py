"""News of this room that rooms above act on; senders know nothing of who listens."""

from django.dispatch import Signal

# A succession was recorded: `succession` and `by` (a User, or a text such as `system:load_plan`).
# Sent inside the transaction: who listens may refuse with Invalid, and nothing is recorded.
succession_recorded = Signal()

# A succession is about to be deleted: `succession` and `by`, inside the transaction. Who listens
# may refuse with NotNow, and it stays.
succession_leaving = Signal()
