"""A certificate as a PDF: what stands on it, and the square that leads to the public check."""

import io

from backend.config import settings
from backend.language import current, ngettext, number, short_date
from backend.language import gettext as _
from backend.printing import pdf
from backend.recognition.models import Certificate
from backend.templating import absolute_url


def certificate_pdf(certificate: Certificate) -> bytes:
    address = absolute_url("recognition.check", certificate=certificate.code)
    return pdf(
        "certificate",
        {
            "lang": current(),
            "title": _("Getuigschrift %(serial)s") % {"serial": certificate.serial},
            "kind": _("Getuigschrift"),
            "name": certificate.name,
            "completed": _("werkte deze module van het Lerend netwerk volledig af:"),
            "course": certificate.course_title,
            "subtitle": certificate.course_summary,
            "facts": [
                [_("Datum"), short_date(certificate.issued_at)],
                [_("Duur"), hours_in_words(certificate.hours)],
                [_("Versie van de module"), str(certificate.version)],
                [_("Nummer"), certificate.serial],
            ],
            "revoked": _("Dit getuigschrift is ingetrokken.") if certificate.revoked_at else "",
            "qr": _square(address),
            "qr_alt": _("Vierkante code die leidt naar %(address)s") % {"address": address},
            "check": _("Echt? Scan de code, of typ het nummer op %(address)s.")
            % {"address": absolute_url("recognition.find").removeprefix("https://")},
            "issuer": "Lerend netwerk",
            "address": settings.base_url,
        },
    )


def hours_in_words(hours: float) -> str:
    """1 uur, 1,5 uur."""
    return ngettext("%(n)s uur", "%(n)s uur", 1 if hours == 1 else 2) % {"n": number(hours)}


def _square(address: str) -> str:
    import segno  # here: it takes memory that most processes never need

    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=1, dark="#2c2129", xmldecl=False, svgns=True)
    return out.getvalue().decode()
