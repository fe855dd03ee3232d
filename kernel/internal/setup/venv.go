package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/jupyter"
	"gopherlens/kernel/internal/kernelspec"
	"gopherlens/kernel/internal/progress"
)

// requirements are the locked versions of JupyterLab and all it needs.
const requirements = "requirements.txt"

// venv makes the virtual environment that JupyterLab runs in.
func venv(ctx context.Context, w io.Writer, c clone.Clone) error {
	lock, err := os.ReadFile(c.Path("kernel", requirements))
	if err != nil {
		return err
	}
	if VenvIsCurrent(c, lock) {
		return nil
	}
	python, err := Python(ctx)
	if err != nil {
		return err
	}
	// A half-made environment is made anew: what pip fetched is in its cache, so that costs little.
	line := progress.Start(w, "Installing JupyterLab into .lab/venv")
	line.Set("making a virtual environment")
	cmd := exec.CommandContext(ctx, python, "-m", "venv", "--clear", c.Lab("venv"))
	cmd.Env = jupyter.Environ(os.Environ(), c)
	if err := logged(c, cmd, "venv", "cannot make a virtual environment with "+python, func(string) {}); err != nil {
		line.Fail("")
		return err
	}
	cmd = jupyter.Command(ctx, c, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off",
		"--require-hashes", "--no-deps", "-r", c.Path("kernel", requirements))
	cmd.Env = append(cmd.Env, "PIP_USER=0", "PIP_REQUIRE_VIRTUALENV=0")
	total, collected := strings.Count(string(lock), "=="), 0
	err = logged(c, cmd, "pip", "cannot install JupyterLab", func(text string) {
		if name, found := strings.CutPrefix(text, "Collecting "); found {
			collected++
			name, _, _ = strings.Cut(name, " (")
			line.Set("fetching %d of at most %d: %s", collected, total, name)
		}
		if strings.HasPrefix(text, "Installing collected packages") {
			line.Set("unpacking %d packages", collected)
		}
	})
	if err != nil {
		line.Fail("")
		return err
	}
	if err := os.WriteFile(c.Lab("venv", stamp), []byte(venvKey(c, lock)), 0o644); err != nil {
		return err
	}
	line.Done(fmt.Sprintf("%d packages", collected))
	return nil
}

// stamp is the file in the virtual environment that says it is whole, and what it was made from.
const stamp = "gopherlens-stamp"

// VenvIsCurrent tells whether the virtual environment is whole and holds what the lock file says.
func VenvIsCurrent(c clone.Clone, lock []byte) bool {
	have, err := os.ReadFile(c.Lab("venv", stamp))
	if err != nil || string(have) != venvKey(c, lock) {
		return false
	}
	_, err = os.Stat(c.Python()) // follows the link to the Python it was made with, which may be gone
	return err == nil
}

// venvKey changes when the environment must be made anew: with the lock file, or when the clone was moved.
func venvKey(c clone.Clone, lock []byte) string {
	sum := sha256.Sum256(append(lock, c.Root...))
	return hex.EncodeToString(sum[:])
}

// Python returns a Python that can make the virtual environment: $GOPHERLENS_PYTHON or the first on
// PATH that is new enough.
func Python(ctx context.Context) (string, error) {
	candidates := []string{"python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"}
	problem := errors.New("Python is missing: install Python 3.10 or later from https://www.python.org/downloads")
	if chosen := os.Getenv("GOPHERLENS_PYTHON"); chosen != "" {
		candidates = []string{chosen}
		problem = fmt.Errorf("GOPHERLENS_PYTHON is %s, and that is no Python: name one of version 3.10 or later, or leave it empty", chosen)
	}
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "-c", pythonProbe).Output()
		if err != nil {
			continue // a shim without a Python behind it
		}
		switch text := strings.TrimSpace(string(out)); text {
		case "ok":
			return path, nil
		case "venv":
			problem = errors.New("Python's venv module is missing: install it (on Debian and Ubuntu: sudo apt install python3-venv)")
		default:
			problem = fmt.Errorf("Python is %s, too old: install Python 3.10 or later from https://www.python.org/downloads", text)
		}
	}
	return "", problem
}

const pythonProbe = `
import sys
if sys.version_info < (3, 10):
    print("%d.%d" % sys.version_info[:2])
else:
    try:
        import ensurepip, venv
        print("ok")
    except ImportError:
        print("venv")
`

// settings writes what makes JupyterLab ours: the kernelspec, no news, no other kernels. They lie in
// the virtual environment, so no Jupyter of the user's own is touched.
func settings(c clone.Clone) error {
	if _, err := kernelspec.Write(c, kernelspec.Ours, Kernelspec(c)); err != nil {
		return err
	}
	for path, text := range map[string]string{
		c.Lab("venv", "share", "jupyter", "lab", "settings", "overrides.json"): overrides,
		c.Lab("venv", "etc", "jupyter", "labconfig", "page_config.json"):       pageConfig,
		c.Lab("venv", "etc", "jupyter", "jupyter_server_config.json"):          serverConfig,
	} {
		if err := clone.Write(path, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// Kernelspec is the folder of the clone's own kernelspec.
func Kernelspec(c clone.Clone) string {
	return c.Lab("venv", "share", "jupyter", "kernels", kernelspec.Name)
}

// JupyterLab asks on its first start whether it may fetch news, and looks for updates of itself. And it
// takes cells that are scrolled out of sight off the page, which restarts what moves in their outputs. Beside what Tab
// offers it can show what that is.
const overrides = `{
  "@jupyterlab/completer-extension:manager": {
    "showDocumentationPanel": true
  },
  "@jupyterlab/notebook-extension:tracker": {
    "windowingMode": "defer"
  },
  "@jupyterlab/apputils-extension:notification": {
    "checkForUpdates": false,
    "fetchNews": "false"
  }
}
`

const pageConfig = `{
  "disabledExtensions": {
    "@jupyterlab/apputils-extension:announcements": true
  }
}
`

// Python's own kernel comes with JupyterLab; a learner who picked it by mistake would get Python's
// syntax errors for Go cells.
// Its language servers are not for Go either; looking for them slows the start.
const serverConfig = `{
  "ServerApp": {
    "jpserver_extensions": {"jupyter_lsp": false}
  },
  "ContentsManager": {
    "hide_globs": ["__pycache__", "*.pyc", "*.pyo", ".DS_Store", "*~", "build", "source"]
  },
  "MultiKernelManager": {
    "default_kernel_name": "` + kernelspec.Name + `"
  },
  "KernelSpecManager": {
    "allowed_kernelspecs": ["` + kernelspec.Name + `"],
    "ensure_native_kernel": false
  }
}
`
