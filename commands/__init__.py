"""The commands ./run and ./test. They need only Python's own library: nothing is installed yet."""
