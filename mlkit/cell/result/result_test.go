//go:build unix

package result_test

import (
	"errors"
	"image"
	"maps"
	"testing"

	"gopherlens/mlkit/cell/result"
	"gopherlens/mlkit/cell/result/picture"
	"gopherlens/mlkit/internal/notebook/notebooktest"
)

type figure struct{ title string }

func (f *figure) HTML() string     { return "<b>" + f.title + "</b>" }
func (f *figure) SVG() string      { return "<svg/>" }
func (f *figure) PNG() []byte      { return []byte("png") }
func (f *figure) Markdown() string { return "**" + f.title + "**" }
func (f *figure) String() string   { return f.title }

func TestShow(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
	tests := []struct {
		value any
		want  map[string]string
	}{
		{3, map[string]string{"text/plain": "3"}},
		{"a b", map[string]string{"text/plain": "a b"}},
		{[]string{"a", "b"}, map[string]string{"text/plain": "[a b]"}},
		{func(n int) int { return n }, map[string]string{"text/plain": "func(int) int"}},
		{make(chan bool), map[string]string{"text/plain": "chan bool"}},
		{(func())(nil), map[string]string{"text/plain": "<nil>"}},
		{nil, map[string]string{"text/plain": "<nil>"}},
		{errors.New("no such digit"), map[string]string{"text/plain": "no such digit"}},
		{(*figure)(nil), map[string]string{"text/plain": "<nil>"}},
		{&figure{"loss"}, map[string]string{"text/plain": "loss", "text/html": "<b>loss</b>", "image/svg+xml": "<svg/>",
			"image/png": "cG5n", "text/markdown": "**loss**"}},
		{[]byte{1, 2}, map[string]string{"text/plain": "[1 2]"}},
		{[]byte("<svg></svg>"), map[string]string{"text/plain": "Picture",
			"text/html": `<img alt="Picture" style="max-width:100%;height:auto" src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">`}},
	}
	for _, test := range tests {
		result.Value = test.value
		result.Show()
		got := map[string]string{}
		for mime, content := range k.NextForms(t).Data {
			got[string(mime)] = content.(string)
		}
		if got[result.Mark] == "" {
			t.Errorf("%v is not marked as a result", test.value)
		}
		if delete(got, result.Mark); !maps.Equal(got, test.want) {
			t.Errorf("%v is shown as %q, want %q", test.value, got, test.want)
		}
	}
}

func TestPicture(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
	result.Value = nil // as it is in a program that shows a picture
	for value, want := range map[image.Image]string{
		image.NewGray(image.Rect(0, 0, 28, 28)): "Picture of 28×28 pixels",
		nil:                                     "<nil>",
	} {
		picture.Value = value
		picture.Show()
		shown := k.NextForms(t).Data
		if shown["text/plain"] != want || shown[result.Mark] == nil {
			t.Errorf("shown as %v, want %q, marked as a result", shown, want)
		}
	}
}
