"""Memory kept from the code that runs, so that there is room to tell of its end and to parse what comes next."""

import mmap

RESERVE_BYTES = 64 << 20


class Reserve:
    """Held within a `with`, untouched, where there is that much; otherwise the code that runs may be what makes room."""

    def __init__(self, descriptor=-1, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS):
        self._descriptor = descriptor
        self._flags = flags

    def __enter__(self):
        try:
            self._held = mmap.mmap(self._descriptor, RESERVE_BYTES, flags=self._flags)
        except OSError:
            self._held = None

    def __exit__(self, *error):
        if self._held is not None:
            self._held.close()
