"""Kernels for tests: each has a folder of its own for all that it keeps, and may leave nothing running."""
import os
import signal
import tempfile
import time
import uuid

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

BOUND = 15  # seconds: nothing may hang for 5, on a machine that has nothing else to do
PATIENCE = 60  # seconds that a test waits for work that takes its time


class Kernel:
    """A running kernel. specs is the folder in which Jupyter finds its kernelspec; all else is the environment's."""

    def __init__(self, specs, **environ):
        self.mark = "KERNELTEST=" + uuid.uuid4().hex
        self.home = tempfile.TemporaryDirectory()
        self.log = open(os.path.join(self.home.name, "log"), "w+")
        manager = KernelSpecManager(kernel_dirs=[os.path.join(specs, "kernels")], ensure_native_kernel=False)
        self.manager = KernelManager(kernel_name="gopherlens", kernel_spec_manager=manager)
        self.manager.connection_file = os.path.join(self.home.name, "kernel-1.json")
        self.environ = {**os.environ, "XDG_DATA_HOME": self.home.name, "TMPDIR": self.home.name, **environ}
        self.environ.update([self.mark.split("=")])
        self.clients = []

    def __enter__(self):
        self.began = time.monotonic()
        self.manager.start_kernel(env=self.environ, cwd=self.home.name, stdout=self.log, stderr=self.log)
        return self

    def client(self):
        """Another client, which hears all that is published from now on."""
        client = self.manager.client()
        client.start_channels()
        self.clients.append(client)
        client.wait_for_ready(timeout=PATIENCE)
        return client

    def processes(self):
        """The kernel's processes, all that come from it, by their numbers: the words that started each."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as environ, open(f"/proc/{pid}/cmdline", "rb") as words:
                    if self.mark.encode() in environ.read().split(b"\0"):
                        found[int(pid)] = words.read().decode().rstrip("\0").split("\0")
            except OSError:  # it has ended
                pass
        return found

    def pid(self, word):
        """The process that was started with this word, or by a program of this name."""
        for pid, words in self.processes().items():
            if word in words[1:] or word == os.path.basename(words[0]):
                return pid
        raise AssertionError(f"the kernel has no process {word}")

    def kill(self, word):
        os.kill(self.pid(word), signal.SIGKILL)

    def gone(self):
        """Waits until no process of the kernel's is left."""
        return wait(lambda: not self.processes(), "all processes have ended", self.processes)[1]

    def __exit__(self, kind, *_):
        for client in self.clients:
            client.stop_channels()
        try:
            self.manager.shutdown_kernel(now=not self.manager.is_alive())
            self.gone()
        finally:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            if kind:
                self.log.seek(0)
                print(*(line for line in self.log.read().splitlines()[-10:]), sep="\n")
            self.log.close()
            self.home.cleanup()


def wait(done, what, state=lambda: "", seconds=BOUND):
    """Waits until done gives something, and returns that and how long it took."""
    began = time.monotonic()
    while not (value := done()):
        if time.monotonic() - began > seconds:
            raise AssertionError(f"after {seconds} s it is not so that {what} {state()}")
        time.sleep(0.02)
    return value, time.monotonic() - began


def reply(client, request, seconds=PATIENCE):
    """The content of the reply to a request on shell."""
    while True:
        got = client.get_shell_msg(timeout=seconds)
        if got["parent_header"].get("msg_id") == request:
            return got["content"]


def heard(client, request, seconds=PATIENCE):
    """What is published for a request, up to its last word."""
    messages = []
    while True:
        got = client.get_iopub_msg(timeout=seconds)
        if got["parent_header"].get("msg_id") != request:
            continue
        if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
            return messages
        messages.append(got)


def text(messages, stream="stdout"):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream" and m["content"]["name"] == stream)


def run(client, code, seconds=PATIENCE, **options):
    """Executes a cell: the reply, and what was published."""
    request = client.execute(code, **options)
    answer = reply(client, request, seconds)
    return answer, heard(client, request, seconds)


def good(client, code="1 + 1", result="2"):
    """A cell runs as it should."""
    answer, messages = run(client, code)
    results = [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "execute_result"]
    assert answer["status"] == "ok" and results == [result], f"{code}: {answer} {results}"
