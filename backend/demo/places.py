"""Invented municipalities in real regions, and the edition that the demo network is."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.language import ZONE
from backend.network.models import (
    Edition,
    EditionPartner,
    Municipality,
    Organisation,
    OrganisationDomain,
    OrganisationKind,
)

EDITION = "demonetwerk"
DOMAIN = "demo.example"  # whoever confirms an address here is admitted at once; other applicants wait
MUNICIPALITIES = (  # name, region. Not one of them exists: a test compares them with the list of municipalities.
    ("Elzendonk", "waasland"),
    ("Wilgenrode", "waasland"),
    ("Klaverzande", "rivierenland"),
    ("Hazelbergen", "limburg"),
    ("Biezemeer", "westhoek"),
    ("Eikenlare", "oost-brabant"),
    ("Distelhove", "kempen"),
    ("Vlierbroeke", "regio-gent"),
)
NIS_CODES = {name: f"X{number:04d}" for number, (name, _region) in enumerate(MUNICIPALITIES, start=1)}


def make_municipalities(session: Session) -> list[Organisation]:
    """Each near the middle of its region. Gives their organisations, in the order above."""
    middles = {
        row.region_key: row
        for row in session.execute(
            select(
                col(Municipality.region_key),
                func.min(col(Municipality.province)).label("province"),
                func.avg(col(Municipality.latitude)).label("latitude"),
                func.avg(col(Municipality.longitude)).label("longitude"),
            ).group_by(col(Municipality.region_key))
        )
    }
    organisations = []
    for number, (name, region) in enumerate(MUNICIPALITIES, start=1):
        nis_code = NIS_CODES[name]
        session.add(
            Municipality(
                nis_code=nis_code,
                name=name,
                province=middles[region].province,
                region_key=region,
                latitude=middles[region].latitude + number / 200,  # two in one region do not coincide
                longitude=middles[region].longitude,
                in_2024=True,
                in_2025=True,
                is_fictional=True,
            )
        )
        organisations.append(
            Organisation(
                kind=OrganisationKind.MUNICIPALITY, name=name, municipality_nis=nis_code, is_fictional=True
            )
        )
    session.flush()
    session.add_all(organisations)
    session.flush()
    session.add(OrganisationDomain(domain=DOMAIN, organisation_id=organisations[0].id))
    return organisations


def make_edition(session: Session, mentor: Organisation, now: datetime) -> Edition:
    """A running edition, led by an invented municipality, with an invented partner."""
    today = now.astimezone(ZONE).date()
    partner = Organisation(
        kind=OrganisationKind.PARTNER, name="Steunpunt Demo (fictief)", short_name="Demo", is_fictional=True
    )
    edition = Edition(
        key=EDITION,
        name="Demonetwerk (fictief)",
        starts_on=today - timedelta(days=120),
        ends_on=today + timedelta(days=500),
        mentor_organisation_id=mentor.id,
        is_fictional=True,
    )
    session.add_all([partner, edition])
    session.flush()
    session.add(
        EditionPartner(
            edition_id=edition.id,
            organisation_id=partner.id,
            contribution="Verzonnen partner van het demonetwerk.",
        )
    )
    return edition
