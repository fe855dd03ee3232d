// Package jupyter runs the Jupyter of the clone's virtual environment, apart from any other Jupyter of
// the user's: neither's settings, kernels or running servers are seen by the other.
//
//	cmd := jupyter.Command(ctx, c, "-m", "jupyterlab", "--version")
package jupyter

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"

	"gopherlens/kernel/internal/clone"
)

// Command runs the virtual environment's Python.
func Command(ctx context.Context, c clone.Clone, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Python(), args...)
	cmd.Env = Environ(os.Environ(), c)
	return cmd
}

// Environ returns environ as the clone's Jupyter needs it.
func Environ(environ []string, c clone.Clone) []string {
	path := ""
	kept := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		if name == "PATH" {
			path = value
		}
		return name == "PATH" || name == "VIRTUAL_ENV" || name == "IPYTHONDIR" ||
			strings.HasPrefix(name, "JUPYTER") || strings.HasPrefix(name, "PYTHON")
	})
	return append(kept,
		"PATH="+c.Lab("venv", "bin")+string(os.PathListSeparator)+path,
		"VIRTUAL_ENV="+c.Lab("venv"),
		"PYTHONNOUSERSITE=1",
		"JUPYTER_CONFIG_DIR="+c.Lab("jupyter", "config"),
		"JUPYTER_DATA_DIR="+c.Lab("jupyter", "data"),
		"IPYTHONDIR="+c.Lab("jupyter", "ipython"),
		"JUPYTER_RUNTIME_DIR="+c.Lab("jupyter", "runtime"),
		"JUPYTER_PREFER_ENV_PATH=1", // the kernel of this clone, before any other of the same name
	)
}
