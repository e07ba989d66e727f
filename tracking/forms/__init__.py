"""Forms of the filing pages. They read what was typed; whether it may be filed, actions decide.

A draft may be saved incomplete, so nothing is required here: only what cannot be read (a date
that does not exist, text where a number stands) is refused, with everything typed kept.
"""
