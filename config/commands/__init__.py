"""The commands ./run, ./test and ./bench.

The first two begin with Python's own library alone, since nothing is installed yet; what needs
more runs in processes of their own: web and prepare of ./run, measure of ./bench.
"""
