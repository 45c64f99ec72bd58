"""Trades in a cell: by their names, by the words people use for them, several in one cell."""

from flask_babel import lazy_gettext as _l

from portal.exchange.kinds.base import BETWEEN, Taken
from portal.exchange.workbooks import cleaning, table
from portal.markets import queries


class Trades:
    """The trades, read once for all rows."""

    def __init__(self) -> None:
        self.all = queries.trades()
        self.by_word = {table.plain_word(trade.name): trade.code for trade in self.all}
        for trade in self.all:
            for word in table.words(f"trade.{trade.code}"):
                self.by_word.setdefault(word, trade.code)

    @property
    def words(self) -> list[str]:
        return [trade.name for trade in self.all]

    def names(self, codes: list[str]) -> str:
        """The names of some, as they read in a cell."""
        return BETWEEN.join(trade.name for trade in self.all if trade.code in codes)

    def read(self, taken: Taken, name: str) -> list[str] | None:
        """The codes of what stands in a cell, None where it is empty or cannot be read."""
        whole = taken.text(name)
        if not whole:
            return None
        codes = [self._code(taken, name, part) for part in self._parts(taken, name, whole)]
        return None if taken.is_wrong(name) else [code for code in codes if code]

    def _parts(self, taken: Taken, name: str, whole: str) -> list[str]:
        """The cell's parts; a name with commas in it is one."""
        if table.plain_word(whole) in self.by_word:
            return [whole]
        rough = whole.replace(BETWEEN, ";").split(";")
        if all(table.plain_word(part) in self.by_word for part in rough if part.strip()):
            return [part for part in rough if part.strip()]
        return taken.cell(name, cleaning.several) or []

    def _code(self, taken: Taken, name: str, part: str) -> str:
        code = self.by_word.get(table.plain_word(part))
        if code is None:
            words = _l("不认得经营类别“%(word)s”。请从模板的下拉里选一个。", word=part[:30])
            taken.wrong(name, words)
        return code or ""
