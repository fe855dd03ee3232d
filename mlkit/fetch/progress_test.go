package fetch

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var said bytes.Buffer
	if _, err := File(t.Context(), source(mirror(t, breaksOff(70_000, serve(content)))), Options{Dir: t.TempDir(), Progress: &said}); err != nil {
		t.Fatal(err)
	}
	// What breaks off serves up to 70,000 bytes at a time: three tries.
	want := "test data: broke off at 70 kB of 200 kB\ntest data: broke off at 140 kB of 200 kB\ntest data: 200 kB\n"
	if said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
}

func TestLine(t *testing.T) {
	const mb = 1_000_000
	tests := []struct {
		line *line
		want string
	}{
		{&line{host: "one.example"}, "digits: asking one.example …"},
		{&line{done: 0, total: 10 * mb}, "digits: ░░░░░░░░░░░░░░░░░░░░░░░░   0 %, 0 bytes of 10.0 MB, 0 bytes/s"},
		{&line{done: 5 * mb, total: 10 * mb, rate: 1.25 * mb}, "digits: ████████████░░░░░░░░░░░░  50 %, 5.0 MB of 10.0 MB, 1.2 MB/s, 4s left"},
		{&line{done: 10 * mb, total: 10 * mb, rate: 1.25 * mb}, "digits: ████████████████████████ 100 %, 10.0 MB of 10.0 MB, 1.2 MB/s, 0s left"},
		{&line{done: 31 * mb, total: 248 * mb, rate: 300_000}, "digits: ███░░░░░░░░░░░░░░░░░░░░░  12 %, 31.0 MB of 248.0 MB, 300 kB/s, 12m3s left"},
		{&line{done: 5 * mb, total: 10 * mb, rate: 1}, "digits: ████████████░░░░░░░░░░░░  50 %, 5.0 MB of 10.0 MB, 1 bytes/s"},
		{&line{done: 5 * mb, total: -1, rate: 1e6}, "digits: 5.0 MB, 1.0 MB/s"},
		{&line{done: 5 * mb, total: 10 * mb, rate: 1.25 * mb, width: 60}, "digits:  50 %, 5.0 MB of 10.0 MB, 1.2 MB/s, 4s left"},
		{&line{done: 5 * mb, total: 10 * mb, rate: 1.25 * mb, width: 20}, "digits:  50 %, 5.0 "},
		{&line{host: "one.example", width: 10}, "digits: a"},
	}
	for _, test := range tests {
		l := test.line
		l.title = "digits"
		if l.width == 0 {
			l.width = 100
		}
		if got := l.text(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// On a page that knows \r but no codes, what is drawn must cover what was drawn before.
func TestLineChangesInPlace(t *testing.T) {
	t.Setenv("GONB_PIPE", "somewhere")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	output := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		output <- string(b)
	}()
	l := newLine(w, "digits", "a.very.long.host.name.example")
	l.begin(0, 200)
	time.Sleep(2*redraw + redraw/2)
	l.Write(make([]byte, 200))
	l.end(true)
	newLine(w, "digits", "one.example").end(false)
	w.Close()
	all := <-output
	if strings.ContainsRune(all, '\x1b') {
		t.Errorf("codes in %q", all)
	}
	// What a page makes of it.
	var shown []string
	for text := range strings.Lines(all) {
		var row []rune
		for _, drawing := range strings.Split(strings.TrimSuffix(text, "\n"), "\r") {
			row = append([]rune(drawing), row[min(len(row), len([]rune(drawing))):]...)
		}
		shown = append(shown, strings.TrimRight(string(row), " "))
	}
	if want := []string{"digits: 200 bytes", ""}; strings.Join(shown, "|") != strings.Join(want, "|") {
		t.Errorf("shows %q of %q, want %q", shown, all, want)
	}
	if n := strings.Count(all, "░"); n == 0 {
		t.Error("no bar was drawn")
	}
}
