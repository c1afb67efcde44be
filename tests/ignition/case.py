# SPDX-License-Identifier: Apache-2.0
"""One config, run by both programs over equal roots and disks, and what differs afterwards.

A case is a dictionary, all of it JSON:
  name      what it is about
  config    the config; "ignition" with version 3.3.0 is added when it has none. Or "raw", its text
  root      entries that are put into the root beforehand (tree.put)
  disks     disks by name (disk.Disks): size in MiB, sector, table, make, names that udev would give
  before    commands run once over all disks, for what stands on several of them
  then      commands run over them before each of the two programs
  assembly  true: udev starts the arrays whose members appear
  keys      {name: key} that are tried on every encrypted volume
  stages    the stages, when not all are of interest
  expect    "accept" (also when absent) or "refuse": what upstream does, so that a case says something
  ours      the same of node-agent, when it differs on purpose; "why" says the reason
  differs   {regular expression over what is compared: the reason}: not compared
  random    true: whether upstream accepts it is not known beforehand
  alone     true: upstream's version cannot do this; "has" {path or disk/what: regular expression} is
            what the specification's text asks for
"""
import json
import os
import re
import subprocess

import disk
import side
import tang
import tree
import volumes


class Place:
    """A worker's own folder, under which its cases run one after the other."""

    def __init__(self, folder, agent):
        self.folder = folder
        self.base = os.path.join(folder, "base")
        os.makedirs(folder)
        tree.make(self.base)
        self.upstream = side.Upstream(folder)
        self.agent = side.Agent(agent) if agent else None

    def path(self, name):
        return os.path.join(self.folder, name)


def config_text(case):
    if "raw" in case:
        return case["raw"]
    config = dict(case["config"])
    if "ignition" not in config:
        config = {"ignition": {"version": "3.3.0"}, **config}
    elif "version" not in config["ignition"]:
        config["ignition"] = {"version": "3.3.0", **config["ignition"]}
    text = json.dumps(config, indent=1)
    return tang.fill(text) if volumes.HERE else text


def uuids_of(value):
    """Those that a config gives: they have to be what is there afterwards."""
    if isinstance(value, dict):
        return {value[key] for key in ("uuid", "guid") if isinstance(value.get(key), str)}.union(
            *(uuids_of(inner) for inner in value.values()))
    return set().union(*(uuids_of(inner) for inner in value)) if isinstance(value, list) else set()


def stages_of(case):
    if "stages" in case:
        return case["stages"]
    text = config_text(case)
    if case.get("disks") or any(f'"{word}"' in text for word in ("disks", "filesystems", "raid", "luks")):
        return ["disks", "mount", "files"]
    return ["files"]


def told(value):
    """A config without what says nothing: null, empty objects and lists, a partition's number 0."""
    if isinstance(value, dict):
        value = {key: told(inner) for key, inner in value.items()}
        return {key: inner for key, inner in sorted(value.items())
                if inner not in (None, {}, []) and not (key == "number" and inner == 0)}
    return [told(inner) for inner in value] if isinstance(value, list) else value


def config_lines(config):
    """{config.section.part[key]: what it says}"""
    lines = {}
    for section in ("storage", "systemd", "passwd", "kernelArguments"):
        for part, inner in told(config).get(section, {}).items():
            for number, one in enumerate(inner):
                key = one if isinstance(one, str) else one.get("path") or one.get("name") or one.get("device") or number
                lines[f"config {section}.{part} {key}"] = json.dumps(one)
    return lines


def mounts_below(root):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        rows = [line.split() for line in file]
    found = {}
    for row in rows:
        if row[4].startswith(root + "/"):
            after = row[row.index("-") + 1:]
            found[row[4][len(root):]] = f"{after[0]} {row[5]}"
    return found


def unmount(root):
    for path in sorted(mounts_below(root), reverse=True):
        subprocess.run(["umount", root + path], check=True)


class Run:
    """What one side made of a case."""

    def __init__(self, place, case, which, disks):
        root = place.path("root")
        tree.remove(root)
        subprocess.run(["cp", "-a", place.base, root], check=True)
        for entry in case.get("root", []):
            tree.put(root, entry)
        config = place.path("config.json")
        with open(config, "w", encoding="utf-8") as file:
            file.write(config_text(case))
        before = tree.snapshot(root)
        self.found = {}
        self.touched = []
        disks.attach()
        try:
            disks.prepare(case.get("then", []))
            volumes.assembly(case.get("assembly", False))
            self.outcome = which.run(config, root, stages_of(case))
            if self.outcome.config is not None and not volumes.HERE:
                self.found.update(config_lines(self.outcome.config))
            after = tree.snapshot(root)
            for path, said in mounts_below(root).items():
                self.found[f"mount {path}"] = said
            unmount(root)
            if self.outcome.accepted:
                self.found.update({f"/{path}": said for path, said in after.items()})
                self.found.update(disks.snapshot())
                found, names = volumes.snapshot(disks, self.keys(place, case, root))
                self.found.update(found)
                self.name_volumes(names)
            else:
                self.touched = sorted(f"/{path}" for path in before.keys() | after.keys()
                                      if before.get(path) != after.get(path))
                volumes.stop()
                if not disks.untouched():
                    self.touched.append("a disk")
        finally:
            unmount(root)
            volumes.assembly(False)
            volumes.stop()
            disks.detach()

    def name_volumes(self, names):
        """A volume's UUID is another on each run: in the table of volumes stands which one is meant."""
        table = self.found.get("/etc/crypttab")
        if table:
            self.found["/etc/crypttab"] = re.sub("UUID=([0-9a-f-]{36})", lambda match: "UUID=" + (
                f"of {names[match[1]]}" if match[1] in names else match[1]), table)

    @staticmethod
    def keys(place, case, root):
        """{name: file} of the keys that a case names, and of those that are in the root now."""
        files = {}
        for name, key in case.get("keys", {}).items():
            files[name] = place.path("key-" + name)
            with open(files[name], "w", encoding="utf-8") as file:
                file.write(key)
        folder = os.path.join(root, "etc/luks")
        if os.path.isdir(folder):
            files.update({f"/etc/luks/{name}": os.path.join(folder, name) for name in os.listdir(folder)})
        return files


def differences(case, theirs, ours):
    """Lines that say what is not equal; none when all is well."""
    lines = []
    expected = case.get("expect", "accept") == "accept"
    if theirs is not None and theirs.outcome.accepted != expected and not case.get("random"):
        lines.append(f"upstream, expected to {case.get('expect', 'accept')}: {theirs.outcome}")
    if ours is None:
        return lines
    wanted = case["ours"] == "accept" if "ours" in case else \
        theirs.outcome.accepted if theirs is not None else expected
    if ours.outcome.accepted != wanted or "CRASHED" in ours.outcome.said:
        lines.append(f"node-agent, expected to {'accept' if wanted else 'refuse'}: {ours.outcome}")
        if not ours.outcome.accepted and theirs is not None and not theirs.outcome.accepted:
            lines.append(f"upstream: {theirs.outcome}")
        return lines
    # What is wrong with the config is said before anything is touched.
    if not ours.outcome.accepted and (theirs is None or theirs.outcome.stage == "fetch" or "ours" in case):
        lines += [f"node-agent refused it, yet {path} has changed: {ours.outcome}" for path in ours.touched]
    for what, pattern in case.get("has", {}).items():
        found = ours.found.get(what, "nothing")
        if ours.outcome.accepted and not re.search(pattern, found):
            lines.append(f"{what}: wanted {pattern!r}, found {found}")
    if theirs is None or not (theirs.outcome.accepted and ours.outcome.accepted):
        return lines
    for what in sorted(theirs.found.keys() | ours.found.keys()):
        if any(re.search(pattern, what) for pattern in case.get("differs", {})):
            continue
        if theirs.found.get(what) != ours.found.get(what):
            lines += [f"{what}:", f"  upstream   {theirs.found.get(what, 'nothing')}",
                      f"  node-agent {ours.found.get(what, 'nothing')}"]
    return lines


def run(place, case):
    """The differences of a case."""
    disks = disk.Disks(place.path("disks"), case, uuids_of(case.get("config")))
    try:
        theirs = None if case.get("alone") else Run(place, case, place.upstream, disks)
        ours = Run(place, case, place.agent, disks) if place.agent else None
        return differences(case, theirs, ours)
    finally:
        disks.remove()


def show(place, case):
    """What upstream (or, of a case of ours alone, node-agent) does, as text."""
    disks = disk.Disks(place.path("disks"), case, uuids_of(case.get("config")))
    try:
        base = tree.snapshot(place.base)
        done = Run(place, case, place.agent if case.get("alone") else place.upstream, disks)
        lines = [] if case.get("alone") else [f"UNEXPECTED: {line}" for line in differences(case, done, None)]
        lines = lines or [str(done.outcome)]
        lines += [f"{what}: {said}" for what, said in sorted(done.found.items())
                  if base.get(what.lstrip("/")) != said]
        if done.outcome.accepted:
            lines += [f"/{path}: gone" for path in sorted(base) if f"/{path}" not in done.found]
        return lines
    finally:
        disks.remove()
