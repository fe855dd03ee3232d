package download

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/zoo"
)

func TestFetch(t *testing.T) {
	requests := 0
	content := map[string]string{"/small.cfg": "[net]", "/small.weights": "\x00\x01\x02\x03"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write([]byte(content[r.URL.Path]))
	}))
	defer server.Close()
	before := zoo.Entries
	t.Cleanup(func() { zoo.Entries = before })
	t.Setenv(zoo.Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	file := func(name string) zoo.File {
		sum := sha256.Sum256([]byte(content["/"+name]))
		return zoo.File{Name: name, URLs: []string{server.URL + "/" + name},
			Content: cache.Content{Size: int64(len(content["/"+name])), SHA256: hex.EncodeToString(sum[:])}}
	}
	zoo.Entries = []zoo.Entry{{Name: "small", Config: file("small.cfg"), Weights: file("small.weights")}}

	for range 2 { // the second time nothing is asked for
		var progress bytes.Buffer
		if err := Fetch(t.Context(), "small", &progress); err != nil {
			t.Fatal(err)
		}
		if requests != 2 {
			t.Fatalf("%d requests, want 2", requests)
		}
	}
	files, err := zoo.Find("small")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(files.Weights); err != nil || string(got) != content["/small.weights"] {
		t.Errorf("%q, %v", got, err)
	}
	if err := Fetch(t.Context(), "large", nil); err == nil {
		t.Error("fetched a network that the zoo does not have")
	}
}
