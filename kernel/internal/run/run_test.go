package run

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The client's events become one line for each cell, with the reason below a cell that failed. The
// events were recorded from a real kernel.
func TestFollow(t *testing.T) {
	events, err := os.Open(filepath.Join("testdata", "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	var out bytes.Buffer
	result, problem := follow(events, Request{Timeout: 4 * time.Second}, &Printer{W: &out})
	if problem != nil {
		t.Fatal(problem)
	}
	if want := (Result{Cells: 7, Ready: 660 * time.Millisecond, Passed: 2, Failed: 5}); result != want {
		t.Errorf("got %+v, want %+v", result, want)
	}
	// Printing happens after the fact here, so the times are all about nothing.
	got := regexp.MustCompile(`\(\d+\.\d s\)`).ReplaceAllString(out.String(), "(0.0 s)")
	golden := filepath.Join("testdata", "printed.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestFollowProblems(t *testing.T) {
	tests := []struct{ name, events, want string }{
		{"no notebook", `{"event": "unreadable", "text": "Expecting value"}`, "x.ipynb is no notebook (Expecting value)"},
		{"no kernel", `{"event": "opened", "cells": 1}` + "\n" + `{"event": "died", "text": "Kernel died before replying to kernel_info\nmore"}`,
			"the kernel did not start: Kernel died before replying to kernel_info"},
		{"dead kernel", `{"event": "opened", "cells": 1}` + "\n" + `{"event": "cell", "number": 1}` + "\n" + `{"event": "died"}`, "the kernel died in cell 1"},
		{"noise", "Segmentation fault", `Jupyter's client said "Segmentation fault"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			printer := &Printer{W: &out}
			_, problem := follow(strings.NewReader(test.events+"\n"), Request{Notebook: "x.ipynb"}, printer)
			if problem == nil || problem.Error() != test.want {
				t.Errorf("got %v, want %s", problem, test.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	const alert = `<div role="alert">x</div>`
	tests := []struct {
		name    string
		outputs []output
		want    string
	}{
		{"a sentence in a card", []output{
			{Kind: "display", Text: "xTrain4D is still a gap: fill in its cell and run it first", HTML: alert},
			{Kind: "stderr", Text: "exit status 1\n"},
			{Kind: "error", Name: "ERROR", Text: "exit status 1", Traceback: []string{"exit status 1"}},
		}, "xTrain4D is still a gap: fill in its cell and run it first"},
		{"a picture after the card", []output{
			{Kind: "display", Text: "1 is missing", HTML: alert}, {Kind: "display", Text: "16 digits"},
			{Kind: "error", Name: "ERROR", Text: "exit status 1"},
		}, "Exit in cell 3\nThe cell's program ended itself with exit status 1, by os.Exit or a function like log.Fatal."},
		{"log.Fatal", []output{
			{Kind: "stderr", Text: "2026/11/23 no such file\nexit status 1\n"}, {Kind: "error", Name: "ERROR", Text: "exit status 1"},
		}, "Exit in cell 3\nThe cell's program ended itself with exit status 1, by os.Exit or a function like log.Fatal.\n" +
			"Its last words: 2026/11/23 no such file"},
		{"explained already", []output{
			{Kind: "error", Name: "Panic", Text: "cell 3, line 1: no digits", Traceback: []string{"\x1b[1;31mPanic\x1b[0m in cell 3, line 1", "no digits"}},
		}, "Panic in cell 3, line 1\nno digits"},
		{"nothing at all", nil, "Error in cell 3\nThe cell failed, and nothing says why."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := words(Cell{Number: 3}, test.outputs); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTelling(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"magic", "%%\n\nfmt.Println(1)", "fmt.Println(1)"},
		{"imports", "import (\n\t\"fmt\"\n)\nimport \"os\"\nvar x = 1", "var x = 1"},
		{"comment", "// Load the digits\nvar x = 1", "// Load the digits"},
		{"only imports", "import (\n\t\"fmt\"\n)\n", "import ("},
		{"long", strings.Repeat("é", 100), strings.Repeat("é", 69) + "…"},
		{"empty", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := telling(test.source); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
