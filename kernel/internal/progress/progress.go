// Package progress says what a long step does and how far it is: on a terminal in one line that
// changes, in a log in few lines.
//
//	line := progress.Start(os.Stdout, "Building gopls")
//	line.Set("%d packages", n)
//	line.Done("640 packages")
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// quiet is how long a log stays silent about a step that goes on.
const quiet = 10 * time.Second

// Line is a step's line. Its methods may be called from several goroutines.
type Line struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	title    string
	state    string
	started  time.Time
	logged   time.Time
	stop     chan struct{}
}

// Start begins a step. A log gets a line when the step begins, and another when it ends.
func Start(w io.Writer, title string) *Line {
	l := Quiet(w, title)
	if !l.terminal {
		fmt.Fprintf(w, "• %s …\n", title)
	}
	return l
}

// Quiet begins a step whose beginning is not worth a line in a log.
func Quiet(w io.Writer, title string) *Line {
	now := time.Now()
	l := &Line{w: w, title: title, started: now, logged: now, stop: make(chan struct{})}
	if file, ok := w.(*os.File); ok {
		l.terminal = term.IsTerminal(int(file.Fd()))
	}
	l.mu.Lock()
	l.draw()
	l.mu.Unlock()
	go l.tick()
	return l
}

// Set says how far the step is.
func (l *Line) Set(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = fmt.Sprintf(format, args...)
	if l.terminal {
		l.draw()
	}
}

// Done ends the step with a note on what came of it.
func (l *Line) Done(note string) { l.end("✓", note) }

// Fail ends the step that did not succeed.
func (l *Line) Fail(note string) { l.end("✗", note) }

// Warn ends the step that did not succeed, but that the lesson can do without.
func (l *Line) Warn(note string) { l.end("!", note) }

func (l *Line) end(mark, note string) {
	close(l.stop)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.terminal {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
	if note != "" {
		note = ": " + note
	}
	fmt.Fprintf(l.w, "%s %s%s (%s)\n", mark, l.title, note, Seconds(time.Since(l.started)))
}

// tick redraws the line while nothing else happens, so that the step is seen to live.
func (l *Line) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
			l.mu.Lock()
			l.draw()
			l.mu.Unlock()
		}
	}
}

func (l *Line) draw() {
	since := Seconds(time.Since(l.started))
	switch {
	case l.terminal:
		text := "  " + l.title + " …"
		if l.state != "" {
			text += " " + l.state
		}
		if width, _, err := term.GetSize(int(l.w.(*os.File).Fd())); err == nil {
			if room := width - len(since) - 4; room > 0 && len([]rune(text)) > room {
				text = string([]rune(text)[:room])
			}
		}
		fmt.Fprintf(l.w, "\r\x1b[K%s (%s)", text, since)
	case time.Since(l.logged) >= quiet:
		l.logged = time.Now()
		text := l.state
		if text == "" {
			text = l.title
		}
		fmt.Fprintf(l.w, "  … %s (%s)\n", text, since)
	}
}

// Seconds writes a duration as a person would say it.
func Seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	if d < 2*time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}
