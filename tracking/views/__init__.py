"""Pages of the `tracking` room: thin edges around queries, rules and actions."""
