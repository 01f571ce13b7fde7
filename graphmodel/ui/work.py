"""What somebody works on: a file as it was opened, its text in the editor, and the model that the pages are about.

Three texts may differ: that of the file, that in the editor, and that in use by the pages. The last two are
kept as a draft as long as they are not the file's.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

from graphmodel.answering import ENDING
from graphmodel.model.writing import write_document
from graphmodel.reading.printable import printable
from graphmodel.ui import drafts
from graphmodel.ui.texts import FileText, clean, file_text
from graphmodel.workspace import Model, examples_directory, model_from_bytes, on_disk, open_model, save_text


@dataclass(frozen=True)
class Work:
    """A file that is open.

    ``opened`` is the file as it was last read, ``model`` what the pages are about, ``text`` what stands in
    the editor. ``version`` counts the texts that were put there by anything but the editor, ``restored`` is
    when the draft was kept that is shown (0: none was), and ``unkept`` why no draft can be kept now.
    """

    opened: Model
    model: Model
    text: str
    version: int = 0
    restored: float = 0.0
    unkept: str = ""

    @property
    def path(self) -> Path | None:
        """Where the file lies; None for an upload and for an example, which are not the user's to write."""
        return None if self.opened.directory is None or self.is_example else Path(self.opened.name)

    @property
    def target(self) -> Path | None:
        """Where the text can be saved; None where there is no such place, as for another tool's file."""
        return None if self.imported else self.path

    @property
    def answers_target(self) -> Path | None:
        """Where answers to the questionnaire are written: the file that they were read from, or one to start beside
        this file; None for an upload and for an example."""
        if self.path is None:
            return None
        found = self.opened.answered.path if self.opened.answered is not None else None
        return found or self.path.with_name(self.answers_name)

    @property
    def answers_name(self) -> str:
        """What a document of answers is called that goes with this file."""
        return printable(f"{Path(self.opened.name).stem}{ENDING}")

    @property
    def is_example(self) -> bool:
        """Whether this is one of the examples that come with the program."""
        directory = self.opened.directory
        return directory is not None and directory.resolve() == examples_directory().resolve()

    @property
    def name(self) -> str:
        """The name of the file, safe to show."""
        return printable(Path(self.opened.name).name or self.opened.name)

    @property
    def imported(self) -> bool:
        """Whether the editor shows another tool's file as a System document."""
        return self.opened.system is not None and self.opened.format != "graphmodel"

    @property
    def original(self) -> FileText:
        """The text that the editor began with."""
        if self.imported and self.opened.system is not None:
            return FileText(write_document(self.opened.system, f"# Read by graphmodel from {self.name}.\n"))
        return file_text(self.opened.data)

    @property
    def used(self) -> str:
        """The text that the pages are about."""
        return self.original.text if self.model is self.opened else file_text(self.model.data).text

    @property
    def edited(self) -> bool:
        """Whether the editor holds something that the pages do not know yet."""
        return self.text != self.used

    @property
    def unsaved(self) -> bool:
        """Whether the editor or the pages have something that the file has not."""
        return self.edited or self.model is not self.opened

    @property
    def errors(self) -> int:
        """How many errors keep the model from being assessed; 0 for one that can be."""
        return 0 if self.model.usable else max(1, sum(one.level == "error" for one in self.model.problems))

    @property
    def file_key(self) -> str:
        """Names the file with the content that it was opened with."""
        return f"{self.draft_key} {_digest(self.opened.data)[:16]}"

    @property
    def edition(self) -> str:
        """Tells the editor whether its text is still the one that it was given.

        It is the same in a session of a server that was started again, so that nothing is lost which
        was typed meanwhile.
        """
        return f"{self.file_key} {self.version}"

    @property
    def draft_key(self) -> str:
        """Where the draft of this file is kept."""
        name = str(self.path.resolve()) if self.path is not None else self.opened.name
        return drafts.key_of(name, _digest(self.opened.data), self.path is not None)

    def read(self, text: str) -> Model:
        """The model that a text in place of the file's would be."""
        name = f"{Path(self.opened.name).stem}.graphmodel.yaml" if self.imported else self.opened.name
        model = model_from_bytes(self.original.as_file(text).encode("utf-8"), name, self.opened.directory)
        kept = self.opened.answered
        return model if kept is None else model.with_answers(kept)

    def typed(self, text: str) -> Work:
        """With another text in the editor."""
        text = clean(text)
        return self if text == self.text else replace(self, text=text, restored=0.0)._keep()

    def use(self) -> Work:
        """With the text of the editor as what the pages are about, whatever is wrong with it."""
        model = self.opened if self.text == self.original.text else self.read(self.text)
        return replace(self, model=model, restored=0.0)._keep()

    def discard(self) -> Work:
        """With the file as it was opened, and no draft."""
        drafts.forget(self.draft_key)
        return replace(self, model=self.opened, text=self.original.text, version=self.version + 1, restored=0.0)

    def take_up(self, draft: drafts.Draft) -> Work:
        """With the texts of a draft."""
        found = replace(self, text=clean(draft.text), version=self.version + 1, restored=draft.when)
        if draft.used is not None and draft.used != self.original.text:
            found = replace(found, model=self.read(clean(draft.used)))
        return found

    def save(self, known: bytes | None) -> Work:
        """With the text of the editor in the file; raises ``ChangedOnDiskError`` and ``OSError``."""
        if self.target is None:
            raise ValueError("only what was opened from a document on disk is saved to it")
        save_text(self.target, self.original.as_file(self.text), known)
        drafts.forget(self.draft_key)
        opened = open_model(self.target)
        return Work(opened, opened, file_text(opened.data).text, self.version + 1)

    def changed_on_disk(self) -> bool:
        """Whether the file is another one by now, or gone."""
        return self.path is not None and on_disk(self.path) != self.opened.data

    def _keep(self) -> Work:
        if not self.unsaved:
            drafts.forget(self.draft_key)
            return replace(self, unkept="")
        used = None if self.model is self.opened else self.used
        here = self.path is not None
        draft = drafts.Draft(
            str(self.path.resolve()) if self.path is not None else self.opened.name,
            _digest(self.opened.data),
            self.text,
            used,
            None if here else self.original.text,
            time.time(),
        )
        return replace(self, unkept=drafts.keep(self.draft_key, draft))


def opened(model: Model) -> tuple[Work, drafts.Draft | None]:
    """The work on a file that was just opened, with its draft taken up.

    A draft that began from another content of the file is not taken up but given back, to be offered.
    """
    fresh = Work(model, model, "")
    fresh = replace(fresh, text=fresh.original.text)
    draft = drafts.find(fresh.draft_key)
    if draft is None:
        return fresh, None
    return (fresh.take_up(draft), None) if draft.base == _digest(model.data) else (fresh, draft)


def reopened(key: str, draft: drafts.Draft) -> tuple[Work, drafts.Draft | None]:
    """The work that a draft was kept of, wherever its file is now."""
    if draft.original is None:
        return opened(open_model(Path(draft.name)))
    original = model_from_bytes(draft.original.encode("utf-8", "replace"), draft.name)
    fresh = Work(original, original, "")
    work = replace(fresh, text=fresh.original.text).take_up(draft)
    if work.draft_key != key:
        drafts.forget(key)
        work = work._keep()
    return work, None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
