"""A lesson with every kind of block, as an author writes it, and the files that it needs."""

from backend.courses.documents import Lesson
from tests.courses.files import SVG, good
from tests.courses.scenario import CAPTIONS, CASE, MP3, MP4, PDF, picture

BODY = """
::: figure foto
image: beelden/x.png
alt: Wat.
:::
::: diagram schema
image: figuren/x.svg
alt: Een schema.
Bijschrift.
---
Alles **als** tekst.

- punt
:::
::: video film
file: media/x.mp4
captions: media/x.vtt
poster: beelden/x.png
title: Film
Transcript.
:::
::: audio klank
file: media/x.mp3
title: Klank
Transcript.
:::
::: quote woorden
source: S2
by: Iemand
De woorden.
:::
::: term uitleg
word: conflict
Meer.
:::
::: reading lees
Lees verder.
- [Titel](https://goed.example/A?b=C)
  : Daarom.
:::
::: table tabel
title: Een tabel
| a | b |
|---|---|
| 1 | 2 |
:::
::: download blad
file: downloads/x.pdf
title: Werkblad
Eén zin.
:::
::: triage berichten
choices: laten | weg
optional: yes
peers: yes
Wat doe je?
- Kritiek {kind: kritiek} → laten
  : ok
- Nog kritiek {kind: kritiek} → laten | weg {#k2}
  : ok
:::
::: number getal
answer: 66,5
margin: 2
unit: %
right: Juist [S1].
wrong: Fout.
Hoeveel?
:::
::: short kort
wrong: Neen.
Welk woord?
- [x] R&D
  : Ja.
- [ ] b
  : Neen.
:::
::: budget punten
points: 10
Verdeel.
- [x] Rooster (4) {#r}
  : ja
- [x] Zorg (7)
  : ja
- [ ] Affiche (5)
  : nee
:::
::: compare schrijf
max: 280
gaps: yes
Schrijf het.
- Wie?
- Wat?
+ Staat er een feit?
---
Het **model**.
:::
::: check toets
bank: toets
draw: 1
Over de toets.
:::
::: scenario de-zaal
:::
::: private zelf
gaps: yes
print: yes
Schrijf.
- a
- b
:::
::: selfrating vooraf
labels: nog niet | goed
Hoe zeker?
- Ik kan **dit**.
:::
::: selfrating achteraf
before: vooraf
En nu?
:::
::: poll peiling
Wat vind je?
- Ja
- Nee
:::
"""
BANK = """---
title: De toets
---

::: choice q
Wat? [S2]
- [x] a
  : b
- [ ] c
  : d
:::

::: number n
answer: 1
right: r
wrong: w
Hoeveel?
:::
"""
FILES: dict[str, str | bytes] = {
    "beelden/x.png": picture(),
    "figuren/x.svg": SVG,
    "media/x.mp4": MP4,
    "media/x.mp3": MP3,
    "media/x.vtt": CAPTIONS,
    "downloads/x.pdf": PDF,
    "de-zaal.yaml": CASE,
    "vragen/toets.md": BANK,
}
REST = """
::: callout let-op
title: Let op
Tekst.
:::
::: fold antwoord
title: Toon
Het antwoord.
:::
::: takeaway mee
Onthoud dit.
:::
::: multiple meer
Wat?
- [x] a
  : b
- [ ] c
  : d
:::
::: truefalse waar
Een stelling.
- [ ] Juist
  : a
- [x] Niet juist
  : b
:::
::: order stappen
Zet in volgorde.
1. Een
  : Eerst.
2. Twee
  : Dan.
:::
::: match paren
Verbind.
- appel → fruit
  : a
- wortel → groente
  : b
:::
::: sort leg
columns: links | rechts
Waar?
- ding → links
  : a
- zaak → rechts
  : b
:::
::: reflection denk
Wat hoor je?
:::
::: warning kwetsend
title: Kwetsende taal
Hieronder staan scheldwoorden.
:::
::: choice achteraf-kiezen
Wat?
- [x] a
  : b
- [ ] c
  : d
:::
"""


def everything() -> Lesson:
    return good(BODY + REST, FILES)
