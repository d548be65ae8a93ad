"""Migrations of many models in the time of one: what Django does for every operation is done once for all of them."""

from collections.abc import Sequence

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class AtOnce(Operation):
    """Operations that do not build on one another: no field or constraint is touched by two of them, and a model that is
    created here is created whole, after those that it refers to.

    Django renders all related models again after each operation on the state, which for a hundred models that all refer
    to places and enterprises is most of the time of a first start. Here the state is rendered when all of them are in it.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    @property
    def reversible(self) -> bool:
        return all(operation.reversible for operation in self.operations)

    @property
    def reduces_to_sql(self) -> bool:
        return all(operation.reduces_to_sql for operation in self.operations)

    def deconstruct(self):
        return self.__class__.__qualname__, [self.operations], {}

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # the rendered models, a cached property
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """The tables that were created here go with their triggers; what belonged to other models is undone one by one."""
        created = {one.name_lower for one in self.operations if isinstance(one, CreateModel)}
        for operation in reversed(self.operations):
            model = getattr(operation, "model_name", "") or operation.name
            if isinstance(operation, CreateModel) or model.lower() not in created:
                operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"{len(self.operations)} operations at once"
