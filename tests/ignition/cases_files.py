# SPDX-License-Identifier: Apache-2.0
"""The files stage: config references, files, directories, links, units, users and groups."""
from config import (contents, data, data64, directories, embedded, file, files, groups, links, sha256, sha512,
                    storage, units, users, verified, zipped)
from web import BIG, SECURE, URL

SERVICE = "[Service]\nExecStart=/bin/true\n\n[Install]\nWantedBy=multi-user.target\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ== one"
KEY2 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ== two"
SOON = {"version": "3.3.0", "timeouts": {"httpResponseHeaders": 1, "httpTotal": 2}}
UNKNOWN = "an unknown key is refused: it is a mistake that would otherwise be found on the machine"

CASES = []


def case(name, config, **more):
    CASES.append({"name": name, "config": config, **more})


def refused(name, config, **more):
    case(name, config, expect="refuse", **more)


def raw(name, text, **more):
    CASES.append({"name": name, "raw": text, "expect": "refuse", **more})


# The document.
case("config: nothing but a version", {})
for version in ("3.0.0", "3.1.0", "3.2.0"):
    case(f"config: version {version}", {"ignition": {"version": version}, **files(file("/a", "old"))})
refused("config: version 2.3.0", {"ignition": {"version": "2.3.0"}})
refused("config: version 9.9.9", {"ignition": {"version": "9.9.9"}})
refused("config: version is a number", {"ignition": {"version": 3}})
raw("config: no ignition", "{}")
raw("config: not JSON", "{\"ignition\": ")
raw("config: an array", "[]")
raw("config: text after it", "{\"ignition\": {\"version\": \"3.3.0\"}} x")
raw("config: nothing at all", " ")
case("config: an unknown key", {"storage": {"fils": []}}, ours="refuse", why=UNKNOWN)
case("config: an unknown key of a file", files(file("/a", "x", permissions=420)), ours="refuse", why=UNKNOWN)
refused("config: a string for a list", {"storage": {"files": "none"}})
refused("config: a string for a number", files(file("/a", "x", mode="0644")))
refused("config: a number for a string", files({"path": 5}))

# Files: where the contents come from.
case("file: data URL", files(file("/etc/new", "hello\n")))
case("file: data URL in base64", files({"path": "/b", "contents": contents(data64(bytes(range(256))))}))
case("file: data URL with a type and percent signs",
     files({"path": "/b", "contents": contents("data:text/plain;charset=utf-8,a%20b%0Ac+d")}))
case("file: empty data URL", files({"path": "/b", "contents": contents("data:,")}))
refused("file: data URL without a comma", files({"path": "/b", "contents": contents("data:hello")}))
refused("file: data URL with bad base64", files({"path": "/b", "contents": contents("data:;base64,a*b")}))
case("file: no contents makes an empty one", files(file("/empty")))
case("file: source is the empty string", files({"path": "/empty", "contents": contents("")}))
case("file: http", files({"path": "/n", "contents": contents(URL + "/text")}))
case("file: http, a megabyte", files({"path": "/n", "contents": verified(URL + "/big", sha512(BIG))}))
case("file: http, no content (204)", files({"path": "/n", "contents": contents(URL + "/nothing")}))
case("file: http after a redirect", files({"path": "/n", "contents": contents(URL + "/redirect")}))
case("file: http with a header", files({"path": "/n", "contents": contents(
    URL + "/header", httpHeaders=[{"name": "X-Token", "value": "one"}])}))
case("file: http, a header does not follow a redirect", files({"path": "/n", "contents": contents(
    URL + "/redirect-header", httpHeaders=[{"name": "X-Token", "value": "one"}])}))
refused("file: http with an empty header", files({"path": "/n", "contents": contents(
    URL + "/header", httpHeaders=[{"name": "X-Token", "value": ""}])}))
refused("file: http with a header that is left out", files({"path": "/n", "contents": contents(
    URL + "/header", httpHeaders=[{"name": "X-Token"}])}), ours="accept",
    why="a value that is absent takes away the header of a config that is merged")
refused("file: http 404", files({"path": "/n", "contents": contents(URL + "/absent")}))
refused("file: http 403", files({"path": "/n", "contents": contents(URL + "/forbidden")}))
refused("file: http 500 until the time is over",
        {"ignition": SOON, **files({"path": "/n", "contents": contents(URL + "/error")})})
refused("file: http, a server that stalls",
        {"ignition": SOON, **files({"path": "/n", "contents": contents(URL + "/stalls")})})
refused("file: http, an endless redirect",
        {"ignition": SOON, **files({"path": "/n", "contents": contents(URL + "/loop")})})
refused("file: http, cut short", {"ignition": SOON, **files({"path": "/n", "contents": contents(URL + "/short")})})
refused("file: https of an unknown authority",
        {"ignition": SOON, **files({"path": "/n", "contents": contents(SECURE + "/text")})})
refused("file: a scheme that nobody knows", files({"path": "/n", "contents": contents("gopher://127.0.0.1/x")}))
refused("file: a source without a scheme", files({"path": "/n", "contents": contents("/etc/motd")}))
refused("file: headers of a data URL", files({"path": "/n", "contents": contents(
    "data:,x", httpHeaders=[{"name": "A", "value": "b"}])}))
refused("file: the same header twice", files({"path": "/n", "contents": contents(
    URL + "/header", httpHeaders=[{"name": "A", "value": "b"}, {"name": "A", "value": "c"}])}))

# Compression and verification.
case("file: gzip", files({"path": "/z", "contents": contents(zipped("inside\n"), compression="gzip")}))
case("file: gzip over http", files({"path": "/z", "contents": contents(URL + "/text.gz", compression="gzip")}))
case("file: gzip of two members", files({"path": "/z", "contents": contents(URL + "/two.gz", compression="gzip")}))
case("file: compression is the empty string", files({"path": "/z", "contents": contents("data:,x", compression="")}))
refused("file: gzip that is none", files({"path": "/z", "contents": contents("data:,x", compression="gzip")}))
refused("file: gzip cut short", files({"path": "/z", "contents": contents(URL + "/broken.gz", compression="gzip")}))
refused("file: compression xz", files({"path": "/z", "contents": contents("data:,x", compression="xz")}))
case("file: sha512", files({"path": "/v", "contents": verified("data:,good", sha512("good"))}))
case("file: sha256", files({"path": "/v", "contents": verified("data:,good", sha256("good"))}))
case("file: the digest is of what is compressed", files({"path": "/z", "contents": verified(
    zipped("inside\n"), sha512("inside\n"), compression="gzip")}))
refused("file: the digest is of the compressed bytes", files({"path": "/z", "contents": verified(
    data64(b"x"), sha512("y"), compression="gzip")}))
refused("file: sha256 in a config of 3.0", {"ignition": {"version": "3.0.0"}, **files(
    {"path": "/v", "contents": verified("data:,good", sha256("good"))})}, ours="accept",
    why="it came with 3.1; a digest that can be checked is checked")
refused("file: a wrong sha512", files({"path": "/v", "contents": verified("data:,good", sha512("bad"))}))
refused("file: a wrong sha256", files({"path": "/v", "contents": verified("data:,good", sha256("bad"))}))
refused("file: a wrong digest over http", files({"path": "/v", "contents": verified(URL + "/text", sha512("bad"))}))
refused("file: a digest that is too short", files({"path": "/v", "contents": verified("data:,x", "sha512-abcd")}))
refused("file: a digest of md5", files({"path": "/v", "contents": verified("data:,x", "md5-" + "0" * 32)}))
refused("file: a digest without a source", files({"path": "/v", "contents": {"verification": {"hash": sha512("x")}}}))

# Modes and owners.
case("file: mode", files(file("/m", "x", mode=0o600), file("/n", "x", mode=0o755), file("/o", "x", mode=0)))
case("file: owner by number", files(file("/m", "x", user={"id": 1000}, group={"id": 4})))
case("file: owner by name", files(file("/m", "x", user={"name": "core"}, group={"name": "sudo"})))
case("file: owner by a name that this config makes",
     {**users({"name": "fresh", "uid": 1500}), **files(file("/m", "x", user={"name": "fresh"},
                                                            group={"name": "fresh"}))})
case("file: owner of a number that nobody has", files(file("/m", "x", user={"id": 54321}, group={"id": 54321})))
case("file: owner is the empty name", files(file("/m", "x", user={"name": ""}, group={"name": ""})))
refused("file: owner of an unknown name", files(file("/m", "x", user={"name": "nobody-here"})))
refused("file: group of an unknown name", files(file("/m", "x", group={"name": "nobody-here"})))
refused("file: owner by number and name", files(file("/m", "x", user={"id": 0, "name": "root"})))
refused("file: a negative mode", files(file("/m", "x", mode=-1)))
refused("file: a mode past 07777", files(file("/m", "x", mode=0o10000)))
case("file: special bits before 3.4 do nothing", files(file("/m", "x", mode=0o4755)), ours="refuse",
     why="upstream warns and leaves them away: whoever wrote them wanted them")

# What is there already.
refused("file: there is one, overwrite absent", files(file("/etc/motd", "new")))
refused("file: there is one, overwrite false", files(file("/etc/motd", "new", overwrite=False)))
case("file: overwrite", files(file("/etc/motd", "new", overwrite=True)))
case("file: overwrite forgets mode and owner",
     files(file("/opt/data/deep/file", "new", overwrite=True)),
     root=[{"path": "/opt/data/deep/file", "text": "x", "mode": 0o600, "uid": 1000, "gid": 1000}])
case("file: overwrite of a link does not follow it", files(file("/etc/link-to-motd", "new", overwrite=True)))
case("file: overwrite of a whole directory", files(file("/opt/data", "new", overwrite=True)))
case("file: overwrite of a pipe", files(file("/opt/pipe", "new", overwrite=True)),
     root=[{"path": "/opt/pipe", "type": "fifo"}])
refused("file: overwrite without a source", files(file("/etc/motd", overwrite=True)))
refused("file: there is a link", files(file("/etc/link-to-motd", "new")))
refused("file: there is a link, no contents", files(file("/etc/link-to-motd")))
refused("file: there is a dangling link", files(file("/opt/nowhere", "new")))
refused("file: there is a directory", files(file("/opt/data", "new")))
case("file: there is one, no contents keeps it", files(file("/opt/data/deep/file")))
case("file: there is one, no contents but a mode and an owner",
     files(file("/opt/data/deep/file", mode=0o604, user={"id": 1001}, group={"id": 100})))
refused("file: there is one, an empty source", files({"path": "/etc/motd", "contents": contents("")}))

# Append.
case("file: append to one that is there", files({"path": "/etc/motd", "append": [contents(data("more\n"))]}))
case("file: append twice", files({"path": "/etc/motd", "append": [contents(data("1\n")), contents(data("2\n"))]}))
case("file: append to one that is not there", files({"path": "/new", "append": [contents(data("1\n"))]}))
case("file: contents and append",
     files({"path": "/new", "contents": contents(data("0\n")), "append": [contents(data("1\n"))]}))
case("file: append keeps mode and owner", files({"path": "/home/core/.profile", "append": [contents(data("x"))]}))
case("file: append with a mode", files({"path": "/etc/motd", "mode": 0o640, "append": [contents(data("x"))]}))
case("file: append gzip and http, both verified", files({"path": "/new", "append": [
    verified(zipped("z"), sha256("z"), compression="gzip"), verified(URL + "/text", sha512("from the net\n"))]}))
case("file: overwrite and append", files({"path": "/etc/motd", "overwrite": True, "contents": contents("data:,a"),
                                          "append": [contents("data:,b")]}))
refused("file: append a wrong digest", files({"path": "/etc/motd", "append": [verified("data:,x", sha256("y"))]}))
refused("file: append to a directory", files({"path": "/opt/data", "append": [contents("data:,x")]}))
refused("file: append to a link", files({"path": "/etc/link-to-motd", "append": [contents("data:,x")]}))
case("file: append an empty source", files({"path": "/new", "append": [contents("")]}))

# Paths.
case("path: folders that are missing", files(file("/srv/a/b/c/d", "x")))
case("path: through a relative link", files(file("/bin/tool", "x", mode=0o755)))
case("path: through an absolute link", files(file("/opt/away/inside", "x")))
case("path: through a link that climbs out", files(file("/opt/up/inside", "x")))
case("path: through a dangling link", files(file("/opt/nowhere/inside", "x")))
refused("path: through a link of this config",
        {"storage": {"links": [{"path": "/here", "target": "/srv"}], "files": [file("/here/a", "x")]}},
        root=[{"path": "/srv", "type": "directory"}])
case("path: odd characters", files(file("/opt/a b\tc'\"\\$;*é", "x")))
refused("path: through a file", files(file("/etc/motd/x", "x")))
refused("path: relative", files(file("etc/x", "x")))
refused("path: empty", files(file("", "x")))
refused("path: none", {"storage": {"files": [{"contents": contents("data:,x")}]}})
refused("path: two slashes", files(file("/etc//x", "x")))
refused("path: a dot", files(file("/etc/./x", "x")))
refused("path: dots", files(file("/etc/../x", "x")))
refused("path: a slash at its end", files(file("/etc/x/", "x")))
refused("path: the same twice", files(file("/x", "1"), file("/x", "2")))
refused("path: a file and a directory", {"storage": {"files": [file("/x", "1")], "directories": [{"path": "/x"}]}})
refused("path: a file and a link", {"storage": {"files": [file("/x", "1")],
                                                "links": [{"path": "/x", "target": "/y"}]}})
refused("path: the same through a link", files(file("/bin/x", "1"), file("/usr/bin/x", "2")))
refused("path: below a file of this config", files(file("/x", "1"), file("/x/y", "2")))
refused("path: a file below a link of this config to nowhere else",
        {"storage": {"files": [file("/l/y", "2")], "links": [{"path": "/l", "target": "/etc/motd"}]}})

# Directories.
case("directory: new", directories({"path": "/srv/new"}))
case("directory: mode and owner", directories({"path": "/srv/new", "mode": 0o750, "user": {"name": "core"},
                                               "group": {"id": 100}}))
case("directory: its parents are root's", directories({"path": "/srv/a/b", "mode": 0o700, "user": {"id": 1000}}))
case("directory: there already", directories({"path": "/opt/data/deep"}))
case("directory: there already, a mode", directories({"path": "/opt/data", "mode": 0o755}))
case("directory: there already, an owner", directories({"path": "/opt/data/deep", "user": {"name": "old"}}))
case("directory: overwrite empties it", directories({"path": "/opt/data", "overwrite": True}))
case("directory: overwrite of a file", directories({"path": "/etc/motd", "overwrite": True, "mode": 0o711}))
case("directory: parent and child", directories({"path": "/srv/a/b", "mode": 0o711}, {"path": "/srv/a", "mode": 0o700}))
case("directory: overwrite, and a file inside", {"storage": {
    "directories": [{"path": "/opt/data", "overwrite": True}], "files": [file("/opt/data/new", "x")]}})
case("directory: through a link", directories({"path": "/lib/new"}))
refused("directory: a file is there", directories({"path": "/etc/motd"}))
refused("directory: a link is there", directories({"path": "/opt/away"}))
refused("directory: a file is there, overwrite false", directories({"path": "/etc/motd", "overwrite": False}))
case("directory: the root of all", directories({"path": "/", "mode": 0o711}))

# Links.
case("link: symbolic", links({"path": "/etc/localtime", "target": "../usr/share/zoneinfo/UTC"}))
case("link: symbolic with an owner", links({"path": "/srv/l", "target": "/x", "user": {"id": 1000},
                                            "group": {"name": "users"}}))
case("link: symbolic to a file, with an owner", links({"path": "/srv/l", "target": "/home/core/.profile"}))
case("link: symbolic, the same is there", links({"path": "/etc/link-to-motd", "target": "motd"}))
case("link: symbolic, the same is there in other words",
     links({"path": "/etc/link-to-motd", "target": "./motd"}))
case("link: symbolic, overwrite of a directory", links({"path": "/opt/data", "target": "/x", "overwrite": True}))
case("link: symbolic, overwrite of another", links({"path": "/opt/away", "target": "/srv", "overwrite": True}))
case("link: symbolic, a target with odd parts", links({"path": "/srv/l", "target": "..//a/./b/"}))
case("link: hard", links({"path": "/srv/h", "target": "/etc/motd", "hard": True}))
case("link: hard to a file of this config", {"storage": {
    "files": [file("/srv/a/b/c", "x", mode=0o600)], "links": [{"path": "/h", "target": "/srv/a/b/c", "hard": True}]}})
case("link: hard, its target through a link", links({"path": "/srv/h", "target": "/opt/away/motd", "hard": True}))
case("link: hard to a symbolic one", links({"path": "/srv/h", "target": "/etc/link-to-motd", "hard": True}))
case("link: hard, the same is there", links({"path": "/etc/motd2", "target": "/etc/motd", "hard": True}),
     root=[{"path": "/etc/motd2", "type": "hard", "target": "/etc/motd"}])
case("link: hard, overwrite", links({"path": "/etc/hostname", "target": "/etc/motd", "hard": True,
                                     "overwrite": True}))
case("link: hard with an owner", links({"path": "/srv/h", "target": "/etc/motd", "hard": True, "user": {"id": 1000}}))
refused("link: hard to nothing", links({"path": "/srv/h", "target": "/absent", "hard": True}))
refused("link: hard to a directory", links({"path": "/srv/h", "target": "/etc", "hard": True}))
refused("link: hard, another file is there", links({"path": "/etc/hostname", "target": "/etc/motd", "hard": True}))
refused("link: symbolic, another is there", links({"path": "/etc/link-to-motd", "target": "hostname"}))
refused("link: symbolic, a file is there", links({"path": "/etc/motd", "target": "hostname"}))
refused("link: symbolic, a directory is there", links({"path": "/opt/data", "target": "/x"}))
refused("link: no target", links({"path": "/srv/l"}))
refused("link: an empty target", links({"path": "/srv/l", "target": ""}))
refused("link: a relative target of a hard one", links({"path": "/etc/h", "target": "motd", "hard": True}))
refused("link: below a link of this config", links({"path": "/srv/l", "target": "/x"},
                                                   {"path": "/srv/l/m", "target": "/y"}))

# Units.
case("unit: contents", units({"name": "new.service", "contents": SERVICE}))
case("unit: no contents", units({"name": "new.service"}))
case("unit: empty contents", units({"name": "new.service", "contents": ""}))
case("unit: over one that is there", units({"name": "there.service", "contents": SERVICE}),
     root=[{"path": "/etc/systemd/system/there.service", "text": "old", "mode": 0o600, "uid": 1000}])
case("unit: over a link that is there", units({"name": "there.service", "contents": SERVICE}),
     root=[{"path": "/etc/systemd/system/there.service", "type": "link", "target": "/etc/motd"}])
case("unit: over a mask", units({"name": "masked.service", "contents": SERVICE}))
case("unit: drop-ins", units({"name": "shipped.service", "dropins": [
    {"name": "10-a.conf", "contents": "[Service]\nNice=1\n"}, {"name": "20-b.conf", "contents": "[Service]\nNice=2\n"}]}))
case("unit: drop-ins that are empty or absent", units({"name": "shipped.service", "dropins": [
    {"name": "10-a.conf", "contents": ""}, {"name": "20-b.conf"}]}))
case("unit: contents and a drop-in", units({"name": "new.service", "contents": SERVICE, "dropins": [
    {"name": "a.conf", "contents": "[Service]\nNice=1\n"}]}))
case("unit: enabled", units({"name": "new.service", "contents": SERVICE, "enabled": True}))
case("unit: enabled, of the distribution", units({"name": "shipped.service", "enabled": True}))
case("unit: not enabled", units({"name": "new.service", "contents": SERVICE, "enabled": False}))
case("unit: not enabled, its links go", units({"name": "shipped.service", "enabled": False}))
case("unit: several, enabled and not", units(
    {"name": "a.service", "contents": SERVICE, "enabled": True}, {"name": "b.timer", "enabled": False},
    {"name": "c.socket", "enabled": True}))
case("unit: enabled beside a preset that is there", units({"name": "shipped.service", "enabled": True}),
     root=[{"path": "/etc/systemd/system-preset/20-ignition.preset", "text": "enable before.service\n",
            "mode": 0o600}])
case("unit: enabled without an install section",
     units({"name": "new.service", "contents": "[Service]\nExecStart=/bin/true\n", "enabled": True}))
case("unit: instances", units({"name": "shipped@a.service", "enabled": True},
                              {"name": "shipped@b.service", "enabled": True}))
case("unit: instances with contents", units({"name": "own@x.service", "contents": SERVICE, "enabled": True}))
case("unit: a template, enabled", units({"name": "own@.service", "contents": SERVICE, "enabled": True}))
case("unit: an instance, not enabled", units({"name": "shipped@a.service", "enabled": False}))
case("unit: mask", units({"name": "shipped.service", "mask": True}))
case("unit: mask beats contents", units({"name": "new.service", "mask": True, "contents": SERVICE}))
case("unit: mask and drop-in", units({"name": "new.service", "mask": True, "dropins": [
    {"name": "a.conf", "contents": "[Service]\nNice=1\n"}]}))
case("unit: mask what is there", units({"name": "there.service", "mask": True}),
     root=[{"path": "/etc/systemd/system/there.service", "text": "old"}])
case("unit: mask what is masked", units({"name": "masked.service", "mask": True}))
case("unit: unmask", units({"name": "masked.service", "mask": False}))
case("unit: unmask what is none", units({"name": "there.service", "mask": False}),
     root=[{"path": "/etc/systemd/system/there.service", "text": "old"}])
case("unit: mask and enabled", units({"name": "shipped.service", "mask": True, "enabled": True}))
for suffix in ("socket", "mount", "automount", "swap", "target", "path", "timer", "slice"):
    case(f"unit: a {suffix}", units({"name": f"x.{suffix}", "contents": "[Unit]\nDescription=x\n"}))
refused("unit: no suffix", units({"name": "new"}))
refused("unit: a suffix that nobody knows", units({"name": "new.cervice", "contents": SERVICE}))
refused("unit: no name", units({"contents": SERVICE}))
refused("unit: the same twice", units({"name": "a.service"}, {"name": "a.service"}))
refused("unit: contents that are none", units({"name": "new.service", "contents": "[Service\nExecStart=/bin/true\n"}))
refused("unit: a drop-in that is none", units({"name": "new.service", "dropins": [
    {"name": "a.conf", "contents": "[Service"}]}))
refused("unit: a drop-in without .conf", units({"name": "new.service", "dropins": [{"name": "a", "contents": ""}]}))
refused("unit: the same drop-in twice", units({"name": "new.service", "dropins": [
    {"name": "a.conf"}, {"name": "a.conf"}]}))

# Users.
case("user: only a name", users({"name": "fresh"}))
case("user: every field", users({
    "name": "fresh", "uid": 1234, "gecos": "Fresh Person", "homeDir": "/srv/fresh", "primaryGroup": "users",
    "groups": ["sudo", "adm"], "shell": "/bin/sh", "passwordHash": "$6$a$b", "sshAuthorizedKeys": [KEY, KEY2]}))
case("user: keys", users({"name": "fresh", "sshAuthorizedKeys": [KEY, KEY2]}))
case("user: an empty key", users({"name": "fresh", "sshAuthorizedKeys": [""]}))
case("user: a key with a newline at its end", users({"name": "fresh", "sshAuthorizedKeys": [KEY + "\n"]}))
case("user: an empty password", users({"name": "fresh", "passwordHash": ""}))
case("user: no home", users({"name": "fresh", "noCreateHome": True}))
case("user: no group of its own", users({"name": "fresh", "noUserGroup": True}))
case("user: a system's", users({"name": "fresh", "system": True}))
case("user: a system's, no home", users({"name": "fresh", "system": True, "noCreateHome": True,
                                         "shell": "/usr/sbin/nologin"}))
case("user: no login record", users({"name": "fresh", "noLogInit": True}))
case("user: several", users({"name": "one"}, {"name": "two"}, {"name": "three", "system": True}))
case("user: a number, the next goes on after it", users({"name": "one", "uid": 3000}, {"name": "two"}))
case("user: a primary group of this config",
     {"passwd": {"users": [{"name": "fresh", "primaryGroup": "team"}], "groups": [{"name": "team", "gid": 3333}]}})
case("user: a group of that name is there", users({"name": "spare", "primaryGroup": "spare"}))
refused("user: a group of that name is there, not said", users({"name": "spare"}))
case("user: a home that is there", users({"name": "fresh", "homeDir": "/opt/data"}))
case("user: a home below one that is missing", users({"name": "fresh", "homeDir": "/srv/people/fresh"}))
case("user: keys and no home", users({"name": "fresh", "noCreateHome": True, "sshAuthorizedKeys": [KEY]}),
     expect="refuse")
refused("user: keys, and the home is root's", users({"name": "fresh", "homeDir": "/opt/data",
                                                     "sshAuthorizedKeys": [KEY]}), ours="accept",
        why="upstream makes the folder as the user, who may not; sshd takes keys in a home of root's")
refused("user: keys, and the home is somebody's", users({"name": "fresh", "homeDir": "/home/core",
                                                         "sshAuthorizedKeys": [KEY]}))
refused("user: a number that is taken", users({"name": "fresh", "uid": 1000}))
refused("user: a primary group that is not there", users({"name": "fresh", "primaryGroup": "absent"}))
refused("user: a group that is not there", users({"name": "fresh", "groups": ["absent"]}))
refused("user: a name that is none", users({"name": "Fresh:Person"}))
refused("user: the same twice", users({"name": "fresh"}, {"name": "fresh"}))
refused("user: no name", users({"uid": 1234}))
refused("user: a gecos with a colon", users({"name": "fresh", "gecos": "a:b"}))
case("user: there already, nothing to do", users({"name": "core"}))
case("user: there already, groups", users({"name": "core", "groups": ["users"]}))
case("user: there already, a password", users({"name": "core", "passwordHash": "$6$x$y"}))
case("user: there already, an empty password", users({"name": "core", "passwordHash": ""}))
case("user: there already, a shell and a gecos", users({"name": "core", "shell": "/bin/zsh", "gecos": "New"}))
case("user: there already, a primary group", users({"name": "core", "primaryGroup": "users"}))
case("user: there already, a number", users({"name": "core", "uid": 1111}))
case("user: there already, a home", users({"name": "old", "homeDir": "/home/new"}))
refused("user: there already, a home below one that is missing", users({"name": "old", "homeDir": "/srv/old"}))
case("user: there already, keys", users({"name": "core", "sshAuthorizedKeys": [KEY]}))
case("user: root's keys", users({"name": "root", "sshAuthorizedKeys": [KEY]}))
case("user: gone", users({"name": "old", "shouldExist": False}))
case("user: gone, and was never there", users({"name": "absent", "shouldExist": False}))

# Groups.
case("group: new", groups({"name": "team"}))
case("group: a number", groups({"name": "team", "gid": 4444}))
case("group: a system's", groups({"name": "team", "system": True}))
case("group: a password", groups({"name": "team", "passwordHash": "$6$g$h"}))
case("group: an empty password", groups({"name": "team", "passwordHash": ""}))
case("group: gone", groups({"name": "spare", "shouldExist": False}))
case("group: gone, and was never there", groups({"name": "absent", "shouldExist": False}))
refused("group: there already", groups({"name": "users"}))
refused("group: a number that is taken", groups({"name": "team", "gid": 1000}))
refused("group: somebody's primary one goes", groups({"name": "old", "shouldExist": False}))
refused("group: the same twice", groups({"name": "team"}, {"name": "team"}))
refused("group: a name that is none", groups({"name": "a:b"}))

# The configs that a config names.
case("merge: another config", {"ignition": {"config": {"merge": [
    contents(embedded(files(file("/b", "child"))))]}}, **files(file("/a", "parent"))})
case("merge: the child wins", {"ignition": {"config": {"merge": [
    contents(embedded(files(file("/a", "child", mode=0o600))))]}}, **files(file("/a", "parent", user={"id": 1000}))})
case("merge: in order", {"ignition": {"config": {"merge": [
    contents(embedded(files(file("/a", "first")))), contents(embedded(files(file("/a", "second"))))]}}})
case("merge: append is put together", {"ignition": {"config": {"merge": [contents(embedded(files(
    {"path": "/etc/motd", "append": [contents("data:,child")]})))]}},
    **files({"path": "/etc/motd", "append": [contents("data:,parent")]})})
case("merge: units and their drop-ins", {"ignition": {"config": {"merge": [contents(embedded(units(
    {"name": "a.service", "enabled": True, "dropins": [{"name": "b.conf", "contents": "[Unit]\n"}]})))]}},
    **units({"name": "a.service", "contents": SERVICE, "dropins": [{"name": "a.conf", "contents": "[Unit]\n"}]})})
case("merge: a user's keys are put together", {"ignition": {"config": {"merge": [contents(embedded(users(
    {"name": "core", "sshAuthorizedKeys": [KEY2], "shell": "/bin/b"})))]}},
    **users({"name": "core", "sshAuthorizedKeys": [KEY], "shell": "/bin/a", "gecos": "kept"})})
case("merge: a file takes the place of a directory", {"ignition": {"config": {"merge": [contents(embedded(
    files(file("/a", "child"))))]}}, **directories({"path": "/a"})})
case("merge: gzip and verified", {"ignition": {"config": {"merge": [verified(
    zipped('{"ignition":{"version":"3.3.0"},"storage":{"files":[{"path":"/b"}]}}'),
    sha512('{"ignition":{"version":"3.3.0"},"storage":{"files":[{"path":"/b"}]}}'), compression="gzip")]}}})
case("merge: of an older version", {"ignition": {"config": {"merge": [
    contents(data('{"ignition":{"version":"3.0.0"},"storage":{"files":[{"path":"/b"}]}}'))]}}})
case("merge: a chain", {"ignition": {"config": {"merge": [contents(embedded({"ignition": {
    "version": "3.3.0", "config": {"merge": [contents(embedded(files(file("/c", "grandchild"))))]}},
    **files(file("/b", "child"))}))]}}, **files(file("/a", "parent"))})
case("replace: another config", {"ignition": {"config": {"replace": contents(embedded(files(file("/b", "new"))))}},
                                 **files(file("/a", "old"))})
case("replace: verified", {"ignition": {"config": {"replace": verified(
    data('{"ignition":{"version":"3.3.0"}}'), sha512('{"ignition":{"version":"3.3.0"}}'))}},
    **files(file("/a", "old"))})
case("replace: and merge", {"ignition": {"config": {
    "replace": contents(embedded(files(file("/b", "replaced")))),
    "merge": [contents(embedded(files(file("/c", "merged"))))]}}, **files(file("/a", "old"))})
refused("merge: a wrong digest", {"ignition": {"config": {"merge": [verified(
    embedded({}), sha512("other"))]}}})
refused("merge: not a config", {"ignition": {"config": {"merge": [contents(data("hello"))]}}})
refused("merge: of an unknown version", {"ignition": {"config": {"merge": [
    contents(data('{"ignition":{"version":"9.0.0"}}'))]}}})
refused("merge: no source", {"ignition": {"config": {"merge": [{}]}}})
refused("merge: http 404", {"ignition": {"config": {"merge": [contents(URL + "/absent")]}}})
refused("merge: the child is not valid", {"ignition": {"config": {"merge": [
    contents(embedded(files(file("relative", "x"))))]}}})
refused("replace: a wrong digest", {"ignition": {"config": {"replace": verified(
    embedded({}), sha256("other"))}}})
refused("merge: together they are not valid", {"ignition": {"config": {"merge": [
    contents(embedded(files({"path": "/a", "user": {"name": "root"}})))]}}, **files({"path": "/a", "user": {"id": 0}})})

# The rest of the section "ignition", and kernel arguments.
case("timeouts: nothing stalls", {"ignition": {"timeouts": {"httpResponseHeaders": 5, "httpTotal": 30}},
                                  **files({"path": "/n", "contents": contents(URL + "/text")})})
case("proxy: not for those that need none", {"ignition": {"proxy": {
    "httpProxy": "http://127.0.0.1:9", "noProxy": ["127.0.0.1"]}},
    **files({"path": "/n", "contents": contents(URL + "/text")})})
refused("proxy: a URL that is none", {"ignition": {"proxy": {"httpProxy": "ftp://x"}}})
refused("tls: an authority that is no certificate", {"ignition": {"security": {"tls": {
    "certificateAuthorities": [contents("data:,hello")]}}}, **files(file("/a", "x"))})
refused("tls: an authority with a wrong digest", {"ignition": {"security": {"tls": {
    "certificateAuthorities": [verified("data:,hello", sha512("x"))]}}}})
case("kernel arguments: the files stage leaves them", {"kernelArguments": {"shouldExist": ["quiet"]},
                                                       **files(file("/a", "x"))},
     ours="refuse", why="an ordinary distribution has no common way to its boot loader's arguments")
refused("kernel arguments: there and not there", {"kernelArguments": {
    "shouldExist": ["quiet"], "shouldNotExist": ["quiet"]}})
