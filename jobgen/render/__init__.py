"""Render templates to the contents of files."""

from jobgen.render.template import Template, bundled_templates, load_template

__all__ = ["Template", "bundled_templates", "load_template"]
