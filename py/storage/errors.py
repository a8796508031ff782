"""What can go wrong with the browser's storage, each with the code of its text on the screen."""

from __future__ import annotations


class StorageError(Exception):
    """The browser's storage failed; what had been committed before is untouched."""

    code = "storage_unavailable"


class StorageUnavailable(StorageError):
    """The browser gives this page no database: private window, blocked third-party storage, damaged
    profile.
    """


class StorageFull(StorageError):
    """The quota or the disk is used up; the transaction that did not fit was rolled back whole."""

    code = "storage_full"


class StorageNewer(StorageError):
    """The database was made by a newer version of the application; it is left alone."""

    code = "storage_newer"
