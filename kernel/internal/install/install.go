// Package install offers the kernel in a Jupyter that the user has already, and takes it away again.
package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/kernelspec"
)

// Place says which Jupyter is meant.
type Place struct {
	User      bool   `xor:"place" help:"For every Jupyter of yours (the default)."`
	SysPrefix bool   `xor:"place" help:"For the Jupyter on PATH alone, in its own environment (conda, venv)."`
	Prefix    string `xor:"place" type:"path" placeholder:"DIR" help:"Below DIR/share/jupyter."`
	Jupyter   string `type:"path" placeholder:"PATH" help:"The jupyter program that is meant, if it is not the one on PATH."`
}

// Command installs the kernelspec.
type Command struct {
	Place `embed:""`
	Stock bool `help:"Install GoNB as it comes, without the kernel's own front door before it."`
}

// Run installs.
func (cmd *Command) Run(ctx context.Context) error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	if _, err := goenv.Read(c); err != nil { // a kernel that cannot start helps nobody
		return err
	}
	dir, _, err := cmd.dir(ctx)
	if err != nil {
		return err
	}
	if spec, err := kernelspec.Read(dir); err == nil && len(spec.Argv) > 0 && spec.Argv[0] != c.Kernel() {
		fmt.Printf("It takes the place of the kernel of %s.\n", spec.Argv[0])
	}
	flavour := kernelspec.Ours
	if cmd.Stock {
		flavour = kernelspec.Stock
	}
	changed, err := kernelspec.Write(c, flavour, dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no right to write to %s: choose --user, or another --prefix", filepath.Dir(dir))
	case err != nil:
		return fmt.Errorf("cannot install the kernel: %w", err)
	case !changed:
		fmt.Printf("✓ The kernel is installed already in %s\n", dir)
	default:
		fmt.Printf("✓ The kernel is installed in %s\n  Choose “%s” as the kernel of a notebook. Keep this clone: the kernel runs from it.\n",
			dir, flavour)
	}
	return nil
}

// Uninstall takes the kernelspec away.
type Uninstall struct {
	Place `embed:""`
}

// Run uninstalls.
func (cmd *Uninstall) Run(ctx context.Context) error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	dir, stop, err := cmd.dir(ctx)
	if err != nil {
		return err
	}
	switch err := kernelspec.Remove(c, dir, stop); {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Printf("✓ There is no kernel in %s\n", dir)
	case err != nil:
		return err
	default:
		fmt.Printf("✓ The kernel is removed from %s\n", dir)
	}
	return nil
}

// dir is the kernelspec's folder, and the folder above it that is Jupyter's or the user's in any case.
func (p Place) dir(ctx context.Context) (dir, stop string, err error) {
	switch {
	case p.Prefix != "":
		stop = p.Prefix
		dir = filepath.Join(p.Prefix, "share", "jupyter")
	case p.SysPrefix:
		if dir, err = p.environment(ctx); err != nil {
			return "", "", err
		}
		stop = filepath.Dir(filepath.Dir(dir))
	default:
		if dir, err = p.user(ctx); err != nil {
			return "", "", err
		}
		stop, _ = os.UserHomeDir()
	}
	return filepath.Join(dir, "kernels", kernelspec.Name), stop, nil
}

// environment is the data folder in the Python environment of a Jupyter.
func (p Place) environment(ctx context.Context) (string, error) {
	program, err := p.program()
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, program, "--paths", "--json").Output()
	var paths struct{ Data []string }
	if err != nil || json.Unmarshal(out, &paths) != nil {
		return "", fmt.Errorf("%s does not say where its data is: is it Jupyter?", program)
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	data := filepath.Join(filepath.Dir(filepath.Dir(program)), "share", "jupyter")
	if !slices.Contains(paths.Data, data) {
		return "", fmt.Errorf("cannot tell which environment %s belongs to: use --user, or --prefix with what `python -c 'import sys; print(sys.prefix)'` prints there", program)
	}
	return data, nil
}

// user is the data folder of the user: what Jupyter says, or where every Jupyter looks.
func (p Place) user(ctx context.Context) (string, error) {
	if program, err := p.program(); err == nil {
		if out, err := exec.CommandContext(ctx, program, "--data-dir").Output(); err == nil {
			if dir := strings.TrimSpace(string(out)); filepath.IsAbs(dir) {
				return dir, nil
			}
		}
	} else if p.Jupyter != "" {
		return "", err
	}
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// program is the jupyter program that is meant.
func (p Place) program() (string, error) {
	name := "jupyter"
	if p.Jupyter != "" {
		name = p.Jupyter
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("there is no Jupyter program %s: name it with --jupyter, or use scripts/lab, which brings its own", name)
	}
	return program, nil
}
