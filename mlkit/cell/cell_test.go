//go:build unix

package cell

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"gopherlens/mlkit/internal/notebook/notebooktest"
)

type fancy struct{}

func (fancy) HTML() string   { return "<b>fancy</b>" }
func (fancy) String() string { return "fancy" }

func TestShow(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
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
		{errors.New("no <file>"), "no <file>", `^<div role="alert".*no &lt;file&gt;</div>$`},
		{image.NewGray(image.Rect(0, 0, 28, 14)), "Picture of 28×14 pixels", `^<img alt="Picture of 28×14 pixels" .*;width:112px;image-rendering:pixelated" src="data:image/png;base64,.*">$`},
		{image.NewGray(image.Rect(0, 0, 100, 300)), "Picture of 100×300 pixels", `height:auto" src="data:image/png`},
		{image.NewGray(image.Rect(0, 0, 0, 0)), "This picture cannot be shown: png: invalid format: invalid image size: 0x0.", `role="alert"`},
		{image.NewUniform(color.Black), "This picture cannot be shown: it has 2000000000×2000000000 pixels, and 100 million are the most.", `role="alert"`},
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
		text, html, id := k.Next(t)
		if text != test.text {
			t.Errorf("Show(%#v) has the text %q, want %q", test.value, text, test.text)
		}
		if !regexp.MustCompile("(?s)"+test.html).MatchString(html) || (test.html == "") != (html == "") {
			t.Errorf("Show(%#v) has the HTML %q, want a match of %q", test.value, html, test.html)
		}
		if id != "" {
			t.Errorf("Show(%#v) has the display id %q", test.value, id)
		}
	}
}

// TestShowImage tells that the picture shown is the picture given.
func TestShowImage(t *testing.T) {
	want := image.NewGray(image.Rect(2, 3, 7, 9))
	want.SetGray(4, 5, color.Gray{200})
	_, data, _ := strings.Cut(strings.TrimSuffix(outputOf(want).HTML, `">`), "base64,")
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
	k := notebooktest.Start(t, true)
	k.Attach(t)
	Show("one", 2, "three")
	for _, want := range []string{"one", "2", "three"} {
		if got, _, _ := k.Next(t); got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
	}
}

func TestLive(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
	a, b := NewLive(), NewLive()
	a.Show(1)
	b.Show(fancy{})
	a.Show(2)
	_, _, first := k.Next(t)
	_, _, other := k.Next(t)
	text, _, second := k.Next(t)
	if first == "" || first != second || first == other {
		t.Errorf("display ids are %q, %q, %q: want the first and the third to be the same", first, other, second)
	}
	if text != "2" {
		t.Errorf("the update shows %q, want 2", text)
	}
}

func TestClear(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
	Clear()
	// What does not know the mark shows the HTML, of which nothing is seen.
	if got := k.NextForms(t).Data; got["application/vnd.gopherlens.clear"] != "wait" || got[protocol.MIMETextHTML] != "<!-- cleared -->" || got[protocol.MIMETextPlain] != "" {
		t.Errorf("shown is %v", got)
	}
}

// TestEnds runs programs that end with an error, and one that does not.
func TestEnds(t *testing.T) {
	program := filepath.Join(t.TempDir(), "lesson")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/lesson").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const sentence = "there is no file <digits>"
	for way, want := range map[string]struct {
		shown  string
		status int
	}{"check": {sentence, 1}, "must": {sentence, 1}, "well": {"42", 0}} {
		t.Run(way, func(t *testing.T) {
			k := notebooktest.Start(t, true)
			cmd := exec.Command(program, way)
			var stderr bytes.Buffer
			cmd.Env, cmd.Stderr = k.Environ(), &stderr
			cmd.Run()
			if status := cmd.ProcessState.ExitCode(); status != want.status || stderr.Len() > 0 {
				t.Errorf("ends with %d and %q, want %d", status, stderr.String(), want.status)
			}
			if got, _, _ := k.Next(t); got != want.shown {
				t.Errorf("shows %q, want %q", got, want.shown)
			}

			cmd = exec.Command(program, way)
			stderr.Reset()
			cmd.Env, cmd.Stderr = append(os.Environ(), "GONB_PIPE="), &stderr
			cmd.Run()
			if status := cmd.ProcessState.ExitCode(); status != want.status || (stderr.String() == sentence+"\n") != (want.status == 1) {
				t.Errorf("outside a notebook it ends with %d and %q", status, stderr.String())
			}
		})
	}
}
