"""Demo people and filings, made up and marked as such, so that the system can be tried out.

The same plan, day and years give the same rows; what exists is left alone. Written in bulk and
not through the actions: half a minute of locking and mailing would make the first start slow.
The rows are those that the actions would have left (`tests/tracking/test_seed.py` holds them to
the checks and to the workflow). What happens beside the filings is little, and goes through the
actions.
"""

from tracking.demo.happenings import seed_happenings
from tracking.demo.plans import seed_plans
from tracking.demo.seeding import Seeded, seed

__all__ = ["Seeded", "seed", "seed_happenings", "seed_plans"]
