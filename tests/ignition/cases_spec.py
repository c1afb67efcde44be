# SPDX-License-Identifier: Apache-2.0
"""What version 3.4 adds, held to the specification's text: Debian's upstream does not speak it."""
from config import contents, data, directories, file, files, verified, sha512
from web import URL

V34 = {"version": "3.4.0"}

CASES = []


def case(name, config, has, **more):
    ignition = {**V34, **config.get("ignition", {})}
    CASES.append({"name": name, "alone": True, "has": has, "config": {**config, "ignition": ignition}, **more})


def refused(name, config, **more):
    case(name, config, {}, expect="refuse", **more)


case("3.4: a file", files(file("/a", "x")), {"/a": "^file 0644 0:0 'x'"})
case("3.4: special bits of files", files(file("/a", "x", mode=0o4755), file("/b", "x", mode=0o3711)),
     {"/a": "^file 4755 0:0", "/b": "^file 3711 0:0"})
case("3.4: special bits of a file of somebody",
     files(file("/a", "x", mode=0o6755, user={"id": 1000}, group={"id": 100})), {"/a": "^file 6755 1000:100"})
case("3.4: sticky directory", directories({"path": "/d", "mode": 0o1777}), {"/d": "^directory 1777 0:0"})
case("3.4: setgid directory of somebody", directories({"path": "/d", "mode": 0o2775, "group": {"name": "users"}}),
     {"/d": "^directory 2775 0:100"})
case("3.4: special bits of a directory of somebody",
     directories({"path": "/d", "mode": 0o7750, "user": {"id": 1000}, "group": {"id": 100}}),
     {"/d": "^directory 7750 1000:100"})
case("3.4: special bits of a directory that is there", directories({"path": "/opt/data", "mode": 0o2750}),
     {"/opt/data": "^directory 2750 0:0"})
case("3.4: a header in place of the client's own", files({"path": "/a", "contents": contents(
    URL + "/header", httpHeaders=[{"name": "X-Token", "value": "t"}])}), {"/a": "'t'"})
refused("3.4: an empty header value", files({"path": "/a", "contents": contents(
    URL + "/header", httpHeaders=[{"name": "X-Token", "value": ""}])}))
case("3.4: merges a 3.0 config", {"ignition": {"config": {"merge": [
    contents(data('{"ignition":{"version":"3.0.0"},"storage":{"files":[{"path":"/b"}]}}'))]}}}, {"/b": "^file 0644"})
case("3.3: merges a 3.4 config", {"ignition": {"version": "3.3.0", "config": {"merge": [verified(
    data('{"ignition":{"version":"3.4.0"},"storage":{"directories":[{"path":"/b","mode":1023}]}}'),
    sha512('{"ignition":{"version":"3.4.0"},"storage":{"directories":[{"path":"/b","mode":1023}]}}'))]}}},
    {"/b": "^directory 1777"})
refused("3.3: special bits", {"ignition": {"version": "3.3.0"}, **files(file("/a", "x", mode=0o4755))})
refused("3.5: not yet", {"ignition": {"version": "3.5.0"}})
refused("3.4: kernel arguments in 3.2", {"ignition": {"version": "3.2.0"}, "kernelArguments": {"shouldExist": ["a"]}})
refused("3.4: discard in 3.3", {"ignition": {"version": "3.3.0"}, "storage": {"luks": [
    {"name": "x", "device": "/run/disks/a", "discard": True}]}})
refused("3.4: openOptions in 3.3", {"ignition": {"version": "3.3.0"}, "storage": {"luks": [
    {"name": "x", "device": "/run/disks/a", "openOptions": ["--allow-discards"]}]}})
refused("3.4: a source of s3", files({"path": "/a", "contents": contents("s3://bucket/x")}))
refused("3.4: a source of gs", files({"path": "/a", "contents": contents("gs://bucket/x")}))
refused("3.4: a source of tftp", files({"path": "/a", "contents": contents("tftp://127.0.0.1/x")}))
refused("3.4: a source of arn", files({"path": "/a", "contents": contents("arn:aws:s3:::bucket/x")}))
