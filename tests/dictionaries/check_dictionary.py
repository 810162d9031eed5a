#!/usr/bin/env python3
"""Compares a QuickFIX-format dictionary with the fact tables of FIX 4.4, in both directions.

    check_dictionary.py FIX44.xml facts/            exit 0 when nothing differs, else 1 and a list
    check_dictionary.py --self-test FIX44.xml facts/
                                                    mutates the dictionary in memory, one fault at a
                                                    time, and fails if a fault goes unnoticed

facts/fields.tsv    tag, name, type, values ("enum=MEANING; ...")
facts/messages.txt  "# header", "# message Name Type Category", "# component Name", then the members
                    in order: "field|component|group Name Y|N", those of a group indented.
"""
import copy
import sys
import xml.etree.ElementTree as ET

MEMBER_KINDS = ("field", "component", "group")


def read_fields(path):
    fields = {}
    with open(path, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            tag, name, kind, values = line.rstrip("\n").split("\t")
            pairs = [tuple(v.split("=", 1)) for v in values.split("; ")] if values else []
            fields[tag] = (name, kind, pairs)
    return fields


def read_sections(path):
    """{("message", "Logon", "A", "admin"): [(depth, kind, name, required), ...], ...}"""
    sections, current = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                current = sections.setdefault(tuple(line[1:].split()), [])
            elif line.strip():
                kind, name, required = line.split()
                current.append(((len(line) - len(line.lstrip())) // 2 - 1, kind, name, required))
    return sections


def members_of(element, problems, depth=0):
    found = []
    for child in element:
        if child.tag not in MEMBER_KINDS:
            problems.append(f"<{child.tag}> inside <{element.tag} {element.get('name')}>")
            continue
        found.append((depth, child.tag, child.get("name"), child.get("required")))
        if child.tag == "group":
            found.extend(members_of(child, problems, depth + 1))
        elif len(child) != 0:
            problems.append(f"members inside <{child.tag} {child.get('name')}>")
    return found


def dictionary_sections(root, problems):
    sections = {}

    def add(key, element):
        if key in sections:
            problems.append(f"{' '.join(key)}: defined twice")
        sections[key] = members_of(element, problems)

    for part in ("header", "trailer"):
        for element in root.findall(part):
            add((part,), element)
    for m in root.findall("messages/*"):
        add((m.tag, m.get("name"), m.get("msgtype"), m.get("msgcat")), m)
    for c in root.findall("components/*"):
        add((c.tag, c.get("name")), c)
    return sections


def dictionary_fields(root, problems):
    fields = {}
    for f in root.findall("fields/*"):
        tag = f.get("number")
        if f.tag != "field" or tag in fields:
            problems.append(f"field {tag}: defined twice, or not a field")
        fields[tag] = (f.get("name"), f.get("type"),
                       [(v.get("enum"), v.get("description")) for v in f])
    return fields


def compare(what, expected, actual, problems):
    for key in expected.keys() | actual.keys():
        label = f"{what} {' '.join(key) if isinstance(key, tuple) else key}"
        if key not in actual:
            problems.append(f"{label}: missing")
        elif key not in expected:
            problems.append(f"{label}: not in the facts")
        elif expected[key] != actual[key]:
            problems.append(f"{label}: {first_difference(expected[key], actual[key])}")


def first_difference(expected, actual):
    for at, (e, a) in enumerate(zip(expected, actual)):
        if e != a:
            return f"item {at + 1}: facts say {e}, dictionary says {a}"
    return f"facts have {len(expected)} items, dictionary has {len(actual)}"


def check(root, facts):
    problems = []
    version = (root.tag, root.get("type"), root.get("major"), root.get("minor"))
    if version != ("fix", "FIX", "4", "4"):
        problems.append(f"root element says {version}")
    for part in root:
        if part.tag not in ("header", "trailer", "messages", "components", "fields"):
            problems.append(f"unexpected <{part.tag}>")
    compare("section", facts[0], dictionary_sections(root, problems), problems)
    compare("field", facts[1], dictionary_fields(root, problems), problems)
    names = {name for name, _, _ in facts[1].values()}
    components = {key[1] for key in facts[0] if key[0] == "component"}
    for key, members in facts[0].items():
        for _, kind, name, _ in members:
            if name not in (components if kind == "component" else names):
                problems.append(f"facts themselves: {' '.join(key)} uses unknown {name}")
    return sorted(problems)


def mutations(root):
    """(description, mutated copy) pairs: one fault each."""
    def mutated(change):
        other = copy.deepcopy(root)
        change(other)
        return other

    def attribute(path, name, value):
        return lambda r: r.find(path).set(name, value)

    def removed(parent, child):
        return lambda r: r.find(parent).remove(r.find(parent).find(child))

    def swapped(r):
        m = r.find("messages/message[@name='NewOrderSingle']")
        m[0], m[1] = m[1], m[0]

    def added(parent, tag, **attributes):
        return lambda r: ET.SubElement(r.find(parent), tag, attributes)

    order = "messages/message[@name='NewOrderSingle']"
    return [(text, mutated(change)) for text, change in (
        ("required flag", attribute(order + "/field[@name='Side']", "required", "N")),
        ("message type", attribute(order, "msgtype", "DD")),
        ("message category", attribute("messages/message[@name='Logon']", "msgcat", "app")),
        ("member order", swapped),
        ("missing member", removed(order, "field[@name='Price']")),
        ("extra member", added(order, "field", name="Price", required="N")),
        ("missing message", removed("messages", "message[@name='News']")),
        ("extra message", added("messages", "message", name="Extra", msgtype="UX", msgcat="app")),
        ("missing component", removed("components", "component[@name='Parties']")),
        ("group turned field", lambda r: setattr(r.find("header/group"), "tag", "field")),
        ("member lost from group", removed("header/group", "field[@name='HopRefID']")),
        ("trailer", removed("trailer", "field[@name='Signature']")),
        ("field number", attribute("fields/field[@name='Side']", "number", "9999")),
        ("field name", attribute("fields/field[@number='54']", "name", "Sides")),
        ("field type", attribute("fields/field[@number='44']", "type", "STRING")),
        ("value enum", attribute("fields/field[@number='54']/value", "enum", "Q")),
        ("value description", attribute("fields/field[@number='54']/value", "description", "X")),
        ("missing value", removed("fields/field[@number='54']", "value")),
        ("extra field", added("fields", "field", number="9999", name="Extra", type="INT")),
        ("version", lambda r: r.set("minor", "3")),
    )]


def main(arguments):
    self_test = arguments[:1] == ["--self-test"]
    xml, facts_directory = arguments[1:] if self_test else arguments
    root = ET.parse(xml).getroot()
    facts = (read_sections(facts_directory + "/messages.txt"),
             read_fields(facts_directory + "/fields.tsv"))
    if not self_test:
        problems = check(root, facts)
        agree = f"{xml}: {len(facts[0])} sections, {len(facts[1])} fields agree"
        print("\n".join(problems) or agree)
        return 1 if problems else 0
    missed = [text for text, mutant in mutations(root) if not check(mutant, facts)]
    for text in missed:
        print(f"fault not noticed: {text}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
