"""Pages of the `plan` room: revisions of a plan, and loading in the admin."""
