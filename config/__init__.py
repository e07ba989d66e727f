"""Settings, URLs, API router and Celery, and `config.commands`, which start it all.

`config.kit` knows Django, DRF and Celery only. Nothing is imported here: the commands start where
nothing is installed yet.
"""
