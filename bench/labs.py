"""What the benchmarks share: the Docker Engine API of a daemon by its socket, and the image that they run."""
import http.client
import json
import pathlib
import socket
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
HANSE = ROOT / "bin" / "hanse"
API = "/v1.41"
IMAGE = "hanse/bench:1"
POLL_SECONDS = 0.02
LIMIT_SECONDS = 300


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Docker:
    """One kept connection to one daemon."""

    def __init__(self, path):
        self.path = path
        self.connection = None

    def __call__(self, method, path, body=None, media="application/json"):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        if self.connection is None:
            self.connection = Connection(self.path)
        self.connection.request(method, API + path, data, {"Content-Type": media} if data else {})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.will_close:
            self.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text[:1] in (b"{", b"[") else text

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def until(what, condition, limit=LIMIT_SECONDS):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("not in time: " + what)
        time.sleep(POLL_SECONDS)


def load_image(api):
    """Gives a daemon the image: busybox and what it needs."""
    tar = subprocess.run(["tar", "-C", root_file_system(), "-c", "."], check=True, stdout=subprocess.PIPE).stdout
    query = urllib.parse.urlencode({"fromSrc": "-", "repo": IMAGE.split(":")[0], "tag": "1"})
    api("POST", "/images/create?" + query, tar, "application/x-tar")


def root_file_system():
    directory = ROOT / "target" / "bench-rootfs"
    if not (directory / "bin" / "sleep").exists():
        (directory / "bin").mkdir(parents=True, exist_ok=True)
        (directory / "tmp").mkdir(exist_ok=True)
        (directory / "bin" / "busybox").write_bytes(pathlib.Path("/bin/busybox").read_bytes())
        (directory / "bin" / "busybox").chmod(0o755)
        for applet in ("sleep", "sh"):
            (directory / "bin" / applet).symlink_to("busybox")
    return str(directory)
