"""Where pages are."""

from django.urls import NoReverseMatch, reverse


def address(name: str, *args: object) -> str:
    """The address of a page; empty where it is not mounted."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
