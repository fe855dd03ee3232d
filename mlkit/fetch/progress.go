package fetch

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// line shows how far a download is: in a notebook and on a terminal by one line that changes in place,
// elsewhere by one line at the end.
type line struct {
	w      io.Writer
	title  string
	width  int // columns to write in; 0 for a log
	stop   chan struct{}
	ticked sync.WaitGroup

	mu      sync.Mutex
	host    string // of the mirror that has not answered yet; "" once it has
	total   int64  // bytes in all; −1 if that is not known
	done    int64  // bytes, those of earlier tries among them
	came    int64  // bytes of this try
	started time.Time
	rate    float64 // bytes a second, lately
	drawn   int     // columns that the last drawing took
}

// redraw is how often the line changes.
const redraw = 250 * time.Millisecond

func newLine(w io.Writer, title, host string) *line {
	l := &line{w: w, title: title, width: width(w), stop: make(chan struct{}), host: host}
	if l.width > 0 {
		l.draw(l.text())
		l.ticked.Go(l.tick)
	}
	return l
}

// begin says that bytes will come, and how many are there and how many there are in all.
func (l *line) begin(done, total int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.host, l.done, l.total, l.started = "", done, total, time.Now()
}

// width is how many columns a line that changes in place may take in w; 0 if lines can't change there.
func width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
		return columns
	}
	if os.Getenv("GONB_PIPE") != "" { // a cell of a notebook: a pipe, but read by a page that knows \r
		return 100
	}
	return 0
}

// Write counts what came.
func (l *line) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done += int64(len(p))
	l.came += int64(len(p))
	return len(p), nil
}

func (l *line) tick() {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	before := int64(0)
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
		}
		l.mu.Lock()
		// The rate of the last two seconds or so: steady enough to read, and it falls when nothing comes.
		now := float64(l.came-before) / redraw.Seconds()
		if l.rate == 0 {
			l.rate = now
		}
		l.rate += (now - l.rate) / 8
		before = l.came
		l.draw(l.text())
		l.mu.Unlock()
	}
}

// draw writes over what was drawn before.
func (l *line) draw(text string) {
	columns := utf8.RuneCountInString(text)
	// Blanks rather than a code that clears the line: a notebook's page shows the one and may not know the other.
	fmt.Fprint(l.w, "\r"+text+strings.Repeat(" ", max(0, l.drawn-columns)))
	l.drawn = columns
}

// text is the line while the download runs, no longer than the width less the cursor's column.
func (l *line) text() string {
	if l.host != "" {
		return l.cut(l.title + ": asking " + l.host + " …")
	}
	state := amount(l.done)
	if l.total > 0 {
		state = fmt.Sprintf("%3d %%, %s of %s", 100*l.done/l.total, amount(l.done), amount(l.total))
	}
	state += ", " + amount(int64(l.rate)) + "/s"
	if left := float64(l.total-l.done) / l.rate; l.total > 0 && left < 24*3600 {
		state += ", " + (time.Duration(left+0.5) * time.Second).String() + " left"
	}
	const bar = 24
	if filled := int(bar * l.done / max(l.total, 1)); l.total > 0 {
		wide := strings.Repeat("█", filled) + strings.Repeat("░", bar-filled) + " " + state
		if utf8.RuneCountInString(l.title+": "+wide) < l.width {
			state = wide
		}
	}
	return l.cut(l.title + ": " + state)
}

// cut leaves out what the width has no room for.
func (l *line) cut(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), l.width-1)])
}

// end draws the line for the last time. A try that brought nothing leaves none.
func (l *line) end(whole bool) {
	close(l.stop)
	l.ticked.Wait()
	note := fmt.Sprintf("%s: %s", l.title, amount(l.done))
	switch took := time.Since(l.started); {
	case l.came == 0 && !whole:
		note = ""
	case !whole && l.total > 0:
		note = fmt.Sprintf("%s: broke off at %s of %s", l.title, amount(l.done), amount(l.total))
	case !whole:
		note = fmt.Sprintf("%s: broke off at %s", l.title, amount(l.done))
	case took > time.Second:
		note += fmt.Sprintf(" in %v, %s/s", took.Round(100*time.Millisecond), amount(int64(float64(l.came)/took.Seconds())))
	}
	switch {
	case l.width == 0 && note != "":
		fmt.Fprintln(l.w, note)
	case l.width > 0:
		l.draw(l.cut(note))
		if note == "" {
			fmt.Fprint(l.w, "\r")
		} else {
			fmt.Fprintln(l.w)
		}
	}
}

// amount is a number of bytes for people, in the units of the file managers: 1 MB = 1,000,000 bytes.
func amount(bytes int64) string {
	switch b := float64(bytes); {
	case b < 1e3:
		return fmt.Sprintf("%d bytes", bytes)
	case b < 1e6:
		return fmt.Sprintf("%.0f kB", b/1e3)
	case b < 1e9:
		return fmt.Sprintf("%.1f MB", b/1e6)
	default:
		return fmt.Sprintf("%.2f GB", b/1e9)
	}
}
