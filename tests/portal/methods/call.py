"""What a method gets and gives, and how it is described in the dispatch table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from portal.errors import missing_argument, old_method_error
from portal.lists import Lists, Page, start_of
from portal.pace import Work
from portal.parameters import php_int, upper_keys
from portal.rights import Rights
from portal.state import PortalState


@dataclass(frozen=True)
class Caller:
    """Who calls. ``client``: the app's id or the webhook's, the operating limit goes by it."""

    user_id: int
    client: str
    is_app: bool
    rights: Rights

    @property
    def is_admin(self) -> bool:
        """Whether the user is an administrator."""
        return self.rights.is_admin


@dataclass(frozen=True)
class Call:
    """One call of a method; ``parameters`` without those of the authorisation."""

    state: PortalState
    caller: Caller
    parameters: dict[str, Any]

    @property
    def lists(self) -> Lists:
        """The portal's lists."""
        return self.state.lists

    @property
    def start(self) -> int:
        """The ``start`` parameter, 0 when absent."""
        return start_of(self.parameters)

    def may_touch(self, table: str, row_id: int) -> bool:
        """Whether the user may read and change the row."""
        condition = self.caller.rights.condition(table)
        return not condition or bool(
            self.state.database.rows(table, f"ID = ? AND {condition}", (row_id,))
        )

    def required(self, name: str) -> Any:
        """A parameter; RestError 100 when it is absent."""
        if name not in self.parameters:
            raise missing_argument(name)
        return self.parameters[name]

    def required_id(self) -> int:
        """The parameter ``id``; RestError 100 when it is absent."""
        return php_int(self.required("id"))

    def old_id(self) -> int:
        """The id as the older methods read it; their RestError when it is absent or not above 0."""
        row_id = php_int(upper_keys(self.parameters).get("ID"))
        if row_id <= 0:
            raise old_method_error("ID is not defined or invalid.")
        return row_id


@dataclass(frozen=True)
class Answer:
    """A method's result. ``total`` and ``next`` are None when the answer has none.

    ``all_fields`` and ``counted`` say what made a page dearer; ``rows`` is for the request log.
    """

    result: Any
    total: int | None = None
    next: int | None = None
    all_fields: bool = False
    counted: bool = False
    rows: int = 0


Handler: TypeAlias = Callable[[Call], Answer]


@dataclass(frozen=True)
class Method:
    """A method of the dispatch table; ``app_only``: refused to webhooks, ``admin_only``: to
    others.
    """

    handler: Handler
    work: Work = Work.OTHER
    app_only: bool = False
    admin_only: bool = False


def page_answer(page: Page, result: Any) -> Answer:
    """Answer of a list; ``result`` is how the method wraps the page's rows."""
    return Answer(result, page.total, page.next, page.all_fields, page.counted, len(page.rows))
