"""Commands of Django's that write, told to the audit log. An app of its own: of two commands of one
name the app that is listed first has its own, and the administration wants our rooms listed last.
"""
