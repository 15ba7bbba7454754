"""How ``kenlm`` reads its files: accepted, and without effect on a recurrent model."""

from __future__ import annotations


class LoadMethod:
    """How ``kenlm`` reads its files; without effect here."""

    LAZY, POPULATE_OR_LAZY, POPULATE_OR_READ, READ, PARALLEL_READ = range(5)


class ARPALoadComplain:
    """What ``kenlm`` says about an ARPA file; without effect here."""

    ALL, EXPENSIVE, NONE = range(3)


class Config:
    """How ``kenlm`` reads a file, for programs that say so; without effect here."""

    def __init__(self) -> None:
        self.load_method = LoadMethod.POPULATE_OR_READ
        self.show_progress = True
        self.arpa_complain = ARPALoadComplain.ALL
