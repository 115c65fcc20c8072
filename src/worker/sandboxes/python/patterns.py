"""What the search for lines needs to know of a regular expression, read from its parts as the re module parses them.

The parser and the compiler have no public name but the same shape in CPython 3.9 to 3.13; parts that are not known here
are never guessed about.
"""

LINE_END = ord("\n")


class Unsure(Exception):
    """The pattern has a part that may match a line end, or that nobody here knows."""


def parse(re, pattern, options):
    return _parser(re).parse(pattern, options)


def required_text(re, parts):
    """The longest text that the pattern spells out and every match holds; empty where there is none."""
    if parts.state.flags & re.IGNORECASE:
        return ""
    runs = [""]
    for op, value in _in_order(parts):
        if op.name == "LITERAL" and value != LINE_END:
            runs[-1] += chr(value)
        else:
            runs.append("")
    return max(runs, key=len)


def _in_order(parts):
    """The parts one behind the other, groups opened."""
    for op, value in parts:
        if op.name == "ATOMIC_GROUP":
            yield from _in_order(value)
        elif op.name == "SUBPATTERN" and not value[1] and not value[2]:  # no flags of its own
            yield from _in_order(value[3])
        else:
            yield op, value


def compile_within_lines(re, parts):
    """A pattern that finds in many lines at once what `parts` finds in each by itself. None where that is not sure."""
    parser = _parser(re)
    try:
        kept = _Rewriter(parser).pattern(parts)
    except Unsure:
        return None
    compiler = re._compiler if hasattr(re, "_compiler") else re.sre_compile
    return compiler.compile(kept)


class _Rewriter:
    """Changes parts so that none of them matches a line end, and ^ and $ mean the edges of a line."""

    def __init__(self, parser):
        self.parser = parser
        self.line_end = (parser.LITERAL, LINE_END)
        self.any_but_line_end = (parser.NOT_LITERAL, LINE_END)

    def pattern(self, parts):
        return parts and self.parser.SubPattern(parts.state, [self.part(op, value) for op, value in parts])

    def part(self, op, value):
        rewrite = getattr(self, op.name, None)
        if rewrite is None:
            raise Unsure
        return rewrite(op, value)

    def LITERAL(self, op, value):
        if value == LINE_END:
            raise Unsure
        return op, value

    def NOT_LITERAL(self, op, value):
        return self.parser.IN, [(self.parser.NEGATE, None), (self.parser.LITERAL, value), self.line_end]

    def ANY(self, op, value):
        return self.any_but_line_end

    def GROUPREF(self, op, value):
        return op, value

    def AT(self, op, place):
        places = {
            "AT_BEGINNING": self.parser.AT_BEGINNING_LINE,
            "AT_BEGINNING_STRING": self.parser.AT_BEGINNING_LINE,
            "AT_END": self.parser.AT_END_LINE,
            "AT_END_STRING": self.parser.AT_END_LINE,
            "AT_BOUNDARY": place,
        }
        if place.name not in places:
            raise Unsure
        return op, places[place.name]

    def IN(self, op, members):
        parser = self.parser
        if members[0][0] is parser.NEGATE:
            return op, [members[0], self.line_end, *members[1:]]
        opposites = {
            "CATEGORY_SPACE": parser.CATEGORY_NOT_SPACE,
            "CATEGORY_NOT_DIGIT": parser.CATEGORY_DIGIT,
            "CATEGORY_NOT_WORD": parser.CATEGORY_WORD,
        }
        kept = []
        for kind, value in members:
            if kind is parser.RANGE and value[0] <= LINE_END <= value[1]:
                kept += [(kind, edges) for edges in ((value[0], LINE_END - 1), (LINE_END + 1, value[1])) if edges[0] <= edges[1]]
            elif kind is parser.CATEGORY and value.name in opposites:
                if len(members) > 1:
                    raise Unsure
                return op, [(parser.NEGATE, None), (kind, opposites[value.name]), self.line_end]
            elif (kind, value) != self.line_end:
                kept.append((kind, value))
        if not kept:
            raise Unsure
        return op, kept

    def BRANCH(self, op, value):
        return op, (value[0], [self.pattern(choice) for choice in value[1]])

    def SUBPATTERN(self, op, value):
        return op, (*value[:3], self.pattern(value[3]))

    def MAX_REPEAT(self, op, value):
        return op, (*value[:2], self.pattern(value[2]))

    MIN_REPEAT = POSSESSIVE_REPEAT = MAX_REPEAT

    def ASSERT(self, op, value):
        return op, (value[0], self.pattern(value[1]))

    ASSERT_NOT = ASSERT

    def ATOMIC_GROUP(self, op, value):
        return op, self.pattern(value)

    def GROUPREF_EXISTS(self, op, value):
        return op, (value[0], self.pattern(value[1]), self.pattern(value[2]))


def _parser(re):
    return re._parser if hasattr(re, "_parser") else re.sre_parse
