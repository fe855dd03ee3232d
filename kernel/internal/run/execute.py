"""Executes a notebook through its kernel and tells how it goes, one JSON object a line.

usage: execute.py REQUEST, a JSON object with notebook, output, kernel, allow_errors, timeout (seconds)
"""
import asyncio
import json
import os
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

events = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # what libraries print must not get among the events
TIMEOUT = "Timeout"


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), file=events, flush=True)


def shown(outputs):
    """What a cell put out, without pictures: they would only slow the reader down."""
    kept = []
    for output in outputs:
        if output.output_type == "stream":
            kept.append({"kind": output.name, "text": output.text[-65536:]})
        elif output.output_type == "error":
            kept.append({"kind": "error", "name": output.ename, "text": output.evalue, "traceback": list(output.traceback)})
        elif output.output_type in ("display_data", "execute_result"):
            kept.append({
                "kind": "display",
                "text": str(output.data.get("text/plain", ""))[:65536],
                "html": str(output.data.get("text/html", ""))[:65536],
            })
    return kept


def write(notebook, path):
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".gopherlens-", suffix=".ipynb")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            nbformat.write(notebook, file)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # mkstemp made it for the owner alone
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


async def main(request):
    try:
        notebook = nbformat.read(request["notebook"], as_version=4)
    except Exception as err:
        tell("unreadable", text=f"{type(err).__name__}: {err}".splitlines()[0])
        return
    cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    tell("opened", cells=len(cells))
    client = NotebookClient(
        notebook,
        kernel_name=request["kernel"],
        timeout=request["timeout"] or None,
        # A cell that takes too long is interrupted and counts as failed; GoNB kills after 5 s what
        # does not listen, and what the cell put out until then belongs to it.
        interrupt_on_timeout=True,
        error_on_timeout={"ename": TIMEOUT, "evalue": "", "traceback": []},
        iopub_timeout=10,
        startup_timeout=60,
        record_timing=False,  # an executed notebook is the same whenever it is executed
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(request["notebook"]))}},
    )
    started = time.monotonic()
    try:
        async with client.async_setup_kernel():
            tell("ready", seconds=time.monotonic() - started)
            for number, index in enumerate(cells, 1):
                cell = notebook.cells[index]
                tell("cell", number=number, source=cell.source)
                begun, problem = time.monotonic(), ""
                try:
                    await client.async_execute_cell(cell, index, execution_count=number)
                except CellExecutionError as err:
                    problem = "timeout" if err.ename == TIMEOUT else "error"
                tell("done", number=number, seconds=time.monotonic() - begun, problem=problem, outputs=shown(cell.outputs))
                if problem and not request["allow_errors"]:
                    break
            info = await client.kc.kernel_info(reply=True, timeout=10)
            notebook.metadata["language_info"] = info["content"]["language_info"]
    except DeadKernelError:
        tell("died", text="")
    except RuntimeError as err:  # the kernel did not start
        tell("died", text=str(err))
    if request["output"]:
        write(notebook, request["output"])
    tell("end")


asyncio.run(main(json.loads(sys.argv[1])))
