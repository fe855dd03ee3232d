package fetch

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two programs want the same file, and the one that is fetching it is killed: the one that waits goes
// on where the first one was.
func TestTwoPrograms(t *testing.T) {
	if dir := os.Getenv("FETCH_TEST_DIR"); dir != "" { // one of the two
		_, err := File(t.Context(), source(os.Getenv("FETCH_TEST_URL")), Options{Dir: dir, Progress: os.Stdout})
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	var ranges []string
	url := mirror(t, func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) > 1 {
			serve(content)(w, r)
			return
		}
		w.Header().Set("ETag", `"`+sum(content)[:8]+`"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:100_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	dir := t.TempDir()
	program := func() (*exec.Cmd, *bufio.Scanner) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTwoPrograms$")
		cmd.Env = append(os.Environ(), "FETCH_TEST_DIR="+dir, "FETCH_TEST_URL="+url)
		cmd.Stderr = os.Stderr
		output, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, bufio.NewScanner(output)
	}
	first, _ := program()
	for (&part{path: filepath.Join(dir, "sub", "content.part"), ours: true}).size() < 100_000 {
		time.Sleep(time.Millisecond)
	}
	second, output := program()
	if !output.Scan() || !strings.HasPrefix(output.Text(), "Another program is fetching the test data already") {
		t.Fatalf("the second program says %q", output.Text())
	}
	first.Process.Kill()
	first.Wait()
	for output.Scan() {
		// It ends when the program does.
	}
	if err := second.Wait(); err != nil {
		t.Fatal(err)
	}
	holds(t, filepath.Join(dir, "sub", "content"), content)
	if len(ranges) != 2 || ranges[1] != "bytes=100000-" {
		t.Errorf("ranges asked for: %q", ranges)
	}
}
