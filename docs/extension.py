"""What the site asks of Sphinx beyond its settings: menus, notebooks as pages, formulas as MathML.

The pages are plain Markdown, which code hosts show as well: menus are kept in ``docs.navigation``
and not in directives on the pages.
"""

from __future__ import annotations

from typing import Any

import nbformat
from docutils import nodes
from latex2mathml.converter import convert
from myst_parser.sphinx_ import Parser
from sphinx.application import Sphinx
from sphinx.util import inspect
from sphinx.writers.html5 import HTML5Translator

from docs.navigation import Menu, menus
from docs.render_notebooks import page
from reasoning_gym_envs import TextEnv


class NotebookParser(Parser):  # type: ignore[misc]
    """Reads a notebook as a page of Markdown."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse the cells of a notebook, and what they printed and drew."""
        super().parse(page(nbformat.reads(inputstring, as_version=4)), document)


def add_menus(app: Sphinx, name: str, source: list[str]) -> None:
    """Add to a page the menus of what stands below it."""
    source[0] += "".join(map(_toctree, menus().get(name, [])))


def _toctree(menu: Menu) -> str:
    entries = "\n".join(f"{title} <{name}>" for title, name in menu.pages)
    caption = f":caption: {menu.caption}\n" if menu.caption else ""
    return f"\n```{{toctree}}\n:hidden:\n{caption}\n{entries}\n```\n"


def constructor(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """The arguments of an environment, which autodoc takes from ``__new__`` otherwise."""
    if what == "class" and issubclass(thing, TextEnv):
        arguments = inspect.signature(thing.__init__, bound_method=True)
        return inspect.stringify_signature(arguments, unqualified_typehints=True), returns
    return None


def inline_formula(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def displayed_formula(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own."""
    formula = convert(node.astext(), display="block")
    translator.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    app.connect("source-read", add_menus)
    app.connect("autodoc-process-signature", constructor)
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
