#!/usr/bin/env python3
"""Chooses cases of a corpus, for the Python that runs this; prints them as a list.

  cases.py compiled FILE      those that this Python can compile: honest code may use what a later one brought
  cases.py since FILE         those whose min_python it has
  cases.py outside FILE       those that read, write or connect to something outside, to be judged by nothing else
"""
import json
import sys

OUTSIDE = {"canary", "env", "marker", "conn"}


def compiled(case):
    try:
        compile(case["code"], case["id"], "exec")
    except SyntaxError:
        return None
    return case


def since(case):
    least = tuple(map(int, case.get("min_python", "3.0").split(".")))
    return case if sys.version_info >= least else None


def outside(case):
    detect = sorted(OUTSIDE.intersection(case["detect"]))
    return {**case, "detect": detect} if detect else None


def main():
    choice = {"compiled": compiled, "since": since, "outside": outside}[sys.argv[1]]
    with open(sys.argv[2], encoding="utf-8") as corpus:
        json.dump([case for case in map(choice, json.load(corpus)) if case], sys.stdout)


main()
