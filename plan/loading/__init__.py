"""The steps of `actions.load_plan`: what changed so far, bodies and lists, the tree."""
