package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// report collects how the tests of all steps went.
type report struct {
	w              io.Writer
	passed, failed int               // tests
	skipped        map[string]string // tests, and why; what another step makes up for is taken off
	left           []string          // steps that were left out, and why
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
	name := e.Package + " " + e.Test
	switch e.Action {
	case "pass":
		r.passed++
		delete(r.skipped, name)
	case "fail":
		r.failed++
		fmt.Fprintf(r.w, "✗ %s\n%s", name, said)
	case "skip":
		why := name
		for _, line := range strings.Split(said, "\n") {
			if text, found := strings.CutPrefix(place.ReplaceAllString(line, ""), "skipped: "); found {
				why = text
			}
		}
		if r.skipped == nil {
			r.skipped = map[string]string{}
		}
		r.skipped[name] = why
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

// summary says in a few lines how it all went.
func (r *report) summary() {
	fmt.Fprintln(r.w)
	for _, why := range r.left {
		fmt.Fprintln(r.w, "skipped:", why)
	}
	times := map[string]int{}
	for _, why := range r.skipped {
		times[why]++
	}
	for _, why := range slices.Sorted(maps.Keys(times)) {
		if n := times[why]; n > 1 {
			why = fmt.Sprintf("%s (%d times)", why, n)
		}
		fmt.Fprintln(r.w, "skipped:", why)
	}
	fmt.Fprintf(r.w, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skipped))
}
