package download

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/fetch"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/mnist"
)

// mirror serves a few digits in the place of MNIST, and counts the requests.
func mirror(t *testing.T) (requests *int) {
	t.Setenv(mnist.Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	files, mirrors := mnist.Files, Mirrors
	t.Cleanup(func() { mnist.Files, Mirrors = files, mirrors })
	images, labels := mnist.Synthetic(20, 1)
	served := map[string][]byte{}
	for i, a := range []*array.Array{images, labels, images, labels} {
		content := []byte{0, 0, 8, byte(a.Dims()), 0, 0, 0, 20}
		if i%2 == 0 {
			content = append(content, 0, 0, 0, 28, 0, 0, 0, 28)
		}
		content = append(content, array.Values[uint8](a)...)
		sum := sha256.Sum256(content)
		f := &mnist.Files[i]
		f.Content = cache.Content{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
		f.Shape = a.Shape()
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(content)
		w.Close()
		served["/mnist/"+f.Name+".gz"] = packed.Bytes()
	}
	requests = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests++
		if b, ok := served[r.URL.Path]; ok {
			w.Write(b)
		} else {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	Mirrors = []string{server.URL + "/moved/", server.URL + "/mnist/"}
	return requests
}

func TestFetch(t *testing.T) {
	requests := mirror(t)
	var said strings.Builder
	for i := range 2 {
		if err := Fetch(t.Context(), &said); err != nil {
			t.Fatal(err)
		}
		if d, err := mnist.Load(); err != nil || d.TrainLabels.Len() != 20 || d.Source != "MNIST" {
			t.Errorf("time %d: %v, %v", i, d, err)
		}
	}
	if *requests != 8 {
		t.Errorf("%d requests, want 8: each file of two mirrors", *requests)
	}
	if got := said.String(); !strings.HasPrefix(got, "training images: ") || strings.Count(got, "\n") != 4 {
		t.Errorf("said %q", got)
	}

	// What is damaged is fetched anew, and nothing else.
	dir, _ := cache.Dir()
	os.WriteFile(filepath.Join(dir, "mnist", mnist.Files[2].Name), []byte("damaged"), 0o644)
	if err := Fetch(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := mnist.Load(); err != nil || *requests != 10 {
		t.Errorf("%v after %d requests", err, *requests)
	}
}

// said is what MNIST prints.
func said(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	os.Stdout = w
	MNIST()
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A cell's call ends in a sentence, whatever happens.
func TestMNISTSays(t *testing.T) {
	mirror(t)
	const goesOn = "the lesson goes on with digits that this computer draws"
	good := Mirrors
	gone := httptest.NewServer(nil)
	gone.Close()
	local := t.TempDir()
	steps := []struct {
		name    string
		mirrors []string
		local   string
		want    []string
	}{
		{"offline", []string{gone.URL + "/"}, "", []string{"There is no network, so MNIST was not fetched: " + goesOn + ".\n"}},
		{"moved", good[:1], "", []string{"MNIST was not fetched, so " + goesOn, "answered 404 Not Found"}},
		{"empty folder", good, local, []string{goesOn, mnist.Variable + "=" + local, mnist.Files[0].Name}},
		{"fetched", good, "", []string{"training images: ", "test labels: ", "MNIST is on this computer.\n"}},
		{"there", nil, "", []string{"MNIST is on this computer.\n"}},
		{"folder", nil, "cache", []string{"The digits are those in "}},
	}
	for _, step := range steps {
		Mirrors = step.mirrors
		if step.local == "cache" {
			dir, _ := cache.Dir()
			step.local = filepath.Join(dir, "mnist")
		}
		t.Setenv(mnist.Variable, step.local)
		got := said(t)
		for _, want := range step.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: said %q, want %q", step.name, got, want)
			}
		}
		if len(step.want) == 1 && strings.Count(got, "\n") != 1 {
			t.Errorf("%s: said %q", step.name, got)
		}
	}
	t.Setenv(mnist.Variable, local)
	if err := Fetch(t.Context(), nil); err == nil {
		t.Error("an empty folder serves as MNIST")
	}
	t.Setenv(mnist.Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	Mirrors = []string{gone.URL + "/"}
	var failed *fetch.Error
	if err := Fetch(t.Context(), nil); !errors.As(err, &failed) || !failed.Offline() {
		t.Errorf("error %v", err)
	}
}
