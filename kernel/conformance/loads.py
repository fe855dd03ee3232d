"""Loads our kernel heavily and breaks its parts, and prints what it made of that.

usage: loads.py DATA_DIR [TEST…], the folder in which Jupyter finds the kernelspec; all tests by default

The exit status is 1 if a test fails.
"""
import ctypes
import hashlib
import json
import os
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import psutil

from kernels import BOUND, PATIENCE, Kernel, good, heard, reply, run, text, wait

SPECS = sys.argv[1]

PRINT = 'import "fmt"\n%%\nfmt.Println("here")'

SLEEPING = 'import ("fmt"; "time")\n%%\nfmt.Println("here")\ntime.Sleep(time.Hour)'

# A cell that hears no signals, and says when it is there.
DEAF = """import ("fmt"; "os/signal"; "time")
%%
signal.Ignore()
fmt.Println("here")
time.Sleep(time.Hour)"""


# What may be in a kernel's folder at its end: the tests' own, the history's, and what gopls and its go command leave
# when they are killed while they look for packages.
KEPT = re.compile(r"log|x|kernel-1\.json|gopherlens|(go-build|gopls-tempmod)\d+")


class Skipped(Exception):
    pass


def within(began, what, seconds=BOUND):
    took = time.monotonic() - began
    assert took < seconds, f"{what} took {took:.1f} s"
    return took


def begun(client, code):
    """Executes a cell that prints and goes on."""
    request = client.execute(code)
    while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
        pass
    return request


def ten_kernels():
    kernels = [Kernel(SPECS) for _ in range(10)]
    try:
        began = time.monotonic()
        for k in kernels:
            k.__enter__()
        clients = [k.client() for k in kernels]
        answered = time.monotonic() - began
        requests = [c.execute(f"{i} + 1") for i, c in enumerate(clients)]
        for i, (c, request) in enumerate(zip(clients, requests)):
            assert reply(c, request)["status"] == "ok"
            assert [m["content"]["data"]["text/plain"] for m in heard(c, request) if m["msg_type"] == "execute_result"] == [str(i + 1)]
        ran = time.monotonic() - began
        memory = {}
        for k in kernels:
            for pid, words in k.processes().items():
                name = "door" if "start" in words else "guard" if "guard" in words else os.path.basename(words[0])
                try:
                    memory[name] = memory.get(name, 0) + psutil.Process(pid).memory_full_info().pss / 10 / 2**20
                except psutil.NoSuchProcess:  # it has ended meanwhile
                    pass
        parts = ", ".join(f"{name} {mb:.0f}" for name, mb in sorted(memory.items()))
        return f"all answer after {answered:.1f} s, and have run a cell after {ran:.1f} s; MB for each: {sum(memory.values()):.0f} ({parts})"
    finally:
        for k in kernels:
            k.__exit__(None)


def many_lines():
    with Kernel(SPECS) as k:
        c = k.client()
        run(c, PRINT)
        began = time.monotonic()
        request = c.execute('import "fmt"\n%%\nfor i := range 100_000 {\n\tfmt.Println("line", i)\n}')
        messages = heard(c, request)
        took = time.monotonic() - began
        assert text(messages) == "".join(f"line {i}\n" for i in range(100_000)), "lines are missing, or in another order"
        assert reply(c, request)["status"] == "ok"
        return f"100,000 lines in {took:.1f} s, in {sum(m['msg_type'] == 'stream' for m in messages)} messages"


def many_cells():
    """Two clients send 500 cells each; each gets its own replies in their order, and hears of all that is put out."""
    with Kernel(SPECS) as k:
        clients = [k.client(), k.client()]
        began = time.monotonic()
        requests = [(c, c.execute(f"!echo {i}")) for i in range(500) for c in clients]
        counts = {c: [] for c in clients}
        for c, request in requests:
            answer = reply(c, request)
            assert answer["status"] == "ok", answer
            counts[c].append(answer["execution_count"])
        took = time.monotonic() - began
        assert all(own == sorted(own) for own in counts.values()), "a client's cells do not run in their order"
        assert sorted(sum(counts.values(), [])) == list(range(1, 1001)), "cells are not counted one by one"
        for c in clients:
            said = ""
            while said.count("\n") < 1000:
                said += text([c.get_iopub_msg(timeout=BOUND)])
            assert sorted(map(int, said.split())) == [i // 2 for i in range(1000)], "a client does not hear of all cells"
        first = begun(clients[0], SLEEPING)
        requests = [(c, c.execute("!echo no")) for i in range(500) for c in clients][:-1]
        for c in clients:
            c.comm_info(reply=True, timeout=PATIENCE)  # now all have arrived
        began = time.monotonic()
        k.manager.interrupt_kernel()
        assert reply(clients[0], first)["ename"] == "Interrupted"
        for c, request in requests:
            assert reply(c, request)["status"] == "aborted", "a cell runs after one that failed"
        aborted = within(began, "aborting 999 cells")
        good(clients[0])
        return f"1,000 cells of two clients in {took:.1f} s; 999 cells aborted in {aborted:.1f} s"


def input_request():
    with Kernel(SPECS) as k:
        c = k.client()
        request = c.execute("%with_inputs\n!for i in 1 2; do read x; echo \"<$x>\"; done")
        for name in "Ada", "Zoë 🦫":
            asked = c.get_stdin_msg(timeout=PATIENCE)
            assert asked["parent_header"]["msg_id"] == request
            c.input(name)
        messages = heard(c, request)
        assert text(messages) == "<Ada>\n<Zoë 🦫>\n", f"the cell reads {text(messages)!r}"
        assert reply(c, request)["status"] == "ok"
        began = time.monotonic()
        answer, messages = run(c, "%with_inputs\n!read x", allow_stdin=False)
        assert "there is nobody to give it" in text(messages, "stderr"), "where input is not allowed, nobody says so"
        return f"two lines read; where input is not allowed, that is said after {within(began, 'that'):.1f} s"


def large_buffer():
    """20 MB in both directions."""
    with Kernel(SPECS) as k:
        c = k.client()
        run(c, PRINT)
        size = 20 << 20
        c.session.send(c.shell_channel.socket, "comm_open", {"comm_id": "1", "target_name": "gonb_comm", "data": {}})
        c.session.send(c.shell_channel.socket, "comm_msg", {"comm_id": "1", "data": {}}, buffers=[bytes(size)])
        began = time.monotonic()
        good(c)
        taken = within(began, "a cell after a buffer of 20 MB")
        began = time.monotonic()
        answer, messages = run(c, f'import ("strings"; "github.com/janpfeifer/gonb/gonbui")\n%%\n'
                               f'gonbui.DisplayHtml(strings.Repeat("0123456789abcdef", {size // 16}))\ngonbui.Sync()')
        shown = [m["content"]["data"]["text/html"] for m in messages if m["msg_type"] == "display_data"]
        assert shown == ["0123456789abcdef" * (size // 16)], "20 MB that a cell displays do not come through"
        return f"a cell after a buffer of 20 MB: {taken:.1f} s; 20 MB displayed: {within(began, 'the display', PATIENCE):.1f} s"


def huge_message():
    with Kernel(SPECS) as k:
        c = k.client()
        run(c, PRINT)
        line = "0123456789" * 100 + "\n"
        code = "%%writefile x\n" + line * (100 * 2**20 // len(line))
        request = c.execute(code)
        began = time.monotonic()
        c.kernel_info(reply=True, timeout=PATIENCE)
        other = within(began, "an answer while 100 MB are worked on")
        assert reply(c, request)["status"] == "ok"
        took = within(began, "a message of 100 MB")
        with open(os.path.join(k.home.name, "x")) as written:
            assert hashlib.sha256(written.read().rstrip("\n").encode()).digest() == hashlib.sha256(code[14:].rstrip("\n").encode()).digest()
        heard(c, request)
        worst = 0
        for kind in "is_complete", "complete":
            asked = c.session.msg(kind + "_request", {"code": code, "cursor_pos": 5, "detail_level": 0, "hist_access_type": "tail", "n": 1})
            c.shell_channel.send(asked)
            began = time.monotonic()
            reply(c, asked["header"]["msg_id"])
            worst = max(worst, within(began, f"a {kind}_request of 100 MB"))
        request = c.execute("x" * (20 << 20))  # GoNB and the compiler have much to do
        c.kernel_info(reply=True, timeout=PATIENCE)
        began = time.monotonic()
        k.manager.interrupt_kernel()
        assert reply(c, request)["status"] == "error"
        stopped = within(began, "stopping a cell of 20 MB")
        heard(c, request)
        good(c, "// " + "x" * 900_000 + "\n1 + 1")
        return f"questions of 100 MB are answered after {worst:.1f} s at most; one of 20 MB that is no Go is stopped in {stopped:.1f} s, one of 100 MB is written to a file in {took:.1f} s; what is asked meanwhile is answered after {other:.1f} s"


def stalled_client(k):
    """A subscriber of iopub that never reads."""
    s = socket.create_connection(("127.0.0.1", k.manager.iopub_port))
    ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB\x08Identity\x00\x00\x00\x00"
    s.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL" + bytes(16 + 32) + struct.pack("BB", 4, len(ready)) + ready + b"\x00\x01\x01")
    return s


def stalled_reader():
    with Kernel(SPECS) as k:
        c = k.client()
        run(c, PRINT)
        stalled = stalled_client(k)
        longest, last, said, began = 0, time.monotonic(), 0, time.monotonic()
        request = c.execute('import ("fmt"; "strings")\n%%\nline := strings.Repeat("x", 1023)\nfor range 120_000 {\n\tfmt.Println(line)\n}')
        while True:
            m = c.get_iopub_msg(timeout=PATIENCE)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
            said += len(text([m]))
            if m["parent_header"].get("msg_id") == request and m["content"].get("execution_state") == "idle":
                break
        took = time.monotonic() - began
        assert said == 120_000 * 1024, f"{said} bytes are heard"
        assert reply(c, request)["status"] == "ok"
        assert longest < BOUND, f"the other client waited for {longest:.1f} s"
        stalled.close()
        good(c)
        return f"the other client gets 120 MB in {took:.1f} s, and waits for {longest:.1f} s at most"


def cell_killed():
    with Kernel(SPECS) as k:
        c = k.client()
        run(c, "x := 41")
        request = begun(c, DEAF)
        began = time.monotonic()
        cell = [pid for pid, words in k.processes().items() if "/gonb_" in words[0]]
        assert len(cell) == 1, k.processes()
        os.kill(cell[0], signal.SIGKILL)
        answer = reply(c, request)
        took = within(began, "the reply")
        assert answer["status"] == "error" and "\n" not in answer["evalue"], answer
        good(c, "x + 1", "42")
        return f"“{answer['evalue']}” after {took:.1f} s"


def interrupted_cell():
    with Kernel(SPECS) as k:
        c = k.client()
        request = begun(c, DEAF)
        began = time.monotonic()
        k.manager.interrupt_kernel()
        answer = reply(c, request)
        took = within(began, "the end of a cell that hears no signals")
        request = begun(c, SLEEPING)
        os.kill(k.pid("start"), signal.SIGINT)  # the other way of interrupting a kernel
        assert reply(c, request)["ename"] == "Interrupted"
        good(c)
        return f"“{answer['evalue']}” after {took:.1f} s"


def restarted():
    with Kernel(SPECS) as k:
        c = k.client()
        begun(c, DEAF)
        before = k.processes()
        began = time.monotonic()
        k.manager.restart_kernel()
        left = set(before) & set(k.processes())
        assert not left, f"left are {[before[pid] for pid in left]}"
        c.wait_for_ready(timeout=PATIENCE)
        took = within(began, "a restart")
        good(c)
        return f"ready again after {took:.1f} s, and nothing is left of a cell that hears no signals"


def gonb_killed(word="gonb"):
    with Kernel(SPECS) as k:
        c = k.client()
        run(c, "x := 41")
        request = begun(c, DEAF)
        began = time.monotonic()
        k.kill(word)
        answer = reply(c, request)
        took = within(began, "the reply")
        assert answer["ename"] == "KernelError", answer
        began = time.monotonic()
        good(c, "x + 1", "42")
        ran = within(began, "the next cell", PATIENCE)
        assert not [words for words in k.processes().values() if "/gonb_" in words[0]], "the cell still runs"
        inner = {k.pid("guard"), k.pid("gonb")}
        k.kill(word)  # while nothing runs: a cell that is sent before all has ended may be begun, and end with GoNB
        wait(lambda: not inner & set(k.processes()), "the guard and GoNB have ended", k.processes)
        good(c, "x + 1", "42")
        return f"“{answer['evalue'].split('.')[0]}.” after {took:.1f} s; the next cell after another {ran:.1f} s"


def guard_killed():
    return gonb_killed("guard")


def door_killed():
    with Kernel(SPECS) as k:
        c = k.client()
        begun(c, DEAF)
        k.kill("start")
        took = k.gone()
        left = [name for name in os.listdir(k.home.name) if not KEPT.fullmatch(name)]
        assert not left, f"left are {left}"
    # While it starts the others; and before it can do anything about a signal.
    for delay, how in (0.1, signal.SIGKILL), (0.4, signal.SIGKILL), (0.02, signal.SIGTERM), (0.1, signal.SIGTERM), (0.3, signal.SIGTERM):
        with Kernel(SPECS) as k:
            time.sleep(delay)
            os.kill(k.pid("start"), how)
            took = max(took, k.gone())
    return f"nothing is left after {took:.1f} s, nor of a cell that hears no signals"


def gopls_killed():
    with Kernel(SPECS) as k:
        c = k.client()

        def tab():
            return "ToUpperSpecial" in c.complete("strings.ToUppe", reply=True, timeout=BOUND)["content"]["matches"]

        def explained():
            known = str(c.inspect("strings.ToUpper", 10, reply=True, timeout=BOUND)["content"]["data"])
            return "converts" in known or "upper case" in known

        wait(lambda: tab() and explained(), "a name is completed", seconds=PATIENCE)
        worst, full = 0, 0
        for _ in range(3):
            k.kill("gopls")
            began = time.monotonic()
            tab()
            worst = max(worst, within(began, "a Tab"))
            full = max(full, wait(lambda: tab() and explained(), "a name is completed and explained again", seconds=PATIENCE)[1])
        return f"the next Tab is answered after {worst:.1f} s, all is known again after {full:.1f} s"


def connection_file():
    with Kernel(SPECS) as k:
        path = os.path.join(k.home.name, "open.json")
        k.manager.write_connection_file()
        with open(k.manager.connection_file) as ours, open(path, "w") as file:
            other = json.load(ours)
            for name in other:
                if name.endswith("_port"):
                    with socket.socket() as s:
                        s.bind(("127.0.0.1", 0))
                        other[name] = s.getsockname()[1]
            json.dump(other, file)
        os.chmod(path, 0o644)
        argv = [word.replace("{connection_file}", path) for word in k.manager.kernel_spec.argv]
        environ = {name: value for name, value in k.environ.items() if not name.startswith("JPY_")}
        second = subprocess.Popen(argv, env=environ, stderr=subprocess.PIPE, text=True)
        try:
            wait(lambda: stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the connection file is its owner's alone")
        finally:
            second.terminate()
            second.wait(PATIENCE)
        os.chmod(path, 0o644)
        if subprocess.run(["chattr", "+i", path], capture_output=True).returncode:
            return "it is made its owner's alone; that a kernel refuses one that cannot be is not tested here"
        try:
            refused = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=PATIENCE)
        finally:
            subprocess.run(["chattr", "-i", path], check=True)
        assert refused.returncode and "can be read by others" in refused.stderr, refused
        return "it is made its owner's alone; where that cannot be, the kernel does not start"


def full_disk():
    if ctypes.CDLL(None).unshare(0x20000):  # CLONE_NEWNS: mounts that nobody else sees, and that end with this process
        raise Skipped("needs the right to mount")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    with tempfile.TemporaryDirectory() as disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk], check=True)
        try:
            return fill_disk(disk)
        finally:
            subprocess.run(["umount", disk], check=True)


def fill_disk(disk):
    filler = os.path.join(disk, "filler")

    def fill():
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def refused(client, code):
        answer, _ = run(client, code)
        assert answer["status"] == "error" and "The disk is full" in answer["evalue"], answer
        return answer["evalue"].split(":")[0]

    with Kernel(SPECS, TMPDIR=disk, XDG_DATA_HOME=disk) as k:
        c = k.client()
        run(c, "x := 41")
        fill()
        sentence = refused(c, "y := 1")
        refused(c, "%%writefile " + os.path.join(disk, "x") + "\n" + "x" * 10000)
        os.remove(filler)
        good(c, "x + 1", "42")
        history = c.history(hist_access_type="tail", n=10, reply=True, timeout=BOUND)["content"]["history"]
        assert [line for _, line, _ in history] == [1, 2, 3, 4], f"the history is {history}"
    fill()
    with Kernel(SPECS, TMPDIR=disk, XDG_DATA_HOME=disk) as k:
        c = k.client()
        began = time.monotonic()
        refused(c, "1 + 1")
        took = within(began, "a cell of a kernel that was started on a full disk")
        os.remove(filler)
        good(c)
    left = [name for name in os.listdir(disk) if not KEPT.fullmatch(name)]
    assert not left, f"left are {left}"
    return f"“{sentence}”, also after {took:.1f} s where the kernel was started on it; with space again all goes on, and nothing is missing"


TESTS = [ten_kernels, many_lines, many_cells, input_request, large_buffer, huge_message, stalled_reader, interrupted_cell, restarted,
         cell_killed, gonb_killed, guard_killed, door_killed, gopls_killed, connection_file, full_disk]


def main():
    os.environ.pop("JUPYTER_PATH", None)
    names, failures = sys.argv[2:], 0
    for test in TESTS:
        if names and test.__name__ not in names:
            continue
        began = time.monotonic()
        try:
            word, what = "passed", test()
        except Skipped as why:
            word, what = "skipped", why
        except Exception as problem:
            word, what = "failed", problem
            failures += 1
            traceback.print_exc()
        print(f"{test.__name__:20} {word:8} {what} [{time.monotonic() - began:.0f} s]", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
