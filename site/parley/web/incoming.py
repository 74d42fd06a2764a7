"""A request as it comes in: its files go straight to the disk on which they will be kept."""

from typing import IO, Any

from flask import Request

from parley.store.files import full_disk_told
from parley.web import files, gate

FORM = 256 * 1024  # bytes of a form without files
LARGE = 1_000_000
LIMITS = {"MAX_FORM_MEMORY_SIZE": FORM, "MAX_FORM_PARTS": 100}


class Incoming(Request):
    """Flask's, but with the disk and the memory looked after."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return files.part()

    def _load_form_data(self) -> None:
        if (self.content_length or LARGE * ("HTTP_TRANSFER_ENCODING" in self.environ)) >= LARGE:
            gate.signed_in()  # nothing large is taken apart for strangers
        if self.mimetype != "multipart/form-data":  # such a form is read into memory whole
            self.max_content_length = FORM
        with full_disk_told():
            super()._load_form_data()
