"""Each of the 169 targets counted again in the raw files, by code that shares nothing with ours.

What a target means is taken from its words and from the row of the document that it answers; how
the files say it, from the files. Walks are a textbook search along the streets, shelters within
capacity a largest flow.
"""

# ruff: noqa: TID251  to open files as they are is what this is for

import tomllib
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from support.recount import District, listed, most_sheltered

DATASETS = Path(__file__).parents[1] / "datasets"


def table(district, name):
    path = DATASETS / district / name
    reads = {".parquet": gpd.read_parquet, ".gpkg": gpd.read_file, ".geojson": gpd.read_file}
    return reads[path.suffix](path)


def opened(district, *, year, epsg, communities, code, lists):
    return District(
        year=year,
        epsg=epsg,
        communities=table(district, communities).set_index(code).to_crs(epsg),
        homes=table(district, "dwellings.parquet").set_index("id").to_crs(epsg),
        streets=table(district, "streets.parquet").to_crs(epsg),
        lists={
            name: listed(DATASETS / district / file, **how) for name, (file, how) in lists.items()
        },
    )


def sheets(file, *names, **how):
    return {name: (file, {"sheet": name, **how}) for name in names}


def beizhu():
    return opened(
        "beizhu", year=2009, epsg=4550, communities="communities.parquet", code="編號",
        lists=sheets("facilities.xlsx", "居家養老", "街道中心", "養老機構", "服務中心", "活動中心",
                     "學習點", "工療站"),
    )  # fmt: skip


def chengwan():
    return opened(
        "chengwan", year=2018, epsg=4550, communities="communities.gpkg", code="编号",
        lists={
            "stations": ("care_stations.csv", {"encoding": "gb18030", "gcj": True}),
            "canteens": ("canteens.xlsx", {"sheet": "爱心食堂"}),
            "shelters": ("shelters.csv", {}),
            "institutions": ("institutions.csv", {}),
            "centres": ("street_centres.geojson", {}),
            "others": ("other_facilities.csv", {}),
        },
    )  # fmt: skip


def rongpu():
    return opened(
        "rongpu", year=2012, epsg=4547, communities="communities.gpkg", code="社區編號",
        lists={
            "stations": ("care_stations.csv", {"encoding": "big5"}),
            "institutions": ("institutions.csv", {}),
            "centres": ("street_centres.csv", {}),
            "families": ("family_centres.csv", {}),
            "shelters": ("shelters.csv", {}),
            "others": ("other_facilities.csv", {}),
        },
    )  # fmt: skip


def jiangji():
    return opened(
        "jiangji", year=2022, epsg=4550, communities="communities.geojson", code="编号",
        lists=sheets("facilities.xlsx", "居家养老服务站", "老年食堂", "街道中心", "养老机构",
                     "其他"),
    )  # fmt: skip


def yunpu():
    return opened(
        "yunpu", year=2023, epsg=4550, communities="communities.parquet", code="居村委代码",
        lists=sheets("facilities.xlsx", "养老服务站点", "综合为老服务中心", "助餐场所", "养老机构",
                     "其他设施", gcj=True),
    )  # fmt: skip


DISTRICTS = {one.__name__: one for one in (beizhu, chengwan, rongpu, jiangji, yunpu)}


def excel(district, name, sheet=None):
    return pd.read_excel(DATASETS / district / name, sheet_name=sheet or 0, engine="openpyxl")


def links(district, of=None):
    """The rows of a list of links, of one word."""
    rows = pd.read_csv(DATASETS / district / "links.csv", encoding="utf-8-sig")
    rows = rows.set_axis(["facility", "community", "word", "station"][: rows.shape[1]], axis=1)
    return rows if of is None else rows[rows["word"] == of]


def having(rows, column="街道"):
    return rows[column].nunique()


def spread(shares):
    return shares.max() - shares.min()


def variation(values):
    return values.std(ddof=0) / values.mean()


def unequal(values):
    """The Gini coefficient: half the mean difference of all pairs, over the mean."""
    apart = np.abs(np.subtract.outer(values, values)).mean()
    return apart / 2 / np.mean(values)


# Jiangbei in Beizhu: traditional characters throughout.


def rural(d):
    return d.communities[d.communities["城鄉"] == "農村"]


def to_centres():
    rows = excel("beizhu", "sites_and_links.xlsx", "歸屬")
    return rows[rows["類型"] == "指定"]


def villages_with_one_centre(d):
    centres = to_centres().groupby("社區編號")["設施編號"].nunique()
    return int((centres.reindex(rural(d).index) == 1).sum()), len(rural(d))


def farthest_village(d):
    """The village whose people walk longest to the nearest centre, on average."""
    walk, people = d.walk(d.up("服務中心")) / 60, d.homes["population"]
    home = d.homes["community"]
    mean = (walk * people).groupby(home).sum() / people.groupby(home).sum()
    return mean[rural(d).index].max()


def places_to_reuse(*words):
    def count(_):
        hosts = excel("beizhu", "sites_and_links.xlsx", "可用場所")["場所類型"]
        return int(hosts.isin(words).sum())

    return count


JIANGBEI = {
    "0-1": lambda d: len(set(d.up("居家養老")["unit"]) & set(rural(d).index)),
    "0-2": lambda d: (rural(d)["政府買單居家養老人數"].sum(), rural(d)["低保人數"].sum()),
    "0-3": lambda d: ((d.communities["老齡工作規範化"] == "是").sum(), len(d.communities)),
    "0-5": lambda d: (d.up("學習點")["座位數"].sum(), d.homes["aged_60"].sum()),
    "0-6": lambda d: (len(d.up("活動中心", 避險預案="是")), len(d.up("活動中心"))),
    "0-6-star": lambda d: ((d.up("活動中心")["星級"] != "無").sum(), len(d.up("活動中心"))),
    "0-7": lambda d: len(d.to_come("養老機構")),
    "0-8": lambda d: len(d.up("養老機構", 等級="敬老院")),
    "0-9": lambda d: (len(d.up("養老機構", 性質=["民辦", "民營"])), len(d.up("養老機構"))),
    "0-10": lambda d: (having(d.up("工療站")), d.communities["街道"].nunique()),
    "0-11": lambda d: (d.up("居家養老", "街道中心")["床位數"].sum(), d.total("重度殘疾人"), 100),
    "0-12": lambda d: ((d.communities["和諧社區"] == "是").sum(), len(d.communities)),
    "0-14": lambda d: ((d.communities["辦公服務用房面積"] >= 350).sum(), len(d.communities)),
    "0-15": places_to_reuse("老社区用房", "老社區用房", "社區用房", "閒置辦公用房"),
    "0-16": lambda d: spread(d.shares("aged_60", d.reached(d.up("居家養老")), "街道")),
    "0-16-people": lambda d: d.people("aged_60", d.reached(d.up("居家養老"))),
    "0-17": villages_with_one_centre,
    "0-17-villages": lambda _: (len(to_centres()), to_centres()["設施編號"].nunique()),
    "0-17-farthest": farthest_village,
    "0-18": lambda d: (len(d.up("服務中心", 一站式="是")), len(d.up("服務中心"))),
    "0-20": lambda d: len(rural(d)),
    "0-20-urban": lambda d: (d.communities["城鄉"] == "城市").sum(),
}

# Beilun in Chengwan: stations in GB 18030 and GCJ-02, shelters in traditional characters.


def fed(d):
    """Communities whose canteen stands there, or to which an open canteen delivers."""
    sent = links("chengwan", "配送")
    own = sent["facility"].isin(d.up("canteens")["编号"])
    return set(d.up("canteens")["unit"]) | set(sent.loc[own, "community"].dropna())


def canteen_links(d):
    sent = links("chengwan", "配送").dropna(subset="community")
    sent = sent[sent["facility"].isin(d.up("canteens")["编号"])].drop_duplicates()
    return len(sent), sent["facility"].nunique()


def of_kitchen(d):
    """The deliveries as a graph of what is open: kitchen, stations, communities."""
    is_open = set(d.up("canteens", "others")["编号"])
    ways = nx.DiGraph()
    for one in links("chengwan", "配送").itertuples():
        target = one.station if isinstance(one.station, str) else one.community
        if one.facility in is_open and (target in is_open or target in d.communities.index):
            ways.add_edge(one.facility, target)
    kitchen = d.up("others", 类型="中央厨房")["编号"].item()
    return ways.subgraph({kitchen, *nx.descendants(ways, kitchen)}).copy(), kitchen


def supplied(d):
    return len(set(of_kitchen(d)[0]) & set(d.communities.index))


def supplied_in_time(d):
    """Communities that the van has reached after 30 minutes, 5 of them lost at each station.

    It drives 7 m/s and ends at the home nearest to the middle of the community's people.
    """
    ways, kitchen = of_kitchen(d)
    homes = d.homes.assign(x=d.homes.geometry.x, y=d.homes.geometry.y)
    weight = homes["population"]
    middle = homes[["x", "y"]].mul(weight, axis=0).groupby(homes["community"]).sum()
    middle = middle.div(weight.groupby(homes["community"]).sum(), axis=0)
    off = np.hypot(
        homes["x"] - homes["community"].map(middle["x"]),
        homes["y"] - homes["community"].map(middle["y"]),
    )
    door = off.groupby(homes["community"]).idxmin()
    for a in {a for a, _ in ways.edges}:
        metres = d.by_van.metres_from([a])
        for _, b in ways.out_edges(a):
            gone = metres[door.get(b, b)] / 7 / 60
            ways.edges[a, b]["minutes"] = gone + (0 if a == kitchen else 5)
    no_way = [(a, b) for a, b, gone in ways.edges(data="minutes") if np.isnan(gone)]
    ways.remove_edges_from(no_way)
    minutes = nx.single_source_dijkstra_path_length(ways, kitchen, weight="minutes", cutoff=30)
    return len(set(minutes) & set(d.communities.index)), len(d.communities)


def sheltered(d):
    """A tenth of the people, all who find a place within a walk of 15 minutes: in tenths."""
    near = {
        code: d.on_foot.metres_within(code, 15 * 60 + 1e-4) for code in d.up("shelters")["編號"]
    }
    pairs = pd.DataFrame(
        [(home, place) for place, metres in near.items() for home in metres.index
         if home in d.homes.index], columns=["home", "place"],
    )  # fmt: skip
    needs = d.homes["population"].astype(int)
    room = d.up("shelters").set_index("編號")["可安置人數"].astype(int) * 10
    return most_sheltered(needs, room, pairs) / 10, needs.sum() / 10


def units(d, *names, **words):
    return d.up(*names, **words)["unit"].nunique(), len(d.communities)


def streets(d, *names, **words):
    return having(d.up(*names, **words)), d.communities["街道"].nunique()


def urban_with_station(d):
    urban = d.communities.index[d.communities["城乡"] == "城市"]
    return len(set(d.up("stations")["unit"]) & set(urban)), len(urban)


def both_cares(d):
    does = d.up("centres", 等级="示范型")["服务项目"]
    return (does.str.contains("日间照料") & does.str.contains("全托")).sum(), len(does)


def share_of(d, name, column, *said):
    return d.up(name)[column].isin(said).sum(), len(d.up(name))


def occupied(d):
    central = d.up("institutions", 等级="福利院")
    return central["在住人数"].sum(), central["床位数"].sum()


def sent_to_shelter(d):
    given = links("chengwan", "安置")
    given = given[given["facility"].isin(d.up("shelters")["編號"])]
    return given["community"].nunique(), len(d.communities)


BEILUN = {
    "1-1": lambda d: (len(fed(d)), len(d.communities)),
    "1-1-people": lambda d: d.people("aged_60", d.reached(d.up("canteens"))),
    "1-3": lambda d: len(d.up("canteens")),
    "1-3-links": canteen_links,
    "1-4": lambda d: d.up("canteens")["送餐人数"].sum(),
    "1-5": supplied,
    "1-5-minutes": supplied_in_time,
    "1-6": lambda d: len(d.up("canteens", 层级="区域站")),
    "1-8": lambda d: len(d.up("stations")),
    "1-8-added": lambda d: len(d.since_last_year("stations")),
    "1-9": urban_with_station,
    "1-9-people": lambda d: d.people("aged_60", d.reached(d.up("stations"))),
    "1-10": lambda d: len(d.up("centres", 等级="示范型")),
    "1-11": lambda d: len(d.since_last_year("centres")),
    "1-24": lambda d: streets(d, "centres"),
    "1-24-community": lambda d: units(d, "stations"),
    "1-25": lambda d: (d.up("stations")["建筑面积"].sum(), d.total("户数"), 100),
    "1-26": lambda d: len(d.up("stations", 一站式="是")),
    "1-31": both_cares,
    "1-12": lambda d: len(d.up("institutions")),
    "1-13": lambda d: d.up("institutions")["床位数"].sum(),
    "1-13-added": lambda d: d.since_last_year("institutions")["床位数"].sum(),
    "1-13-ratio": lambda d: (d.up("institutions")["床位数"].sum(), d.total("60岁以上"), 1000),
    "1-28": lambda d: d.to_come("institutions")["床位数"].sum(),
    "1-30": occupied,
    "1-40": lambda d: share_of(d, "institutions", "消防检查", "是"),
    "1-15": lambda d: len(d.up("shelters")),
    "1-16": sent_to_shelter,
    "1-16-people": lambda d: d.people("population", d.reached(d.up("shelters"))),
    "1-17": lambda d: d.up("shelters")["可安置人數"].sum(),
    "1-17-ratio": lambda d: (d.up("shelters")["可安置人數"].sum(), d.total("常住人口"), 1000),
    "1-17-served": sheltered,
    "1-18": lambda d: share_of(d, "shelters", "標示牌", "有"),
    "1-19": lambda d: share_of(d, "shelters", "房屋安全鑑定", "合格"),
    "1-20-national": lambda d: (d.communities["减灾示范"] == "国家级").sum(),
    "1-20-provincial": lambda d: (d.communities["减灾示范"] == "省级").sum(),
    "1-20-municipal": lambda d: (d.communities["减灾示范"] == "市级").sum(),
    "1-21": lambda d: d.total("80岁以上"),
    "1-23": lambda d: d.total("低保人数"),
    "1-23-edge": lambda d: d.total("低保边缘人数"),
    "1-34": lambda d: d.total("国际人员"),
    "1-35": lambda d: (d.communities["社区协商示范点"] == "是").sum(),
    "1-32": lambda d: streets(d, "others", 类型="服务管理平台"),
    "1-32-community": lambda d: units(d, "others", 类型="服务管理平台"),
    "1-33": lambda d: streets(d, "others", 类型="退役军人服务站"),
    "1-33-community": lambda d: units(d, "others", 类型="退役军人服务站"),
    "1-27": lambda d: (d.to_come("others")["类型"] == "社区服务中心").sum(),
    "1-29": lambda d: len(d.up("others", 类型="救助管理站")),
    "1-36": lambda d: d.up("others", 类型="慈善基地")["建筑面积"].sum(),
    "1-37": lambda d: (d.up("institutions")["床位数"].notna().sum(), len(d.up("institutions"))),
    "1-38": lambda d: (d.up("stations")["地址"].notna().sum(), len(d.up("stations"))),
    "1-39": lambda d: d.people("population", d.reached(d.up("others", 类型="街道服务大厅"))),
}

# Huangpu in Rongpu: traditional characters, the stations' list in Big5, one institution beyond.


def east(d):
    near = d.reached(d.all("institutions")[lambda rows: rows["up"]])
    home = d.homes["community"].map(d.communities["片區"]) == "東部"
    return d.homes.loc[home & near, "aged_60"].sum(), d.homes.loc[home, "aged_60"].sum()


def linked(district, *words_and_lists):
    def count(d):
        word, *lists = words_and_lists
        rows = links(district, word)
        rows = rows[rows["facility"].isin(d.up(*lists)["編號"])]
        return rows["community"].nunique()

    return count


def by_kind(d):
    care = {"institutions": {}, "stations": {}, "centres": {}}
    return [d.reached(d.all(name)[lambda rows: rows["up"]]) for name in care]


def of_any_kind(d):
    return d.people("aged_60", np.logical_or.reduce(by_kind(d)))


def with_or_given_shelter(d):
    given = links("rongpu", "安置")
    given = given[given["facility"].isin(d.up("shelters")["編號"])]["community"]
    return len({*given, *d.up("shelters")["unit"]}), len(d.communities)


def two_kinds_of_refuge(d):
    rows = pd.concat([d.up("shelters"), d.up("others", 類型="救災倉庫")])
    return having(rows), d.communities["街道"].nunique()


def candidates_of_rongpu(_):
    hosts = pd.read_csv(DATASETS / "rongpu" / "candidates.csv", encoding="utf-8-sig")["場所類型"]
    return hosts.isin(["星光老年之家", "家庭綜合服務中心", "城中村改造公建配套"]).sum()


HUANGPU = {
    "2-1": lambda d: (d.up("institutions")["床位數"].sum(), d.total("60歲以上"), 1000),
    "2-2": lambda d: d.since_last_year("institutions")["床位數"].sum(),
    "2-3": lambda d: d.to_come("institutions")["床位數"].sum(),
    "2-4": lambda d: tuple(d.up("institutions")[["建築面積", "床位數"]].sum()),
    "2-5": east,
    "2-6": lambda d: len(d.up("institutions")),
    "2-6-beds": lambda d: d.up("institutions")["床位數"].sum(),
    "2-7": lambda d: streets(d, "centres"),
    "2-8": lambda d: streets(d, "families"),
    "2-9": lambda d: (linked("rongpu", "工作站", "families")(d), len(d.communities)),
    "2-10": lambda d: units(d, "others", 類型="社區服務站"),
    "2-11": lambda d: len(d.up("stations", 類型="星光老年之家")),
    "2-12": candidates_of_rongpu,
    "2-13": lambda d: len(d.since_last_year("stations", 等級="日間托老")),
    "2-14": lambda d: len(d.up("centres", 等級="省級示範")),
    "2-14-municipal": lambda d: len(d.up("centres", 等級="市級示範")),
    "2-21": two_kinds_of_refuge,
    "2-21-community": with_or_given_shelter,
    "2-15": lambda d: d.people(
        "aged_60", d.reached(pd.concat([d.up("stations"), d.up("others", 類型="社區服務站")]))
    ),
    "2-16": lambda d: spread(
        np.array([top / all_ for top, all_ in (d.people("aged_60", one) for one in by_kind(d))])
    ),
    "2-16-types": of_any_kind,
    "2-17": lambda d: d.total("獨居孤寡老人"),
    "2-23": lambda d: d.total("低保人數"),
    "2-23-destitute": lambda d: d.total("三無人員"),
    "2-23-orphans": lambda d: d.total("孤兒"),
    "2-23-poor": lambda d: d.total("低收入困難對象"),
    "2-23-edge": lambda d: d.total("低保邊緣人數"),
    "2-29": lambda d: d.total("70歲以上"),
    "2-18": lambda d: len(d.up("others", 類型="庇護站")),
    "2-19": lambda d: d.up("others", 類型="救災倉庫")["建築面積"].sum(),
    "2-19-reach": linked("rongpu", "配送", "others"),
    "2-20": lambda d: ((d.communities["減災示範"] == "國家級").sum(), len(d.communities)),
    "2-22": lambda d: d.up("others", 類型="婚姻登記處")["建築面積"].sum(),
    "2-24": lambda d: (d.communities["幸福社區"] == "試點").sum(),
    "2-24-demonstration": lambda d: (d.communities["幸福社區"] == "示範").sum(),
    "2-26": lambda d: d.up("families")["服務人次"].sum(),
    "2-27": lambda d: d.communities["街道"].nunique(),
}

# Huangshigang in Jiangji.


def offering(word):
    def count(d):
        rows = d.up("居家养老服务站", "老年食堂", "街道中心")
        return rows[rows["服务项目"].str.contains(word)]["unit"].nunique(), len(d.communities)

    return count


def estates_with_room(d):
    """New or rebuilt estates whose stations have 20 m² for each 100 households."""
    new = d.communities[d.communities["小区类型"].isin(["新建", "改扩建"])]
    rows = d.up("居家养老服务站")
    have = rows.groupby("unit")["建筑面积"].sum().reindex(new.index, fill_value=0)
    return (have / new["户数"] * 100 >= 20).sum(), len(new)


def completed_in(street):
    return lambda d: len(d.since_last_year("街道中心", 街道=street))


def idle_offices(_):
    return (excel("jiangji", "candidates.xlsx")["场所类型"] == "闲置办公用房").sum()


HUANGSHIGANG = {
    "3-1": lambda d: streets(d, "街道中心"),
    "3-2": completed_in("花湖街道"),
    "3-3": completed_in("黄石港街道"),
    "3-4": estates_with_room,
    "3-5": idle_offices,
    "3-6-meals": offering("助餐"),
    "3-6-bathing": offering("助浴"),
    "3-6-emergency": offering("助急"),
    "3-6-medical": offering("助医"),
    "3-6-care": offering("全托"),
    "3-7": lambda d: (d.up("养老机构")["星级"] != "无").sum(),
    "3-8": lambda d: streets(d, "其他", 类型="孵化基地"),
    "3-9": lambda d: (d.total("社区用房面积"), len(d.communities)),
    "3-9-balance": lambda d: variation(d.communities.groupby("街道")["社区用房面积"].mean()),
    "3-10": lambda d: streets(d, "其他", 类型="社工站"),
    "3-10-community": lambda d: units(d, "其他", 类型="社区工作室"),
    "3-15": lambda d: (d.communities["网格服务试点"] == "是").sum(),
    "3-16": lambda d: d.total("失能老人"),
    "3-16-aged": lambda d: d.total("80岁以上"),
    "3-17": lambda d: len(d.up("其他", 类型="精神障碍社区康复")),
    "3-18": lambda d: d.to_come("其他")[lambda rows: rows["类型"] == "公益性公墓"][
        "用地面积"
    ].sum(),
}

# Baoshan in Yunpu: places in GCJ-02, groups (组) on the homes, changes of the year in the scenario.

CARE = ("养老服务站点", "综合为老服务中心")


def converted(d):
    """Beds for people with dementia that this year's extensions make of others."""
    told = tomllib.loads((DATASETS / "yunpu" / "scenario.toml").read_text("utf-8"))["changes"]
    made = (one["add"]["dementia_beds"] for one in told if one["action"] == "expand"
            and one["year"] == d.year)  # fmt: skip
    return d.since_last_year("养老机构")["认知障碍床位"].sum() + sum(made)


def new_in_villages_of_demonstration(d):
    rows = d.since_last_year("养老机构", 等级="长者照护之家")
    return (rows["unit"].map(d.communities["乡村振兴示范村"]) == "乡村振兴示范村").sum()


def groups_with_point(d):
    groups = set(d.homes["hamlet"].dropna())
    return len(groups & set(d.up("养老服务站点", 等级="睦邻点")["组"])), len(groups)


def villages_with_room(d):
    villages = d.communities.index[d.communities["城乡"] == "农村"]
    rooms = set(d.up("养老服务站点", 等级="家门口服务站")["unit"])
    return len(rooms & set(villages)), len(villages)


def parts_with_home(d):
    rows = d.up("养老机构", 等级="长者照护之家")
    return rows["unit"].map(d.communities["片区"]).nunique(), d.communities["片区"].nunique()


def towns(d, name, **words):
    return having(d.up(name, **words)), d.communities["街镇"].nunique()


def area_for_a_thousand(d):
    square = d.up(*CARE, "助餐场所")["建筑面积"].sum()
    return square, d.total("常住人口"), 1000


def area_by_part(d):
    rows = d.up(*CARE, "助餐场所")
    part = d.communities["片区"]
    people = d.communities.groupby("片区")["常住人口"].sum()
    return rows.groupby(rows["unit"].map(part))["建筑面积"].sum() / people


def whole_circle(d):
    health = d.up("其他设施", 类型=["卫生服务站", "社区卫生服务中心"])
    needs = (d.up("养老服务站点"), d.up("助餐场所"), health)
    return d.people("population", np.logical_and.reduce([d.reached(one) for one in needs]))


def complexes(d):
    does = d.up(*CARE)["服务项目"]
    return (does.str.contains("日托") & does.str.contains("助餐")).sum(), len(does)


def friendly(d):
    return d.communities[d.communities["认知障碍友好社区"] == "是"]


def shares_of_parts(d):
    return d.shares("aged_60", d.reached(d.up(*CARE)), "片区")


BAOSHAN = {
    "4-1": lambda d: d.since_last_year("养老机构")["床位数"].sum(),
    "4-2": converted,
    "4-14": lambda d: tuple(d.up("养老机构")[["护理型床位", "床位数"]].sum()),
    "4-15": lambda d: d.up("养老服务站点")["家庭照护床位"].sum(),
    "4-6": lambda d: len(d.up("养老机构", 智慧养老院="是")),
    "4-9": new_in_villages_of_demonstration,
    "4-29": lambda d: share_of(d, "养老机构", "医养结合", "是"),
    "4-3": lambda d: len(d.since_last_year("助餐场所")),
    "4-3-full": lambda d: len(d.since_last_year("助餐场所", 等级="社区长者食堂")),
    "4-4": lambda d: len(d.since_last_year("综合为老服务中心")),
    "4-5": lambda d: len(d.since_last_year("养老服务站点", 等级="家门口服务站")),
    "4-10": lambda d: len(d.since_last_year("养老服务站点", 等级="睦邻点")),
    "4-11": area_for_a_thousand,
    "4-13": lambda d: d.people("aged_60", d.reached(d.up(*CARE))),
    "4-17": lambda d: len(d.to_come(*CARE, "助餐场所", "养老机构")),
    "4-18": lambda d: len(d.up("其他设施", 类型="智慧健康驿站")),
    "4-8-group": groups_with_point,
    "4-8-village": villages_with_room,
    "4-8-zone": parts_with_home,
    "4-8-street": lambda d: towns(d, "养老机构", 等级="福利院"),
    "4-19": lambda d: towns(d, "其他设施", 类型="救助顾问点"),
    "4-19-community": lambda d: units(d, "其他设施", 类型="救助顾问点"),
    "4-24": lambda d: towns(d, "其他设施", 类型="社会组织服务中心"),
    "4-27": lambda d: towns(d, "其他设施", 类型="未保工作站"),
    "4-27-social": lambda d: towns(d, "其他设施", 类型="街镇综合社工站"),
    "4-12": lambda d: spread(shares_of_parts(d)),
    "4-12-gini": lambda d: unequal(shares_of_parts(d)),
    "4-12-cv": lambda d: variation(area_by_part(d)),
    "4-20": whole_circle,
    "4-16": lambda d: len(friendly(d)),
    "4-16-streets": lambda d: friendly(d)["街镇"].nunique(),
    "4-21": lambda _: (excel("yunpu", "candidates.xlsx")["场所类型"] == "党群服务中心").sum(),
    "4-21-complex": complexes,
    "4-22": lambda d: (d.total("常住人口"), len(d.communities)),
    "4-22-balance": lambda d: variation(d.communities.groupby("街镇")["常住人口"].mean()),
    "4-23": lambda d: d.total("孤寡老人"),
    "4-23-disabled": lambda d: d.total("重残人数"),
}

RECOUNTS = {
    "jiangbei-2009": (beizhu, JIANGBEI),
    "beilun-2018": (chengwan, BEILUN),
    "huangpu-2013": (rongpu, HUANGPU),
    "huangshigang-2022": (jiangji, HUANGSHIGANG),
    "baoshan-2023": (yunpu, BAOSHAN),
}


def parts(found):
    """A figure as value, numerator and denominator, the last missing where there is none."""
    top, under, per = (*found, 1)[:3] if isinstance(found, tuple) else (found, None, 1)
    return (top, top, None) if under is None else (top / under * per, top, under)


@pytest.fixture(params=list(RECOUNTS))
def recounted(request, five_cards):
    make, counts = RECOUNTS[request.param]
    district = make()
    found = {key: parts(count(district)) for key, count in counts.items()}
    return five_cards[request.param][["value", "numerator", "denominator"]], found


def test_what_is_counted_again_is_what_the_planner_says(recounted):
    card, found = recounted
    assert set(found) == set(card.index)
    wrong = {
        key: {"planner": tuple(card.loc[key]), "recount": own}
        for key, own in found.items()
        if not same(card.loc[key], own)
    }
    assert not wrong


def same(row, own):
    """Whether value, numerator and denominator agree; an index has a value alone."""
    value, top, under = own
    top = top if pd.notna(row["numerator"]) else None
    return all(
        (pd.isna(ours) and theirs is None) or ours == pytest.approx(theirs, rel=1e-9)
        for ours, theirs in zip(row, (value, top, under), strict=True)
    )


def test_all_169_are_counted_again_and_none_by_a_bound():
    assert sum(len(counts) for _, counts in RECOUNTS.values()) == 169
    page = (DATASETS.parent / "docs" / "targets.md").read_text("utf-8")
    assert "All 169 agree exactly; none rests on a bound." in page
