"""Random cases, of every shape that a check of the content lets through: no dead ends, no loops, meters in their range."""

from hypothesis import strategies as st

from backend.courses.scenarios import (
    END,
    METERS,
    CaseChoice,
    CaseItem,
    Ending,
    Node,
    Picks,
    Road,
    Scenario,
)

halves = st.integers(-4, 4).map(lambda n: n / 2)
effects = st.dictionaries(st.sampled_from(METERS), halves)
KINDS = ("one", "several", "budget", "triage")


@st.composite
def cases(draw: st.DrawFn) -> Scenario:
    """Each node leads only to later ones; what nothing leads to is left out."""
    count = draw(st.integers(1, 8))
    keys = [f"n{number}" for number in range(count)]
    nodes = [draw(node(key, [*keys[number + 1 :], END])) for number, key in enumerate(keys)]
    reached = {keys[0]}
    for each in nodes:
        reached |= set(each.targets) if each.key in reached else set()
    endings = draw(
        st.lists(
            st.tuples(
                st.sampled_from(METERS), st.sampled_from(("<=", ">=", "<", ">", "==")), st.integers(0, 10)
            ),
            max_size=3,
        )
    )
    return Scenario(
        key="geval",
        title="Een geval",
        role="iemand",
        minutes=9,
        intro_html="<p>Begin.</p>",
        meters=draw(st.fixed_dictionaries({name: st.integers(0, 10).map(float) for name in METERS})),
        start=keys[0],
        nodes=tuple(each for each in nodes if each.key in reached),
        endings=(
            *(
                Ending(key=f"e{n}", title=f"Einde {n}", when=" ".join(map(str, when)), html="<p>Zo.</p>")
                for n, when in enumerate(endings)
            ),
            Ending(key="anders", title="Anders", html="<p>Zo.</p>"),
        ),
    )


@st.composite
def node(draw: st.DrawFn, key: str, ahead: list[str]) -> Node:
    kind = draw(st.sampled_from(KINDS))
    title = draw(st.sampled_from(("Kort", "Een titel van een paar woorden", "Gemeenteraadsverkiezingen")))
    one_way = draw(st.sampled_from(ahead))
    if kind == "triage":
        items = draw(st.lists(effects, min_size=1, max_size=4))
        return Node(
            key=key, kind=kind, title=title, html="", ask_html="?", to=one_way,
            choices=(CaseChoice(key="a", label="A"), CaseChoice(key="b", label="B")),
            items=tuple(
                CaseItem(key=f"i{n}", html="", right=draw(st.sampled_from("ab")), effect=effect, feedback_html="")
                for n, effect in enumerate(items)
            ),
        )  # fmt: skip
    roads = tuple(
        Road(
            key=f"r{n}", label_html="", effect=draw(effects), then_html="", practice_html="", other_road_html="",
            cost=draw(st.integers(0, 5)), to=draw(st.sampled_from(ahead)) if kind == "one" else one_way,
        )
        for n in range(draw(st.integers(3, 5)))
    )  # fmt: skip
    most = draw(st.integers(1, len(roads))) if kind == "several" else 1
    return Node(
        key=key, kind=kind, title=title, html="", ask_html="?", roads=roads, most=most, points=draw(st.integers(5, 9))
    )  # fmt: skip


def picks_at(draw: st.DataObject, node: Node) -> Picks:
    """Something that may be chosen here."""
    if node.kind == "triage":
        return {item.key: (draw.draw(st.sampled_from([c.key for c in node.choices])),) for item in node.items}
    keys = [road.key for road in node.roads]
    least, most = (1, node.most) if node.kind != "budget" else (0, len(keys))
    chosen = draw.draw(st.lists(st.sampled_from(keys), unique=True, min_size=least, max_size=most))
    if node.kind == "budget":
        while sum(node.road[key].cost for key in chosen) > node.points:
            chosen.pop()
    return {"": tuple(key for key in keys if key in chosen)}
