"""Municipalities, regions, organisations and the editions of the programme. No persons."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from backend.db import refers_to, related, text_enum


class Region(SQLModel, table=True):
    """One of the fifteen reference regions. `key` is the slug used in addresses."""

    key: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=100)


class Municipality(SQLModel, table=True):
    """A municipality by NIS code, in the state of 2024 (300), of 2025 (285) or both. Names repeat; codes do not.

    Source: `data/gemeenten.csv`. Fictional ones (demo) have a code that starts with X.
    """

    nis_code: str = Field(primary_key=True, max_length=8)
    name: str = Field(max_length=100, index=True)
    province: str = Field(max_length=40)
    region_key: str = refers_to("region.key")
    latitude: float
    longitude: float
    in_2024: bool
    in_2025: bool
    merged_into_nis: str | None = Field(default=None, foreign_key="municipality.nis_code", max_length=8)
    language_facilities: bool = False
    is_fictional: bool = False
    region: Region = related()


class OrganisationKind(StrEnum):
    MUNICIPALITY = "municipality"
    PARTNER = "partner"
    OTHER = "other"


class Organisation(SQLModel, table=True):
    """Where members work: a local government, a partner, or something else that a member named."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: OrganisationKind = Field(sa_type=text_enum(OrganisationKind))
    name: str = Field(max_length=200, index=True)
    short_name: str = Field(default="", max_length=40)
    municipality_nis: str | None = Field(
        default=None, foreign_key="municipality.nis_code", unique=True, max_length=8
    )
    is_fictional: bool = False
    municipality: Municipality | None = related()


class OrganisationDomain(SQLModel, table=True):
    """A mail domain that an administrator listed: who confirms an address there is admitted at once."""

    __tablename__ = "organisation_domain"
    domain: str = Field(primary_key=True, max_length=200)
    organisation_id: UUID = refers_to("organisation.id")


class Edition(SQLModel, table=True):
    """One run of the learning network. Days, cohorts and figures belong to it; modules outlive it."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(unique=True, max_length=80)
    name: str = Field(max_length=200)
    starts_on: date
    ends_on: date | None = None
    mentor_organisation_id: UUID = refers_to("organisation.id")
    is_fictional: bool = False
    mentor_organisation: Organisation = related()


class EditionPartner(SQLModel, table=True):
    __tablename__ = "edition_partner"
    edition_id: UUID = Field(foreign_key="edition.id", primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    contribution: str = Field(max_length=200)
    organisation: Organisation = related()


class DataRelease(SQLModel, table=True):
    """Which state of a data file is loaded, so that a start can skip what is there already."""

    __tablename__ = "data_release"
    name: str = Field(primary_key=True, max_length=80)
    sha256: str = Field(max_length=64)
    loaded_at: datetime
