"""The pages that belong to the whole: start, the network, short true pages, the language."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.auth.access import OptionalUser
from backend.fields import FormModel
from backend.web import Form, form, go_to, page, remember_language, safe_path

router = APIRouter()


@router.get("/", name="home.start")
def start(request: Request, viewer: OptionalUser) -> Response:
    return page(request, "home/start.html")


class LanguageForm(FormModel):
    taal: Literal["nl", "en"]
    next: str = "/"


@router.post("/taal", name="home.language")
def choose_language(request: Request, form: Annotated[Form[LanguageForm], Depends(form(LanguageForm))]) -> Response:
    response = go_to(request, safe_path(form.data.next if form.data else "/"))
    if form.data:
        remember_language(response, form.data.taal)
    return response
