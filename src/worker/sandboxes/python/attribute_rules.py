"""Which attributes a step may name: read, set and deleted, and the guards that decide what only run time can."""

import _ast

from hints import ATTRIBUTE, ATTRIBUTES, TARGET
from names import FORMATTERS, GUARDED, METHOD_DUNDERS, is_allowed_attribute, is_private, is_read_only
from syntax import Walker

SUPER_ATTRIBUTES = METHOD_DUNDERS - {"__call__"}


class AttributeRules(Walker):
    def visit_Attribute(self, node):
        if type(node.ctx) is _ast.Load:
            return self.read_attribute(node)
        self.checked_target(node)
        node.value = self.guard(node, "write", self.visit(node.value))
        return node

    def read_attribute(self, node):
        name, value = node.attr, node.value
        if name == "__name__" and type(value) is _ast.Attribute and value.attr == "__class__":
            return self.guard(node, "class_name", self.visit(value.value))
        if _is_super_call(value) and (name in SUPER_ATTRIBUTES or (is_allowed_attribute(name) and name not in FORMATTERS)):
            return self.guard(node, "parent", value, self.text(node, name))
        self.checked_attribute(node, name)
        value = self.visit(value)
        if name in FORMATTERS:
            return self.guard(node, "formatter", value, self.text(node, name))
        if name in GUARDED:
            return self.guard(node, "guarded", value, self.text(node, name))
        if is_private(name):
            return self.guard(node, "private", value, self.text(node, name))
        node.value = value
        return node

    def checked_attribute(self, node, name):
        if not is_allowed_attribute(name):
            self.refuse(node, "the attribute %r is not allowed" % name, ATTRIBUTES.get(name, ATTRIBUTE))

    def checked_target(self, node):
        name = node.attr
        if is_read_only(name):
            self.refuse(node, "assignment to the attribute %r is not allowed" % name, ATTRIBUTES.get(name, TARGET))
        self.checked_attribute(node, name)

    def visit_AugAssign(self, node):
        """x.a += 1 reads as well as writes: both rules apply."""
        target = node.target
        if type(target) is not _ast.Attribute:
            return self.visit_parts(node)
        self.checked_target(target)
        if target.attr in FORMATTERS or target.attr in GUARDED:
            self.refuse(node, "assignment to the attribute %r is not allowed" % target.attr, TARGET)
        target.value = self.guard(target, "update", self.visit(target.value), self.text(target, target.attr))
        node.value = self.visit(node.value)
        return node


def _is_super_call(node):
    return (
        type(node) is _ast.Call and type(node.func) is _ast.Name and node.func.id == "super" and not node.args and not node.keywords
    )
