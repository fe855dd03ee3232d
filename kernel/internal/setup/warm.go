package setup

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
func cellImports(c clone.Clone) []string {
	found := map[string]bool{}
	for _, pattern := range []string{c.Path("notebooks", "*.ipynb"), c.Path("notebooks", "*", "*.ipynb")} {
		paths, _ := filepath.Glob(pattern) // the pattern is well-formed
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			for _, name := range notebookImports(text) {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// notebookImports are the packages that a notebook's cells import. What is no notebook imports nothing.
func notebookImports(text []byte) []string {
	var notebook struct {
		Cells []struct {
			Type   string          `json:"cell_type"`
			Source json.RawMessage `json:"source"`
		}
	}
	if json.Unmarshal(text, &notebook) != nil {
		return nil
	}
	var names []string
	for _, cell := range notebook.Cells {
		if cell.Type == "code" {
			names = append(names, sourceImports(joined(cell.Source))...)
		}
	}
	return names
}

// joined is a cell's source, which the format allows to be one string or a list of lines.
func joined(source json.RawMessage) string {
	var lines []string
	if json.Unmarshal(source, &lines) == nil {
		return strings.Join(lines, "")
	}
	var text string
	if json.Unmarshal(source, &text) != nil {
		return ""
	}
	return text
}

// importLine is a line of an import declaration in a cell.
var importLine = regexp.MustCompile(`^(?:import\s+)?(?:[\w.]+\s+)?"([\w./-]+)"(?:\s*//.*)?$`)

// sourceImports are the packages that the import declarations of a cell name.
func sourceImports(source string) []string {
	var names []string
	inside := false
	for _, line := range strings.Split(source, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "import ("), line == "import(":
			inside = true
		case inside && line == ")":
			inside = false
		case inside || strings.HasPrefix(line, "import "):
			if match := importLine.FindStringSubmatch(line); match != nil {
				names = append(names, match[1])
			}
		}
	}
	return names
}
