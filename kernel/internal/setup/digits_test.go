package setup

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone/clonetest"
	"gopherlens/mlkit/mnist/download"
)

// Without the digits the lesson goes on: each try ends in a sentence, and a start does not try again.
func TestDigitsAbsent(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		http.Error(w, "gone", http.StatusGone)
	}))
	defer server.Close()
	t.Setenv("GOPHERLENS_MNIST", "")
	t.Setenv("GOPHERLENS_CACHE", t.TempDir())
	mirrors := download.Mirrors
	t.Cleanup(func() { download.Mirrors = mirrors })
	download.Mirrors = []string{server.URL + "/"}
	c := clonetest.New(t)
	clonetest.Write(t, c.Lab("log", "old"), "")
	for i, again := range []bool{false, false, true} {
		var out bytes.Buffer
		before := asked
		if err := digits(t.Context(), &out, c, again); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "the lesson goes on with digits that this computer draws") {
			t.Errorf("time %d: printed %q, want that the lesson goes on", i, out.String())
		}
		if tried, want := asked > before, i != 1; tried != want {
			t.Errorf("time %d: asked the mirror: %v, want %v", i, tried, want)
		}
	}
}
