# SPDX-License-Identifier: Apache-2.0
"""What stands on the disks of a case: arrays, encrypted volumes, and what is in them.

Only inside the machine (see machine): a host's kernel may have neither.
"""
import json
import os
import re
import subprocess
import time

from program import command

HERE = bool(os.environ.get("IGNITION_MACHINE"))
# Parts of a LUKS header that are new every time.
RANDOM = ("salt", "digest", "json_size", "keyslots_size")


def plain(uuid):
    """A UUID in one form: arrays have colons in theirs, FAT has no dash for its mkfs."""
    return (uuid or "").lower().replace("-", "").replace(":", "")


def settle():
    if HERE:
        command("udevadm", "settle", "--timeout=60")


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def arrays():
    return sorted(name for name in os.listdir("/sys/block") if read(f"/sys/block/{name}/md/array_state")
                  not in ("", "clear")) if HERE else []


def volumes():
    """The open ones."""
    return sorted(read(f"/sys/block/{name}/dm/name") for name in os.listdir("/sys/block")
                  if read(f"/sys/block/{name}/dm/uuid").startswith("CRYPT-")) if HERE else []


def stop():
    """The volumes first, for they may lie on arrays. What somebody looks at just now is asked again."""
    for left in range(9, -1, -1):
        settle()
        try:
            for name in volumes():
                command("cryptsetup", "close", name)
            for name in arrays():
                command("mdadm", "--stop", f"/dev/{name}")
            return
        except RuntimeError:
            if left == 0:
                raise
            time.sleep(0.1)


def assembly(wanted):
    """Whether udev starts arrays whose members it sees, as it does on a real machine; or leaves them to a case."""
    mask = "/run/udev/rules.d/64-md-raid-assembly.rules"
    if HERE and wanted == os.path.lexists(mask):
        if wanted:
            os.unlink(mask)
        else:
            os.makedirs(os.path.dirname(mask), exist_ok=True)
            os.symlink("/dev/null", mask)
        command("udevadm", "control", "--reload")


def probe(device):
    done = subprocess.run(["blkid", "--probe", "--output", "export", device], capture_output=True, check=False,
                          text=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


class Names:
    """Devices as a case calls them, and UUIDs by whether they were known before."""

    def __init__(self, disks, known):
        self.known = known
        self.devices = {}
        for disk in disks:
            for entry in os.listdir(f"/sys/block/{os.path.basename(disk.device)}"):
                if entry.startswith(os.path.basename(disk.device) + "p"):
                    self.devices[f"/dev/{entry}"] = disk.name + entry[len(os.path.basename(disk.device)) + 1:]
            self.devices[disk.device] = disk.name

    def device(self, path):
        return self.devices.get(path, path)

    def uuid(self, value):
        return value if plain(value) in self.known else "new"

    def number(self, device):
        """Of "7:0" the name."""
        return self.device("/dev/" + os.path.basename(os.path.realpath(f"/sys/dev/block/{device}")))


def array(name, names):
    """What an array is; waits for the end of its first synchronisation."""
    if read(f"/sys/block/{name}/md/sync_action") not in ("", "idle"):
        subprocess.run(["mdadm", "--wait", f"/dev/{name}"], capture_output=True, check=False)
    said = dict(line.split("=", 1) for line in
                command("mdadm", "--detail", "--export", f"/dev/{name}").splitlines() if "=" in line)
    members = sorted(f"{names.device(said[key])}={said[key[:-3] + 'ROLE']}" for key in said
                     if re.match("MD_DEVICE_.*_DEV$", key))
    about = f"/sys/block/{name}/md/"
    parts = [f"level={said.get('MD_LEVEL')} devices={said.get('MD_DEVICES')} metadata={said.get('MD_METADATA')}",
             f"name={said.get('MD_NAME')} node={said.get('MD_DEVNAME')} uuid={names.uuid(said.get('MD_UUID', ''))}",
             f"members={','.join(members)} size={read(f'/sys/block/{name}/size')}"]
    parts += [f"{key}={read(about + key)}" for key in ("layout", "chunk_size", "consistency_policy", "degraded",
                                                       "bitmap/location", "component_size") if read(about + key)]
    return " ".join(parts)


def without_random(value):
    if isinstance(value, dict):
        return {key: without_random(inner) for key, inner in sorted(value.items()) if key not in RANDOM}
    return [without_random(inner) for inner in value] if isinstance(value, list) else value


def kdf(found):
    """How a key slot is derived: what is measured on the machine is no part of it."""
    return {key: value for key, value in found.items() if key == "type" or found.get("iterations") == 1000}


def header(device):
    """A LUKS2 header's parts, those that two runs share."""
    found = without_random(json.loads(command("cryptsetup", "luksDump", "--dump-json-metadata", device)))
    for slot in found["keyslots"].values():
        slot["kdf"] = kdf(slot["kdf"])
    # A list that --persistent has stored empty says what no list says.
    if not found["config"].get("flags"):
        found["config"].pop("flags", None)
    for digest in found["digests"].values():
        digest.pop("iterations", None)
    # What clevis has sealed is random; what it is sealed with is asked of clevis.
    found["tokens"] = {key: {"type": token["type"], "keyslots": token["keyslots"]}
                       for key, token in found["tokens"].items()}
    return found


def opens(device, key):
    return subprocess.run(["cryptsetup", "open", "--test-passphrase", "--key-file", key, device], check=False,
                          capture_output=True).returncode == 0


def encrypted(device, keys):
    """{what: value} of a LUKS2 volume; keys: files that may open it."""
    found = {f" {part}": json.dumps(value) for part, value in header(device).items()}
    bound = command("clevis", "luks", "list", "-d", device) if "clevis" in found[" tokens"] else ""
    # An address as it was given, whatever the order of the parts.
    found[" clevis"] = ";".join(f"{line.split(' ')[1]} {json.dumps(json.loads(line.split(' ', 2)[2].strip(chr(39))), sort_keys=True)}"
                                for line in bound.splitlines())
    found[" opens"] = " ".join(sorted(name for name, file in keys.items() if opens(device, file)))
    return found


def opened(name, names):
    """The mapping of an open volume, without its key and its place in the kernel's key ring."""
    line = command("dmsetup", "table", name).split()
    line[4] = ":".join(line[4].split(":")[:3]) if line[4].startswith(":") else "KEY"
    return " ".join(line[:6] + [names.number(line[6])] + line[7:])


def told(held, names):
    return " ".join(f"{key}={names.uuid(held[key]) if key == 'UUID' else repr(held[key])}"
                    for key in ("TYPE", "VERSION", "LABEL", "UUID", "BLOCK_SIZE") if key in held)


def snapshot(disks, keys):
    """{what: value} of all arrays and volumes of a machine that has no others; {UUID: name} of the volumes,
    as far as they are no known ones."""
    if not HERE:
        return {}, {}
    settle()
    names = Names(disks.disks, disks.known)
    found = {}
    for name in arrays():
        found[f"array {os.path.basename(name_of(name))}"] = array(name, names)
        names.devices[f"/dev/{name}"] = name_of(name)
    for name in volumes():
        found[f"open {name}"] = opened(name, names)
        names.devices[os.path.realpath(f"/dev/mapper/{name}")] = f"/dev/mapper/{name}"
    uuids = {}
    for device, name in names.devices.items():
        held = probe(device)
        if held.get("TYPE") == "crypto_LUKS" and held.get("VERSION") == "2":
            found.update({name + what: said for what, said in encrypted(device, keys).items()})
            if names.uuid(held["UUID"]) == "new":
                uuids[held["UUID"]] = name
        if name.startswith("/dev/"):
            found[f"{name} holds"] = told(held, names)
    return found, uuids


def name_of(array_name):
    """The name in /dev/md that leads to it."""
    for name in sorted(os.listdir("/dev/md")) if os.path.isdir("/dev/md") else []:
        if os.path.realpath(f"/dev/md/{name}") == f"/dev/{array_name}":
            return f"/dev/md/{name}"
    return f"/dev/{array_name}"


def learn():
    """The UUIDs of the arrays that there are, and of what is in them and in the open volumes."""
    known = {probe(device).get("UUID") for device in [f"/dev/{name}" for name in arrays()] +
             [f"/dev/mapper/{name}" for name in volumes()]}
    for name in arrays():
        known.update(line.split("=", 1)[1] for line in
                     command("mdadm", "--detail", "--export", f"/dev/{name}").splitlines()
                     if line.startswith("MD_UUID="))
    return known
