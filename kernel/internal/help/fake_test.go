package help

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// TestMain lets the test be its own gopls, and its own kernel.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "serve":
		fakeGopls(os.Getenv("FAKE_GOPLS"), os.Getenv("FAKE_LOG"))
	case os.Getenv("FAKE_KERNEL") != "":
		fakeKernel()
	default:
		os.Exit(m.Run())
	}
}

// fakeGopls answers as well as its manner lets it, and logs its process id and what it is asked.
func fakeGopls(manner, path string) {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		os.Exit(1)
	}
	fmt.Fprintln(file, "pid", os.Getpid())
	before, _ := os.ReadFile(path)
	second := strings.Count(string(before), "pid") > 1
	switch manner {
	case "dies at once":
		return
	case "garbage":
		_, _ = io.Copy(os.Stdout, strings.NewReader(strings.Repeat("no headers at all ", 1000)))
	case "huge":
		fmt.Print("Content-Length: 99999999999\r\n\r\n{")
	case "endless headers":
		for {
			if _, err := fmt.Print("A: b\r\n"); err != nil {
				return
			}
		}
	case "deaf":
		time.Sleep(time.Hour)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		var request jsonrpc2.Request
		if (codec{}).ReadObject(in, &request) != nil {
			return
		}
		fmt.Fprintln(file, request.Method, request.ID)
		var result any = struct{}{}
		switch request.Method {
		case "textDocument/completion":
			switch {
			case manner == "dies when asked" && !second:
				return
			case manner == "silent":
				continue
			case manner == "wrong type":
				result = "a sentence"
			case manner == "nowhere":
				result = json.RawMessage(`{"items":[{"textEdit":{"newText":"x","range":{"start":{"line":-7},"end":{"line":1e6}}}},{}]}`)
			default:
				result = json.RawMessage(`{"items":[{"kind":3,"detail":"func(a int) string","textEdit":{"newText":"fromGopls","range":{"start":{"line":3},"end":{"line":3,"character":2}}}}]}`)
			}
		case "textDocument/hover":
			if request.ID.Num > firstID && manner == "silent" {
				continue
			}
		}
		if !request.Notif {
			_ = codec{}.WriteObject(os.Stdout, map[string]any{"jsonrpc": "2.0", "id": request.ID, "result": result})
		}
	}
}

// startFake starts a server whose gopls has a manner. The log is what that gopls has been asked.
func startFake(t *testing.T, manner string) (s *Server, log func() string) {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module gopherlens\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "log")
	s, err := Start(t.Context(), os.Args[0], append(os.Environ(), "PATH="+filepath.Join(build.Default.GOROOT, "bin"), "FAKE_GOPLS="+manner, "FAKE_LOG="+path), root, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, func() string {
		text, _ := os.ReadFile(path) // it is not there at first
		return string(text)
	}
}

// TestKnown asks a gopls that is of no help: what is known without it is the answer.
func TestKnown(t *testing.T) {
	for _, manner := range []string{
		"dies at once", "garbage", "huge", "endless headers", "deaf", "silent", "wrong type",
	} {
		t.Run(manner, func(t *testing.T) {
			t.Parallel()
			s, _ := startFake(t, manner)
			s.Declare("import \"math\"\nvar model = 1\nfunc modest() {}")
			for range 2 {
				matches, start, end, _ := s.Complete(t.Context(), "🐹 := \"\"\nmode := mo", 18)
				if !slices.Equal(matches, []string{"mode", "model", "modest"}) || start != 16 || end != 18 {
					t.Errorf("got %v from %d to %d", matches, start, end)
				}
			}
			if matches, _, _, _ := s.Complete(t.Context(), "ret", 3); !slices.Equal(matches, []string{"return"}) {
				t.Errorf("got %v", matches)
			}
			if matches, _, _, _ := s.Complete(t.Context(), "math.Pow", 8); !slices.Equal(matches, []string{"Pow10"}) {
				t.Errorf("got %v", matches)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module gopherlens\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Start(t.Context(), filepath.Join(root, "gopls"), nil, root, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if matches, _, _, _ := s.Complete(t.Context(), "go", 2); !slices.Equal(matches, []string{"goto"}) {
			t.Errorf("got %v", matches)
		}
	})
}

func TestNoClone(t *testing.T) {
	if _, err := Start(t.Context(), "gopls", nil, t.TempDir(), nil); err == nil {
		t.Error("a folder without go.mod is a clone")
	}
}

// TestRestart asks until the second gopls answers.
func TestRestart(t *testing.T) {
	s, log := startFake(t, "dies when asked")
	for range 100 {
		matches, start, end, metadata := s.Complete(t.Context(), "f.", 2)
		if slices.Equal(matches, []string{"fromGopls"}) {
			want := "map[_jupyter_types_experimental:[map[end:2 signature:(a int) string start:0 text:fromGopls type:func]]]"
			if start != 0 || end != 2 || fmt.Sprint(metadata) != want {
				t.Errorf("from %d to %d, with %v", start, end, metadata)
			}
			if n := strings.Count(log(), "pid"); n != 2 {
				t.Errorf("gopls was started %d times", n)
			}
			return
		}
	}
	t.Errorf("gopls never answered; it was asked\n%s", log())
}

// TestRest ends a gopls that nobody asks, and asks until the next one answers.
func TestRest(t *testing.T) {
	s, log := startFake(t, "")
	answers := func() {
		t.Helper()
		for range 100 {
			if matches, _, _, _ := s.Complete(t.Context(), "f.", 2); slices.Equal(matches, []string{"fromGopls"}) {
				return
			}
		}
		t.Fatalf("gopls never answered; it was asked\n%s", log())
	}
	answers()
	s.session.rest(time.Hour)
	answers()
	if n := strings.Count(log(), "pid"); n != 1 {
		t.Errorf("gopls was started %d times", n)
	}
	s.session.rest(0)
	for pid := pidIn(t, log()); syscall.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
	}
	if n := strings.Count(log(), "pid"); n != 1 {
		t.Errorf("gopls was started %d times, and nobody asked", n)
	}
	answers()
}

func TestNowhere(t *testing.T) {
	s, log := startFake(t, "nowhere")
	for !strings.Contains(log(), "completion") {
		if matches, start, end, _ := s.Complete(t.Context(), "🐹.", 2); len(matches) > 0 || start != 2 || end != 2 {
			t.Fatalf("got %v from %d to %d", matches, start, end)
		}
	}
}

// TestNewerFirst asks a second time while the first question is open.
func TestNewerFirst(t *testing.T) {
	s, log := startFake(t, "silent")
	until := func(text string) {
		for range 1000 {
			if strings.Contains(log(), text) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("gopls was not told %s, but\n%s", text, log())
	}
	until("initialized")
	ended := make(chan bool)
	go func() {
		_, found := s.Inspect(context.Background(), "f", 1, 0)
		ended <- found
	}()
	until("textDocument/definition 1003")
	go s.Inspect(t.Context(), "g", 1, 0)
	if <-ended {
		t.Error("the older question was answered")
	}
	until("$/cancelRequest")
}

// TestClose looks whether the processes are gone, whatever they do about signals.
func TestClose(t *testing.T) {
	s, log := startFake(t, "")
	for !strings.Contains(log(), "initialized") {
		time.Sleep(10 * time.Millisecond)
	}
	s.Close()
	s.Close() // a second time does no harm
	if pid := pidIn(t, log()); syscall.Kill(pid, 0) == nil {
		t.Errorf("gopls still runs as %d", pid)
	}
	if matches, _, _, _ := s.Complete(t.Context(), "ret", 3); !slices.Equal(matches, []string{"return"}) {
		t.Errorf("a closed server answers %v", matches)
	}
}

func pidIn(t *testing.T, log string) (pid int) {
	t.Helper()
	if _, err := fmt.Sscanf(log, "pid %d", &pid); err != nil {
		t.Fatalf("no process id in %q", log)
	}
	return pid
}

// fakeKernel starts a server and waits for its end.
func fakeKernel() {
	if _, err := Start(context.Background(), os.Args[0], os.Environ(), os.Getenv("FAKE_KERNEL"), nil); err != nil {
		fmt.Println(err)
	}
	time.Sleep(time.Hour)
}
