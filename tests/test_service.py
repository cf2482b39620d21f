"""Who is really served, and who gets deliveries in time: the toy city, worked out by hand.

Within 15 minutes of S1 (20 places) live 130 aged 60 and over: a1 30, a2 10, b1 20, c1 30, d1 40;
out of reach are b2 20, d2 10, e1 5.
"""

import dataclasses

import pandas as pd
import pytest
from conftest import Toy

from planner import api
from planner.district.area import StudyArea
from planner.errors import InputError
from planner.settings import DeliveryQuestion, ServiceQuestion
from planner.study import scenario
from planner.study.allocation_study import (
    DeliveryAnswer,
    ServiceAnswer,
    allocate,
    deliver,
    delivered_minutes,
    served_people,
)
from planner.study.plan import Plan

THREE = ["served", "over_capacity", "out_of_reach"]


@pytest.fixture(scope="module")
def area(toy_plan: Plan) -> StudyArea:
    return toy_plan.area


def room(area: StudyArea, **places: float | None) -> StudyArea:
    """Give facilities another capacity."""
    capacity = area.facilities["capacity"].copy()
    for label, places_ in places.items():
        capacity[label] = places_
    return dataclasses.replace(area, facilities=area.facilities.assign(capacity=capacity))


@pytest.fixture
def serve(toy_plan: Plan):
    def put(area: StudyArea = toy_plan.area, kind: str = "care_station", **asked) -> ServiceAnswer:
        question = ServiceQuestion(kind=kind, **asked)
        return allocate(area, question, toy_plan.settings)

    return put


@pytest.fixture
def send(toy_plan: Plan):
    def put(area: StudyArea = toy_plan.area, kind: str = "canteen", **asked) -> DeliveryAnswer:
        question = DeliveryQuestion(kind=kind, **asked)
        return deliver(area, question, toy_plan.settings)

    return put


def of_district(answer: ServiceAnswer) -> list[float]:
    rows = answer.split[(answer.split["level"] == "district")]
    return rows.set_index("group").loc[answer.group, THREE].tolist()


@pytest.mark.parametrize("rule", ["nearest", "most"])
def test_as_many_as_there_is_room_for(serve, rule):
    answer = serve(rule=rule)
    assert of_district(answer) == [20, 110, 35]
    assert (answer.minutes, answer.group) == (15, "aged_60")
    # a2 lives nearest, 5.5 minutes off; the other ten walk 10 minutes.
    load = answer.load.loc["S1"]
    assert load[["name", "capacity", "people", "use"]].tolist() == ["中心养老站", 20, 20, 1]
    assert answer.allocation.person_minutes == pytest.approx(10 * 5.5 + 10 * 10)
    assert load["farthest_min"] == pytest.approx(10)


def test_nearest_and_most_differ(serve, area):
    # S2 opens at b2's corner, 5 minutes from b1 and 10 from d2, who cannot walk to S1. The nearest
    # first, b1 takes places there that d2 lacks; sent for most, b1 walks the 15 minutes to S1.
    then = area.facilities["operating"].mask(area.facilities.index == "S2", other=True)
    both = dataclasses.replace(area, facilities=area.facilities.assign(operating=then))
    both = room(both, S1=130, S2=30)
    assert of_district(serve(both, rule="nearest")) == [150, 10, 5]
    most = serve(both, rule="most")
    assert of_district(most) == [160, 0, 5]
    assert most.allocation.status == "optimal"


def test_whole_communities(serve, area):
    # A 40, B 40 (half of them within reach: enough), C 30, D 50; E is an island.
    assert of_district(serve(rule="whole")) == [0, 160, 5]
    answer = serve(room(area, S1=80), rule="whole")
    assert of_district(answer) == [80, 80, 5]
    units = answer.split[answer.split["level"] == "community"].set_index("unit")
    assert set(units["served"]) <= {0, 30, 40, 50}
    assert set(answer.split["level"]) == {"district", "street", "settlement", "community"}


@pytest.mark.parametrize("rule", ["nearest", "most", "whole"])
@pytest.mark.parametrize("need", [1.0, 0.5])
@pytest.mark.parametrize("places", [0, 20, 75, 1000, None])
def test_the_three_add_up_to_the_people(serve, area, rule, need, places):
    answer = serve(room(area, S1=places), rule=rule, need=need)
    split = answer.split
    assert (split[THREE] >= 0).all(axis=None)
    assert split[THREE].sum(axis=1).to_numpy() == pytest.approx(split["people"].to_numpy())
    for row in split.itertuples():
        people = 0.0
        for _, home in area.demand.iterrows():
            community = area.communities.loc[home["community"]]
            unit = {"district": "*", "community": home["community"]}
            if unit.get(row.level, community.get(row.level)) == row.unit:
                people += home[row.group] * need
        assert row.people == pytest.approx(people), row
    if places is not None:
        assert of_district(answer)[0] <= places + 1e-9


def test_need_and_group(serve):
    answer = serve(group="population", need=0.1)
    assert of_district(answer) == pytest.approx([20, 19, 7])
    assert serve(need=0.1).load.loc["S1", "people"] == pytest.approx(13)


def test_minutes_of_the_question(serve):
    assert of_district(serve(minutes=6)) == [10, 0, 155]


def test_a_capacity_that_nobody_knows(serve, area):
    answer = serve(room(area, S1=None))
    assert of_district(answer) == [130, 0, 35]
    assert answer.access.empty
    assert [note.key for note in answer.allocation.notes] == ["capacity.unknown_capacity"]


@pytest.mark.parametrize("rule", ["nearest", "most", "whole"])
def test_a_kind_without_facilities(serve, rule):
    answer = serve(kind="health", rule=rule)
    assert of_district(answer) == [0, 0, 165]
    assert answer.load.empty


def test_places_for_each_by_the_floating_catchment(serve):
    score = serve().access
    assert score.reindex(["a1", "a2", "b1", "c1", "d1"]).tolist() == pytest.approx([20 / 130] * 5)
    assert not score.reindex(["b2", "d2", "e1"]).fillna(0).any()


def test_nobody_is_counted_twice(serve):
    assert served_people(()) is None
    one = served_people((serve(),))
    both = served_people((serve(), serve(rule="nearest"), serve(kind="shelter")))
    pd.testing.assert_frame_equal(both[both["kind"] == "care_station"], one)
    assert one.query("group == 'aged_60'")["served"].sum() == pytest.approx(20)


def test_a_run_answers_every_question(toy_plan: Plan):
    asked = [ServiceQuestion(kind="care_station"), ServiceQuestion(kind="shelter", rule="whole")]
    settings = toy_plan.settings.model_copy(
        update={"service": asked, "delivery": [DeliveryQuestion(kind="canteen")], "siting": []}
    )
    plan = scenario.run(toy_plan.area, settings)
    assert [answer.question for answer in plan.service] == asked
    assert len(plan.delivery) == 1


@pytest.mark.parametrize(
    ("name", "key"), [("service", "service.0.kind"), ("delivery", "delivery.0.kind")]
)
def test_a_kind_or_group_that_does_not_exist(toy_city, name, key):
    for what, value in (("kind", "casino"), ("group", "aged_99")):
        part = f"{name}=[{{kind='canteen', {what}='{value}'}}]"
        part = f"{name}=[{{kind='{value}'}}]" if what == "kind" else part
        with pytest.raises(InputError) as caught:
            api.check(toy_city, set=[part])
        (problem,) = caught.value.problems
        assert (problem.file, problem.value) == (key.replace("kind", what), value)


# K1 stands 40 m off the street at (660, 300); at 4 m/s a metre takes 1/240 minutes. The middle of
# A's people is at a1, 1,000 m away, that of B's at b1 (580 m), that of C's at c1 (1,000 m).
BY_HAND = {"A": 1000 / 240, "B": 580 / 240, "C": 1000 / 240}


def test_minutes_of_delivery(send):
    answer = send().delivery.communities
    assert answer["minutes"].dropna().to_dict() == pytest.approx(BY_HAND)
    assert answer["in_time"].to_dict() == {"A": True, "B": True, "C": True, "D": False, "E": False}
    assert answer.loc[["D", "E"], "reason"].tolist() == ["no_route"] * 2
    # 50 meals for the 110 aged of the three.
    assert answer["meals"].sum() == 50
    table = delivered_minutes((send(), send()))
    assert len(table) == 5
    assert table.set_index("community")["minutes"].dropna().to_dict() == pytest.approx(BY_HAND)
    assert delivered_minutes(()) is None


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        ({"speed_mps": 2.0}, {name: 2 * far for name, far in BY_HAND.items()}),
        ({"handling_min": 5.0}, BY_HAND),  # a station on the way would wait; there is none
        ({"window_min": 3.0}, BY_HAND),
    ],
)
def test_keys_of_delivery(send, asked, minutes):
    answer = send(**asked).delivery.communities
    assert answer["minutes"].dropna().to_dict() == pytest.approx(minutes)
    late = [name for name, far in minutes.items() if far > asked.get("window_min", 30)]
    assert answer.index[answer["reason"] == "too_late"].tolist() == late


def test_need_and_group_of_delivery(send):
    answer = send(group="population", need=0.1).delivery.communities
    assert answer["need"].tolist() == pytest.approx([15, 12, 6, 12, 1])
    assert answer["meals"].tolist() == pytest.approx([15, 12, 6, 0, 0])


def test_assignments_are_links_too(send):
    answer = send(kind="shelter", link="assignment").delivery.communities
    assert answer["minutes"].isna().tolist() == [False, False, False, False, True]
    assert send(kind="shelter").delivery.communities["minutes"].isna().all()


def test_one_way_streets_bind_vehicles_and_nobody_on_foot(toy: Toy, toy_plan: Plan, tmp_path):
    # The street that K1 stands on (横1路, y = 300) leads east only.
    oneway = ["yes" if name == "横1路" else "no" for name in toy.streets["name"]]
    city = dataclasses.replace(toy, streets=toy.streets.assign(oneway=oneway))
    path = city.write(tmp_path)
    plan = api.run(path, set=["siting=[]", "delivery=[{kind='canteen'}]"])
    found = plan.delivery[0].delivery.communities["minutes"].dropna().to_dict()
    around = 40 + 240 + 300 + 900
    assert found == pytest.approx({"A": around / 240, "B": 580 / 240, "C": around / 240})
    on_foot = [
        p.coverage.nearest.set_index(["demand", "kind"])["minutes"] for p in (plan, toy_plan)
    ]
    pd.testing.assert_series_equal(on_foot[0].sort_index(), on_foot[1].sort_index())


def test_a_linked_community_where_nobody_lives(send, area):
    empty = dataclasses.replace(area, demand=area.demand[area.demand["community"] != "C"])
    answer = send(empty).delivery.communities
    assert answer.loc["C", ["need", "meals", "reason"]].tolist() == [0, 0, "no_route"]


def test_a_link_that_names_nobody_is_a_fault_of_the_data(toy_city):
    links = toy_city.parent / "links.csv"
    links.write_text(links.read_text("utf-8").replace("K1,B", "K1,Z"), "utf-8")
    with pytest.raises(InputError) as caught:
        api.run(toy_city, set=["delivery=[{kind='canteen'}]"])
    assert [(p.key, p.value) for p in caught.value.problems] == [("area.link_community", "Z")]


def test_delivery_of_a_kind_without_facilities(send):
    assert send(kind="health").delivery.communities["minutes"].isna().all()


def test_dispatch_over_a_station(send, area):
    """From S1 it is 400 m to K1, 1 2/3 minutes at 4 m/s; from there as if K1 had begun."""
    supplies = pd.DataFrame({"facility": ["S1"], "station": ["K1"], "link": ["delivery"]})
    chain = dataclasses.replace(area, supplies=supplies)
    direct = send().delivery.communities["minutes"]
    over = send(chain, kind="care_station", handling_min=2.0).delivery
    assert over.communities["minutes"].dropna().to_dict() == pytest.approx(
        {place: minutes + 5 / 3 + 2 for place, minutes in direct.dropna().items()}
    )
    assert over.routes["route"].str.startswith("S1 → K1 → ").all()
    unlinked = send(area, kind="care_station").delivery.communities["minutes"]
    assert unlinked.isna().all()


def test_stations_in_the_file_of_links(toy_city):
    path = toy_city.parent / "links.csv"
    links = pd.read_csv(path)  # noqa: TID251
    to_station = {"facility": "S1", "station": "K1", "link": "delivery"}
    links = pd.concat([links, pd.DataFrame([to_station])], ignore_index=True)
    links.to_csv(path, index=False)
    plan = api.run(toy_city, set=["delivery=[{kind='care_station'}]"])
    minutes = plan.delivery[0].delivery.communities["minutes"].dropna().to_dict()
    assert minutes == pytest.approx({place: far + 5 / 3 for place, far in BY_HAND.items()})
    nowhere = pd.DataFrame([{"facility": "S1", "link": "delivery"}, to_station | {"station": "Z"}])
    pd.concat([links, nowhere]).to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        api.check(toy_city)
    keys = {(problem.key, problem.value) for problem in caught.value.problems}
    assert keys == {("area.link_station", "Z"), ("area.link_nowhere", None)}


def test_a_station_that_closes_before_it_opens(toy_city):
    path = toy_city.parent / "stations.csv"
    path.write_text(path.read_text("utf-8").replace("2015", "1999"), "utf-8")
    with pytest.raises(InputError) as caught:
        api.check(toy_city)
    found = [(problem.key, problem.value, problem.row) for problem in caught.value.problems]
    assert found == [("changes.closes_first", "旧养老站", "4")]


def test_rounds_and_loads_of_a_link(toy_city):
    """Two rounds to B: out, back, out; 4 meals each. Nothing else is known of the other links."""
    path = toy_city.parent / "links.csv"
    links = pd.read_csv(path)  # noqa: TID251
    to_b = (links["facility"] == "K1") & (links["community"] == "B")
    links.assign(rounds=to_b.map({True: 2}), load=to_b.map({True: 4})).to_csv(path, index=False)
    plan = api.run(toy_city, set=["delivery=[{kind='canteen', need=0.3}]", "siting=[]"])
    delivered = plan.delivery[0].delivery.communities
    assert delivered["minutes"].dropna().to_dict() == pytest.approx(BY_HAND | {"B": 3 * 580 / 240})
    # Of 12, 12 and 9 meals needed, B's second round leaves 4 behind.
    assert delivered.loc[["A", "B", "C"], "meals"].tolist() == pytest.approx([12, 8, 9])
    assert delivered.loc["B", "reason"] == "short"
