# SPDX-License-Identifier: Apache-2.0
"""What upstream's ignition asks of systemd: its private D-Bus socket, as far as it goes.

Upstream starts the .device unit of every disk and file system and waits for the job's end, and asks
for the manager's version before it writes presets of instances. Here a job is done when the device's
path exists, and has timed out when it does not.
"""
import os
import re
import socket
import struct
import threading

import volumes

PATH = "/run/systemd/private"
SIGNAL, METHOD_RETURN = 4, 2
OBJECT_PATH, INTERFACE, MEMBER, REPLY_SERIAL, SIGNATURE = 1, 2, 3, 5, 8


def align(at, to):
    return (at + to - 1) // to * to


def string(at, text):
    """The bytes of a string that begins at offset AT, its padding included."""
    raw = text.encode()
    return bytes(align(at, 4) - at) + struct.pack("<I", len(raw)) + raw + b"\0"


def message(kind, serial, fields, body=b""):
    out = b""
    for code, signature, value in fields:
        out += bytes(align(len(out), 8) - len(out))
        out += struct.pack("<BB", code, 1) + signature.encode() + b"\0"
        if signature == "u":
            out += bytes(align(len(out), 4) - len(out)) + struct.pack("<I", value)
        elif signature == "g":
            out += struct.pack("<B", len(value)) + value.encode() + b"\0"
        else:
            out += string(len(out), value)
    head = struct.pack("<cBBBIII", b"l", kind, 1, 1, len(body), serial, len(out)) + out
    return head + bytes(align(len(head), 8) - len(head)) + body


def fields_of(raw):
    """The header fields of a message, from after the fixed part: {code: value}."""
    found, at = {}, 0
    while at < len(raw):
        at = align(at, 8)
        code, length = struct.unpack_from("<BB", raw, at)
        signature = raw[at + 2:at + 2 + length].decode()
        at += 2 + length + 1
        if signature == "u":
            at = align(at, 4)
            found[code], = struct.unpack_from("<I", raw, at)
            at += 4
        elif signature == "g":
            size = raw[at]
            found[code] = raw[at + 1:at + 1 + size].decode()
            at += size + 2
        else:
            at = align(at, 4)
            size, = struct.unpack_from("<I", raw, at)
            found[code] = raw[at + 4:at + 4 + size].decode()
            at += 4 + size + 1
    return found


def device_path(unit):
    """The path of a .device unit, by systemd's escaping."""
    name = unit[:-len(".device")].replace("-", "/")
    return "/" + re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), name).lstrip("/")


class Systemd:
    """The socket, served by threads until the process ends."""

    def __init__(self):
        os.makedirs(os.path.dirname(PATH), exist_ok=True)
        self.peers = []
        self.job = 0
        self.lock = threading.Lock()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(PATH)
        self.socket.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        stream = peer.makefile("rb")
        try:
            self.authenticate(peer, stream)
            with self.lock:
                self.peers.append(peer)
            while self.answer(peer, stream):
                pass
        except OSError:
            pass
        finally:
            with self.lock:
                if peer in self.peers:
                    self.peers.remove(peer)
            stream.close()
            peer.close()

    @staticmethod
    def authenticate(peer, stream):
        stream.read(1)
        for line in stream:
            words = line.split()
            if words[:1] == [b"BEGIN"]:
                return
            if words[:2] == [b"AUTH", b"EXTERNAL"]:
                peer.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            elif words[:1] == [b"NEGOTIATE_UNIX_FD"]:
                peer.sendall(b"AGREE_UNIX_FD\r\n")
            else:
                peer.sendall(b"REJECTED EXTERNAL\r\n")

    def answer(self, peer, stream):
        head = stream.read(16)
        if len(head) < 16:
            return False
        length, serial, size = struct.unpack("<4xIII", head)
        fields = fields_of(stream.read(align(size, 8))[:size])
        body = stream.read(length)
        member = fields.get(MEMBER)
        if member == "StartUnit":
            self.start(peer, serial, body)
        elif member == "Get":
            value = struct.pack("<B", 1) + b"s\0"
            self.reply(peer, serial, "v", value + string(len(value), "252"))
        else:
            self.reply(peer, serial)
        return True

    @staticmethod
    def reply(peer, serial, signature="", body=b""):
        fields = [(REPLY_SERIAL, "u", serial)]
        if signature:
            fields.append((SIGNATURE, "g", signature))
        peer.sendall(message(METHOD_RETURN, 1, fields, body))

    @staticmethod
    def is_there(path):
        if not os.path.exists(path):
            volumes.settle()
        return os.path.exists(path)

    def start(self, peer, serial, body):
        size, = struct.unpack_from("<I", body)
        unit = body[4:4 + size].decode()
        result = "done" if self.is_there(device_path(unit)) else "timeout"
        with self.lock:
            self.job += 1
            job = self.job
            path = f"/org/freedesktop/systemd1/job/{job}"
            self.reply(peer, serial, "o", string(0, path))
            removed = struct.pack("<I", job)
            for text in (path, unit, result):
                removed += string(len(removed), text)
            fields = [(OBJECT_PATH, "o", "/org/freedesktop/systemd1"),
                      (INTERFACE, "s", "org.freedesktop.systemd1.Manager"),
                      (MEMBER, "s", "JobRemoved"), (SIGNATURE, "g", "uoss")]
            for each in self.peers:
                try:
                    each.sendall(message(SIGNAL, job, fields, removed))
                except OSError:
                    pass
