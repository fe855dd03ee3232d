"""Runs jupyter_kernel_test on our kernel and on GoNB as it comes, and prints the results side by side.

usage: conformance.py NAME=DATA_DIR …, names of kernels and the folders in which Jupyter finds their kernelspecs

The exit status is 1 if a test fails on the first kernel, or is skipped there.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jupyter_kernel_test

HTML = """import "github.com/janpfeifer/gonb/gonbui"
%%
gonbui.DisplayHtml("<b>bold</b>")
gonbui.Sync()"""


class Kernel(jupyter_kernel_test.KernelTests):
    kernel_name = "gopherlens"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\n%%\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\n%%\nfmt.Fprintln(os.Stderr, "oops")'
    completion_samples = [
        {"text": "strings.ToUpp", "matches": {"ToUpper", "ToUpperSpecial"}},
    ]
    complete_code_samples = ["x := 1", "func f() int { return 1 }", "%%\nfmt.Println(1)", "!ls", "%ls", "1 + 1"]
    incomplete_code_samples = ["func f() int {", "fmt.Println(", "x := `a", "for i := range 3 {\n\tfmt.Println(i)"]
    invalid_code_samples = ["func }", "x := )", '"a']
    code_page_something = "?strings.ToUpper"
    code_generate_error = 'panic("no")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "6 * 7", "result": "42"},
        {"code": "[]int{1, 2}", "result": "[1 2]"},
    ]
    code_display_data = [{"code": HTML, "mime": "text/html"}]
    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "strings.ToUpper"

    def test_completion(self):
        # gopls may take some seconds to know the standard library; until then a Tab is answered with less.
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not self.kc.complete("strings.ToUpp", reply=True, timeout=15)["content"]["matches"]:
            time.sleep(0.2)
        super().test_completion()

    code_clear_output = 'import "gopherlens/mlkit/cell"\n%%\ncell.Clear()'


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "gopherlens"
    support_iopub_welcome = True


def measure(folder, test, patience):
    """Runs one test on a kernel of its own. A kernel that does not answer in so many seconds is killed, and all that it started."""
    with tempfile.TemporaryFile("w+") as log, tempfile.TemporaryDirectory() as data:
        # Other kernels of the user's write to the same history, unless it is elsewhere.
        environ = {**os.environ, "JUPYTER_DATA_DIR": folder, "JUPYTER_PREFER_ENV_PATH": "0", "XDG_DATA_HOME": data}
        process = subprocess.Popen([sys.executable, __file__, "--one", test], env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            status = process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            end(process)
            status = 3
        log.seek(0)
        word = {0: "passed", 1: "failed", 2: "skipped", 3: "no answer"}.get(status, "failed")
        why = [line for line in log.read().splitlines() if "Error: " in line]
    return word, why[-1] if why else ""


def end(process):
    """Kills what a test has left: its kernel, and GoNB's gopls, are in process groups of their own."""
    parents = [line.split() for line in subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.splitlines()]
    left = [str(process.pid)]
    for pid in left:
        left += [child for child, parent in parents if parent == pid]
    for pid in left:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def one(test):
    """Runs one test in this process. The exit status is what became of it."""
    result = unittest.defaultTestLoader.loadTestsFromName(test, sys.modules[__name__]).run(unittest.TestResult())
    for _, text in result.failures + result.errors:
        print(text)
    os._exit(1 if result.failures or result.errors else 2 if result.skipped else 0)


def main(kernels):
    tests = [f"{case.__name__}.{name}" for case in (Kernel, Welcome) for name in unittest.defaultTestLoader.getTestCaseNames(case)]
    names = [kernel.split("=")[0] for kernel in kernels]
    wide = max(len(test) for test in tests)
    print(" " * wide, *(f"{name:>12}" for name in names))
    passed, reasons = [0] * len(kernels), []
    for test in tests:
        words = []
        for i, kernel in enumerate(kernels):
            word, why = measure(kernel.split("=", 1)[1], test, 20 if i else 40)  # GoNB leaves some questions without an answer
            words.append(word)
            passed[i] += word == "passed"
            if why and word != "passed":
                reasons.append(f"{names[i]}, {test}: {why}")
        print(f"{test:{wide}}", *(f"{word:>12}" for word in words), flush=True)
    print(f"{'passed':{wide}}", *(f"{count:>6} of {len(tests)}" for count in passed))
    print(*reasons, sep="\n")
    sys.exit(0 if passed[0] == len(tests) else 1)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        one(sys.argv[2])
    else:
        main(sys.argv[1:])
