"""An import contract of our own: some packages may import the standard library and themselves.

`lint-imports` loads it by name from pyproject.toml. A list of forbidden libraries would have to
be kept; this one refuses a library that nobody has thought of yet.
"""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class StandardLibraryOnly(Contract):
    """Refuse every import of something that Python does not ship with."""

    type_name = "standard_library_only"

    modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = sorted(
            (importer, imported)
            for importer in graph.modules
            if self._is_ours(importer)
            for imported in graph.find_modules_directly_imported_by(importer)
            if not self._is_ours(imported) and imported.split(".")[0] not in sys.stdlib_module_names
        )
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["found"]:
            output.print_error(f"{importer} imports {imported}, which Python does not ship with")

    def _is_ours(self, module: str) -> bool:
        return module.split(".", maxsplit=1)[0] in self.modules
