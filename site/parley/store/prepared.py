"""Statements that every page or post needs, made ready once for the driver.

SQLAlchemy looks at a statement anew each time that it runs: 20 us to read and 60 to write, for what
SQLite does in 5. Only for statements whose text never changes.
"""

from typing import Any

from sqlalchemy import Connection, Dialect, Select, UpdateBase


class Prepared:
    """A statement that gives its rows as tuples, with the types of its columns.

    `columns` are those that a bare INSERT fills.
    """

    def __init__(self, statement: Select | UpdateBase, *columns: str):
        self._statement, self._columns = statement, columns
        self._ready: dict[str, _Ready] = {}

    def all(self, c: Connection, **values: Any) -> list[tuple]:
        """All rows; `values` are those of the statement's bindparams. Raises what SQLAlchemy does.

        Runs unseen by SQLAlchemy's events.
        """
        # On PostgreSQL a write that fails ends the transaction: nothing can be asked again in it.
        if isinstance(self._statement, UpdateBase) and c.dialect.name != "sqlite":
            return self._slowly(c, values)
        ready = self._ready.get(c.dialect.name)
        if ready is None:
            ready = _Ready(self._statement, c.dialect, self._columns)
            self._ready[c.dialect.name] = ready
        driver: Any = c.connection.driver_connection
        try:
            rows = driver.execute(ready.sql, ready.parameters(values)).fetchall()
        except c.dialect.loaded_dbapi.Error:  # SQLAlchemy asks again, and says what is wrong
            return self._slowly(c, values)
        return [ready.row(row) for row in rows] if ready.results else rows

    def _slowly(self, c: Connection, values: dict[str, Any]) -> list[tuple]:
        found: Any = c.execute(self._statement, values)
        return [tuple(row) for row in found] if found.returns_rows else []

    def first(self, c: Connection, **values: Any) -> tuple | None:
        """The first row, if there is one."""
        return next(iter(self.all(c, **values)), None)


class _Ready:
    """The statement in the words of one kind of database."""

    def __init__(self, statement: Any, dialect: Dialect, columns: tuple[str, ...]):
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns or None)
        self.sql = str(compiled)
        self._compiled = compiled
        self._names = compiled.positiontup  # None where the driver takes names
        sent = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        self._sends = {n: to for n, kind in sent.items() if (to := kind.bind_processor(dialect))}
        kinds = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        gives = [kind.result_processor(dialect, None) for kind in kinds]
        self.results = [(at, give) for at, give in enumerate(gives) if give]

    def parameters(self, values: dict[str, Any]) -> Any:
        """As the driver takes them."""
        all_values = self._compiled.construct_params(values)
        for name, send in self._sends.items():
            all_values[name] = send(all_values[name])
        return [all_values[name] for name in self._names] if self._names is not None else all_values

    def row(self, row: tuple) -> tuple:
        """One row with the types of its columns."""
        changed = list(row)
        for at, give in self.results:
            changed[at] = give(changed[at])
        return tuple(changed)
