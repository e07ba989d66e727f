"""Facts of a plan as people write them: the folders of `fixtures/`, or one file. Pure, no ORM.

``read.read`` takes a folder, a YAML file or the JSON of ``export_plan`` and returns ``facts``;
``check.check`` holds them against each other and against the plan's own claim. Both refuse with
``entry.FixtureError``: file, place (line or code) and reason.
"""
