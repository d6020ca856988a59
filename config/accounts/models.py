"""People and what they may do. Roles build on each other: each may do what the one before may."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """In rising order."""

    VIEWER = "viewer", "Viewer"
    MARKETER = "marketer", "Marketer"
    OPERATOR = "operator", "Datagrid Operator"
    ADMINISTRATOR = "administrator", "Datagrid Administrator"


_RANK = {role: rank for rank, role in enumerate(Role.values)}


class User(AbstractUser):
    """A person. Seeing personal data and writing SQL are permissions of their own that any role may lack."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)
    sees_personal_data = models.BooleanField("sees personal data", default=False)
    writes_sql = models.BooleanField("writes SQL", default=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    def _reaches(self, role: Role) -> bool:
        return self.is_active and (self.is_superuser or _RANK[self.role] >= _RANK[role])

    @property
    def may_market(self) -> bool:
        """Builds segments and campaigns, launches."""
        return self._reaches(Role.MARKETER)

    @property
    def may_write_sql(self) -> bool:
        """Makes and changes segments that are a query."""
        return self.may_market and self.writes_sql

    @property
    def may_operate(self) -> bool:
        """Connects customer databases, credentials and destinations."""
        return self._reaches(Role.OPERATOR)

    @property
    def may_administer(self) -> bool:
        """Manages people."""
        return self._reaches(Role.ADMINISTRATOR)

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


def operators() -> list[User]:
    """Whom to ask for what only operators may do."""
    people = User.objects.filter(is_active=True).order_by("first_name", "username")
    return [person for person in people if person.may_operate]
