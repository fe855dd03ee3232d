package cells

import (
	"go/token"
	"strings"
)

// writer writes a cell anew out of pieces of its source, and notes where they come from.
type writer struct {
	*parsed
	edits []edit // in order
	text  strings.Builder
	lines []int
}

// edit is a change of the source at an offset.
type edit struct {
	at, remove int
	insert     string
}

func (w *writer) edit(at, remove int, insert string) {
	w.edits = append(w.edits, edit{at, remove, insert})
}

// importResult imports what shows the result, within a line of the cell's if that is possible and it is not to stand
// alone.
func (w *writer) importResult(alone bool) {
	text := "import " + ResultName + ` "` + w.kind.path + `"`
	if w.body == 0 && w.main >= 0 {
		for _, l := range w.layout.lines[:w.main] {
			if !l.special && strings.TrimSpace(w.source[l.start:l.end]) == "" {
				w.edit(l.start, 0, text)
				return
			}
		}
		w.edit(w.layout.lines[w.main].start, 0, text+"\n")
		return
	}
	it := w.items[0]
	comment := strings.TrimSpace(string(w.masked[it.start:it.from])) != ""
	if alone || comment && it.kind != token.IMPORT && it.declaration() { // a comment stays directly above what it is about
		w.edit(0, 0, text+"\n")
		return
	}
	w.edit(it.from, 0, text+"; ")
}

// insert writes text that is not the learner's.
func (w *writer) insert(text string) {
	if w.text.Len() == 0 && len(w.lines) == 0 {
		w.lines = []int{0}
	}
	w.text.WriteString(text)
	for range strings.Count(text, "\n") {
		w.lines = append(w.lines, 0)
	}
}

// line writes a line that is not the learner's.
func (w *writer) line(text string) {
	if w.text.Len() > 0 && !strings.HasSuffix(w.text.String(), "\n") {
		w.insert("\n")
	}
	w.insert(text)
}

// original writes a piece of the source.
func (w *writer) original(start, end int) {
	for start < end {
		w.insert("")
		n := w.lineAt(start)
		l := w.layout.lines[n]
		if w.lines[len(w.lines)-1] == 0 {
			w.lines[len(w.lines)-1] = n + 1
		}
		stop := min(end, l.end)
		w.text.WriteString(w.source[start:stop])
		if start = stop; start < end {
			w.text.WriteByte('\n')
			w.lines = append(w.lines, 0)
			start++
		}
	}
}

// copy writes a part of the source with its changes.
func (w *writer) copy(start, end int) {
	if start == end {
		return
	}
	for _, e := range w.edits {
		if e.at >= start && (e.at < end || e.at == end && end == len(w.source)) {
			w.original(start, e.at)
			w.insert(e.insert)
			start = e.at + e.remove
		}
	}
	w.original(start, end)
}

// move writes an item at a place that is not its own, without the special lines in it.
func (w *writer) move(it item) {
	w.line("")
	w.parts(it, func(start, end int, special bool) {
		if special {
			start = end
			if end < it.end {
				w.insert("\n")
			}
		}
		w.copy(start, end)
	})
}

// leave writes what is left at an item's own place: line breaks and special lines.
func (w *writer) leave(it item) {
	w.parts(it, func(start, end int, special bool) {
		if !special && w.source[end-1] == '\n' {
			start = end - 1
		} else if !special {
			start = end
		}
		w.original(start, end)
	})
}

// parts calls do for each line of an item, or part of a line, with the line break.
func (w *writer) parts(it item, do func(start, end int, special bool)) {
	for start := it.start; start < it.end; {
		l := w.layout.lines[w.lineAt(start)]
		end := min(it.end, l.end+1)
		do(start, end, l.special)
		start = end
	}
}
