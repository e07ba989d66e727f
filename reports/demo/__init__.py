"""A demo review, made up and marked as such, so that its rooms can be tried out.

Led by the actions that people use: a dozen of them take a second, and the rows are right by
themselves. The same plan, day and filings give the same review; one that exists is left alone.
"""

from reports.demo.review import seed_review

__all__ = ["seed_review"]
