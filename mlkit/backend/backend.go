// Package backend decides which GoMLX backend computes.
//
// GoMLX's environment variable GOMLX_BACKEND is respected, and without it our own backend for CPUs computes
// (package cpu), which needs nothing installed; "go" is GoMLX's stock Go backend. With the build tag "xla"
// (and cgo) XLA is there too:
//
//	GOMLX_BACKEND=xla:/path/to/plugin.so go run -tags xla .
//
// Nothing is ever downloaded. What cannot be had (a plug-in that is missing or broken, a backend that is
// unknown or not linked) is told in one sentence by [Note], and the CPU backend computes in its place.
//
//	b, err := backend.New()
//	if err != nil {
//		log.Fatal(err)
//	}
//	if note := backend.Note(); note != "" {
//		fmt.Fprintln(os.Stderr, note)
//	}
//	exec, err := graph.NewExec(b, func(x *graph.Node) *graph.Node { return graph.Square(x) })
package backend

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/support/exceptions"

	"gopherlens/mlkit/backend/cpu"
	"k8s.io/klog/v2"
)

// chosen is the process's backend, made at the first call.
var chosen = sync.OnceValue(func() choice { return choose(os.Getenv(compute.ConfigEnvVar)) })

type choice struct {
	backend compute.Backend
	note    string
	err     error
}

// New returns the backend that computes in this process, the same one at every call.
// An error means that not even the CPU backend could be made.
func New() (compute.Backend, error) {
	c := chosen()
	return c.backend, c.err
}

// Note says in one sentence why another backend computes than GOMLX_BACKEND asks for.
// It is empty if the wish was granted, or if there was none.
func Note() string { return chosen().note }

// choose grants the wish of GOMLX_BACKEND's value, or falls back to the CPU backend and says why.
func choose(config string) choice {
	var note string
	if config != "" {
		b, err := open(config)
		if err == nil {
			return choice{backend: b}
		}
		note = fmt.Sprintf("%s=%s cannot be used, so the CPU backend computes in its place: %v", compute.ConfigEnvVar, config, err)
	}
	b, err := cpu.New("")
	return choice{b, note, err}
}

// open makes the backend of a configuration "name:options".
func open(config string) (b compute.Backend, err error) {
	name, options, _ := strings.Cut(config, ":")
	if !slices.Contains(compute.List(), name) {
		if slices.Contains(needTag, name) {
			return nil, fmt.Errorf("this program was built without XLA (build it with cgo and -tags xla)")
		}
		known := compute.List()
		slices.Sort(known)
		return nil, fmt.Errorf("there is no backend %q, only %s", name, strings.Join(known, ", "))
	}
	if slices.Contains(needTag, name) && strings.HasPrefix(options, "/") {
		path, _, _ := strings.Cut(options, ",")
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("there is no plug-in %s", path)
		}
	}
	// XLA logs what is wrong with a plug-in beside returning it; the Note says it once.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	defer klog.LogToStderr(true)
	// GoMLX reports some of its errors by panicking.
	if caught := exceptions.TryCatch[error](func() { b, err = compute.NewWithConfig(config) }); caught != nil {
		err = caught
	}
	if err != nil {
		// The rest of GoMLX's text are hints for GoMLX's developers.
		text, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s", text)
	}
	return b, nil
}

// needTag are the names under which XLA registers itself when it is linked.
var needTag = []string{"xla", "stablehlo", "shlo", "hlo"}
