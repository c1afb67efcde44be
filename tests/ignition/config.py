# SPDX-License-Identifier: Apache-2.0
"""Short ways to write the parts of a config."""
import base64
import gzip
import hashlib
import json
import urllib.parse


def data(text):
    return "data:," + urllib.parse.quote(text, safe="")


def data64(raw, kind=""):
    return f"data:{kind};base64," + base64.b64encode(raw).decode()


def zipped(text):
    return data64(gzip.compress(text.encode(), mtime=0))


def sha512(raw):
    return "sha512-" + hashlib.sha512(raw if isinstance(raw, bytes) else raw.encode()).hexdigest()


def sha256(raw):
    return "sha256-" + hashlib.sha256(raw if isinstance(raw, bytes) else raw.encode()).hexdigest()


def contents(source, **more):
    return {"source": source, **more}


def verified(source, digest, **more):
    return {"source": source, "verification": {"hash": digest}, **more}


def embedded(config):
    """A whole config as a data: URL."""
    return data(json.dumps({"ignition": {"version": "3.3.0"}, **config}))


def file(path, text=None, **more):
    out = {"path": path, **more}
    if text is not None:
        out["contents"] = {"source": data(text)}
    return out


def storage(**parts):
    return {"storage": parts}


def files(*entries):
    return storage(files=list(entries))


def directories(*entries):
    return storage(directories=list(entries))


def links(*entries):
    return storage(links=list(entries))


def units(*entries):
    return {"systemd": {"units": list(entries)}}


def users(*entries, **more):
    return {"passwd": {"users": list(entries), **more}}


def groups(*entries):
    return {"passwd": {"groups": list(entries)}}
