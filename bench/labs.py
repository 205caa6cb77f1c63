"""What the benchmarks share: labs, the Docker Engine API of their daemons, and the image that they run."""
import http.client
import json
import pathlib
import socket
import subprocess
import threading
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
    """The API of one daemon, over a kept connection for each thread."""

    def __init__(self, path):
        self.path = path
        self.kept = threading.local()

    def __call__(self, method, path, body=None, media="application/json"):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        if getattr(self.kept, "connection", None) is None:
            self.kept.connection = Connection(self.path)
        self.kept.connection.request(method, API + path, data, {"Content-Type": media} if data else {})
        answer = self.kept.connection.getresponse()
        text = answer.read()
        if answer.will_close:
            self.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text[:1] in (b"{", b"[") else text

    def close(self):
        """Of this thread."""
        connection, self.kept.connection = getattr(self.kept, "connection", None), None
        if connection:
            connection.close()

    def running(self, service):
        """How many tasks of a service run."""
        filters = urllib.parse.quote(json.dumps({"service": [service]}))
        return sum(task["Status"]["State"] == "running" for task in self("GET", "/tasks?filters=" + filters))


class Lab:
    """Hosts with a daemon each, one swarm of them; the first is the manager."""

    def __init__(self, name, *options, directory=None):
        self.place = ["--name", name, *(["--dir", str(directory)] if directory else [])]
        subprocess.run([HANSE, "lab", "up", *self.place, *options], check=True, stdout=subprocess.DEVNULL)
        self.directory = (pathlib.Path(directory) / "run" if directory else pathlib.Path("/run/hanse-lab")) / name
        self.hosts = json.loads((self.directory / "lab.json").read_text())["hosts"]
        self.docker = [Docker(host["execRoot"] + "/docker.sock") for host in self.hosts]

    def down(self):
        subprocess.run([HANSE, "lab", "down", *self.place], check=True, stdout=subprocess.DEVNULL)

    def load_image(self):
        """Gives each daemon the image: busybox and what it needs."""
        for api in self.docker:
            tar = subprocess.run(["tar", "-C", root_file_system(), "-c", "."], check=True, stdout=subprocess.PIPE).stdout
            query = urllib.parse.urlencode({"fromSrc": "-", "repo": IMAGE.split(":")[0], "tag": "1"})
            api("POST", "/images/create?" + query, tar, "application/x-tar")


def until(what, condition, limit=LIMIT_SECONDS):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("not in time: " + what)
        time.sleep(POLL_SECONDS)


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
