"""Reads the published text of the plan. Pure: no Django, no database.

``reader.read_document`` takes the text apart, ``compare.compare`` sets it against a loaded plan,
``report`` prints both. ``errors.DocumentError`` refuses what is not the whole published plan.
"""
