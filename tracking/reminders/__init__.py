"""Reminders: on which day whom to mail about which date, and the mailing itself.

working_days  Taiwan's working days: the official calendar, as shipped and as imported
rules         which reminder falls on which day; pure
people        who is reminded of a ministry's duties, and who in their stead
digest        one mail a person and day: what is in it, and putting it into the outbox
feed          one's own dates for a calendar program
"""
