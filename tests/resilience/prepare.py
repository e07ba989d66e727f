"""Run in a process of its own on the site's database: a world with many reports, or a job.

`world N` prints one line of JSON: the officer's cookie and the numbers of N blank reports of 甲部.
`compile` has the reviewer start the compilation of a review, and prints the job's number.
"""

import json
import sys

import django

REVIEW = "期中評估"


def main() -> None:
    django.setup()
    what, *words = sys.argv[1:]
    print(json.dumps(_world(int(words[0])) if what == "world" else _compile()))


def _world(count: int) -> dict:
    from django.test import Client

    from plan.models import Assignment, Measure
    from tests.reports.review_world import begun
    from tests.world import World, make_ministries, make_people, make_tree, make_year

    ministries = make_ministries()
    version, measures = make_tree(ministries)
    first = measures["1.1.1.1"]
    for number in range(count):
        measure = Measure.objects.create(
            version=version, strategy=first.strategy, code=f"1.1.1.{number + 3}",
            ordinal=number + 3, position=number + 10, name=f"試行方案{number}",
        )  # fmt: skip
        Assignment.objects.create(
            measure=measure, ministry=ministries["alpha"], role="lead", order=1, basis="表7"
        )
    people = make_people(ministries)
    year = make_year(version.plan, people["collator"])
    begun(World(version.plan, version, ministries, measures, people, year))
    client = Client()
    client.force_login(people["officer_a"])
    added = year.reports.filter(measure__code__startswith="1.1.1.", measure__position__gte=10)
    return {
        "cookie": "; ".join(f"{name}={one.value}" for name, one in client.cookies.items()),
        "reports": list(added.order_by("pk").values_list("pk", flat=True)),
    }


def _compile() -> int:
    from ministries.models import User
    from reports.models import Review
    from reports.tasks import start_compiling

    by = User.objects.get(email="reviewer@example.test")
    return start_compiling(Review.objects.get(title=REVIEW), by=by).pk


if __name__ == "__main__":
    main()
