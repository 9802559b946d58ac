"""The municipalities as they were in 2024 and are since 2025, and how somebody finds theirs."""

from collections import Counter
from datetime import UTC, datetime
from time import perf_counter

import pytest
from sqlmodel import Session, col, select

from backend.network import service
from backend.network.models import (
    DataRelease,
    Edition,
    Municipality,
    Organisation,
    OrganisationKind,
    Region,
)
from tests.browser import counted_queries
from tests.factories import make_municipality

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PROVINCES = {  # 2024, 2025
    "Antwerpen": (69, 67),
    "Vlaams-Brabant": (65, 63),
    "West-Vlaanderen": (64, 62),
    "Oost-Vlaanderen": (60, 55),
    "Limburg": (42, 38),
}
REGIONS = {  # 2024, 2025
    "limburg": (42, 38), "oost-brabant": (32, 32), "halle-vilvoorde": (33, 31), "regio-antwerpen": (30, 28),
    "kempen": (27, 27), "regio-gent": (23, 20), "westhoek": (17, 17), "midwest": (17, 15), "denderregio": (14, 14),
    "vlaamse-ardennen": (14, 14), "zuid-west-vlaanderen": (13, 13), "rivierenland": (12, 12),
    "regio-brugge": (10, 10), "regio-oostende": (7, 7), "waasland": (9, 7),
}  # fmt: skip
MERGERS = {  # new code: its name, and the names of the old municipalities with another code
    "11002": ("Antwerpen", {"Borsbeek"}),
    "23106": ("Pajottegem", {"Galmaarden", "Gooik", "Herne"}),
    "37021": ("Wingene", {"Ruiselede", "Wingene"}),
    "37022": ("Tielt", {"Meulebeke", "Tielt"}),
    "44086": ("Nazareth-De Pinte", {"De Pinte", "Nazareth"}),
    "44087": ("Lochristi", {"Lochristi", "Wachtebeke"}),
    "44088": ("Merelbeke-Melle", {"Melle", "Merelbeke"}),
    "46029": ("Lokeren", {"Lokeren", "Moerbeke"}),
    "46030": ("Beveren-Kruibeke-Zwijndrecht", {"Beveren", "Kruibeke", "Zwijndrecht"}),
    "71071": ("Tessenderlo-Ham", {"Ham", "Tessenderlo"}),
    "71072": ("Hasselt", {"Hasselt", "Kortessem"}),
    "73110": ("Bilzen-Hoeselt", {"Bilzen", "Hoeselt"}),
    "73111": ("Tongeren-Borgloon", {"Borgloon", "Tongeren"}),
}


@pytest.fixture
def network(session: Session) -> Session:
    service.load_network(session, NOW)
    return session


def names(found: list[service.Found]) -> list[str]:
    return [f.name for f in found]


def test_there_were_300_municipalities_and_there_are_285(network: Session) -> None:
    rows = network.exec(select(Municipality)).all()
    assert (len(rows), sum(m.in_2024 for m in rows), sum(m.in_2025 for m in rows)) == (312, 300, 285)
    assert sum(m.language_facilities for m in rows) == 12


def test_every_province_and_region_has_its_number_in_both_states(network: Session) -> None:
    rows = network.exec(select(Municipality)).all()
    for counted, expected in (("province", PROVINCES), ("region_key", REGIONS)):
        before = Counter(getattr(m, counted) for m in rows if m.in_2024)
        after = Counter(getattr(m, counted) for m in rows if m.in_2025)
        assert {key: (before[key], after[key]) for key in before} == expected
    assert set(network.exec(select(Region.key))) == set(REGIONS)


@pytest.mark.parametrize("nis_code", MERGERS)
def test_a_merger_keeps_the_old_ones_and_says_where_they_went(network: Session, nis_code: str) -> None:
    name, old_names = MERGERS[nis_code]
    new = network.get_one(Municipality, nis_code)
    old = network.exec(select(Municipality).where(Municipality.merged_into_nis == nis_code)).all()
    assert (new.name, new.in_2025, {m.name for m in old}) == (name, True, old_names)
    assert all(m.in_2024 and not m.in_2025 for m in old)
    assert new.in_2024 == (nis_code == "11002")  # only Antwerpen kept its code


def test_there_are_thirteen_mergers_of_27_municipalities(network: Session) -> None:
    merged = network.exec(
        select(Municipality.merged_into_nis).where(col(Municipality.merged_into_nis).is_not(None))
    ).all()
    assert (len(merged), set(merged)) == (27, set(MERGERS))


def test_zwijndrecht_moved_to_another_province_and_region(network: Session) -> None:
    old = network.get_one(Municipality, "11056")
    new = network.get_one(Municipality, str(old.merged_into_nis))
    assert (old.province, old.region_key) == ("Antwerpen", "regio-antwerpen")
    assert (new.province, new.region_key) == ("Oost-Vlaanderen", "waasland")


def test_every_municipality_of_today_has_one_organisation(network: Session) -> None:
    at_work = network.exec(
        select(Organisation.municipality_nis).where(Organisation.kind == OrganisationKind.MUNICIPALITY)
    ).all()
    today = network.exec(select(Municipality.nis_code).where(Municipality.in_2025)).all()
    assert sorted(str(n) for n in at_work) == sorted(today)


def test_loading_twice_changes_nothing_and_reads_two_rows(network: Session) -> None:
    count = len(network.exec(select(Organisation)).all())
    with counted_queries(network) as queries:
        assert service.load_network(network, NOW) is False
    assert len(queries) <= 2
    assert len(network.exec(select(Organisation)).all()) == count


def test_a_newer_file_mends_what_changed_and_leaves_organisations_alone(network: Session) -> None:
    before = set(network.exec(select(Organisation.id)))
    municipality = network.get_one(Municipality, "46021")
    municipality.name = "Sint-Nikolaas"
    network.get_one(DataRelease, "municipalities").sha256 = "of another file"
    network.flush()
    assert service.load_municipalities(network, NOW) is True
    network.expire_all()
    assert network.get_one(Municipality, "46021").name == "Sint-Niklaas"
    assert set(network.exec(select(Organisation.id))) == before


def test_loading_is_quick(session: Session) -> None:
    began = perf_counter()
    service.load_network(session, NOW)
    assert perf_counter() - began < 2  # 0.1 s on a quiet machine


def test_the_first_edition_is_the_real_one(network: Session) -> None:
    [edition] = service.editions(network)
    assert (edition.name, edition.mentor) == ("Lerend netwerk polarisatie 2022–2024", "Sint-Niklaas")
    assert [partner.short_name for partner in edition.partners] == ["AgII", "HAI", "VVSG"]
    assert not network.exec(select(Organisation).where(Organisation.is_fictional)).all()


def test_a_fictional_edition_is_not_shown_as_history(network: Session) -> None:
    mentor = make_municipality(network, "Elzendonk")
    network.add(
        Edition(
            key="demo",
            name="Proef",
            starts_on=NOW.date(),
            mentor_organisation_id=mentor.id,
            is_fictional=True,
        )
    )
    network.flush()
    assert [edition.key for edition in service.editions(network)] == ["2022-2024"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sint-nik", "Sint-Niklaas"),
        ("SINT NIK", "Sint-Niklaas"),
        ("niklaas", "Sint-Niklaas"),
        ("s-herenelderen", None),
        ("s Graven", None),
        ("46021", "Sint-Niklaas"),
        (" gent ", "Gent"),
        ("kruibeke", "Beveren-Kruibeke-Zwijndrecht"),
        ("11056", "Beveren-Kruibeke-Zwijndrecht"),
        ("borsb", "Antwerpen"),
        ("wingene", "Wingene"),
        ("Ränst", "Ranst"),
        ("", None),
        ("  -  ", None),
        ("%", None),
        ("4602", None),
    ],
)
def test_what_somebody_types_leads_to_the_municipality(
    network: Session, typed: str, first: str | None
) -> None:
    found = service.find_municipalities(network, typed)
    assert (found[0].name if found else None) == first


def test_names_that_start_with_it_come_before_those_that_contain_it(network: Session) -> None:
    found = names(service.find_municipalities(network, "gent"))
    assert found[0] == "Gent"
    assert names(service.find_municipalities(network, "aal"))[:2] == ["Aalst", "Aalter"]


def test_no_more_than_asked(network: Session) -> None:
    assert len(service.find_municipalities(network, "e")) == 8
    assert len(service.find_municipalities(network, "e", limit=3)) == 3


def test_an_old_name_says_what_became_of_it(network: Session) -> None:
    [found] = service.find_municipalities(network, "Moerbeke")
    assert found.note == "Moerbeke is sinds 1 januari 2025 deel van Lokeren."
    assert found.region_name == "Waasland"


def test_a_name_that_still_exists_needs_no_note(network: Session) -> None:
    assert [(f.nis_code, f.note) for f in service.find_municipalities(network, "Wingene")] == [("37021", "")]
    assert service.find_municipalities(network, "beve")[0].note == ""


def test_what_is_found_carries_the_organisation_to_join(network: Session) -> None:
    found = service.municipality_of(network, "Zwijndrecht")
    assert found is not None
    assert network.get_one(Organisation, found.organisation_id).municipality_nis == "46030"


@pytest.mark.parametrize(
    ("typed", "name"), [("hasselt", "Hasselt"), ("71022", "Hasselt"), ("Has", None), ("", None)]
)
def test_a_full_name_is_one_municipality_and_a_piece_of_it_is_none(
    network: Session, typed: str, name: str | None
) -> None:
    found = service.municipality_of(network, typed)
    assert (found.name if found else None) == name


def test_every_name_of_both_states_leads_to_exactly_one_municipality(network: Session) -> None:
    found = {name: service.municipality_of(network, name) for name in network.exec(select(Municipality.name))}
    assert not [name for name, municipality in found.items() if municipality is None]
    assert len({municipality.nis_code for municipality in found.values() if municipality}) == 285


def test_fictional_municipalities_can_be_chosen_but_are_not_counted(network: Session) -> None:
    make_municipality(network, "Elzendonk", "waasland")
    assert service.find_municipalities(network, "elzen")[0].is_fictional
    assert {r.key: r.municipality_count for r in service.regions(network)} == {
        k: n for k, (_, n) in REGIONS.items()
    }


def test_there_is_a_point_for_every_municipality_of_today() -> None:
    points = service.points()
    assert Counter(key for key, _lat, _lon in points) == {key: after for key, (_, after) in REGIONS.items()}
    assert all(50.6 < latitude < 51.6 and 2.5 < longitude < 6 for _key, latitude, longitude in points)
