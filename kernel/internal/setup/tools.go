package setup

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/progress"
)

// Tool is a program that kernel/tools/go.mod pins.
type Tool struct {
	Name    string // "gonb"
	Module  string // "github.com/janpfeifer/gonb"
	Version string // "v0.11.5"
}

var toolLine = regexp.MustCompile(`(?m)^\t([\w.-]+\.[\w.-]+/\S+)$`)
var requireLine = regexp.MustCompile(`(?m)^\t(\S+) (v\S+)`)

// Tools lists the programs that the kernel needs, as kernel/tools/go.mod pins them.
func Tools(c clone.Clone) ([]Tool, error) {
	text, err := os.ReadFile(c.Path("kernel", "tools", "go.mod"))
	if err != nil {
		return nil, err
	}
	versions := map[string]string{}
	for _, match := range requireLine.FindAllSubmatch(text, -1) {
		versions[string(match[1])] = string(match[2])
	}
	var tools []Tool
	for _, match := range toolLine.FindAllSubmatch(text, -1) {
		program := string(match[1])
		module := program
		for versions[module] == "" && strings.Contains(module, "/") {
			module = path.Dir(module)
		}
		tools = append(tools, Tool{path.Base(program), module, versions[module]})
	}
	return tools, nil
}

// Check tells what is wrong with a built tool: nil if it is the pinned version, built by this Go.
func (t Tool) Check(c clone.Clone) error {
	info, err := buildinfo.ReadFile(c.Bin(t.Name))
	if err != nil {
		return fmt.Errorf("%s is missing or damaged", t.Name)
	}
	version, err := c.GoVersion()
	if err != nil {
		return err
	}
	// A GOEXPERIMENT shows in the version: "go1.27.4-X:simd".
	if built, _, _ := strings.Cut(info.GoVersion, "-X:"); info.Main.Version != t.Version || built != version {
		return fmt.Errorf("%s is %s built by %s, wanted is %s built by %s", t.Name, info.Main.Version, built, t.Version, version)
	}
	return nil
}

// tools builds the pinned tools into .lab/bin.
func tools(ctx context.Context, w io.Writer, c clone.Clone, g goenv.Go) error {
	tools, err := Tools(c)
	if err != nil {
		return err
	}
	var names []string
	wanted := false
	for _, tool := range tools {
		names = append(names, tool.Name)
		wanted = wanted || tool.Check(c) != nil
	}
	if !wanted {
		return nil
	}
	line := progress.Start(w, "Building "+strings.Join(names, ", "))
	fetched, built := 0, 0
	cmd := build(ctx, c, g, "install", "-v", "tool")
	cmd.Dir = c.Path("kernel", "tools")
	err = logged(c, cmd, "tools", "cannot build the kernel's tools", func(text string) {
		if module, found := strings.CutPrefix(text, "go: downloading "); found {
			fetched++
			line.Set("fetching module %d: %s", fetched, module)
			return
		}
		built++
		line.Set("compiling package %d of about 620: %s", built, text)
	})
	if err != nil {
		line.Fail("")
		return err
	}
	line.Done("")
	return nil
}

// kernel builds this program to where the kernelspec expects it, unless it runs from there.
func kernel(ctx context.Context, c clone.Clone) error {
	if program, err := os.Executable(); err == nil && program == c.Kernel() {
		return nil
	}
	g, err := goenv.Read(c)
	if err != nil {
		return err
	}
	cmd := build(ctx, c, g, "build", "-o", c.Kernel(), "./kernel")
	return logged(c, cmd, "kernel", "cannot build the kernel's command", func(string) {})
}

// build is a go command that may fetch what it lacks.
func build(ctx context.Context, c clone.Clone, g goenv.Go, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(g.Root, "bin", "go"), args...)
	cmd.Dir = c.Root
	cmd.Env = append(goenv.Build(os.Environ()), "GOBIN="+c.Lab("bin"))
	return cmd
}
