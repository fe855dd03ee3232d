package door

import (
	"bytes"
	"encoding/json"
	"regexp"

	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/mistakes"
	"gopherlens/mlkit/cell/result"
)

// output hands on what a cell puts out. What Go's runtime and GoNB write to stderr when a cell fails is held
// back: it is for the error message to say, once and in words.
type output struct {
	d       *Door
	parent  json.RawMessage
	count   int
	silent  bool // results are not shown
	history bool // results are remembered

	stderr  excerpt
	card    string   // the sentence of a card that was the last to be displayed
	held    []stream // from a panic on
	panicky bool     // all of stderr that follows is held back, too
}

// stream is the content of a stream message.
type stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// exited matches how GoNB says that a program failed.
var exited = regexp.MustCompile(`^(\^C\n)?(exit status \d+|signal: .*)\n$`)

// panicking matches where Go's runtime begins to say that a program is at its end.
var panicking = regexp.MustCompile(`(?m)^(panic: |fatal error: |runtime: goroutine stack exceeds |SIGQUIT: |unexpected fault address )`)

// take takes a message that GoNB publishes while the cell is executed.
func (o *output) take(kind string, m wire.Message) {
	if kind == "stream" {
		var s stream
		if json.Unmarshal(m.Content, &s) == nil && s.Name == "stderr" {
			o.takeStderr(s.Text)
			return
		}
	}
	if kind == "error" || kind == "execute_input" { // ours comes from here
		return
	}
	if !o.panicky {
		o.release() // it was the end of a command, not of the cell
	}
	o.hand(kind, m)
}

func (o *output) takeStderr(text string) {
	o.stderr.add(text)
	switch {
	case o.panicky:
		o.held = append(o.held, stream{"stderr", text})
	case exited.MatchString(text):
		o.release()
		o.held = append(o.held, stream{"stderr", text})
	default:
		o.release()
		if at := panicking.FindStringIndex(text); at != nil {
			o.panicky = true
			if at[0] > 0 {
				o.d.stream(o.parent, stream{"stderr", text[:at[0]]})
			}
			o.held = append(o.held, stream{"stderr", text[at[0]:]})
			o.stderr = excerpt{}
			o.stderr.add(text[at[0]:])
			return
		}
		o.d.stream(o.parent, stream{"stderr", text})
	}
}

// release publishes what was held back. Of a failed cell, the error says it.
func (o *output) release() {
	for _, s := range o.held {
		o.d.stream(o.parent, s)
	}
	o.held = nil
}

// hand publishes a message of GoNB's as one of ours.
func (o *output) hand(kind string, m wire.Message) {
	var content any = m.Content
	switch kind {
	case "stream":
		var s stream
		if json.Unmarshal(m.Content, &s) == nil {
			o.d.stream(o.parent, s)
		}
		return
	case "display_data":
		if m.Content = mended(m.Content); m.Content == nil {
			return
		}
		content = m.Content
		o.card = card(m.Content)
		if wait, isClear := clearing(m.Content); isClear {
			kind, content = "clear_output", map[string]any{"wait": wait}
		} else if bundle, isResult := asResult(m.Content); isResult {
			if o.silent {
				return
			}
			bundle["execution_count"] = o.count
			kind, content = "execute_result", bundle
			if data, ok := bundle["data"].(map[string]any); ok && o.history {
				if text, ok := data["text/plain"].(string); ok {
					o.d.history.result(o.count, text)
				}
			}
		}
	}
	out := wire.New(kind, o.d.session, o.parent, content)
	out.Identities = [][]byte{[]byte(kind)}
	out.Metadata, out.Buffers = m.Metadata, m.Buffers
	o.d.tell(out)
}

// card is the sentence of a display that is a card, as mlkit shows one when it ends a cell.
func card(content json.RawMessage) string {
	const large = 64 << 10
	var display struct {
		Data map[string]any `json:"data"`
	}
	if len(content) > large || json.Unmarshal(content, &display) != nil {
		return ""
	}
	html, _ := display.Data["text/html"].(string)
	text, _ := display.Data["text/plain"].(string)
	return mistakes.CardText(html, text)
}

// What a cell displays to tell the door something, beside what a notebook shows.
const (
	resultMark = result.Mark      // the rest is the cell's result
	clearMark  = result.ClearMark // what was put out so far is to go; "wait" until there is more
)

// asResult returns the content of a display that is marked as a result, without the mark.
func asResult(content json.RawMessage) (bundle map[string]any, isResult bool) {
	if !bytes.Contains(content, []byte(resultMark)) { // most displays are none, and may be large
		return nil, false
	}
	if json.Unmarshal(content, &bundle) != nil {
		return nil, false
	}
	for _, name := range []string{"data", "metadata"} {
		if part, ok := bundle[name].(map[string]any); ok && part[resultMark] != nil {
			delete(part, resultMark)
			isResult = true
		}
	}
	delete(bundle, "transient")
	return bundle, isResult
}

// clearing tells whether a display asks to clear the output.
func clearing(content json.RawMessage) (wait, isClear bool) {
	if !bytes.Contains(content, []byte(clearMark)) {
		return false, false
	}
	var display struct {
		Data map[string]any `json:"data"`
	}
	if json.Unmarshal(content, &display) != nil {
		return false, false
	}
	how, isClear := display.Data[clearMark]
	return how == "wait", isClear
}

// excerpt is the beginning and the end of a text, which may be long: what a panic says, and where a program ended.
type excerpt struct{ head, tail []byte }

func (e *excerpt) add(more string) {
	const most = 256 << 10
	n := min(len(more), most-len(e.head))
	e.head = append(e.head, more[:n]...)
	e.tail = append(e.tail, more[n:]...)
	if len(e.tail) > 2*most {
		cut := append([]byte("\n…\n"), e.tail[len(e.tail)-most:]...)
		e.tail = append(e.tail[:0], cut...)
	}
}

func (e *excerpt) String() string { return string(e.head) + string(e.tail) }
