"""All pages. Routes are made of the same service as the API; what changes something goes through the API."""

from fastapi import APIRouter

from app.web.pages import call_routes, list_routes

pages_router = APIRouter()
pages_router.include_router(list_routes.router)
pages_router.include_router(call_routes.router)
