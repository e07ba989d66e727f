"""Scripts that made the files committed beside them; not needed to run the site."""
