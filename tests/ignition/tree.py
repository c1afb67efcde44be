# SPDX-License-Identifier: Apache-2.0
"""The small root file system that a case begins with, and what is in it afterwards."""
import hashlib
import os
import re
import shutil
import stat

# What upstream's helpers and relabelling want to find, and the users that cases speak of.
BASE = {
    "etc/passwd": (0o644, """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
core:x:1000:1000:Core,,,:/home/core:/bin/bash
old:x:1001:1001::/home/old:/bin/sh
"""),
    "etc/group": (0o644, """root:x:0:
daemon:x:1:
adm:x:4:core
sudo:x:27:core
users:x:100:
core:x:1000:
old:x:1001:
spare:x:2000:
"""),
    "etc/shadow": (0o640, """root:*:19000:0:99999:7:::
daemon:*:19000:0:99999:7:::
core:$6$salt$hash:19000:0:99999:7:::
old:!:19000:0:99999:7:::
"""),
    "etc/gshadow": (0o640, """root:*::
daemon:*::
adm:*::core
sudo:*::core
users:*::
core:!::
old:!::
spare:!::
"""),
    "etc/subuid": (0o644, "core:100000:65536\nold:165536:65536\n"),
    "etc/subgid": (0o644, "core:100000:65536\nold:165536:65536\n"),
    "etc/login.defs": (0o644, """MAIL_DIR /var/mail
PASS_MAX_DAYS 99999
PASS_MIN_DAYS 0
PASS_WARN_AGE 7
UID_MIN 1000
UID_MAX 60000
SYS_UID_MIN 100
SYS_UID_MAX 999
GID_MIN 1000
GID_MAX 60000
SYS_GID_MIN 100
SYS_GID_MAX 999
SUB_UID_MIN 100000
SUB_UID_MAX 600100000
SUB_UID_COUNT 65536
SUB_GID_MIN 100000
SUB_GID_MAX 600100000
SUB_GID_COUNT 65536
UMASK 022
USERGROUPS_ENAB yes
ENCRYPT_METHOD SHA512
"""),
    "etc/default/useradd": (0o644, "SHELL=/bin/sh\n"),
    "etc/nsswitch.conf": (0o644, "passwd: files\ngroup: files\nshadow: files\ngshadow: files\n"),
    "etc/skel/.profile": (0o644, "# profile\n"),
    "etc/selinux/config": (0o644, "SELINUX=disabled\nSELINUXTYPE=targeted\n"),
    "etc/hostname": (0o644, "node\n"),
    "etc/motd": (0o644, "welcome\n"),
    "etc/fstab": (0o644, "# nothing\n"),
    "home/core/.profile": (0o600, "# of core\n"),
    "home/old/letter": (0o640, "dear\n"),
    "opt/data/deep/file": (0o640, "deep\n"),
    "usr/lib/systemd/system/shipped.service": (0o644, """[Service]
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
"""),
    "usr/lib/systemd/system/shipped@.service": (0o644, """[Service]
ExecStart=/bin/true %i
[Install]
WantedBy=multi-user.target
"""),
    "usr/bin/sh": (0o755, "#!\n"),
}
OWNED = {"etc/shadow": (0, 42), "etc/gshadow": (0, 42), "home/core": (1000, 1000),
         "home/core/.profile": (1000, 1000), "home/old": (1001, 1001), "home/old/letter": (1001, 1001),
         "opt/data/deep": (1000, 100)}
DIRECTORIES = {"tmp": 0o1777, "var/tmp": 0o1777, "root": 0o700, "home/core": 0o700, "var/mail": 0o2775,
               "run": 0o755, "proc": 0o555, "dev": 0o755, "sys": 0o555, "usr/sbin": 0o755, "opt/data": 0o750,
               "opt/data/deep": 0o711, "etc/systemd/system/multi-user.target.wants": 0o755}
LINKS = {
    "bin": "usr/bin", "lib": "usr/lib", "sbin": "usr/sbin",
    "var/lock": "/run/lock", "etc/link-to-motd": "motd", "opt/away": "/etc", "opt/up": "../../../../etc",
    "opt/nowhere": "/no/where",
    "etc/systemd/system/multi-user.target.wants/shipped.service": "/usr/lib/systemd/system/shipped.service",
    "etc/systemd/system/masked.service": "/dev/null",
}

# Backups and locks of the passwd tools, and upstream's own report.
IGNORED = re.compile(r"etc/(passwd|group|shadow|gshadow|subuid|subgid)-$|etc/\.pwd\.lock$|"
                     r"etc/\.ignition-result\.json$")
# The keys of encrypted volumes.
MADE_UP = re.compile(r"etc/luks/[^/]+$")
DATE = re.compile(r"^([^:]*:[^:]*):(\d*):", re.M)


def put(root, entry):
    """One thing that a case wants in its root beforehand."""
    path = os.path.join(root, entry["path"].lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    kind = entry.get("type", "file")
    if os.path.lexists(path) and not (kind == "directory" and os.path.isdir(path)):
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    if kind == "gone":
        return
    if kind == "file":
        with open(path, "w", encoding="utf-8") as file:
            file.write(entry.get("text", ""))
    elif kind == "directory":
        os.makedirs(path, exist_ok=True)
    elif kind == "link":
        os.symlink(entry["target"], path)
    elif kind == "hard":
        os.link(os.path.join(root, entry["target"].lstrip("/")), path)
    elif kind == "fifo":
        os.mkfifo(path)
    if "uid" in entry or "gid" in entry:
        os.lchown(path, entry.get("uid", 0), entry.get("gid", 0))
    if kind != "link":
        os.chmod(path, entry.get("mode", 0o755 if kind == "directory" else 0o644))


def make(root):
    os.makedirs(root)
    os.chmod(root, 0o755)
    for path, mode in DIRECTORIES.items():
        os.makedirs(os.path.join(root, path), exist_ok=True)
    for path, (mode, text) in BASE.items():
        put(root, {"path": path, "mode": mode, "text": text})
    for path, target in LINKS.items():
        put(root, {"path": path, "type": "link", "target": target})
    for path, mode in DIRECTORIES.items():
        os.chmod(os.path.join(root, path), mode)
    for path, (uid, gid) in OWNED.items():
        os.chown(os.path.join(root, path), uid, gid)
        os.chmod(os.path.join(root, path), BASE[path][0] if path in BASE else DIRECTORIES.get(path, 0o755))


def remove(root):
    if os.path.lexists(root):
        shutil.rmtree(root)


def text_of(name, raw):
    """A file's contents in a form in which two runs may be compared."""
    if name.endswith("system-preset/20-ignition.preset"):
        # Upstream goes through a map, in another order each time.
        return "\n".join(sorted(raw.decode().splitlines())) + "\n"
    if MADE_UP.match(name) and re.fullmatch(b"[0-9a-f]{8192}", raw):
        return "a key that was made up"
    if name == "etc/shadow":
        return DATE.sub(lambda m: f"{m[1]}:{m[2] if m[2] == '19000' else 'DATE'}:", raw.decode())
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = None
    if text is None or len(raw) > 4000:
        return f"sha256 {hashlib.sha256(raw).hexdigest()} of {len(raw)} bytes"
    return text


def described(path, name, known):
    status = os.lstat(path)
    kind = stat.S_IFMT(status.st_mode)
    said = f"{stat.S_IMODE(status.st_mode):04o} {status.st_uid}:{status.st_gid}"
    if kind == stat.S_IFLNK:
        return f"link {status.st_uid}:{status.st_gid} -> {os.readlink(path)}"
    if kind == stat.S_IFDIR:
        return f"directory {said}"
    if kind != stat.S_IFREG:
        return f"special {stat.S_IFMT(status.st_mode):o} {said}"
    if status.st_nlink > 1:
        first = known.setdefault((status.st_dev, status.st_ino), name)
        if first != name:
            return f"the same as {first}"
        said += f" {status.st_nlink} names"
    with open(path, "rb") as file:
        return f"file {said} {text_of(name, file.read())!r}"


def snapshot(root):
    """{path: one line that says what is there}"""
    found, known = {}, {}
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if not IGNORED.search(relative):
                found[relative] = described(path, relative, known)
    found["."] = described(root, ".", known)
    return keys_in_one_place(found)


def keys_in_one_place(found):
    """A user's keys: upstream is built for a fragment folder that Debian's sshd does not read."""
    for path in list(found):
        if path.endswith("/.ssh/authorized_keys.d/ignition"):
            folder = os.path.dirname(path)
            found[folder[:-len(".d")]] = found.pop(path)
            found.pop(folder, None)
    return found
