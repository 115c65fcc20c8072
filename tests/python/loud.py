"""Kinds of values whose own methods tell that they were run: LOUD holds which."""

LOUD = []


class LoudText(str):
    def __str__(self):
        LOUD.append("str")
        return "forged"

    def encode(self, *args):
        LOUD.append("encode")
        return b"forged"

    def __len__(self):
        LOUD.append("len")
        return 0


class LoudList(list):
    def __iter__(self):
        LOUD.append("iter")
        return iter(["forged"])

    def copy(self):
        LOUD.append("copy")
        return ["forged"]

    def __len__(self):
        LOUD.append("len")
        return 1


class LoudTuple(tuple):
    def __iter__(self):
        LOUD.append("iter")
        return iter(["forged"])

    def __getitem__(self, at):
        LOUD.append("getitem")
        return "forged"


class LoudDict(dict):
    def items(self):
        LOUD.append("items")
        return [("forged", "forged")]

    def keys(self):
        LOUD.append("keys")
        return ["forged"]

    def __iter__(self):
        LOUD.append("iter")
        return iter(["forged"])


class LoudInt(int):
    def __int__(self):
        LOUD.append("int")
        return 666

    def __repr__(self):
        return "666"

    __str__ = __index__ = __repr__


class LoudFloat(float):
    def __float__(self):
        LOUD.append("float")
        return 6.66

    def __sub__(self, other):
        LOUD.append("sub")
        return 1
