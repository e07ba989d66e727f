"""What a stage of ./test says by its exit code, beside 0 and all others."""

# It could not be asked here; its output says why.
SKIPPED = 77
