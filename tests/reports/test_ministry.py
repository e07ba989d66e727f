"""The ministries' pages: units of the plan, a body's line, its duties and what it filed."""

from django.urls import reverse

from plan.models import Objective
from tests.world import join, make_user
from tracking.enums import Status


def read(client, user=None, address="/ministries/beta/") -> str:
    if user:
        client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_counts_duties_and_names_the_heir(client, world):
    world.plan.participants.filter(ministry=world.gamma).update(counted=False, note="丙署是署")
    page = read(client, address="/ministries/")
    # 甲部 3, 乙部 3, 科學部 2, 丙署 1
    assert "4個單位分擔9項次的措施，計畫計入其中3個" in page
    assert "計畫不計入部會數：丙署是署" in page
    assert "乙部組織法" in page


def test_without_a_plan_the_list_says_what_to_do(client, db):
    assert "管理者載入計畫之後" in read(client, address="/ministries/")


def test_a_body_answers_for_those_before_it(client, world):
    page = read(client)
    assert "行政院丙署" in page
    assert [code for code in ("1.1.1.1", "1.1.1.2", "1.1.2.1", "2.1.1.1") if code in page] == [
        "1.1.1.1",
        "1.1.1.2",
        "2.1.1.1",
    ]


def test_an_unknown_body_is_not_found(client, world):
    assert client.get("/ministries/nobody/").status_code == 404


def test_states_are_told_to_those_who_may_know(client, world):
    world.bring(world.report("1.1.1.2", "beta"), Status.SUBMITTED)
    world.bring(world.report("2.1.1.1", "beta"), Status.ACCEPTED)
    address = reverse("ministry-csv", args=["beta"])

    def states(user=None) -> list[tuple[str, str, str]]:
        rows = [line.split(",") for line in read(client, user, address).splitlines()[1:]]
        client.logout()
        return [(row[0], row[6], row[7]) for row in rows]

    assert states() == []
    assert states(world.officer_b) == [
        ("1.1.1.1", "not_due", ""),
        ("1.1.1.2", "waiting", ""),
        ("2.1.1.1", "accepted", "on_track"),
    ]
    assert states(world.officer_a) == [
        ("1.1.1.1", "", ""),
        ("1.1.1.2", "", ""),
        ("2.1.1.1", "accepted", "on_track"),
    ]
    assert states(world.reviewer) == states(world.officer_b)


def test_objectives_and_what_a_plan_prints_of_money_stand_on_the_page(client, world):
    Objective.objects.create(
        plan=world.plan, ministry=world.gamma, ordinal=1, printed_name="丙署", text="守護水土。"
    )
    world.plan.printed_figures.create(
        table="2", row="丙署", row_ordinal=1, column="110", column_ordinal=1, year=110,
        unit="千元", printed="1,234", value=1234, ministry=world.gamma,
    )  # fmt: skip
    page = read(client)
    assert "守護水土。" in page
    assert "1,234" in page


def test_the_list_costs_the_same_for_more_rows(
    client, world, django_assert_max_num_queries, django_assert_num_queries
):
    user = make_user("onlooker")
    join(user, world.alpha, "viewer")
    client.force_login(user)
    client.get("/ministries/")
    with django_assert_max_num_queries(20) as before:
        client.get("/ministries/")
    world.plan.participants.filter(ministry__in=[world.alpha, world.beta, world.gamma]).delete()
    with django_assert_num_queries(len(before)):
        client.get("/ministries/")
