"""The pages of this part."""

from fastapi import APIRouter

from backend.authoring import desk_pages, draft_pages, publish_pages, question_pages, report_pages

router = APIRouter(
    routes=[
        route
        for part in (desk_pages, draft_pages, publish_pages, question_pages, report_pages)
        for route in part.router.routes
    ]
)
