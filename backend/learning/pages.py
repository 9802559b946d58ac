"""The pages of this part."""

from fastapi import APIRouter

router = APIRouter()
