"""Executes GoNB's own notebooks on our kernel and on GoNB as it comes, and compares what they put out.

usage: notebooks.py DATA_DIR DATA_DIR [NOTEBOOK …], the folders in which Jupyter finds their kernelspecs

The notebooks lie in the module cache. Ids, times and folders may differ; of an error, only that there was one
counts; and a cell may have a result that GoNB does not show. The exit status is 1 if anything else differs.
"""
import collections
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys

import kernels

# What needs a browser (comms, dom, widgets), or %wasm, which GoNB cannot do with this version of Go.
LEFT_OUT = {"comms", "dom", "widgets", "wasm", "wasm_demo"}

# Cells that replace what our kernels' cells have already, Go itself or the module of GoNB, by what is not there.
SETTING_UP = re.compile(r"#@title Install Go|go work use \. .*(GONB_GIT_ROOT|HOME)|go mod edit -replace")

# What takes long, and shows no less when it is shorter.
SHORTER = {"40 * time.Millisecond": "time.Millisecond", "sleep 1;": "sleep 0.1;", "%test -test.bench=.": "%test -test.bench=. -test.benchtime=10x"}

# What differs each time.
VARIES = [(re.compile(pattern), name) for pattern, name in [
    (r"/\S*/gonb_[0-9a-f]{8}", "FOLDER"),
    (r"gonb_[0-9a-f]{8}", "MODULE"),
    (r"gonb_tests_gowork_\w{8}", "PACKAGE"),
    (r"_~\d+", "BLANK"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"\(\d+\.\d\ds\)", "(TIME)"),
    (r"\d+\s+[\d.]+ ns/op", "SPEED"),
    (r"\([\d.]+ steps/\w+\)( \[\S+\])?", "SPEED"),
    (r"(?m)^total \d+\n", ""),
    (r"(?m)^[-dls][rwx-]{9} .*gopls_socket\n", ""),  # our GoNB has no gopls
    (r"(?m)^[-dls][rwx-]{9} .* (\S+)$", r"\1"),
    (r"(CachedValue)=\d+", r"\1=RANDOM"),
]]

Outputs = collections.namedtuple("Outputs", "failed stdout stderr displays results")


def examples():
    """The notebooks, by name, each with its code cells."""
    module = subprocess.run(["go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb"], check=True, capture_output=True, text=True)
    found = {}
    for path in sorted(pathlib.Path(module.stdout.strip(), "examples").rglob("*.ipynb")):
        cells = ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
        if path.stem not in LEFT_OUT:
            found[path.stem] = [shorter(cell) for cell in cells if not SETTING_UP.search(cell)]
    return found


def shorter(cell):
    for long, short in SHORTER.items():
        cell = cell.replace(long, short)
    return cell


def execute(specs, cells):
    """What each cell of a notebook puts out."""
    kernel = kernels.Kernel(specs)
    kernel.environ["TEST_DIR"] = folder = kernel.home.name
    os.chdir(folder)  # GoNB takes the folder of the process that started it for the server's
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(kernel).client()
        kernels.run(client, "!mkdir notebook\n%cd notebook")  # beside the kernel's own files
        outputs = [put_out(client, cell, folder) for cell in cells]
        os.chdir("/")
    return outputs


def put_out(client, cell, folder):
    def answer(message):
        client.input("42" if message["content"]["password"] else "7")

    messages = []
    reply = client.execute_interactive(cell, stdin_hook=answer, output_hook=messages.append, timeout=kernels.PATIENCE, stop_on_error=False)
    shown = [[m["msg_type"], m["content"].get("data")] for m in messages if "display" in m["msg_type"]]
    failed = reply["content"]["status"] != "ok"
    return Outputs(
        failed,
        alike(kernels.text(messages), folder),
        # The error says what GoNB says there.
        "" if failed else alike(kernels.text(messages, "stderr"), folder),
        alike(json.dumps(shown), folder),
        [m["content"]["data"].get("text/plain") for m in messages if m["msg_type"] == "execute_result"],
    )


def alike(text, folder):
    for pattern, name in VARIES:
        text = pattern.sub(name, text)
    return text.replace(folder, "HOME")


def differ(ours, stock):
    """In what the outputs of a cell differ, or nothing."""
    if stock.results == []:
        ours = ours._replace(results=[])
    return [name for name in Outputs._fields if getattr(ours, name) != getattr(stock, name)]


def main(specs, wanted):
    good = True
    print(f"{'GoNB’s notebooks':20} {'cells':>5} {'alike':>5} {'failed on both':>15}")
    for name, cells in examples().items():
        if wanted and name not in wanted:
            continue
        # What a cell displays without waiting for it is lost now and then, by either kernel.
        for _ in range(3):
            pairs = list(zip(*[execute(folder, cells) for folder in specs]))
            differences = {i: differ(*pair) for i, pair in enumerate(pairs) if differ(*pair)}
            if not differences:
                break
        print(f"{name:20} {len(cells):5} {len(cells) - len(differences):5} {sum(a.failed and b.failed for a, b in pairs):15}", flush=True)
        for i, fields in differences.items():
            good = False
            print(f"  cell {i + 1} of {name}: {cells[i]}")
            for field in fields:
                print(f"    {field}:", *(repr(getattr(outputs, field))[:2000] for outputs in pairs[i]), sep="\n      ")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main([os.path.abspath(folder) for folder in sys.argv[1:3]], sys.argv[3:])
