"""How Sphinx makes the help pages of these Markdown files: ``python -m sphinx -W -n docs docs/_site``.

The launcher builds them, the app serves them at ``/help/``, and a test holds them to be without a warning: a dead link
or anchor is one.
"""

project = "OsMEN"
html_title = "OsMEN help"
extensions = ["myst_parser"]
root_doc = "index"
exclude_patterns = ["_site", "theme"]
nitpicky = True

smartquotes_action = "qe"  # quotes and ellipses; two dashes are a flag
myst_enable_extensions = ["attrs_block", "deflist"]
myst_heading_anchors = 3

# Addresses of one's own machine, and examples. Consoles keep their pages behind the #, which only a browser reads.
linkcheck_ignore = [r"https?://(localhost|127\.0\.0\.1|YOUR-HOST|[\w.-]*example\.org)([:/].*)?$"]
linkcheck_anchors = False
linkcheck_timeout = 20
linkcheck_retries = 2

html_theme = "theme"
html_theme_path = ["."]
html_static_path = ["../static/css/tokens.css", "../static/favicon.svg"]
html_js_files = [("help.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_permalinks_icon = "#"
