//go:build unix

package cell

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// kernel stands for GoNB in the tests: it reads what a cell shows with GoNB's own types.
type kernel struct {
	pipe, back string
	shown      chan *protocol.DisplayData
}

// startKernel makes the two pipes. A kernel that is not to answer reads, but acknowledges nothing.
func startKernel(t *testing.T, answer bool) *kernel {
	k := &kernel{filepath.Join(t.TempDir(), "pipe"), filepath.Join(t.TempDir(), "back"), make(chan *protocol.DisplayData, 100)}
	for _, path := range []string{k.pipe, k.back} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Opened for both ways, so that neither end waits for the other and both outlive the cell.
	pipe, err := os.OpenFile(k.pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	back, err := os.OpenFile(k.back, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close(); back.Close() })
	go func() {
		in, out := gob.NewDecoder(pipe), gob.NewEncoder(back)
		for {
			data := &protocol.DisplayData{}
			if err := in.Decode(data); err != nil {
				if !errors.Is(err, os.ErrClosed) {
					t.Error(err)
				}
				return
			}
			comm, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue)
			if !ok {
				k.shown <- data
			} else if comm.Address != protocol.GonbuiSyncAddress {
				t.Errorf("message to the unknown address %q", comm.Address)
			} else if answer {
				out.Encode(&protocol.CommValue{Address: "#another/widget", Value: 3.5})
				out.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: comm.Value})
			}
		}
	}()
	return k
}

// attach makes the test itself a cell of the kernel.
func (k *kernel) attach(t *testing.T) {
	t.Setenv(protocol.GONB_PIPE_ENV, k.pipe)
	t.Setenv(protocol.GONB_PIPE_BACK_ENV, k.back)
	reset := func() { pipes.out, pipes.back, pipes.dead = nil, nil, false }
	reset()
	t.Cleanup(reset)
}

// next is what was shown next. The cell has been told that it arrived, so it is there.
func (k *kernel) next(t *testing.T) *protocol.DisplayData {
	t.Helper()
	select {
	case d := <-k.shown:
		return d
	default:
		t.Fatal("Show returned before the kernel had what it showed")
		return nil
	}
}

type fancy struct{}

func (fancy) HTML() string   { return "<b>fancy</b>" }
func (fancy) String() string { return "fancy" }

func TestShow(t *testing.T) {
	k := startKernel(t, true)
	k.attach(t)
	tests := []struct {
		value      any
		text, html string // html is a regular expression
	}{
		{"a <b> & \"c\"", "a <b> & \"c\"", ""},
		{42, "42", ""},
		{nil, "<nil>", ""},
		{[]int{1, 2}, "[1 2]", ""},
		{time.Second, "1s", ""},
		{[]byte{1, 2}, "[1 2]", ""},
		{fancy{}, "fancy", "^<b>fancy</b>$"},
		{errors.New("no <file>"), "no <file>", `^<div role="alert".*var\(--jp-ui-font-color1.*no &lt;file&gt;</div>$`},
		{image.NewGray(image.Rect(0, 0, 28, 14)), "Picture of 28×14 pixels", `^<img alt="Picture of 28×14 pixels" .*;width:112px;image-rendering:pixelated" src="data:image/png;base64,.*">$`},
		{image.NewGray(image.Rect(0, 0, 100, 300)), "Picture of 100×300 pixels", `height:auto" src="data:image/png`},
		{image.NewGray(image.Rect(0, 0, 0, 0)), "This picture cannot be shown: png: invalid format: invalid image size: 0x0.", `role="alert"`},
		{[]byte("\x89PNG\r\n\x1a\n…"), "Picture", `^<img alt="Picture" .*data:image/png`},
		{[]byte("\xff\xd8\xff…"), "Picture", "data:image/jpeg"},
		{[]byte("<svg></svg>"), "Picture", `data:image/svg\+xml;base64,PHN2Zz48L3N2Zz4=`},
		{[]byte("<?xml version='1.0'?><svg></svg>"), "Picture", `data:image/svg\+xml`},
		{Table([]string{"a", "bb"}, [][]string{{"<1>", "2"}, {"333", "4"}}), "a    bb\n<1>  2\n333  4",
			`^<table><thead><tr><th scope="col">a</th><th scope="col">bb</th></tr></thead><tbody>` +
				`<tr><th scope="row">&lt;1&gt;</th><td>2</td></tr><tr><th scope="row">333</th><td>4</td></tr></tbody></table>$`},
		{Table(nil, nil), "", "^<table>"},
	}
	for _, test := range tests {
		Show(test.value)
		shown := k.next(t)
		if got := shown.Data[protocol.MIMETextPlain]; got != test.text {
			t.Errorf("Show(%#v) has the text %q, want %q", test.value, got, test.text)
		}
		html, _ := shown.Data[protocol.MIMETextHTML].(string)
		if !regexp.MustCompile("(?s)"+test.html).MatchString(html) || (test.html == "") != (html == "") {
			t.Errorf("Show(%#v) has the HTML %q, want a match of %q", test.value, html, test.html)
		}
		if shown.DisplayID != "" {
			t.Errorf("Show(%#v) has the display id %q", test.value, shown.DisplayID)
		}
	}
}

// TestShowImage tells that the picture shown is the picture given.
func TestShowImage(t *testing.T) {
	want := image.NewGray(image.Rect(2, 3, 7, 9))
	want.SetGray(4, 5, color.Gray{200})
	html := bundleOf(want).html
	_, data, _ := strings.Cut(strings.TrimSuffix(html, `">`), "base64,")
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.(*image.Gray).Pix, want.Pix) {
		t.Error("the picture in the HTML is not the one shown")
	}
}

func TestShowKeepsOrder(t *testing.T) {
	k := startKernel(t, true)
	k.attach(t)
	Show("one", 2, "three")
	for _, want := range []string{"one", "2", "three"} {
		if got := k.next(t).Data[protocol.MIMETextPlain]; got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
	}
}

func TestLive(t *testing.T) {
	k := startKernel(t, true)
	k.attach(t)
	a, b := NewLive(), NewLive()
	a.Show(1)
	b.Show(fancy{})
	a.Show(2)
	first, other, second := k.next(t), k.next(t), k.next(t)
	if first.DisplayID == "" || first.DisplayID != second.DisplayID || first.DisplayID == other.DisplayID {
		t.Errorf("display ids are %q, %q, %q: want the first and the third to be the same",
			first.DisplayID, other.DisplayID, second.DisplayID)
	}
	if got := second.Data[protocol.MIMETextPlain]; got != "2" {
		t.Errorf("the update shows %q, want 2", got)
	}
}

// TestKernelGone tells that a cell neither hangs nor keeps quiet if nobody answers.
func TestKernelGone(t *testing.T) {
	defer func(d time.Duration) { patience = d }(patience)
	patience = 20 * time.Millisecond
	t.Run("silent", func(t *testing.T) {
		k := startKernel(t, false)
		k.attach(t)
		if got := printed(t, func() { Show("one", "two") }); got != "one\ntwo\n" {
			t.Errorf("printed %q", got)
		}
	})
	t.Run("no pipe", func(t *testing.T) {
		k := &kernel{pipe: "no/such/pipe"}
		k.attach(t)
		if got := printed(t, func() { Show("one") }); got != "one\n" {
			t.Errorf("printed %q", got)
		}
	})
}

func TestOutsideANotebook(t *testing.T) {
	t.Setenv(protocol.GONB_PIPE_ENV, "")
	got := printed(t, func() {
		Show("one", fancy{}, errors.New("broken"))
		NewLive().Show(2)
	})
	if want := "one\nfancy\nbroken\n2\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// printed is what do prints.
func printed(t *testing.T, do func()) string {
	f, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stdout := os.Stdout
	os.Stdout = f
	do()
	os.Stdout = stdout
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

// TestEnds runs programs that end with a mistake, inside a notebook and outside.
func TestEnds(t *testing.T) {
	program := filepath.Join(t.TempDir(), "lesson")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/lesson").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const noFile, noFit = "there is no file <digits>", "6000×28×28 numbers do not fit into the shape"
	tests := []struct {
		way, sentence string
		line          string // the learner's line in the card
		panics        bool   // outside a notebook
	}{
		{"check", noFile, "", false},
		{"must", noFile, "", false},
		{"in a statement", noFit + " [1 2]", `fault.Panicf(&#34;6000×28×28 numbers do not fit into the shape %v&#34;, dims)`, true},
		{"in a var", noFit + " [6000 784]", `fault.Panicf(&#34;6000×28×28 numbers do not fit into the shape %v&#34;, dims)`, true},
	}
	for _, test := range tests {
		t.Run(test.way, func(t *testing.T) {
			k := startKernel(t, true)
			cmd := exec.Command(program, test.way)
			cmd.Env = append(os.Environ(), protocol.GONB_PIPE_ENV+"="+k.pipe, protocol.GONB_PIPE_BACK_ENV+"="+k.back)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("ends with %v, want status 1", err)
			}
			if stderr.Len() > 0 {
				t.Errorf("writes to stderr: %s", stderr.String())
			}
			shown := k.next(t)
			if shown.Data[protocol.MIMETextPlain] == "42" {
				shown = k.next(t)
			}
			if got := shown.Data[protocol.MIMETextPlain]; got != test.sentence {
				t.Errorf("the card says %q, want %q", got, test.sentence)
			}
			html := shown.Data[protocol.MIMETextHTML].(string)
			if test.line == "" == strings.Contains(html, "<code>") || !strings.Contains(html, test.line) {
				t.Errorf("the card is %s, want it to quote %q", html, test.line)
			}

			cmd = exec.Command(program, test.way)
			cmd.Env = append(os.Environ(), protocol.GONB_PIPE_ENV+"=")
			stderr.Reset()
			cmd.Stderr = &stderr
			cmd.Run()
			if !strings.Contains(stderr.String(), test.sentence) || strings.Contains(stderr.String(), "goroutine") != test.panics {
				t.Errorf("outside a notebook it writes %q", stderr.String())
			}
		})
	}
}
