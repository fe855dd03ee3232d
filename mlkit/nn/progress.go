package nn

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// progress writes how training goes: a line an epoch, which is written again and again where that can be seen.
type progress struct {
	out           io.Writer
	live          bool
	epochs, steps int
	epoch         int
	began, shown  time.Time
	width         int // of the line as it was last shown
}

const (
	barWidth    = 20
	showEvery   = 100 * time.Millisecond
	notebookVar = "GONB_PIPE" // set by GoNB for the programs that its cells are
)

// isLive is whether a line can be written again on an output: on a terminal or in a notebook.
func isLive(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	if os.Getenv(notebookVar) != "" {
		return true
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) begin(epoch int) {
	p.epoch, p.began, p.shown, p.width = epoch, time.Now(), time.Time{}, 0
}

// step shows how far the epoch is, if the line was not written just now.
func (p *progress) step(done int, values []value) {
	if now := time.Now(); p.live && now.Sub(p.shown) >= showEvery {
		p.shown = now
		p.write(done, values, "")
	}
}

// end shows the epoch's values.
func (p *progress) end(done int, values []value) { p.write(done, values, "\n") }

func (p *progress) write(done int, values []value, ending string) {
	took := time.Since(p.began)
	var b strings.Builder
	digits := len(fmt.Sprint(p.epochs))
	fmt.Fprintf(&b, "Epoch %*d/%d  %*d/%d ", digits, p.epoch+1, p.epochs, len(fmt.Sprint(p.steps)), done, p.steps)
	if ending == "" { // the whole epoch's line has the validation's values in its place, and is as wide as a laptop's page
		full := barWidth * done / p.steps
		b.WriteString(strings.Repeat("━", full) + strings.Repeat("┄", barWidth-full) + " ")
	}
	fmt.Fprintf(&b, "%.0fs %s/step", took.Seconds(), perStep(took, done))
	for _, v := range values {
		fmt.Fprintf(&b, " - %s: %s", v.name, number(v.value))
	}
	line := b.String()
	width := utf8.RuneCountInString(line)
	blank := strings.Repeat(" ", max(p.width-width, 0)) // over what the line before had more
	p.width = width
	if p.live {
		line = "\r" + line + blank
	}
	fmt.Fprint(p.out, line+ending)
}

// breakOff ends a line that was cut short.
func (p *progress) breakOff() {
	if p.live && p.width > 0 {
		fmt.Fprintln(p.out)
	}
}

// value is one of the numbers that training reports.
type value struct {
	name  string
	value float64
}

func perStep(took time.Duration, steps int) string {
	if steps == 0 {
		return "–"
	}
	switch each := took / time.Duration(steps); {
	case each >= time.Second:
		return fmt.Sprintf("%.0fs", each.Seconds())
	case each >= time.Millisecond:
		return fmt.Sprintf("%dms", each.Milliseconds())
	default:
		return fmt.Sprintf("%dµs", each.Microseconds())
	}
}

// number writes a value with four digits that count.
func number(v float64) string {
	if v != 0 && math.Abs(v) < 1e-3 {
		return fmt.Sprintf("%.4e", v)
	}
	return fmt.Sprintf("%.4f", v)
}
