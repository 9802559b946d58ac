"""The pages of this part."""

from fastapi import APIRouter

from backend.auth import kept_pages, profile_pages, recovery_pages, sign_in_pages, sign_up_pages

router = APIRouter(
    routes=[
        route
        for part in (sign_in_pages, sign_up_pages, recovery_pages, profile_pages, kept_pages)
        for route in part.router.routes
    ]
)
