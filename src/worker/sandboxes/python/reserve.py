"""Memory kept from the code that runs, so that there is room to tell of its end and to parse what comes next."""

import mmap

RESERVE_BYTES = 64 << 20


class Reserve:
    """Held within a `with`, untouched, where there is that much; otherwise the code that runs may be what makes room."""

    def __enter__(self):
        try:
            self._held = mmap.mmap(-1, RESERVE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError:
            self._held = None

    def __exit__(self, *error):
        if self._held is not None:
            self._held.close()
