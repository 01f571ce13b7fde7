"""A text editor in the app: lines with numbers, and the problems of the text beside them."""

from graphmodel.ui.editor.component import text_editor, typed_text

__all__ = ["text_editor", "typed_text"]
