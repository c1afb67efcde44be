# SPDX-License-Identifier: Apache-2.0
"""Tang servers on loopback with keys of their own, for what clevis binds to; only inside the machine."""
import json
import os
import re
import socketserver
import subprocess
import threading

PROGRAMS = "/usr/libexec"
FOLDER = "/run/tang"
# "@TANG1@", "@THUMBPRINT1@" and "@ADVERTISEMENT1@" in the config of a case. Nobody listens at the last.
PORTS = (7501, 7502)
SILENT = "http://127.0.0.1:7599"


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        subprocess.run([f"{PROGRAMS}/tangd", self.server.folder], stdin=self.request.fileno(),
                       stdout=self.request.fileno(), stderr=subprocess.DEVNULL, check=False)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def folder(number):
    return f"{FOLDER}/{number}"


def make_keys():
    for number in range(1, len(PORTS) + 1):
        os.makedirs(folder(number))
        subprocess.run([f"{PROGRAMS}/tangd-keygen", folder(number)], check=True, capture_output=True)


def start():
    for number, port in enumerate(PORTS, 1):
        server = Server(("127.0.0.1", port), Handler)
        server.folder = folder(number)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def key_files(number):
    return sorted(os.path.join(folder(number), name) for name in os.listdir(folder(number)))


def thumbprint(number):
    """Of the key that signs the others."""
    for file in key_files(number):
        with open(file, encoding="utf-8") as text:
            if "verify" in json.load(text)["key_ops"]:
                return subprocess.run(["jose", "jwk", "thp", "-a", "S256", "-i", file], check=True, capture_output=True,
                                      text=True).stdout.strip()
    raise RuntimeError(f"no key that signs in {folder(number)}")


def advertisement(number):
    import urllib.request
    with urllib.request.urlopen(f"http://127.0.0.1:{PORTS[number - 1]}/adv") as answer:
        return answer.read().decode()


def fill(text):
    """The config's text with what the servers are."""
    def value(match):
        number = int(match[2])
        if match[1] == "TANG":
            return f"http://127.0.0.1:{PORTS[number - 1]}"
        return thumbprint(number) if match[1] == "THUMBPRINT" else json.dumps(advertisement(number))[1:-1]

    return re.sub(r"@(TANG|THUMBPRINT|ADVERTISEMENT)(\d)@", value, text)
