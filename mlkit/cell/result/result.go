// Package result shows the value of a cell's last expression. The kernel adds it to a cell that ends with one, and
// makes an execute_result of what it shows; nobody else has a use for it.
//
// It is linked into the cell while the learner waits, and so imports next to nothing.
package result

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"

	"gopherlens/mlkit/internal/notebook"
)

// Value is what the last expression of the cell came to; Error, if that is a call that returns an error and no more.
var (
	Value any
	Error error
)

// The MIME types by which the kernel tells from what a cell shows otherwise: its result, and that what it has shown so
// far is to go, at once or, if the content is "wait", as soon as there is more.
const (
	Mark      = "application/vnd.gopherlens.result"
	ClearMark = "application/vnd.gopherlens.clear"
)

// Show shows Value: by its methods HTML, SVG, PNG and Markdown, where its type has them, and as fmt prints it with %v;
// a function or a channel by its type.
// Bytes that are a picture are shown as one.
func Show() { ShowAs(outputOf(Value)) }

// ShowError shows Error, unless it is nil: a call that did what it was to do has nothing to say.
func ShowError() {
	if Error != nil {
		ShowAs(outputOf(Error))
	}
}

// ShowAs shows an output as the result.
func ShowAs(o notebook.Output) {
	o.Forms = append(o.Forms, notebook.Form{MIME: Mark, Content: "1"})
	notebook.Show(o, "")
}

func outputOf(value any) notebook.Output {
	if data, ok := value.([]byte); ok {
		return notebook.Bytes(data)
	}
	o := notebook.Output{Text: fmt.Sprint(value)}
	if kind := reflect.ValueOf(value).Kind(); (kind == reflect.Func || kind == reflect.Chan) && strings.HasPrefix(o.Text, "0x") {
		o.Text = fmt.Sprintf("%T", value) // an address says nothing
	}
	if o.Text == "<nil>" { // a pointer whose methods may not expect that
		return o
	}
	if v, ok := value.(interface{ HTML() string }); ok {
		o.HTML = v.HTML()
	}
	form := func(mime, content string) { o.Forms = append(o.Forms, notebook.Form{MIME: mime, Content: content}) }
	if v, ok := value.(interface{ SVG() string }); ok {
		form("image/svg+xml", v.SVG())
	}
	if v, ok := value.(interface{ PNG() []byte }); ok {
		form("image/png", base64.StdEncoding.EncodeToString(v.PNG()))
	}
	if v, ok := value.(interface{ Markdown() string }); ok {
		form("text/markdown", v.Markdown())
	}
	return o
}
