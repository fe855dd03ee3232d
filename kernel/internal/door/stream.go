package door

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"gopherlens/kernel/internal/door/wire"
)

// gathered is text that a cell has written and that will be published soon. GoNB makes a message of every line or two
// of a cell that writes fast, and front ends render all that a cell has written again for each of them.
type gathered struct {
	mu        sync.Mutex // held while something is published, so that all stays in order
	parent    json.RawMessage
	name      string
	text      strings.Builder
	published time.Time // when text was published the last time
	timer     *time.Timer
}

const (
	// pause is how long text waits for more, if there has just been some.
	pause = 50 * time.Millisecond
	// plenty is how much text waits for nothing.
	plenty = 256 << 10
)

// stream publishes text that a request has led to, now or soon.
func (d *Door) stream(parent json.RawMessage, s stream) {
	g := &d.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.name != s.Name || !bytes.Equal(g.parent, parent) {
		d.publishText()
		g.name, g.parent = s.Name, parent
	}
	g.text.WriteString(s.Text)
	waited := time.Since(g.published)
	if waited >= pause || g.text.Len() >= plenty {
		d.publishText()
	} else if g.timer == nil {
		g.timer = time.AfterFunc(pause-waited, d.flush)
	}
}

// flush publishes the text that waits.
func (d *Door) flush() {
	d.gathered.mu.Lock()
	defer d.gathered.mu.Unlock()
	d.publishText()
}

// publishText publishes the text that waits. The lock is held.
func (d *Door) publishText() {
	g := &d.gathered
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	if g.text.Len() == 0 {
		return
	}
	m := wire.New("stream", d.session, g.parent, stream{g.name, g.text.String()})
	m.Identities = [][]byte{[]byte("stream")}
	g.text.Reset()
	d.iopub.Publish(d.key.Frames(m))
	g.published = time.Now()
}

// tell publishes a message after all that was published before.
func (d *Door) tell(m wire.Message) {
	frames := d.key.Frames(m)
	d.gathered.mu.Lock()
	defer d.gathered.mu.Unlock()
	d.publishText()
	d.iopub.Publish(frames)
}
