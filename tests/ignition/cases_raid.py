# SPDX-License-Identifier: Apache-2.0
"""Arrays, encrypted volumes, and what lies on them: run in a machine (see machine)."""
from config import contents, data, file, sha256, verified
from web import URL

A, B, C, D = (f"/run/disks/{name}" for name in "abcd")
MD = "/dev/md/data"
UUID = "deadbeef-1234-5678-9abc-def012345678"
EXT4 = ["mkfs.ext4", "-q", "-F", "-L", "old", "-U", "00000000-aaaa-bbbb-cccc-000000000001"]
# What a key is derived with is measured on the machine, for seconds, unless it is said.
FAST = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"]
LUKS = ["<secret", "cryptsetup", "luksFormat", "--batch-mode", "--key-file", "-", *FAST]
LUKS_UUID = "00000000-aaaa-bbbb-cccc-00000000000e"
OLD_LUKS = LUKS + ["--label", "old", "--uuid", LUKS_UUID, A]
KEY = contents(data("secret"))
KEYS = {"secret": "secret", "other": "other"}
OLD_ARRAY = ["mdadm", "--quiet", "--create", "/dev/md/data", "--run", "--homehost", "any", "--level", "1",
             "--raid-devices", "2", A, B]
NEVER_ADOPTED = "making an array destroys what its members hold, and the section has no word that permits it"

CASES = []


def case(name, storage, **more):
    more.setdefault("stages", ["disks"])
    CASES.append({"name": name, "config": {"storage": storage}, **more})


def empty(count, size):
    return {name: {"size": size} for name in "abcd"[:count]}


def array(name, level, devices, size=32, expect="accept", disks=None, **more):
    entry = {"name": "data", "level": level, "devices": devices, **more}
    case(f"array: {name}", {"raid": [entry]}, expect=expect, disks=disks or empty(max(len(devices), 1), size))


def no_array(name, level, devices, **more):
    array(name, level, devices, expect="refuse", **more)


# Levels, as mdadm and the specification name them.
array("raid1", "raid1", [A, B])
array("raid0", "raid0", [A, B])
array("raid5", "raid5", [A, B, C])
array("raid10, another layout", "raid10", [A, B, C, D], options=["--layout=f2", "--chunk=128"])
array("a spare", "raid1", [A, B, C], spares=1)
array("metadata at the end", "raid1", [A, B], options=["--metadata=1.0"])
case("array: its name is a path", {"raid": [{"name": MD, "level": "raid1", "devices": [A, B]}]}, disks=empty(2, 32))

# What is wrong with the config is said before anything is touched.
no_array("a level that nobody knows", "raid7", [A, B])
no_array("spares without redundancy", "raid0", [A, B], spares=1)
no_array("a device that is not there", "raid1", [A, "/run/disks/absent"])
no_array("nothing but spares", "raid1", [A, B], spares=2)
no_array("raid6 of three", "raid6", [A, B, C])
no_array("the same device twice", "raid1", [A, A])

# What members hold.
case("array: a member that holds a file system", {"raid": [{"name": "data", "level": "raid1", "devices": [A, B]}]},
     disks={"a": {"size": 32, "make": {"": EXT4}}, "b": {"size": 32}}, ours="refuse", why=NEVER_ADOPTED)
case("array: another of that name runs", {"raid": [{"name": "data", "level": "raid1", "devices": [C, D]}]},
     disks=empty(4, 32), then=[OLD_ARRAY], expect="refuse")

# Partitions, file systems, files.
PARTS = [{"device": A, "wipeTable": True, "partitions": [{"number": 1, "label": "left", "sizeMiB": 32}]},
         {"device": B, "wipeTable": True, "partitions": [{"number": 1, "label": "right", "sizeMiB": 32}]}]
case("array: over new partitions", {"disks": PARTS, "raid": [{"name": "data", "level": "raid1", "devices": [A + "1", B + "1"]}]},
     disks=empty(2, 40))
OLD_PARTS = {name: {"size": 40, "table": f"label: gpt\n1: start=1MiB, size=32MiB, name={name}\n"} for name in "ab"}
AGAIN = ("what a member held comes back with its partition, udev starts the array of it, and mdadm finds its "
         "devices in use: sooner or later than upstream looks")
case("array: over new partitions where one was", {"disks": PARTS, "raid": [
    {"name": "again", "level": "raid1", "devices": [A + "1", B + "1"]}]}, disks=OLD_PARTS,
    before=[OLD_ARRAY[:-2] + [A + "1", B + "1"], EXT4 + [MD]], assembly=True, alone=True, why=AGAIN,
    has={"array again": "^level=raid1 devices=2 .*members=a1=0,b1=1"})
case("array: a file system where one was", {"disks": PARTS[:1], "filesystems": [
    {"device": A + "1", "format": "ext4", "wipeFilesystem": True}]}, disks=OLD_PARTS,
    before=[OLD_ARRAY[:-2] + [A + "1", B + "1"]], assembly=True, alone=True, why=AGAIN, has={"a/fsp1": "TYPE='ext4'"})
case("volume: where an array was", {"disks": PARTS[:1], "luks": [
    {"name": "secret", "device": A + "1", "keyFile": contents(data("secret")), "options": FAST, "wipeVolume": True}]},
    disks=OLD_PARTS, before=[OLD_ARRAY[:-2] + [A + "1", B + "1"]], assembly=True, alone=True, why=AGAIN,
    keys=KEYS, has={"a1 opens": "^secret$"})
case("array: a file system on it, mounted, a file", {
    "raid": [{"name": "data", "level": "raid1", "devices": [A, B]}],
    "filesystems": [{"device": MD, "format": "ext4", "label": "data", "uuid": UUID, "path": "/srv/data"}],
    "files": [file("/srv/data/hello", "x", mode=0o640)]}, disks=empty(2, 32), stages=["disks", "mount", "files"])


# Encrypted volumes.
def luks(**more):
    return {"name": "secret", "device": A, "keyFile": KEY, "options": FAST, **more}


def volume(about, /, expect="accept", on=None, **more):
    """On an empty disk, or on what the command ON makes of it; BEFORE holds several."""
    kept = {key: more.pop(key) for key in ("stages", "ours", "why", "then", "disks", "differs") if key in more}
    spec = {"size": 40}
    if on and not on[0].startswith("<"):
        spec["make"] = {"": on}
    elif on:
        kept["before"] = [on]
    case(f"volume: {about}", {"luks": [luks(**more)]}, **{"disks": {"a": spec}, "keys": KEYS, "expect": expect, **kept})


ALL = ["disks", "mount", "files"]
volume("a key", stages=ALL)
volume("a key that is made up", keyFile={}, stages=ALL)
volume("a key of another digest", keyFile=verified(URL + "/text", sha256("")), expect="refuse")
volume("a name with a slash", name="a/b", expect="refuse")
volume("an option that cryptsetup does not know", options=["--nonsense"], expect="refuse")

# What is there already.
volume("there already", on=OLD_LUKS, stages=ALL)
volume("there already, a key that does not open it", on=OLD_LUKS, keyFile=contents(data("other")), expect="refuse")
volume("there already, an empty UUID is not any", on=OLD_LUKS, uuid="", expect="refuse")
volume("there already, wiped", on=OLD_LUKS, wipeVolume=True, keyFile=contents(data("other")), label="new", stages=ALL)
volume("over a file system", on=EXT4, expect="refuse")


# Bindings.
def tang(number, **more):
    return {"url": f"@TANG{number}@", "thumbprint": f"@THUMBPRINT{number}@", **more}


volume("bound to tang", clevis={"tang": [tang(1)]}, stages=ALL)
volume("bound to the TPM", clevis={"tpm2": True}, keyFile={}, stages=ALL)
volume("there already, to be bound", on=OLD_LUKS, clevis={"tpm2": True}, expect="refuse")


# What 3.4 adds, held to the specification's text.
def v34(about, has, /, disks=None, **more):
    CASES.append({"name": f"3.4: {about}", "alone": True, "has": has, "keys": KEYS, "stages": ["disks", "files"],
                  "disks": disks or empty(1, 40),
                  "config": {"ignition": {"version": "3.4.0"}, "storage": {"luks": [luks(**more)]}}})


v34("discards", {"a config": '"flags": \\["allow-discards"\\]', "open secret": "allow_discards"}, discard=True)

# Those that ./check has the time for.
FEW = ("array: raid1", "array: raid10, another layout", "array: a spare", "array: its name is a path",
       "array: a device that is not there", "array: the same device twice", "array: a member that holds a file system",
       "array: over new partitions where one was", "array: a file system on it, mounted, a file",
       "volume: where an array was", "volume: a key", "volume: a key that is made up", "volume: there already",
       "volume: there already, a key that does not open it", "volume: there already, wiped", "volume: bound to tang",
       "3.4: discards")
