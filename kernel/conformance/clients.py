"""Executes a notebook through Jupyter's clients, and checks what a person sees.

usage: clients.py DATA_DIR [CHECK …], the folder in which Jupyter finds the kernelspec

The exit status is 1 if a check fails. JupyterLab and Notebook 7 have tests of their own, in a browser.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import uuid

import nbclient
import nbformat
import pexpect

import kernels

WELL = [
    "func half(n int) int { return n / 2 }",
    'fmt.Println("half of 6 is", half(6))',
    "x := 6\nx * 7",
    'import "github.com/janpfeifer/gonb/gonbui"\ngonbui.DisplayHTML("<em>shown</em>")\ngonbui.Sync()',
    'type note string\n\nfunc (n note) HTML() string { return "<b>" + string(n) + "</b>" }\n\nnote("rich")',
]
WRONG = ["list := []int{1}\nlist[half(6)]", "fmt.Println(sixTimesSeven)"]
AFTER = ["half(84)"]

# The words of the two errors.
PANIC = "Index 3 is out of range: there is 1 element"
UNKNOWN = "Go knows nothing called sixTimesSeven here."


class Place:
    """A folder with a notebook, and the environment in which clients find the kernel."""

    processes = kernels.Kernel.processes

    def __init__(self, specs):
        self.specs = specs
        self.mark = "KERNELTEST=" + uuid.uuid4().hex
        self.folder = tempfile.mkdtemp()
        self.environ = {**os.environ, "JUPYTER_DATA_DIR": specs, "JUPYTER_PREFER_ENV_PATH": "0", "XDG_DATA_HOME": self.folder,
                        "TERM": "xterm", "PAGER": "cat", "PROMPT_TOOLKIT_NO_CPR": "1", "KERNELTEST": self.mark.split("=")[1]}

    def notebook(self, *cells):
        """Writes a notebook, and returns its name."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "gopherlens", "display_name": "Go (Gopherlens)", "language": "go"}
        nbformat.write(book, os.path.join(self.folder, "notebook.ipynb"))
        return "notebook.ipynb"

    def call(self, *command, stdin="", **environ):
        """Calls a command of Jupyter's. It returns the exit status and what the terminal shows."""
        program = os.path.join(os.path.dirname(sys.executable), command[0])
        done = subprocess.run([program, *command[1:]], cwd=self.folder, env={**self.environ, **environ}, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=3 * kernels.PATIENCE)
        quiet(done.stdout)
        return done.returncode, done.stdout

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def outputs(self, name):
        return shown(json.loads(self.read(name)))


def shown(book):
    """What each cell of a notebook shows, in words, by its number."""
    found = {}
    for cell in book["cells"]:
        text = ""
        for output in cell["outputs"]:
            kind = output["output_type"]
            if kind == "stream":
                text += "".join(output["text"])
            elif kind == "error":
                text += plain("\n".join(output["traceback"]))
            elif kind == "execute_result":
                text += f"Out[{output['execution_count']}] "
            if "data" in output:
                text += "".join(output["data"].get("text/html") or output["data"]["text/plain"])
        found[cell["execution_count"]] = text
    return found


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def quiet(terminal):
    """What GoNB says to itself is not for a terminal."""
    for noise in ("main.go:", "kernel.go:", "goexec", "gopls"):
        assert noise not in terminal, f"the terminal shows {terminal}"


def has(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in {text}"


def as_it_should(outputs):
    """The notebook's outputs, with both errors allowed."""
    assert outputs[2] == "half of 6 is 3\n", outputs
    assert outputs[3] == "Out[3] 42", outputs
    assert outputs[4] == "<em>shown</em>", outputs
    assert outputs[5] == "Out[5] <b>rich</b>", outputs
    has(outputs[6], "cell 6, line 2", PANIC, "list[half(6)]", "^")
    has(outputs[7], "cell 7, line 1", UNKNOWN)
    assert outputs[8] == "Out[8] 42", outputs


def client(place, *cells, **options):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    os.environ.update(place.environ)
    nbclient.NotebookClient(book, kernel_name="gopherlens", resources={"metadata": {"path": place.folder}}, **options).execute()
    return shown(book)


def check_nbclient(place):
    as_it_should(client(place, *WELL, *WRONG, *AFTER, allow_errors=True))


def check_nbclient_error(place):
    try:
        client(place, *WELL, *WRONG)
    except nbclient.exceptions.CellExecutionError as error:
        has(plain(str(error)), PANIC)
    else:
        raise AssertionError("nbclient goes on after an error")


def check_nbclient_timeout(place):
    """A cell that takes too long is interrupted, and the next is executed."""
    outputs = client(place, WELL[0], "for { }", *AFTER, timeout=5, interrupt_on_timeout=True, allow_errors=True)
    has(outputs[2], "The cell was stopped.")
    assert outputs[3] == "Out[3] 42", outputs


def check_nbclient_stdin(place):
    """Nobody is there to answer: the cell says so and ends, as it would wait for ever."""
    outputs = client(place, "%with_inputs\n!read name; echo hello $name", "6 * 7", allow_errors=True)
    has(outputs[1], "there is nobody to give it")
    assert outputs[2] == "Out[2] 42", outputs


def check_nbconvert_notebook(place):
    status, terminal = place.call("jupyter-nbconvert", "--execute", "--allow-errors", "--to", "notebook", "--output", "out", place.notebook(*WELL, *WRONG, *AFTER))
    assert status == 0, terminal
    as_it_should(place.outputs("out.ipynb"))


def check_nbconvert_html(place):
    status, terminal = place.call("jupyter-nbconvert", "--execute", "--allow-errors", "--to", "html", place.notebook(*WELL, *WRONG, *AFTER))
    page = place.read("notebook.html")
    has(page, "half of 6 is 3", "Out[3]:", "<em>shown</em>", "<b>rich</b>", PANIC, UNKNOWN, "Out[8]:")
    assert status == 0 and "\x1b" not in page, terminal


def check_nbconvert_error(place):
    status, terminal = place.call("jupyter-nbconvert", "--execute", "--to", "html", place.notebook(*WELL, *WRONG))
    assert status != 0
    has(plain(terminal), "cell 6, line 2", PANIC)


def check_jupyter_execute(place):
    status, terminal = place.call("jupyter-execute", "--inplace", "--allow-errors", place.notebook(*WELL, *WRONG, *AFTER))
    assert status == 0, terminal
    as_it_should(place.outputs("notebook.ipynb"))
    status, terminal = place.call("jupyter-execute", "--timeout=5", place.notebook("for { }"))
    assert status != 0
    has(terminal, "timed out")


def check_jupyter_run(place):
    with open(os.path.join(place.folder, "hello.go"), "w") as file:
        file.write('fmt.Println("hello")\nfmt.Println(sixTimes(7))\n\nfunc sixTimes(n int) int { return 6 * n }\n')
    status, terminal = place.call("jupyter-run", "--kernel", "gopherlens", "hello.go")
    assert (status, terminal) == (0, "hello\n42\n"), terminal
    status, terminal = place.call("jupyter-run", "--kernel", "gopherlens", stdin='fmt.Println("by pipe")\n')
    assert (status, terminal) == (0, "by pipe\n"), terminal
    status, terminal = place.call("jupyter-run", "--kernel", "gopherlens", stdin=WRONG[1])
    has(plain(terminal), UNKNOWN)
    assert status != 0


def check_papermill(place):
    status, terminal = place.call("papermill", "--log-output", "--no-progress-bar", place.notebook(*WELL), "out.ipynb")
    assert status == 0, terminal
    has(terminal, "half of 6 is 3")
    assert place.outputs("out.ipynb")[5] == "Out[5] <b>rich</b>"


def check_papermill_error(place):
    status, terminal = place.call("papermill", place.notebook(*WELL, *WRONG), "out.ipynb")
    assert status != 0
    has(terminal, "PapermillExecutionError", 'Exception encountered at "In [6]"', PANIC, "list[half(6)]")
    assert "\x1b" not in terminal[terminal.index("PapermillExecutionError"):], terminal
    has(place.read("out.ipynb"), "papermill-error-cell", PANIC)


def check_papermill_parameters(place):
    """Papermill knows no Go, and says so; a notebook may read its environment."""
    status, terminal = place.call("papermill", "-p", "x", "3", place.notebook(*WELL), "out.ipynb")
    assert status != 0
    has(terminal, "No parameter translator", "language 'go'")
    status, terminal = place.call("papermill", place.notebook('import "os"\nfmt.Println("rate", os.Getenv("RATE"))'), "out.ipynb", RATE="0.1")
    assert status == 0 and place.outputs("out.ipynb")[1] == "rate 0.1\n", terminal


class Console:
    """A person at Jupyter's console."""

    def __init__(self, place):
        program = os.path.join(os.path.dirname(sys.executable), "jupyter-console")
        self.process = pexpect.spawn(program, ["--kernel", "gopherlens"], cwd=place.folder, env=place.environ, encoding="utf-8", dimensions=(50, 120), timeout=kernels.PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.close(force=True)

    def see(self, text):
        """Waits until the terminal shows a text, and returns what it showed before. What colours and moves is left out."""
        found = ""
        late = time.monotonic() + kernels.PATIENCE
        while text not in found:
            assert time.monotonic() < late, f"{text!r} is not in {found!r}"
            try:
                found += plain(self.process.read_nonblocking(1 << 16, timeout=1))
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                raise AssertionError(f"the console has ended, and {text!r} is not in {found!r}") from None
        return found

    def type(self, text):
        # As it comes from a clipboard, so that the console adds nothing to several lines.
        self.process.send(f"\x1b[200~{text}\x1b[201~\r" if "\n" in text else text + "\r")

    def execute(self, text, number):
        """Executes a cell, and returns what is shown until the prompt of the next one."""
        self.type(text)
        return self.see(f"In [{number + 1}]: ")


def check_console(place):
    with Console(place) as console:
        has(console.see("In [1]: "), "Go 1.", "Gopherlens")
        for number, cell in enumerate(WELL[:2], 1):
            output = console.execute(cell, number)
        has(output, "half of 6 is 3")
        has(console.execute(WELL[2], 3), "Out[3]: 42")
        output = console.execute(WRONG[0], 4)
        has(output, "cell 4, line 2", PANIC, "list[half(6)]")
        assert "exit status" not in output, output
        has(console.execute("?half", 5), "func half(n int) int")
        has(console.execute(WRONG[1], 6), "cell 6, line 1", UNKNOWN)
        has(console.execute("half(84)", 7), "Out[7]: 42")
        console.process.sendeof()
        console.see("exit")
        console.type("y")
        console.process.expect(pexpect.EOF)


def check_console_lines(place):
    """A line that something is missing after goes on in the next, indented."""
    with Console(place) as console:
        console.see("In [1]: ")
        for line in ("func double(n int) int {", "return 2 * n"):
            console.type(line)
            has(console.see("...:     "), "...:     ")
        console.type("}")
        console.see("In [2]: ")
        has(console.execute("double(21)", 2), "Out[2]: 42")
        console.process.send("doub\t")
        console.see("double")
        console.process.send("(4)\r")
        has(console.see("In [4]: "), "Out[3]: 8")


def check_console_interrupt(place):
    with Console(place) as console:
        console.see("In [1]: ")
        console.type('fmt.Println("it", "runs"); for { }')
        console.see("it runs")
        console.process.sendintr()
        output = console.see("In [2]: ")
        has(output, "The cell was stopped.")
        assert "signal" not in output, output
        has(console.execute("6 * 7", 2), "Out[2]: 42")


def check_console_stdin(place):
    with Console(place) as console:
        console.see("In [1]: ")
        console.type('import "github.com/janpfeifer/gonb/gonbui"\n%%\ngonbui.RequestInput("Who is it? ", false)\nvar name string\nfmt.Scan(&name)\nfmt.Println("It is " + name + ".")')
        console.see("Who is it? ")
        console.type("Ada")
        has(console.see("In [2]: "), "It is Ada.")
        console.type('%with_password\n!read word; echo ${#word} letters')
        console.see("\n")
        time.sleep(1)
        console.type("secret")
        output = console.see("In [3]: ")
        has(output, "6 letters")
        assert "secret" not in output, output


def main(specs, wanted):
    good = True
    checks = {name[len("check_"):].replace("_", " "): check for name, check in globals().items() if name.startswith("check_")}
    for name, check in checks.items():
        if wanted and name not in wanted:
            continue
        place, began = Place(specs), time.monotonic()
        word, why = "passed", ""
        try:
            check(place)
            kernels.wait(lambda: not place.processes(), "no process is left", place.processes)
        except Exception:
            word, why, good = "failed", traceback.format_exc(), False
        print(f"{name:24} {word} {time.monotonic() - began:6.1f} s\n{why}", end="", flush=True)
        for pid in place.processes():
            os.kill(pid, 9)
        shutil.rmtree(place.folder, ignore_errors=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), sys.argv[2:])
