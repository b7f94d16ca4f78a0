"""The template workbooks: one module each, over a small sheet-writing layer."""

from xladdin.templates.building import TEMPLATES, Built, build

__all__ = ["TEMPLATES", "Built", "build"]
