# SPDX-License-Identifier: Apache-2.0
"""The disks stage: partition tables and file systems on loop devices, mounts, and files on them."""
import uuid

from config import file

DISK = "/run/disks/a"
GUID = "11111111-2222-3333-4444-555555555555"
GUID2 = "66666666-7777-8888-9999-000000000000"
ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
SWAP = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
UUID = "deadbeef-1234-5678-9abc-def012345678"

# Three partitions with a gap of 4 MiB after the second and free room after the third.
THREE = """label: gpt
label-id: 99999999-0000-0000-0000-000000000000
1: start=1MiB, size=8MiB, name=one, uuid=00000001-0000-0000-0000-000000000001
2: start=9MiB, size=8MiB, name=two, uuid=00000002-0000-0000-0000-000000000002, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
3: start=21MiB, size=8MiB, name=three, uuid=00000003-0000-0000-0000-000000000003
"""
MBR = "label: dos\nstart=1MiB, size=8MiB, type=83\n"
EXT4 = ["mkfs.ext4", "-q", "-F", "-L", "old", "-U", "00000000-aaaa-bbbb-cccc-000000000001"]
EXT4_UUID = EXT4[-1]
# mkfs.btrfs refuses a UUID that another device has, of a case beside this one.
BTRFS = ["mkfs.btrfs", "-q", "-f", "-L", "old"]
XFS = ["mkfs.xfs", "-q", "-f", "-L", "old", "-m", "uuid=00000000-aaaa-bbbb-cccc-000000000003"]
VFAT = ["mkfs.fat", "-n", "OLD", "-i", "cafe1234"]
MKSWAP = ["mkswap", "-q", "-L", "old", "-U", "00000000-aaaa-bbbb-cccc-000000000005"]
OLD = {"ext4": EXT4, "btrfs": BTRFS, "xfs": XFS, "vfat": VFAT, "swap": MKSWAP}
# What each mkfs and file system is content with, in MiB.
SIZE = {"ext4": 64, "btrfs": 256, "xfs": 512, "vfat": 64, "swap": 64}

CASES = []


def case(name, config, **more):
    more.setdefault("disks", {"a": {"size": 64}})
    CASES.append({"name": name, "config": config, **more})


def disks(*partitions, **more):
    out = {"device": DISK, **more}
    if partitions:
        out["partitions"] = list(partitions)
    return {"storage": {"disks": [out]}}


def table(name, *partitions, on=None, expect="accept", size=64, sector=512, **more):
    spec = {"size": size, "sector": sector}
    if on:
        spec["table"] = on
    case(name, disks(*partitions, **more), disks={"a": spec}, expect=expect)


def refused(name, *partitions, **more):
    table(name, *partitions, expect="refuse", **more)


# A new table.
table("table: nothing said of an empty disk")
table("table: nothing said of one with a table", on=THREE)
table("table: one partition over all", {"number": 1, "label": "all"})
table("table: a size", {"number": 1, "sizeMiB": 10})
table("table: a start and a size", {"number": 1, "startMiB": 5, "sizeMiB": 10})
table("table: a start, the rest", {"number": 1, "startMiB": 5})
table("table: start and size 0", {"number": 1, "startMiB": 0, "sizeMiB": 0})
table("table: label, guid and type", {"number": 1, "label": "root", "guid": GUID, "typeGuid": ESP, "sizeMiB": 8})
table("table: guids in small letters", {"number": 1, "guid": GUID2.lower(), "typeGuid": SWAP.lower(), "sizeMiB": 8})
table("table: empty guids", {"number": 1, "guid": "", "typeGuid": "", "sizeMiB": 8})
table("table: an empty label", {"number": 1, "label": "", "sizeMiB": 8})
table("table: a label with blanks and signs", {"number": 1, "label": "a b'\"\\$é", "sizeMiB": 8})
table("table: a label of 36 characters", {"number": 1, "label": "x" * 36, "sizeMiB": 8})
table("table: several, one after the other", {"number": 1, "sizeMiB": 2}, {"number": 2, "sizeMiB": 3},
      {"number": 3, "sizeMiB": 4}, {"number": 4})
table("table: numbers out of order", {"number": 4, "sizeMiB": 2}, {"number": 2, "sizeMiB": 3}, {"number": 1})
table("table: starts out of order", {"number": 1, "startMiB": 30, "sizeMiB": 2}, {"number": 2, "startMiB": 3,
                                                                                    "sizeMiB": 4})
table("table: no number, a label", {"label": "first", "sizeMiB": 2}, {"label": "second"})
table("table: no number beside a number", {"label": "second", "sizeMiB": 2}, {"number": 1, "sizeMiB": 3})
table("table: number 0 with start and size 0", {"number": 0, "label": "x", "startMiB": 0, "sizeMiB": 0})
table("table: a high number", {"number": 100, "sizeMiB": 2})
table("table: the largest free room is taken first", {"number": 1, "startMiB": 20, "sizeMiB": 2},
      {"number": 2, "sizeMiB": 4}, {"number": 3, "sizeMiB": 4})
table("table: sectors of 4096 bytes", {"number": 1, "sizeMiB": 4, "label": "one"}, {"number": 2}, sector=4096)
refused("table: more than the disk holds", {"number": 1, "sizeMiB": 100})
refused("table: a start past the end", {"number": 1, "startMiB": 100, "sizeMiB": 1})
refused("table: the second finds no room", {"number": 1}, {"number": 2, "sizeMiB": 4})
refused("table: overlapping", {"number": 1, "startMiB": 1, "sizeMiB": 10}, {"number": 2, "startMiB": 5, "sizeMiB": 10})
refused("table: the same number twice", {"number": 1, "sizeMiB": 1}, {"number": 1, "sizeMiB": 1})
refused("table: the same label twice", {"number": 1, "label": "x", "sizeMiB": 1},
        {"number": 2, "label": "x", "sizeMiB": 1})
refused("table: neither number nor label", {"sizeMiB": 2})
refused("table: a label with a colon", {"number": 1, "label": "a:b"})
refused("table: a label of 37 characters", {"number": 1, "label": "x" * 37})
refused("table: a guid that is none", {"number": 1, "guid": "not-a-guid"})
refused("table: a type that is none", {"number": 1, "typeGuid": "8300"})
refused("table: a number past the table's 128", {"number": 200, "sizeMiB": 2})
case("table: no device", {"storage": {"disks": [{"partitions": []}]}}, expect="refuse")
case("table: a device that is not there", {"storage": {"disks": [{"device": "/run/disks/absent", "wipeTable": True}]}},
     expect="refuse")
case("table: the same disk twice", {"storage": {"disks": [{"device": DISK}, {"device": DISK}]}}, expect="refuse")
case("table: two disks", {"storage": {"disks": [
    {"device": DISK, "partitions": [{"number": 1, "label": "a"}]},
    {"device": "/run/disks/b", "partitions": [{"number": 1, "label": "b", "sizeMiB": 4}]}]}},
    disks={"a": {"size": 64}, "b": {"size": 32}})

# What is there already.
table("reuse: it matches by number", {"number": 1}, on=THREE)
table("reuse: it matches in every way", {"number": 2, "label": "two", "startMiB": 9, "sizeMiB": 8, "typeGuid": ESP,
                                         "guid": "00000002-0000-0000-0000-000000000002"}, on=THREE)
table("reuse: an empty guid matches any", {"number": 2, "guid": "", "typeGuid": ""}, on=THREE)
table("reuse: a new one beside it", {"number": 4, "label": "four", "sizeMiB": 4}, on=THREE)
table("reuse: a new one in the gap", {"number": 4, "startMiB": 17, "sizeMiB": 4}, on=THREE)
table("reuse: a new one without a number", {"number": 0, "label": "more"}, on=THREE)
table("reuse: size 0 matches the one that fills the room", {"number": 1, "startMiB": 0, "sizeMiB": 0},
      on="label: gpt\n1: start=1MiB, size=128991\n")
table("reuse: the last, start and size 0",
      {"number": 3, "startMiB": 0, "sizeMiB": 0, "wipePartitionEntry": True}, on=THREE)
refused("reuse: another label", {"number": 1, "label": "other"}, on=THREE)
refused("reuse: an empty label is not any", {"number": 1, "label": ""}, on=THREE)
refused("reuse: another start", {"number": 1, "startMiB": 2}, on=THREE)
refused("reuse: another size", {"number": 1, "sizeMiB": 4}, on=THREE)
refused("reuse: another type", {"number": 1, "typeGuid": SWAP}, on=THREE)
refused("reuse: another guid", {"number": 1, "guid": GUID}, on=THREE)
refused("reuse: size 0 does not match one that leaves room", {"number": 3, "sizeMiB": 0}, on=THREE)
refused("reuse: a new one over one that is not named", {"number": 4, "startMiB": 10, "sizeMiB": 4}, on=THREE)
refused("reuse: one matches, the next does not", {"number": 1, "label": "one"}, {"number": 2, "label": "no"}, on=THREE)
refused("reuse: the disk has an MBR", {"number": 1, "sizeMiB": 4}, on=MBR)
table("reuse: an MBR and nothing said", on=MBR, expect="refuse")
table("wipeTable: an MBR", {"number": 1, "sizeMiB": 4}, on=MBR, wipeTable=True)
table("wipeTable: nothing else", on=THREE, wipeTable=True)
table("wipeTable: false keeps it", {"number": 4, "sizeMiB": 2}, on=THREE, wipeTable=False)
table("wipeTable: and new ones", {"number": 1, "label": "new", "sizeMiB": 4}, on=THREE, wipeTable=True)
table("wipeTable: an empty disk", {"number": 1, "label": "new", "sizeMiB": 4}, wipeTable=True)

# Entries that are wiped, resized, removed.
table("wipe entry: another size", {"number": 1, "sizeMiB": 4, "wipePartitionEntry": True}, on=THREE)
table("wipe entry: another label, the rest as it is found",
      {"number": 2, "label": "other", "wipePartitionEntry": True}, on=THREE)
table("wipe entry: start and size are kept when said",
      {"number": 2, "label": "other", "startMiB": 9, "sizeMiB": 8, "wipePartitionEntry": True}, on=THREE)
table("wipe entry: it matches and stays", {"number": 2, "label": "two", "wipePartitionEntry": True}, on=THREE)
table("wipe entry: another guid and type", {"number": 1, "guid": GUID, "typeGuid": SWAP, "startMiB": 1, "sizeMiB": 8,
                                            "wipePartitionEntry": True}, on=THREE)
table("wipe entry: two that trade places", {"number": 1, "startMiB": 9, "sizeMiB": 8, "wipePartitionEntry": True},
      {"number": 2, "startMiB": 1, "sizeMiB": 8, "wipePartitionEntry": True}, on=THREE)
table("resize: larger", {"number": 3, "sizeMiB": 20, "resize": True}, on=THREE)
table("resize: smaller", {"number": 1, "sizeMiB": 4, "resize": True}, on=THREE)
table("resize: over the rest", {"number": 3, "sizeMiB": 0, "resize": True}, on=THREE)
table("resize: the size is right", {"number": 3, "sizeMiB": 8, "resize": True}, on=THREE)
table("resize: keeps type, guid and name", {"number": 2, "sizeMiB": 10, "resize": True}, on=THREE)
table("resize: one that is not there is made", {"number": 4, "sizeMiB": 4, "resize": True}, on=THREE)
table("resize: and wipe entry", {"number": 3, "sizeMiB": 12, "resize": True, "wipePartitionEntry": True}, on=THREE)
refused("resize: into the next", {"number": 1, "sizeMiB": 12, "resize": True}, on=THREE)
refused("resize: another label", {"number": 3, "sizeMiB": 20, "resize": True, "label": "other"}, on=THREE)
refused("resize: another start", {"number": 3, "sizeMiB": 20, "resize": True, "startMiB": 25}, on=THREE)
table("shouldExist false: it goes", {"number": 2, "shouldExist": False, "wipePartitionEntry": True}, on=THREE)
table("shouldExist false: it is not there", {"number": 7, "shouldExist": False}, on=THREE)
table("shouldExist false: one takes its room", {"number": 2, "shouldExist": False, "wipePartitionEntry": True},
      {"number": 4, "startMiB": 9, "sizeMiB": 12}, on=THREE)
table("shouldExist true", {"number": 2, "shouldExist": True}, on=THREE)
refused("shouldExist false: without wiping the entry", {"number": 2, "shouldExist": False}, on=THREE)
refused("shouldExist false: with a label", {"number": 2, "shouldExist": False, "label": "x"}, on=THREE)
refused("shouldExist false: beside a number 0", {"number": 2, "shouldExist": False, "wipePartitionEntry": True},
        {"number": 0, "label": "x"}, on=THREE)
refused("shouldExist false: number 0", {"number": 0, "shouldExist": False}, on=THREE)


# File systems on a whole device.
def filesystem(name, on=None, size=None, expect="accept", device=DISK, **more):
    spec = {"size": size or SIZE.get(more.get("format"), 64)}
    if on:
        spec["make"] = {"": on}
        spec["size"] = max([spec["size"]] + [SIZE[kind] for kind in OLD if OLD[kind] == on])
    case(f"file system: {name}", {"storage": {"filesystems": [{"device": device, **more}]}},
         disks={"a": spec}, expect=expect)


for kind in OLD:
    filesystem(f"{kind}, an empty disk", format=kind)
    filesystem(f"{kind}, label and UUID", format=kind, label="NEW", uuid="12ab-34cd" if kind == "vfat" else str(uuid.uuid5(uuid.NAMESPACE_DNS, kind)))
    filesystem(f"{kind}, an empty label", format=kind, label="")
    filesystem(f"{kind}, there already", on=OLD[kind], format=kind)
    filesystem(f"{kind}, there already with that label", on=OLD[kind], format=kind,
               label="OLD" if kind == "vfat" else "old")
    filesystem(f"{kind}, there already with another label", on=OLD[kind], format=kind, label="NEW", expect="refuse")
    filesystem(f"{kind}, there already, wiped", on=OLD[kind], format=kind, wipeFilesystem=True)
    filesystem(f"{kind}, over another kind", on=OLD["vfat" if kind != "vfat" else "ext4"], format=kind,
               expect="refuse")
    filesystem(f"{kind}, over another kind, wiped", on=OLD["vfat" if kind != "vfat" else "ext4"], format=kind,
               wipeFilesystem=True, label="NEW")
filesystem("ext4, there already with that UUID", on=EXT4, format="ext4", uuid=EXT4_UUID)
filesystem("ext4, that UUID in great letters", on=EXT4, format="ext4", uuid=EXT4_UUID.upper())
filesystem("ext4, another UUID", on=EXT4, format="ext4", uuid=UUID, expect="refuse")
filesystem("vfat, there already with that UUID", on=VFAT, format="vfat", uuid="CAFE-1234")
filesystem("vfat, that UUID without its dash", on=VFAT, format="vfat", uuid="cafe1234")
filesystem("ext4, an empty label is not any", on=EXT4, format="ext4", label="", expect="refuse")
filesystem("ext4, options", format="ext4", options=["-b", "1024", "-O", "^has_journal"])
filesystem("ext4, a list of options that is empty", format="ext4", options=[])
filesystem("btrfs, options", format="btrfs", options=["--nodesize", "4096"])
filesystem("vfat, options", format="vfat", options=["-F", "32"])
filesystem("ext4, an option that mkfs does not know", format="ext4", options=["--nonsense"], expect="refuse")
filesystem("ext4, a UUID that is none", format="ext4", uuid="not-a-uuid", expect="refuse")
filesystem("none, an empty disk", format="none")
filesystem("none, wiped", on=EXT4, format="none", wipeFilesystem=True)
filesystem("none, there is one", on=EXT4, format="none", expect="refuse")
filesystem("no format", on=EXT4)
filesystem("no format, a label", label="x", expect="refuse")
filesystem("no format, wiped", wipeFilesystem=True, expect="refuse")
filesystem("an empty format", format="")
filesystem("a format that nobody knows", format="ntfs", expect="refuse")
filesystem("ext4, a label that is too long", format="ext4", label="x" * 17, expect="refuse")
filesystem("xfs, a label that is too long", format="xfs", label="x" * 13, expect="refuse")
filesystem("vfat, a label that is too long", format="vfat", label="x" * 12, expect="refuse")
filesystem("swap, a label that is too long", format="swap", label="x" * 16, expect="refuse")
filesystem("btrfs, a label that is too long", format="btrfs", label="x" * 257, expect="refuse")
filesystem("ext4, a label of sixteen", format="ext4", label="x" * 16)
filesystem("a device that is not there", format="ext4", device="/run/disks/absent", expect="refuse")
filesystem("a relative device", format="ext4", device="disks/a", expect="refuse")
filesystem("ext4, over a partition table", format="ext4", expect="accept", wipeFilesystem=True)
case("file system: over a disk with partitions, not wiped",
     {"storage": {"filesystems": [{"device": DISK, "format": "ext4"}]}}, disks={"a": {"size": 64, "table": THREE}},
     ours="refuse", why="mkfs over a partition table destroys what the partitions hold: wipeFilesystem has to say so")
case("file system: the same device twice", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4"}, {"device": DISK, "format": "ext4"}]}}, expect="refuse")

# On partitions of the same config, mounted, with files.
case("mount: a file on a new partition", {"storage": {
    "disks": [{"device": DISK, "partitions": [{"number": 1, "label": "data"}]}],
    "filesystems": [{"device": DISK + "1", "format": "ext4", "path": "/srv/data", "label": "data"}],
    "files": [file("/srv/data/hello", "x")]}})
case("mount: several, one below the other", {"storage": {
    "disks": [{"device": DISK, "partitions": [{"number": 1, "sizeMiB": 32}, {"number": 2, "sizeMiB": 32},
                                              {"number": 3, "sizeMiB": 4}]}],
    "filesystems": [{"device": DISK + "2", "format": "ext4", "path": "/mnt/one/two"},
                    {"device": DISK + "1", "format": "ext4", "path": "/mnt/one"},
                    {"device": DISK + "3", "format": "swap"}],
    "directories": [{"path": "/mnt/one/dir", "mode": 0o700}], "files": [file("/mnt/one/two/hello", "x", mode=0o600)]}},
    disks={"a": {"size": 96}})
case("mount: a new partition by its label", {"storage": {
    "disks": [{"device": DISK, "wipeTable": True, "partitions": [{"label": "data", "sizeMiB": 32}, {"label": "rest"}]}],
    "filesystems": [{"device": "/dev/disk/by-partlabel/data", "format": "ext4", "path": "/srv/data"}],
    "files": [file("/srv/data/hello", "x")]}},
    disks={"a": {"size": 64, "table": THREE, "names": {"/dev/disk/by-partlabel/data": "p1"}}})
case("mount: one that is kept", {"storage": {
    "filesystems": [{"device": DISK, "format": "ext4", "path": "/mnt/kept"}], "files": [file("/mnt/kept/new", "x")]}},
    disks={"a": {"size": 64, "make": {"": EXT4}}})
case("mount: options", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/mnt/o", "mountOptions": ["noatime", "nodev"]}]}})
case("mount: btrfs", {"storage": {"filesystems": [
    {"device": DISK, "format": "btrfs", "path": "/mnt/b"}], "files": [file("/mnt/b/hello", "x")]}},
    disks={"a": {"size": 256}})
case("mount: xfs", {"storage": {"filesystems": [
    {"device": DISK, "format": "xfs", "path": "/mnt/x"}], "files": [file("/mnt/x/hello", "x")]}},
    disks={"a": {"size": 512}})
case("mount: none and swap are not mounted", {"storage": {"filesystems": [
    {"device": DISK, "format": "swap", "path": "/mnt/s"}]}})
case("mount: a user's home", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/home/fresh"}]}, "passwd": {"users": [{"name": "fresh"}]}})
case("mount: the root itself", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/"}], "files": [file("/hello", "x")]}}, expect="refuse", alone=True,
    disks={"a": {"size": 64, "make": {"": EXT4}}})
case("mount: through a link", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/opt/away/x"}]}}, expect="refuse")
case("mount: over a file", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/etc/motd"}]}}, expect="refuse")
case("mount: an option that the kernel does not know", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/mnt/o", "mountOptions": ["nonsense"]}]}}, expect="refuse")
case("mount: a relative path", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "mnt"}]}}, expect="refuse")
case("mount: no format", {"storage": {"filesystems": [{"device": DISK, "path": "/mnt/x"}]}}, expect="refuse")
case("mount: the same path twice", {"storage": {"filesystems": [
    {"device": DISK, "format": "ext4", "path": "/mnt/x"}, {"device": "/run/disks/b", "format": "ext4", "path": "/mnt/x"}]}},
    disks={"a": {"size": 64}, "b": {"size": 64}}, ours="refuse", why="one of the two would be hidden")
case("mount: a partition that stays and one that is new", {"storage": {
    "disks": [{"device": DISK, "partitions": [{"number": 1, "label": "one"}, {"number": 4, "label": "four"}]}],
    "filesystems": [{"device": DISK + "4", "format": "ext4", "path": "/mnt/four"},
                    {"device": DISK + "1", "format": "vfat", "label": "NEW"}]}},
    disks={"a": {"size": 64, "table": THREE}})
