"""A small scenario as an author writes it, with every kind of moment, and pictures and sounds that are what they say."""

from io import BytesIO
from zipfile import ZipFile

from PIL import Image
from sqlmodel import Session

from backend.courses import course_files
from backend.courses.block_types import MediaFile
from backend.courses.media import IMAGES, media_file
from backend.courses.problems import Report
from backend.file_kinds import Kind

CASE = """key: de-zaal
title: De zaal
role: deskundige samenleven
minutes: 5
intro: |
  Elzendonk is verzonnen.

  Maar het **kan** [S1].
meters: {vertrouwen: 5, spanning: 5, bescherming: 2}
start: n1
nodes:
  n1:
    at: maandag, 9 uur
    title: Reacties
    from: Wim, burgemeester
    text: De zaal sluit.
    ask: Wat doe je?
    options:
      wacht:
        label: Wachten.
        effect: {vertrouwen: -2, spanning: 2}
        then: Het gaat rond.
        practice: Stilte vult zich.
        other_road: Wie wacht, zegt niets fouts.
        to: n2
      bel: {label: Bellen., effect: {vertrouwen: 1.5}, then: a, practice: b, other_road: c, to: n2b}
      ga: {label: Gaan., effect: {bescherming: -2}, then: a, practice: b, other_road: c, to: end}
  n2:
    kind: several
    pick: {least: 1, most: 2}
    title: Mensen
    text: Wie nodig je uit?
    notes:
      - {when: chose(n1.wacht), text: Je bent laat.}
    ask: Kies er hoogstens twee.
    to: n3
    options:
      buren: {label: Buren, effect: {vertrouwen: 1}, then: a, practice: b, other_road: c}
      clubs: {label: Clubs, effect: {spanning: -1}, then: a, practice: b, other_road: c}
      pers: {label: Pers, effect: {spanning: 1}, then: a, practice: b, other_road: c}
  n2b:
    like: n2
    title: Mensen, na het gesprek
    text: Wie nodig je nu uit?
  n3:
    kind: budget
    points: 4
    title: Geld
    text: Je hebt vier punten.
    ask: Waaraan?
    to: n4
    options:
      rooster: {label: Rooster, cost: 2, effect: {spanning: -1}, then: a, practice: b, other_road: c}
      affiche: {label: Affiche, cost: 3, then: a, practice: b, other_road: c}
      zorg: {label: Zorg, cost: 1, effect: {bescherming: 2}, then: a, practice: b, other_road: c}
  n4:
    kind: triage
    title: Berichten
    text: Twee berichten.
    ask: Wat doe je ermee?
    choices: {laten: Laten staan, weg: Verbergen}
    items:
      i1: {text: Kritiek., right: laten, effect: {vertrouwen: 0.5}, feedback: Mag.}
      i2: {text: Dreiging., right: weg, effect: {bescherming: 0.5}, feedback: Mag niet.}
    to: end
endings:
  - {key: samen, title: Samen, when: vertrouwen >= 7 and spanning <= 5, text: Goed.}
  - {key: onveilig, title: Onveilig, when: bescherming <= 1, overrides: true, text: Niet goed.}
  - {key: broos, title: Broos, text: Zo zo.}
additions:
  - {when: chose(n3.zorg) and not chose(n3.rooster), text: Er was zorg.}
debrief: Hoe ging het?
lessons: [een]
trainer: |
  Neem een uur.
"""
FENCE = "::: scenario de-zaal\n:::"
CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:02.000\nDag.\n"
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 40
MP3 = b"ID3\x04" + b"\0" * 40
PDF = b"%PDF-1.7\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (12, 8), **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **options)
    return out.getvalue()


def zipped(**files: str) -> bytes:
    """A zip; `__` for a slash."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def media(content: bytes, name: str, kinds: dict[str, Kind]) -> MediaFile:
    found = media_file(name, content, kinds, Report(name))
    assert found is not None
    return found


def keep_picture(session: Session) -> MediaFile:
    """A picture that is stored, and that no first lesson shows."""
    kept = media(picture(size=(3, 3)), "beeld.png", IMAGES)
    course_files.keep(session, {"proef/beeld.png": picture(size=(3, 3))}, [kept])
    return kept
