package lab

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
)

func TestPage(t *testing.T) {
	notebooks := []string{"1-neural-networks.ipynb", "3-handwritten-digits.ipynb"}
	tests := []struct {
		notebooks []string
		n         int
		want      string
		errors    string
	}{
		{notebooks, 0, "/lab/tree/1-neural-networks.ipynb", ""},
		{notebooks, 3, "/lab/tree/3-handwritten-digits.ipynb", ""},
		{notebooks, 2, "", "there is no notebook 2; there are: 1-neural-networks.ipynb, 3-handwritten-digits.ipynb"},
		{notebooks, -1, "", "numbered from 1"},
		{nil, 0, "/lab", ""},
		{[]string{"1-what is it?.ipynb"}, 1, "/lab/tree/1-what%20is%20it%3F.ipynb", ""},
	}
	for _, test := range tests {
		got, err := page(test.notebooks, test.n)
		if got != test.want || (err != nil) != (test.errors != "") || err != nil && !strings.Contains(err.Error(), test.errors) {
			t.Errorf("notebook %d of %q: got %q, %v; want %q, %q", test.n, test.notebooks, got, err, test.want, test.errors)
		}
	}
}

func TestFree(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := free(port); err == nil || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("a taken port: got %v", err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := free(port); err != nil {
		t.Errorf("a free port: %v", err)
	}
	for _, port := range []int{-1, 65536} {
		if err := free(port); err == nil || !strings.Contains(err.Error(), "65535") {
			t.Errorf("port %d: got %v", port, err)
		}
	}
}

// What protects the server is among its arguments, which no configuration file can undo.
func TestArguments(t *testing.T) {
	args := Options{Root: "/clone/notebooks", Page: "/lab", Port: 9999}.arguments()
	for _, want := range []string{
		"--ServerApp.ip=127.0.0.1", "--ServerApp.root_dir=/clone/notebooks", "--ServerApp.disable_check_xsrf=False",
		"--ServerApp.port=9999", "--ServerApp.port_retries=0", "--no-browser",
	} {
		if !slices.Contains(args, want) {
			t.Errorf("%q lacks %s", args, want)
		}
	}
	if args := (Options{Browser: true}).arguments(); slices.Contains(args, "--no-browser") || slices.ContainsFunc(args, func(arg string) bool {
		return strings.HasPrefix(arg, "--ServerApp.port=")
	}) {
		t.Errorf("%q has a port or no browser, though neither was asked for", args)
	}
}

// A server that does not start is told in a sentence, at once.
func TestDoesNotStart(t *testing.T) {
	c := fake(t, `echo "Traceback (most recent call last):"; exit 1`)
	if _, err := Start(t.Context(), c, Options{Root: c.Root, Page: "/lab"}); err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("got %v, want that it did not start", err)
	}
	if log, err := os.ReadFile(filepath.Join(c.Lab("log"), logName)); err != nil || !strings.Contains(string(log), "Traceback") {
		t.Errorf("the log holds %q (%v), want what the server printed", log, err)
	}
}

// fake makes a clone whose Python is a shell script.
func fake(t *testing.T, script string) clone.Clone {
	t.Helper()
	c := clonetest.New(t)
	clonetest.Program(t, c.Python(), script)
	clonetest.Write(t, c.Lab("log", "old"), "")
	return c
}
