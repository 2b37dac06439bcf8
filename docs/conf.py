"""How Sphinx builds the site: ``make docs``, or sphinx-build -W -c docs docs/pages site."""

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the pages of the checkout are about its code, whatever is installed

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "reasoning_gym_envs"
release = _PROJECT["version"]
repository = _PROJECT.get("urls", {}).get("Repository", "")  # no link while there is no address

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "docs.extension",
]
root_doc = "index"
templates_path = ["templates"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
add_module_names = False
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_math_renderer = "mathml"
html_copy_source = False
pygments_dark_style = "a11y-high-contrast-dark"
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1c5a9e",
        "color-brand-content": "#1c5a9e",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ab8f0",
        "color-brand-content": "#8ab8f0",
    },
}
html_context = {"repository": repository}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "repository.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
copybutton_prompt_text = ">>> "
