# SPDX-License-Identifier: Apache-2.0
"""Random cases: the same seed and number give the same case, on every machine.

Most parts are right by themselves, so that the stages have work to do; now and then one is not. Names
and paths are few, so that they meet: duplicates, files below files, links in the way.
"""
import random

from config import contents, data, data64, embedded, sha256, sha512, verified, zipped
from web import URL

FOLDERS = ["/", "/etc", "/opt", "/opt/data", "/opt/data/deep", "/opt/away", "/opt/up", "/bin", "/lib", "/srv", "/srv/a",
           "/srv/a/b", "/home/core", "/tmp", "/opt/nowhere"]
LEAVES = ["motd", "hostname", "a", "b", "link-to-motd", "file", "deep", "data", ".profile", "x y", "away"]
USERS = ["core", "old", "root", "fresh", "absent", "one", "two"]
GROUPS = ["core", "users", "sudo", "spare", "team", "absent", "adm"]
KEYS = ["ssh-ed25519 AAAA one", "ssh-rsa BBBB two", "ecdsa CCCC three\n"]
UNITS = ["a.service", "b.timer", "shipped.service", "masked.service", "shipped@x.service", "shipped@y.service",
         "own@.service", "c.mount", "broken"]
TEXTS = ["", "x", "line\n", "two\nlines\n", "é ü\n", "percent % and + and \\\n"]
UNIT_TEXTS = ["", "[Service]\nExecStart=/bin/true\n", "[Unit]\nDescription=x\n\n[Install]\nWantedBy=multi-user.target\n",
              "# only a comment\n", "[Unit]\nDescription=a \\\n b\n"]


class Source(random.Random):
    def now_and_then(self, part):
        return self.random() < part

    def some(self, most, make):
        """Up to MOST of what MAKE makes; small numbers are likelier."""
        return [make() for _ in range(self.choice(range(self.randint(0, most) + 1)))]

    def maybe(self, out, key, part, make):
        if self.now_and_then(part):
            out[key] = make()


def path(rng):
    if rng.now_and_then(0.02):
        return "/etc/motd/" + rng.choice(LEAVES)
    if rng.now_and_then(0.005):
        return rng.choice(["relative", "/etc//x", "/etc/../x", "/x/", ""])
    return rng.choice(FOLDERS).rstrip("/") + "/" + rng.choice(LEAVES)


def resource(rng):
    text = rng.choice(TEXTS)
    kind = rng.random()
    if kind < 0.55:
        out = contents(data(text))
    elif kind < 0.65:
        out = contents(data64(rng.randbytes(rng.randint(0, 300))))
    elif kind < 0.8:
        out = contents(zipped(text), compression="gzip")
    elif kind < 0.9:
        out = contents(URL + rng.choice(["/text", "/empty", "/redirect", "/header"]))
    elif kind < 0.93:
        out = contents("")
    elif kind < 0.96:
        out = verified(data(text), rng.choice([sha256, sha512])(rng.choice(TEXTS)))
    else:
        return verified(URL + "/text", sha512("from the net\n"))
    if "compression" in out or out["source"].startswith("data:,"):
        rng.maybe(out, "verification", 0.3, lambda: {"hash": rng.choice([sha256, sha512])(text)})
    return out


def owner(rng, names):
    if rng.now_and_then(0.5):
        return {"id": rng.choice([0, 4, 100, 1000, 1001, 4321])}
    return {"name": rng.choice(names[:4] if rng.now_and_then(0.85) else names)}


def node(rng):
    out = {"path": path(rng)}
    rng.maybe(out, "user", 0.3, lambda: owner(rng, USERS))
    rng.maybe(out, "group", 0.3, lambda: owner(rng, GROUPS))
    rng.maybe(out, "overwrite", 0.5, lambda: rng.now_and_then(0.8))
    return out


def mode(rng):
    return -5 if rng.now_and_then(0.005) else rng.choice([0o600, 0o644, 0o640, 0o755, 0o700, 0o711, 0, 0o777])


def file(rng):
    out = node(rng)
    rng.maybe(out, "mode", 0.5, lambda: mode(rng))
    rng.maybe(out, "contents", 0.75, lambda: resource(rng))
    rng.maybe(out, "append", 0.2, lambda: rng.some(3, lambda: resource(rng)))
    if "contents" not in out and rng.now_and_then(0.9):
        out.pop("overwrite", None)
    return out


def directory(rng):
    out = node(rng)
    rng.maybe(out, "mode", 0.5, lambda: mode(rng))
    return out


def link(rng):
    out = node(rng)
    out["target"] = rng.choice(["motd", "../a", "/nowhere", "/etc"]) if rng.now_and_then(0.4) else path(rng)
    rng.maybe(out, "hard", 0.4, lambda: rng.now_and_then(0.8))
    return out


def unit(rng):
    out = {"name": rng.choice(UNITS[:-1] if rng.now_and_then(0.98) else UNITS)}
    rng.maybe(out, "contents", 0.6, lambda: rng.choice(UNIT_TEXTS))
    rng.maybe(out, "enabled", 0.5, lambda: rng.now_and_then(0.6))
    rng.maybe(out, "mask", 0.25, lambda: rng.now_and_then(0.6))
    rng.maybe(out, "dropins", 0.4, lambda: distinct(rng.some(2, lambda: dropin(rng)), "name"))
    return out


def dropin(rng):
    out = {"name": rng.choice(["10-a.conf", "20-b.conf", "30-c.conf"])}
    rng.maybe(out, "contents", 0.8, lambda: rng.choice(UNIT_TEXTS))
    return out


def user(rng):
    out = {"name": rng.choice(USERS)}
    yes = lambda: rng.now_and_then(0.8)
    rng.maybe(out, "uid", 0.25, lambda: rng.choice([1500, 1600, 2222, 3333] if yes() else [1000]))
    rng.maybe(out, "gecos", 0.3, lambda: rng.choice(["A Person", "Ü", ""]))
    rng.maybe(out, "homeDir", 0.15, lambda: rng.choice(["/home/new", "/home/other", "/home/core", "/srv/u"]))
    rng.maybe(out, "shell", 0.3, lambda: rng.choice(["/bin/sh", "/bin/bash", "/usr/sbin/nologin", ""]))
    rng.maybe(out, "primaryGroup", 0.2, lambda: rng.choice(GROUPS[:4] if yes() else GROUPS))
    rng.maybe(out, "groups", 0.3, lambda: rng.sample(GROUPS[:4] if yes() else GROUPS, rng.randint(0, 3)))
    rng.maybe(out, "passwordHash", 0.3, lambda: rng.choice(["$6$a$b", "", "*", "!"]))
    rng.maybe(out, "sshAuthorizedKeys", 0.4, lambda: rng.sample(KEYS, rng.randint(0, 3)))
    for key in ("noCreateHome", "noUserGroup", "system", "noLogInit"):
        rng.maybe(out, key, 0.12, yes)
    rng.maybe(out, "shouldExist", 0.12, lambda: rng.now_and_then(0.4))
    return out


def group(rng):
    out = {"name": rng.choice(["team", "crew", "gang"] if rng.now_and_then(0.93) else ["users", "spare"])}
    rng.maybe(out, "gid", 0.4, lambda: rng.choice([3000, 3001, 1000]))
    rng.maybe(out, "passwordHash", 0.3, lambda: rng.choice(["$6$a$b", ""]))
    rng.maybe(out, "system", 0.2, lambda: rng.now_and_then(0.8))
    rng.maybe(out, "shouldExist", 0.2, lambda: rng.now_and_then(0.4))
    return out


def distinct(entries, key):
    """Mostly without those that are there twice."""
    return list({entry[key]: entry for entry in entries}.values())


def files_config(rng, depth=0):
    """Few parts most of the time: a config with many of them is refused for one, and the rest goes untried."""
    out = {}
    tidy = not rng.now_and_then(0.03)
    for section, parts in (("storage", (("files", file, 4, "path"), ("directories", directory, 2, "path"),
                                        ("links", link, 2, "path"))),
                           ("systemd", (("units", unit, 4, "name"),)),
                           ("passwd", (("users", user, 2, "name"), ("groups", group, 2, "name")))):
        if rng.now_and_then(0.35):
            continue
        for key, make, most, name in parts:
            entries = rng.some(most, lambda make=make: make(rng))
            if entries:
                out.setdefault(section, {})[key] = distinct(entries, name) if tidy else entries
    out["ignition"] = {"version": rng.choice(["3.3.0"] * 8 + ["3.2.0"]) if depth == 0 else "3.3.0"}
    if depth < 2 and rng.now_and_then(0.15):
        child = contents(embedded(files_config(rng, depth + 1)))
        out["ignition"]["config"] = {"replace": child} if rng.now_and_then(0.2) else {"merge": [child]}
    return out


def before(rng):
    """Something that lies in the root already."""
    out = {"path": rng.choice(["/etc", "/opt/data", "/srv/a", "/opt"]) + "/" + rng.choice(LEAVES),
           "type": rng.choice(["file", "file", "link", "directory", "fifo"])}
    if out["type"] == "link":
        out["target"] = rng.choice(["motd", "/srv", "../opt", "/no/where"])
    if out["type"] == "file":
        out["text"] = rng.choice(TEXTS)
    out["mode"] = rng.choice([0o600, 0o644, 0o755])
    out["uid"] = rng.choice([0, 1000])
    return out


def files_case(rng):
    return {"root": rng.some(2, lambda: before(rng)), "config": files_config(rng)}


GUIDS = ["11111111-2222-3333-4444-555555555555", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
         "AAAAAAAA-0000-0000-0000-EEEEEEEEEEEE"]
TYPES = ["C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
         "21686148-6449-6E6F-744E-656564454649"]


def table(rng):
    """A partition table in sfdisk's language, on a disk of 64 MiB."""
    rows, at = ["label: gpt"], 1
    for number in rng.sample(range(1, 6), rng.randint(0, 4)):
        at += rng.choice([0, 0, 1, 4])
        size = rng.choice([1, 2, 8, 12])
        if at + size > 62:
            break
        row = f"{number}: start={at}MiB, size={size}MiB, uuid=0000000{number}-0000-0000-0000-00000000000{number}"
        row += f", name={rng.choice(['one', 'two', 'three'])}" if rng.now_and_then(0.6) else ""
        rows.append(row + (f", type={rng.choice(TYPES)}" if rng.now_and_then(0.4) else ""))
        at += size
    return "\n".join(rows) + "\n"


def partition(rng):
    out = {}
    rng.maybe(out, "number", 0.9, lambda: rng.choice([1, 2, 3, 4, 5, 7, 0]))
    if rng.now_and_then(0.12):
        out.update({"shouldExist": False, "wipePartitionEntry": rng.now_and_then(0.8)})
        return out
    rng.maybe(out, "label", 0.6 if out.get("number") else 0.95, lambda: rng.choice(["one", "two", "three", "four", ""]))
    rng.maybe(out, "startMiB", 0.5, lambda: rng.choice([0, 0, 1, 2, 5, 9, 20, 40]))
    rng.maybe(out, "sizeMiB", 0.7, lambda: rng.choice([0, 1, 2, 2, 8, 8, 12]))
    rng.maybe(out, "guid", 0.3, lambda: rng.choice(GUIDS + ["", "00000001-0000-0000-0000-000000000001"]))
    rng.maybe(out, "typeGuid", 0.3, lambda: rng.choice(TYPES + [""]))
    rng.maybe(out, "wipePartitionEntry", 0.4, lambda: rng.now_and_then(0.8))
    rng.maybe(out, "resize", 0.3, lambda: rng.now_and_then(0.8))
    return out


def differing(entries, keys):
    """Without those that share the value of a key; a zero and an empty string are no values."""
    out, seen = [], set()
    for entry in entries:
        mine = {(key, entry[key]) for key in keys if entry.get(key)}
        if not mine & seen:
            out.append(entry)
            seen |= mine
    return out


def disks_case(rng):
    partitions = rng.some(4, lambda: partition(rng))
    if not rng.now_and_then(0.05):
        partitions = differing(partitions, ("number", "label", "guid"))
    disk = {"device": "/run/disks/a", "partitions": partitions}
    rng.maybe(disk, "wipeTable", 0.3, lambda: rng.now_and_then(0.8))
    spec = {"size": 64}
    rng.maybe(spec, "table", 0.75, lambda: table(rng))
    return {"disks": {"a": spec}, "config": {"ignition": {"version": "3.3.0"}, "storage": {"disks": [disk]}}}


MAKERS = {"files": files_case, "disks": disks_case}


def case(kind, seed, number):
    rng = Source(f"{kind}/{seed}/{number}")
    return {"name": f"random {kind} {seed}/{number}", "random": True, **MAKERS[kind](rng)}
