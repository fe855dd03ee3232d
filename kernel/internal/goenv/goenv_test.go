package goenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
)

var (
	home   = clone.Clone{Root: "/clone"}
	golang = Go{Root: "/go", Path: "/gopath", ModCache: "/gopath/pkg/mod", BuildCache: "/cache"}
)

// A user's own settings neither break cells nor change their flags.
func TestCell(t *testing.T) {
	hostile := []string{
		"HOME=/home/learner", "PATH=/usr/bin", "GOFLAGS=-mod=mod", "GOWORK=off", "GOOS=js", "GOARCH=wasm", "GO111MODULE=off",
		"GOROOT=/old/go", "GOENV=/home/learner/env", "GOPROXY=https://proxy.example", "GOMODCACHE=/elsewhere",
		"GOEXPERIMENT=noregabi", "CGO_ENABLED=1", "GOTOOLCHAIN=go1.21.0", "GOPATH=/other", "GOMLX_NO_AUTO_INSTALL=",
		"GOPHERLENS_CACHE=/data", "GOMAXPROCS=1",
	}
	tests := []struct {
		name    string
		environ []string
		want    map[string]string // "" for a variable that is not set
	}{
		{"hostile", hostile, map[string]string{
			"HOME": "/home/learner", "PATH": "/clone/.lab/bin:/go/bin:/usr/bin", "GOFLAGS": "-mod=readonly -ldflags=-s -tags=minimal",
			"GOWORK": "", "GOOS": "", "GOARCH": "", "GO111MODULE": "", "GOROOT": "", "GOENV": "off", "GOPROXY": "off",
			"GOMODCACHE": "/gopath/pkg/mod", "GOEXPERIMENT": "simd", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local",
			"GOPATH": "/gopath", "GOCACHE": "/cache", "GOMLX_NO_AUTO_INSTALL": "1",
			"GOPHERLENS_CACHE": "/data", "GOMAXPROCS": "1",
		}},
		{"Go backend", []string{"GOMLX_BACKEND=go"}, map[string]string{"CGO_ENABLED": "0", "GOMLX_BACKEND": "go"}},
		{"XLA", []string{"GOMLX_BACKEND=xla:/plugin.so"}, map[string]string{
			"CGO_ENABLED": "1", "GOFLAGS": "-mod=readonly -ldflags=-s -tags=minimal,xla", "GOMLX_BACKEND": "xla:/plugin.so",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			environ := Cell(test.environ, home, golang)
			for name, want := range test.want {
				if got := get(environ, name); got != want {
					t.Errorf("%s=%s, want %s", name, got, want)
				}
			}
			seen := map[string]bool{}
			for _, pair := range environ {
				name, _, _ := strings.Cut(pair, "=")
				if seen[name] {
					t.Errorf("%s is set twice", name)
				}
				seen[name] = true
			}
		})
	}
}

// Set-up keeps what a network needs, and replaces what decides what is built.
func TestBuild(t *testing.T) {
	environ := Build([]string{"GOPROXY=https://proxy.example", "GOFLAGS=-mod=vendor", "GOOS=windows", "GONOSUMDB=*"})
	for name, want := range map[string]string{
		"GOPROXY": "https://proxy.example", "GONOSUMDB": "*", "GOFLAGS": "-mod=readonly", "GOOS": "", "GOTOOLCHAIN": "local",
	} {
		if got := get(environ, name); got != want {
			t.Errorf("%s=%s, want %s", name, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	c := clonetest.New(t)
	fails := func(want string) {
		t.Helper()
		if _, err := Read(c); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "scripts/lab") {
			t.Errorf("got %v, want an error that says %q and names scripts/lab", err, want)
		}
	}
	fails("not set up")
	clonetest.Write(t, c.Lab("go.json"), "{")
	fails("damaged")
	g := Go{Root: c.Path("go"), Path: "/gopath", ModCache: "/gopath/pkg/mod", BuildCache: "/cache"}
	if err := Save(c, g); err != nil {
		t.Fatal(err)
	}
	fails("gone")
	clonetest.Program(t, filepath.Join(g.Root, "bin", "go"), "")
	if got, err := Read(c); err != nil || got != g {
		t.Errorf("got %v (%v), want %v", got, err, g)
	}
}

func TestFind(t *testing.T) {
	c := clonetest.New(t)
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if _, err := Find(t.Context(), c); err == nil || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("without go on PATH: got %v, want an error that says what to install", err)
	}
	clonetest.Program(t, filepath.Join(bin, "go"), `echo "go: download go1.27.4: no such host" >&2; exit 1`)
	if _, err := Find(t.Context(), c); err == nil || !strings.Contains(err.Error(), "no such host") {
		t.Errorf("offline: got %v, want what go says", err)
	}
	clonetest.Program(t, filepath.Join(bin, "go"), `echo "{\"GOROOT\": \"/$GOTOOLCHAIN\", \"GOCACHE\": \"$PWD\"}"`)
	if g, err := Find(t.Context(), c); err != nil || g.Root != "/go1.27.4" || g.BuildCache != c.Root {
		t.Errorf("got %v (%v), want the pinned version, asked for in the clone", g, err)
	}
	if _, err := os.Stat(c.Lab()); err == nil {
		t.Error("looking for Go wrote into the clone")
	}
}
