package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gopherlens/mlkit/fetch/cache"
)

// content is what the mirrors of the tests have: 200 kB that gzip cannot shrink.
var content = func() []byte {
	b := make([]byte, 200_000)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}()

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// source is content at these mirrors.
func source(urls ...string) Source {
	return Source{Name: "sub/content", Title: "test data", URLs: urls, Size: int64(len(content)), SHA256: sum(content)}
}

// mirror starts a mirror, and returns its address.
func mirror(t *testing.T, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/content"
}

// serve answers as a good mirror does, with ranges.
func serve(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sum(b)[:8]+`"`)
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

// answer answers with these bytes, all at once, without ranges.
func answer(contentType string, b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Write(b)
	}
}

// breaksOff serves n bytes of what next would serve, and closes the connection.
func breaksOff(n int, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		next(&short{w, n}, r)
	}
}

type short struct {
	http.ResponseWriter
	left int
}

func (s *short) Write(p []byte) (int, error) {
	if len(p) <= s.left {
		s.left -= len(p)
		return s.ResponseWriter.Write(p)
	}
	s.ResponseWriter.Write(p[:s.left])
	s.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// inTurn answers the first request by the first handler and so on; the last one answers all the rest.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(n.Add(1)), len(handlers))-1](w, r)
	}
}

// holds fails the test unless path holds want, and nothing is left beside it but the lock.
func holds(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s holds %d bytes that are not the content", path, len(got))
	}
	alone(t, path, filepath.Base(path), filepath.Base(path)+".lock")
}

// alone fails the test if the folder of path has other files than these.
func alone(t *testing.T, path string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+e.Name()+" ") {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

func TestFileArrives(t *testing.T) {
	gz := zipped(content)
	good := serve(content)
	tests := []struct {
		name    string
		mirrors []http.HandlerFunc
		gzip    bool
	}{
		{"as it is", []http.HandlerFunc{good}, false},
		{"without ranges and length", []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			w.Write(content[:1000])
			w.(http.Flusher).Flush()
			w.Write(content[1000:])
		}}, false},
		{"gzipped", []http.HandlerFunc{serve(gz)}, true},
		{"gzipped, and said to be encoded so", []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gz)
		}}, true},
		{"unpacked by the mirror", []http.HandlerFunc{good}, true},
		{"second mirror, after 403", []http.HandlerFunc{answerStatus(403), good}, false},
		{"second mirror, after HTML", []http.HandlerFunc{answer("text/html; charset=utf-8", []byte("<p>Moved!")), good}, false},
		{"second mirror, after another content", []http.HandlerFunc{serve(content[1:]), good}, false},
		{"second mirror, after damaged gzip", []http.HandlerFunc{serve(gz[:len(gz)-9]), serve(gz)}, true},
		{"broken off and resumed", []http.HandlerFunc{breaksOff(70_000, good)}, false},
		{"broken off and resumed, gzipped", []http.HandlerFunc{breaksOff(70_000, serve(gz))}, true},
		{"broken off, no ranges, then whole", []http.HandlerFunc{inTurn(breaksOff(70_000, answer("application/x", content)), answer("application/x", content))}, false},
		{"changed between two parts", []http.HandlerFunc{inTurn(breaksOff(70_000, serve(bytes.Repeat([]byte("old!"), 50_000))), good)}, false},
		{"wrong part", []http.HandlerFunc{inTurn(breaksOff(70_000, good), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", "bytes 5-199999/200000")
			w.WriteHeader(206)
			w.Write(content[5:])
		}, good)}, false},
		{"knows no such part", []http.HandlerFunc{inTurn(breaksOff(70_000, good), answerStatus(416), good)}, false},
		{"always breaks off, and lets nothing be continued", []http.HandlerFunc{inTurn(breaksOff(70_000, good), answerStatus(416), breaksOff(70_000, good), answerStatus(416)), good}, false},
		{"another mirror's wrapping", []http.HandlerFunc{inTurn(breaksOff(70_000, serve(gz)), answerStatus(500)), serve(append(zipped(content[:9]), zipped(content[9:])...))}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			src := source()
			src.Gzip = test.gzip
			for _, m := range test.mirrors {
				src.URLs = append(src.URLs, mirror(t, m))
			}
			path, err := File(t.Context(), src, Options{Dir: t.TempDir(), Idle: 5 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			holds(t, path, content)
		})
	}
}

func answerStatus(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }
}

func TestFileRefused(t *testing.T) {
	stands := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:100])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	drips := func(w http.ResponseWriter, r *http.Request) {
		for _, b := range content {
			w.Write([]byte{b})
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	wrong := bytes.Clone(content)
	wrong[100_000] ^= 1
	bomb := zipped(make([]byte, 50<<20)) // 50 kB that unpack to 50 MB
	tests := []struct {
		name    string
		handler http.HandlerFunc
		gzip    bool
		want    string
	}{
		{"403", answerStatus(403), false, "answered 403 Forbidden"},
		{"404", answerStatus(404), false, "answered 404 Not Found"},
		{"500", answerStatus(500), false, "answered 500 Internal Server Error"},
		{"204", answerStatus(204), false, "answered 204 No Content"},
		{"part not asked for", answerStatus(206), false, "sent a part of the file"},
		{"HTML", answer("text/html", []byte("<!DOCTYPE html><p>Please sign in")), false, "HTML page in place of the file"},
		{"HTML in disguise", answer("application/octet-stream", []byte("<!DOCTYPE html><p>Please sign in")), false, "HTML page in place of the file"},
		{"wrong content", serve(wrong), false, "its SHA-256 is " + sum(wrong) + ", not " + sum(content)},
		{"too long", serve(append(bytes.Clone(content), 0)), false, "offers 200001 bytes, where 200000 are expected"},
		{"too short", serve(content[:100]), false, "offers 100 bytes"},
		{"empty", serve(nil), false, "offers 0 bytes"},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, false, "sends more than the 200000 bytes"},
		{"too short, length unknown", func(w http.ResponseWriter, r *http.Request) {
			w.Write(content[:100])
			w.(http.Flusher).Flush()
		}, false, "it has 100 bytes, not 200000"},
		{"encoded", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(zipped(content))
		}, false, "encoded (gzip)"},
		{"gzip bomb", answer("application/gzip", bomb), true, "it has more than 200000 bytes"},
		{"gzip bomb, larger than any wrapping", answer("application/gzip", append(bomb, make([]byte, 300_000)...)), true, "are expected"},
		{"gzip of something else", serve(zipped(wrong)), true, "its SHA-256 is"},
		{"gzip broken", serve(zipped(content)[:1000]), true, "cannot be unpacked"},
		{"gzip header only", serve([]byte{0x1f, 0x8b, 8, 0}), true, "but is none"},
		{"gzip with a tail", serve(append(zipped(content), "tail"...)), true, "cannot be unpacked"},
		{"stands still", stands, false, "sent nothing, or next to nothing, for 200ms"},
		{"drips", drips, false, "sent nothing, or next to nothing, for 200ms"},
		{"no answer", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, false, "cannot be reached (it does not answer)"},
		{"another scheme", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "ftp://host.example/", 302) }, false, "another kind of address (ftp://host.example/)"},
		{"round in circles", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/content", 302) }, false, "sends us on more than 5 times"},
		{"always breaks off", breaksOff(100, answer("application/x", content)), false, "broke off (unexpected EOF)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			src := source(mirror(t, test.handler))
			src.Gzip = test.gzip
			dir := t.TempDir()
			options := Options{Dir: dir}
			if strings.Contains(test.want, "200ms") {
				options.Idle = 200 * time.Millisecond
			}
			if strings.Contains(test.want, "does not answer") {
				options.Connect = 200 * time.Millisecond
			}
			_, err := File(t.Context(), src, options)
			var failed *Error
			if !errors.As(err, &failed) || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "cannot fetch the test data: 127.0.0.1:") {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if _, err := os.Stat(filepath.Join(dir, src.Name)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a file appeared (%v)", err)
			}
			// A download that broke off is kept, but no more of it than is served.
			if size := (&part{path: filepath.Join(dir, src.Name) + ".part", ours: true}).size(); size > int64(len(content))+100_000 {
				t.Errorf("%d bytes are left behind", size)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	_, err := File(t.Context(), source(server.URL, "http://name.invalid/x"), Options{Dir: t.TempDir(), Connect: time.Second})
	var failed *Error
	if !errors.As(err, &failed) || !failed.Offline() || len(failed.Mirrors) != 2 || !strings.HasSuffix(err.Error(), "Is this computer online?") {
		t.Errorf("error %v", err)
	}
	_, err = File(t.Context(), source(server.URL, mirror(t, answerStatus(404))), Options{Dir: t.TempDir(), Connect: time.Second})
	if !errors.As(err, &failed) || failed.Offline() {
		t.Errorf("error %v", err)
	}
	for _, url := range []string{"ftp://host.example/x", "file:///etc/hosts", "://", "content"} {
		if _, err = File(t.Context(), source(url), Options{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "is not an address on the web") {
			t.Errorf("%s: error %v", url, err)
		}
	}
	if _, err = File(t.Context(), source(), Options{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no address is known") {
		t.Errorf("no mirrors: error %v", err)
	}
}

func TestResumeAfterCancel(t *testing.T) {
	var ranges []string
	half := make(chan struct{})
	url := mirror(t, func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) == 1 {
			w.Header().Set("ETag", `"`+sum(content)[:8]+`"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:100_000])
			w.(http.Flusher).Flush()
			close(half)
			<-r.Context().Done()
			return
		}
		serve(content)(w, r)
	})
	dir := t.TempDir()
	arrived := filepath.Join(dir, "sub", "content.part")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-half
		for {
			if info, err := os.Stat(arrived); err == nil && info.Size() == 100_000 {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := File(ctx, source(url), Options{Dir: dir})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the next try goes on from there") {
		t.Fatalf("error %v", err)
	}
	// A mirror that is asked before, and refuses, does not cost what the other one sent.
	refuses := mirror(t, answerStatus(403))
	path, err := File(t.Context(), source(refuses, url), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, path, content)
	if len(ranges) != 2 || ranges[1] != "bytes=100000-" {
		t.Errorf("ranges asked for: %q", ranges)
	}

	// Whole, but not yet looked at when the program ended: no request is needed.
	if err := os.Rename(path, arrived); err != nil {
		t.Fatal(err)
	}
	note := fmt.Sprintf(`{"URL": %q, "Validator": "x", "Length": %d}`, url, len(content))
	if err := os.WriteFile(arrived+".json", []byte(note), 0o644); err != nil {
		t.Fatal(err)
	}
	if path, err = File(t.Context(), source(url), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	holds(t, path, content)
	if len(ranges) != 2 {
		t.Errorf("asked again: %q", ranges)
	}
	if _, err := File(ctx, source(url), Options{Dir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: error %v", err)
	}
}

// A download that was kept may be damaged: then everything is fetched anew.
func TestDamagedPart(t *testing.T) {
	for _, note := range []string{`{"URL": %q, "Validator": "\"%s\"", "Length": 200000}`, `{"URL": %q, "Validator": 7%s}`, "\x00%.0s%.0s"} {
		url := mirror(t, serve(content))
		dir := t.TempDir()
		part := filepath.Join(dir, "sub", "content.part")
		os.MkdirAll(filepath.Dir(part), 0o755)
		os.WriteFile(part, bytes.Repeat([]byte("x"), 150_000), 0o644)
		os.WriteFile(part+".json", fmt.Appendf(nil, note, url, sum(content)[:8]), 0o644)
		path, err := File(t.Context(), source(url), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		holds(t, path, content)
	}
}

func TestFileIsThere(t *testing.T) {
	var requests atomic.Int32
	url := mirror(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		serve(content)(w, r)
	})
	dir := t.TempDir()
	for i := range 3 {
		path, err := File(t.Context(), source(url), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		holds(t, path, content)
		if want := int32(1 + i/2); requests.Load() != want {
			t.Errorf("call %d: %d requests, want %d", i, requests.Load(), want)
		}
		if i == 1 { // same size, other content: fetched again
			os.WriteFile(path, make([]byte, len(content)), 0o644)
		}
	}
}

func TestUnknownSum(t *testing.T) {
	src := source(mirror(t, serve(content)))
	src.SHA256 = ""
	src.Size += 1000 // the most that it may have
	path, err := File(t.Context(), src, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, path, content)
	src.Size = 1000
	if _, err := File(t.Context(), src, Options{Dir: t.TempDir()}); err == nil {
		t.Error("a file that is too large was taken")
	}
}

func TestTwoAtOnce(t *testing.T) {
	var requests atomic.Int32
	waits := make(chan struct{})
	url := mirror(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		<-waits
		serve(content)(w, r)
	})
	dir := t.TempDir()
	var group sync.WaitGroup
	var said saying
	for range 4 {
		group.Go(func() {
			path, err := File(t.Context(), source(url), Options{Dir: dir, Progress: &said})
			if err != nil {
				t.Error(err)
				return
			}
			holds(t, path, content)
		})
	}
	for strings.Count(said.String(), "Another program is fetching the test data") < 3 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := File(ctx, source(url), Options{Dir: dir}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error while waiting: %v", err)
	}
	close(waits)
	group.Wait()
	if requests.Load() != 1 {
		t.Errorf("%d requests, want 1", requests.Load())
	}
}

// saying is a writer that may be read while others write.
type saying struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *saying) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *saying) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestLocal(t *testing.T) {
	folder := t.TempDir()
	plain := filepath.Join(folder, "content")
	os.WriteFile(plain, content, 0o644)
	packed := filepath.Join(t.TempDir(), "content.gz")
	os.WriteFile(packed, zipped(content), 0o644)
	tests := []struct {
		local string
		gzip  bool
		want  string // of the path; "" is in the cache
		err   string
	}{
		{plain, false, plain, ""},
		{folder, false, plain, ""},
		{packed, true, "", ""},
		{filepath.Dir(packed), true, "", ""},
		{plain, true, "", ""},
		{packed, false, "", "is damaged or another file"},
		{t.TempDir(), false, "", "content: file does not exist"},
		{filepath.Join(folder, "none"), false, "", "no such file"},
	}
	for _, test := range tests {
		dir := t.TempDir()
		src := source("http://name.invalid/")
		src.Gzip = test.gzip
		path, err := File(t.Context(), src, Options{Dir: dir, Local: test.local})
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%+v: error %v", test, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", test, err)
		case test.want != "" && path != test.want || test.want == "" && path != filepath.Join(dir, src.Name):
			t.Errorf("%+v: path %s", test, path)
		default:
			holds(t, path, content)
		}
	}
}

func TestDiskRefuses(t *testing.T) {
	url := mirror(t, serve(content))
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o644)
	inTheWay := t.TempDir() // a folder stands where the file should go
	os.MkdirAll(filepath.Join(inTheWay, "sub", "content", "x"), 0o755)
	noPart := t.TempDir()
	os.MkdirAll(filepath.Join(noPart, "sub", "content.part", "x"), 0o755)
	noLock := t.TempDir()
	os.MkdirAll(filepath.Join(noLock, "sub", "content.lock", "x"), 0o755)
	dirs := []string{file, inTheWay, noPart, noLock}
	if os.Getuid() > 0 {
		readOnly := t.TempDir()
		os.Chmod(readOnly, 0o555)
		dirs = append(dirs, readOnly)
	}
	for _, dir := range dirs {
		_, err := File(t.Context(), source(url, url), Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), "cannot keep the test data on this computer") || !strings.Contains(err.Error(), cache.Variable) {
			t.Errorf("%s: error %v", dir, err)
		}
	}
}
