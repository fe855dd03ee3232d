package help

import (
	"slices"
	"strings"
)

// gonbCommands are the lines that GoNB takes for itself, with what they do:
// https://github.com/janpfeifer/gonb/blob/main/internal/specialcmd/help.md
var gonbCommands = map[string]string{
	"%%":             "`%% [arguments]`: the rest of the cell is what the program does. Arguments are the program's.",
	"%%bash":         "`%%bash`: the rest of the cell is a script for bash. It must be the cell's first line.",
	"%%script":       "`%%script command`: the command reads the rest of the cell. It must be the cell's first line.",
	"%%sh":           "`%%sh`: the rest of the cell is a script for sh. It must be the cell's first line.",
	"%%writefile":    "`%%writefile [-a] path`: writes the rest of the cell to a file; -a appends. It must be the cell's first line.",
	"%args":          "`%args arguments`: sets the arguments of the cell's program.",
	"%autoget":       "`%autoget`: fetches the modules that a cell imports, with `go get`.",
	"%capture":       "`%capture [-a] path`: copies what the cell prints to a file; -a appends.",
	"%cd":            "`%cd [folder]`: changes the folder in which cells run, or tells which it is.",
	"%env":           "`%env NAME value`: sets an environment variable, for Go and for shell commands.",
	"%exec":          "`%exec function [arguments]`: calls a function that the notebook has declared.",
	"%goflags":       "`%goflags [flags]`: sets further flags for `go build`, or tells which are set.",
	"%goworkfix":     "`%goworkfix`: lets `go get` find the modules that a go.work file names.",
	"%help":          "`%help`: shows GoNB's own help.",
	"%list":          "`%list` or `%ls`: lists what the notebook has declared.",
	"%ls":            "`%ls` or `%list`: lists what the notebook has declared.",
	"%main":          "`%main [arguments]`: the same as `%%`.",
	"%noautoget":     "`%noautoget`: cells may import only what is on this machine already; they start faster.",
	"%remove":        "`%remove names` or `%rm names`: forgets declarations.",
	"%reset":         "`%reset [go.mod]`: forgets all declarations and begins a new go.mod, or only that.",
	"%rm":            "`%rm names` or `%remove names`: forgets declarations.",
	"%test":          "`%test [flags]`: runs the cell's tests and benchmarks.",
	"%track":         "`%track [path]`: watches files that change outside of the notebook, or lists them.",
	"%untrack":       "`%untrack [path]`: watches files no longer.",
	"%version":       "`%version`: tells GoNB's version.",
	"%wasm":          "`%wasm`: compiles the cell to WebAssembly and runs it in the page.",
	"%widgets":       "`%widgets`: connects GoNB's widgets to the page.",
	"%with_inputs":   "`%with_inputs`: asks for the input of the next shell command.",
	"%with_password": "`%with_password`: asks for a password for the next shell command.",
}

// commands are the special commands that begin like a line; none where the line is not one's beginning.
func commands(line string) []match {
	prefix := strings.TrimSpace(line)
	if !strings.HasPrefix(prefix, "%") || strings.TrimLeft(line, " \t") != prefix {
		return nil
	}
	var found []match
	for name := range gonbCommands {
		if strings.HasPrefix(name, prefix) {
			found = append(found, match{text: name, kind: "magic"})
		}
	}
	slices.SortFunc(found, func(a, b match) int { return strings.Compare(a.text, b.text) })
	return found
}
