# SPDX-License-Identifier: Apache-2.0
"""What configs fetch: an HTTP and an HTTPS server on loopback, the same addresses on every run."""
import gzip
import http.server
import os
import ssl
import subprocess
import threading

HTTP, HTTPS = 8080, 8443
URL, SECURE = f"http://127.0.0.1:{HTTP}", f"https://127.0.0.1:{HTTPS}"
BIG = bytes(range(256)) * 4096

# path: body
PAGES = {
    "/text": b"from the net\n",
    "/text.gz": gzip.compress(b"from the net\n", mtime=0),
    "/two.gz": gzip.compress(b"one ", mtime=0) + gzip.compress(b"two\n", mtime=0),
    "/broken.gz": gzip.compress(b"from the net\n" * 100, mtime=0)[:-12],
    "/big": BIG,
    "/empty": b"",
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stall = threading.Event()

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path in PAGES:
            self.answer(200, PAGES[self.path])
        elif self.path == "/nothing":
            self.send_response(204)
            self.end_headers()
        elif self.path == "/header":
            self.answer(200, (self.headers.get("X-Token") or "no token").encode())
        elif self.path == "/redirect":
            self.answer(302, Location="/text")
        elif self.path == "/redirect-header":
            self.answer(302, Location="/header")
        elif self.path == "/loop":
            self.answer(302, Location="/loop")
        elif self.path == "/error":
            self.answer(500)
        elif self.path == "/forbidden":
            self.answer(403)
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"not all of it")
            self.close_connection = True
        elif self.path == "/stalls":
            self.stall.wait()
        else:
            self.answer(404)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that gives up is part of the tests."""


def certificate(folder):
    """Makes the authority that is its own server certificate, once; the paths of both halves."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    if not os.path.exists(cert):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-keyout", key, "-out", cert, "-days", "3650", "-subj", "/CN=test",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


def start(folder):
    """HTTP, and with a folder for its certificate HTTPS."""
    plain = Server(("127.0.0.1", HTTP), Handler)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    if not folder:
        return
    cert, key = certificate(folder)
    secure = Server(("127.0.0.1", HTTPS), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
