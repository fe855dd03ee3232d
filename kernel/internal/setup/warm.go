package setup

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/progress"
)

// warm fetches the modules that cells need and compiles every package that a cell may import, with a
// cell's flags, so that the first cell of a notebook needs no network and answers at once. Where all is
// there already it takes a fraction of a second: the go command looks, as its cache forgets what was
// not used for some days.
func warm(ctx context.Context, w io.Writer, c clone.Clone, g goenv.Go) error {
	line := progress.Start(w, "Compiling the lesson's packages")
	problem, err := compile(ctx, c, g, line)
	// A cell is a module of its own in a workspace: there the go command reads the requirements of every module,
	// also of those that no package of the clone needs.
	graph := goenv.Command(ctx, c, g, "list", "-m", "all")
	if err == nil && (missing.MatchString(problem) || graph.Run() != nil) {
		fetched := 0
		cmd := build(ctx, c, g, "mod", "download", "-x")
		err = logged(c, cmd, "modules", "cannot fetch the lesson's Go modules", func(text string) {
			if name, found := strings.CutPrefix(text, "# get "); found && strings.HasSuffix(name, ".zip") {
				fetched++
				line.Set("fetching module %d: %s", fetched, moduleName(name))
			}
		})
		if err == nil {
			err = logged(c, build(ctx, c, g, "list", "-m", "all"), "modules", "cannot fetch what the Go modules require", func(string) {})
		}
		if err == nil {
			problem, err = compile(ctx, c, g, line)
		}
	}
	switch {
	case err != nil:
		line.Fail("")
		return err
	case problem != "": // cells that do without the broken package still work
		line.Warn(problem)
	default:
		line.Done("")
	}
	return nil
}

// missing matches what the go command says of a package whose module is not on this machine.
var missing = regexp.MustCompile(`lookup disabled by GOPROXY=off|no required module provides|missing go\.sum entry`)

// compile fills the build cache. A problem is what the go command says of a package that it cannot load.
func compile(ctx context.Context, c clone.Clone, g goenv.Go, line *progress.Line) (problem string, err error) {
	const format = `{{with .Error}}problem: {{printf "%q" .Err}}{{end}}`
	args := append([]string{"list", "-e", "-deps", "-export", "-v", "-f", format, "fmt", "./mlkit/..."}, cellImports(c)...)
	built := 0
	err = logged(c, goenv.Command(ctx, c, g, args...), "warm", "cannot compile the lesson's packages", func(text string) {
		switch quoted, found := strings.CutPrefix(text, "problem: "); {
		case found && problem == "":
			problem = firstError(quoted)
		case !found && text != "":
			built++
			line.Set("package %d: %s", built, text)
		}
	})
	return problem, err
}

// firstError is the first line of what the go command says of a package, without the package's name.
func firstError(quoted string) string {
	text, err := strconv.Unquote(quoted)
	if err != nil {
		return quoted
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "# ") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(text)
}

// moduleName is the module in the address of its zip file: …/github.com/gomlx/gomlx/@v/v0.28.16.zip
func moduleName(address string) string {
	module, _, _ := strings.Cut(address, "/@v/")
	if _, path, found := strings.Cut(module, "://"); found {
		_, module, _ = strings.Cut(path, "/")
	}
	return module
}

// cellImports are the packages that the notebooks' cells import.
func cellImports(c clone.Clone) (paths []string) {
	for _, pattern := range []string{c.Path("notebooks", "*.ipynb"), c.Path("notebooks", "*", "*.ipynb")} {
		notebooks, _ := filepath.Glob(pattern) // the pattern is well-formed
		for _, notebook := range notebooks {
			if text, err := os.ReadFile(notebook); err == nil {
				paths = append(paths, cells.Imports(text)...)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
