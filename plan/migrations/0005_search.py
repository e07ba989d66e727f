from django.db import migrations

from config.kit.search_index import OnPostgreSQL, search_index

# As `config.kit.search.fold`, and what it calls pairs. Both name nothing outside of pg_catalog, so
# that a dump can be restored and an index made anew under any search_path.
FUNCTIONS = [
    """
    CREATE FUNCTION search_fold(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT lower(
            translate(
                normalize($1, NFKC), '台裏着羣峯衆温污佈佔周綫', '臺裡著群峰眾溫汙布占週線'
            ) COLLATE "C"
        )
    $$
    """,
    """
    CREATE FUNCTION search_bigrams(text) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT array_agg(
            ((least(ascii(a), 65535) - 32768) << 16) | least(ascii(b), 65535)
        )
        FROM unnest(string_to_array($1, NULL), string_to_array(substr($1, 2), NULL)) AS pair (a, b)
        WHERE b IS NOT NULL
    $$
    """,
]
NODE = "name || '\n' || name_en || '\n' || {}"


class Migration(migrations.Migration):
    dependencies = [("plan", "0004_scenario")]

    operations = [
        OnPostgreSQL(
            FUNCTIONS,
            ["DROP FUNCTION search_bigrams(text)", "DROP FUNCTION search_fold(text)"],
        ),
        search_index("goal_search", "plan_goal", NODE.format("text")),
        search_index("sub_goal_search", "plan_subgoal", NODE.format("text")),
        search_index("strategy_search", "plan_strategy", NODE.format("text")),
        search_index("measure_search", "plan_measure", NODE.format("description")),
        search_index("item_search", "plan_measureitem", "title || '\n' || text"),
    ]
