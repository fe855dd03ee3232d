//go:build unix

package notebook

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopherlens/mlkit/internal/notebook/notebooktest"
)

func TestShow(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
	outputs := []Output{{HTML: "<b>one</b>", Text: "one"}, {Text: "two"}, {HTML: strings.Repeat("large", 1<<20), Text: "three"}}
	for _, o := range outputs {
		Show(o, "id of "+o.Text)
		if text, html, id := k.Next(t); text != o.Text || html != o.HTML || id != "id of "+o.Text {
			t.Errorf("%q arrives as %q with the id %q", o.Text, text, id)
		}
	}
}

// TestKernelGone tells that a cell neither hangs nor keeps quiet if nobody answers.
func TestKernelGone(t *testing.T) {
	defer func(d time.Duration) { patience = d }(patience)
	patience = 20 * time.Millisecond
	t.Run("silent", func(t *testing.T) {
		notebooktest.Start(t, false).Attach(t)
		got := printed(t, func() { Show(Output{HTML: "<b>", Text: "one"}, ""); Show(Output{HTML: "<b>", Text: "two"}, "") })
		if got != "one\ntwo\n" {
			t.Errorf("printed %q", got)
		}
	})
	t.Run("no pipe", func(t *testing.T) {
		t.Setenv(pipeEnv, filepath.Join(t.TempDir(), "none"))
		if got := printed(t, func() { Show(Output{HTML: "<b>", Text: "one"}, "") }); got != "one\n" {
			t.Errorf("printed %q", got)
		}
	})
	t.Run("outside a notebook", func(t *testing.T) {
		t.Setenv(pipeEnv, "")
		if got := printed(t, func() { Show(Output{HTML: "<b>", Text: "one"}, "") }); got != "one\n" {
			t.Errorf("printed %q", got)
		}
	})
}

// printed is what do prints.
func printed(t *testing.T, do func()) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func(stdout *os.File) { os.Stdout = stdout }(os.Stdout)
	os.Stdout = f
	do()
	data, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWaitForPrinted(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if !waitForPrinted(time.Minute, w) {
		t.Skip("not known on this system")
	}
	w.WriteString("printed")
	if !waitForPrinted(time.Millisecond, w) {
		t.Error("nobody reads: want it to give up and tell that there is a pipe")
	}
	read := make(chan string, 1)
	go func() {
		var b [7]byte
		read <- "begun"
		io.ReadFull(r, b[:])
	}()
	waitForPrinted(time.Minute, w)
	select {
	case <-read:
	default:
		t.Error("returned before what was printed had been read")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if waitForPrinted(time.Minute, file) {
		t.Error("a file is not a pipe")
	}
}

func TestCard(t *testing.T) {
	got := card(`a <b> & "c"`, "x := <-y")
	if got.Text != `a <b> & "c"` {
		t.Errorf("text is %q", got.Text)
	}
	for _, want := range []string{`role="alert"`, "var(--jp-ui-font-color1,#222)", "a &lt;b&gt; &amp; &#34;c&#34;", ">x := &lt;-y</pre>"} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("the card is %s, without %s", got.HTML, want)
		}
	}
	if got := Card("a"); strings.Contains(got.HTML, "<pre") {
		t.Errorf("a card without a line is %s", got.HTML)
	}
}
