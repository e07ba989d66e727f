"""Open data: what is published, as datasets that are described once and written in three formats.

A dataset is data (`dataset`): its columns with their definitions and where each comes from. Rows
are what nobody has to sign in for; `reports.opendata.registry` lists the datasets.
"""
