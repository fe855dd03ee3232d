package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// report collects how the tests of all steps went.
type report struct {
	w                      io.Writer
	passed, failed, absent int      // tests
	reasons                []string // why something was skipped, each once
	counts                 map[string]int
}

// event is a line of what `go test -json` prints.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

// place matches where a test said something: "    real_test.go:12: ".
var place = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// follow reads what `go test -json` prints, shows a line for each package and all that a failed test
// said, and tells how many packages failed.
func (r *report) follow(events io.Reader) (broken int, err error) {
	said := map[string]string{} // by package and test
	scanner := bufio.NewScanner(events)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var e event
		if json.Unmarshal(scanner.Bytes(), &e) != nil { // the go command itself speaks
			fmt.Fprintln(r.w, scanner.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			said[key] += e.Output
		case "build-output":
			fmt.Fprint(r.w, e.Output)
		case "pass", "fail", "skip":
			if e.Test == "" {
				r.packageEnded(e, said[key])
				if e.Action == "fail" {
					broken++
				}
			} else {
				r.testEnded(e, said[key])
			}
			delete(said, key)
		}
	}
	return broken, scanner.Err()
}

func (r *report) testEnded(e event, said string) {
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		fmt.Fprintf(r.w, "✗ %s %s\n%s", e.Package, e.Test, said)
	case "skip":
		r.absent++
		why := e.Package + " " + e.Test
		for _, line := range strings.Split(said, "\n") {
			if text, found := strings.CutPrefix(place.ReplaceAllString(line, ""), "skipped: "); found {
				why = text
			}
		}
		r.skip("%s", why)
	}
}

func (r *report) packageEnded(e event, said string) {
	switch {
	case e.Action == "pass":
		fmt.Fprintf(r.w, "  ✓ %s (%.1f s)\n", e.Package, e.Elapsed)
	case e.Action == "fail":
		// What the package said outside its tests: a panic, a time-out.
		fmt.Fprintf(r.w, "%s  ✗ %s (%.1f s)\n", said, e.Package, e.Elapsed)
	}
}

// skip remembers why something was left out.
func (r *report) skip(format string, args ...any) {
	why := fmt.Sprintf(format, args...)
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	if r.counts[why]++; r.counts[why] == 1 {
		r.reasons = append(r.reasons, why)
	}
}

// summary says in a few lines how it all went.
func (r *report) summary() {
	fmt.Fprintln(r.w)
	for _, why := range r.reasons {
		times := ""
		if n := r.counts[why]; n > 1 {
			times = fmt.Sprintf(" (%d times)", n)
		}
		fmt.Fprintf(r.w, "skipped: %s%s\n", why, times)
	}
	fmt.Fprintf(r.w, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.absent)
}
