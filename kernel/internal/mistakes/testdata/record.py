"""Runs mistaken cells through GoNB as it is and prints what it says of them, one JSON object a line.

usage: record.py REQUEST, a JSON object with
  argv     GoNB's command line, with {connection_file} in it
  hide     [[path, name]…]: paths of this machine, and what is written in their place
  samples  [{"name", "cells": [source…]}…]: each in a kernel of its own; the last cell is the mistaken one
"""
import asyncio
import json
import os
import re
import sys
import tempfile

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec

LIMIT = 60  # seconds that a kernel or a cell may take


def program(*texts):
    """The program that GoNB made, found by what it said."""
    said = "\n".join(texts)
    path, folder = re.search(r"/\S*/gonb_[0-9a-f]{8}/main(_test)?\.go", said), re.search(r"^# (gonb_[0-9a-f]{8})$", said, re.M)
    if not path and not folder:
        return ""
    with open(path.group() if path else f"{tempfile.gettempdir()}/{folder[1]}/main.go", encoding="utf-8") as file:
        return file.read()


def neutral(text, hide):
    """The same text on every machine and in every run."""
    for path, name in hide:
        text = text.replace(path, name)
    text = re.sub(r"/\S*/gonb_[0-9a-f]{8}", "/tmp/gonb_00000000", text)
    text = re.sub(r"gonb_[0-9a-f]{8}", "gonb_00000000", text)
    text = re.sub(r"0xc[0-9a-f]{6,}", "0xc000000000", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x400000", text)
    text = re.sub(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "2026/01/01 00:00:00", text)
    return re.sub(r"(goroutine |m=|tid=)\d+(?= )", r"\g<1>1", text)


async def execute(client, source, manager, interrupt):
    """Executes a cell and collects what is published."""
    outputs = []

    def hook(message):
        kind, content = message["msg_type"], message["content"]
        outputs.append((kind, content))
        if interrupt and kind == "stream" and content["name"] == "stdout":
            asyncio.get_running_loop().create_task(manager.interrupt_kernel())

    reply = await client.execute_interactive(source, allow_stdin=False, timeout=LIMIT, output_hook=hook)
    return reply["content"], outputs


async def record(request, sample):
    manager = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(argv=request["argv"], interrupt_mode="message")
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=LIMIT)
        for source in sample["cells"]:
            reply, outputs = await execute(client, source, manager, sample["name"] == "interrupted")
        stderr = "".join(c["text"] for kind, c in outputs if kind == "stream" and c["name"] == "stderr")
        main = program(reply.get("evalue", ""), stderr)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel()  # a GoNB that is killed leaves its gopls
    shown = [c["data"] for kind, c in outputs if kind == "display_data"]
    return {
        "name": sample["name"],
        "cells": sample["cells"],
        "status": reply["status"],
        "ename": reply.get("ename", ""),
        "evalue": neutral(reply.get("evalue", ""), request["hide"]),
        "traceback": [neutral(line, request["hide"]) for line in reply.get("traceback", [])],
        "stderr": neutral(stderr, request["hide"]),
        "main": main,
        "html": shown[-1].get("text/html", "") if shown else "",
        "text": shown[-1].get("text/plain", "") if shown else "",
    }


async def main(request):
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the kernels print must not get among the answers
    for sample in request["samples"]:
        try:
            recorded = await record(request, sample)
        except TimeoutError:  # once in some hundred cells, GoNB loses one
            recorded = await record(request, sample)
        print(json.dumps(recorded, ensure_ascii=False), file=events, flush=True)


asyncio.run(main(json.loads(sys.argv[1])))
